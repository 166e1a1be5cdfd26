"""The embedded broker: messages in memory, worker threads in this process, retries as rows (never as messages)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog
from dramatiq import Actor, Broker, Message, Middleware, Worker
from dramatiq.broker import MessageProxy
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import TimeLimit

from hub.services.deliver import deliver
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.services.read_inbox import read_inbox
from hub.services.runtime import Runtime, Work

_log = structlog.get_logger(__name__)
_TIME_LIMIT_MS: Final = 3_600_000


class _LogFailures(Middleware):
    """An actor's exception is logged with its trace and dropped: the sweeper finds the row again."""

    def after_process_message(
        self, broker: Broker, message: MessageProxy, *, result: object = None, exception: BaseException | None = None
    ) -> None:
        del result
        if exception is not None:
            _log.error("job.failed", job=message.actor_name, args=message.args, exc_info=exception)
        if isinstance(broker, StubBroker):
            # Consumers hold these very lists, so they are emptied, never replaced.
            for letters in broker.dead_letters_by_queue.values():
                letters.clear()


class Jobs:
    """Worker threads and the way to hint them; a hint that already waits is not given twice."""

    def __init__(self, rt_of: Callable[[], Runtime], hurry: Callable[[], None], threads: int = 4) -> None:
        self._hurry = hurry
        self._waiting: set[tuple[str, str]] = set()
        # The hard time limit is only a second net: every call has its own total deadline.
        self._broker = StubBroker(middleware=[TimeLimit(time_limit=_TIME_LIMIT_MS), _LogFailures()])
        work: dict[Work, Callable[[str], object]] = {
            Work.INBOX: lambda key: read_inbox(rt_of(), int(key)),
            Work.DELIVER: lambda key: deliver(rt_of(), int(key)),
            Work.MATCH: lambda _key: match_payments(rt_of()),
            Work.POLL: lambda key: poll_source(rt_of(), key),
        }
        for name, act in work.items():
            Actor(
                self._job(name, act),
                broker=self._broker,
                actor_name=name.value,
                queue_name=name.value,
                priority=0,
                options={},
            )
        self._worker = Worker(self._broker, worker_threads=threads, worker_timeout=100)

    def _job(self, name: Work, act: Callable[[str], object]) -> Callable[[str], None]:
        def job(key: str) -> None:
            # Taken off before the work: a hint that comes while it runs must run again.
            self._waiting.discard((name, key))
            act(key)

        return job

    def start(self) -> None:
        """Start the threads."""
        self._broker.emit_after("process_boot")
        self._worker.start()

    def wake(self, work: Work, key: str) -> None:
        """Hint that a row may be due; a deliver hint without an id asks the sweeper to look for due rows now."""
        if work is Work.DELIVER and not key:
            self._hurry()
            return
        if (work, key) in self._waiting:
            return
        self._waiting.add((work, key))
        message: Message[None] = Message(
            queue_name=work.value, actor_name=work.value, args=(key,), kwargs={}, options={}
        )
        self._broker.enqueue(message)

    def stop(self, timeout_s: float) -> None:
        """Let running jobs end within `timeout_s`; what waits stays in the database."""
        self._worker.stop(timeout=int(timeout_s * 1000))
        self._broker.close()
