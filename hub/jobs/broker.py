"""The embedded broker: messages in memory, worker threads in this process, retries as rows (never as messages)."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

import structlog
from dramatiq import Actor, Broker, Message, Middleware, Worker
from dramatiq.broker import MessageProxy
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import TimeLimit

from hub.services.deliver import deliver
from hub.services.follow_bank_hooks import follow_bank_hooks
from hub.services.follow_hooks import follow_hooks
from hub.services.look_in import look_in
from hub.services.match_payments import match_payments
from hub.services.poll_bank import poll_bank
from hub.services.poll_source import poll_source
from hub.services.read_inbox import read_inbox
from hub.services.read_reports import read_reports
from hub.services.runtime import Runtime, Work
from hub.services.send_events import send_events

_log = structlog.get_logger(__name__)
_TIME_LIMIT_MS: Final = 3_600_000
#: A hint that still waits after so long may have been lost: it is given once more.
_LOST_AFTER_S: Final = 60.0
#: What waits for nobody outside; hooks of a connection that is not there any more are only put away.
_LOCAL: Final = (Work.INBOX, Work.REPORTS, Work.MATCH, Work.HOOKS)
#: Hints of one moment fall into one run: it costs a few transactions however much it finds.
_BREATH_S: Final = {Work.REPORTS: 0.05, Work.MATCH: 0.1}
#: What calls one outside system; each has threads of its own, so that a slow one holds up nobody else.
_REMOTE: Final = (Work.POLL, Work.LOOK, Work.HOOKS, Work.DELIVER)


def _poll(rt: Runtime, connection: str) -> object:
    return poll_bank(rt, connection) if connection in rt.bank_sources else poll_source(rt, connection)


def _follow(rt: Runtime, connection: str) -> object:
    return follow_bank_hooks(rt, connection) if connection in rt.bank_sources else follow_hooks(rt, connection)


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


class _Pool:
    """Threads with queues of their own; a hint that already waits is not given twice."""

    def __init__(self, work: Mapping[Work, Callable[[str], object]], threads: int) -> None:
        self._waiting: dict[tuple[Work, str], float] = {}
        # The hard time limit is only a second net: every call has its own total deadline.
        self.broker = StubBroker(middleware=[TimeLimit(time_limit=_TIME_LIMIT_MS), _LogFailures()])
        for name, act in work.items():
            Actor(
                self._job(name, act),
                broker=self.broker,
                actor_name=name.value,
                queue_name=name.value,
                priority=0,
                options={},
            )
        self._worker = Worker(self.broker, worker_threads=threads, worker_timeout=100)

    def _job(self, name: Work, act: Callable[[str], object]) -> Callable[[str], None]:
        breath_s = _BREATH_S.get(name, 0.0)

        def job(key: str) -> None:
            if breath_s:
                time.sleep(breath_s)
            # Taken off before the work: a hint that comes while it runs must run again.
            self._waiting.pop((name, key), None)
            act(key)

        return job

    def start(self) -> None:
        self.broker.emit_after("process_boot")
        self._worker.start()

    def wake(self, work: Work, key: str) -> None:
        now = time.monotonic()
        if now - self._waiting.get((work, key), -_LOST_AFTER_S) < _LOST_AFTER_S:
            return
        self._waiting[work, key] = now
        message: Message[None] = Message(
            queue_name=work.value, actor_name=work.value, args=(key,), kwargs={}, options={}
        )
        self.broker.enqueue(message)

    def stop(self, timeout_s: float) -> None:
        self._worker.stop(timeout=int(timeout_s * 1000))
        self.broker.close()


class Jobs:
    """Worker threads and the way to hint them.

    Args:
        hurry: asks the sweeper to look for due rows now.
        connections: systems outside; each gets `threads` of its own.
        endpoints: receivers of events; each gets one thread's worth, apart from all other work.
    """

    def __init__(
        self,
        rt_of: Callable[[], Runtime],
        hurry: Callable[[], None],
        connections: Iterable[str],
        endpoints: Collection[str] = (),
        threads: int = 4,
    ) -> None:
        self._hurry = hurry
        work: dict[Work, Callable[[str], object]] = {
            Work.INBOX: lambda key: read_inbox(rt_of(), int(key)),
            Work.REPORTS: lambda key: read_reports(rt_of(), key),
            Work.MATCH: lambda _key: match_payments(rt_of()),
            Work.POLL: lambda key: _poll(rt_of(), key),
            Work.LOOK: lambda key: look_in(rt_of(), key),
            Work.HOOKS: lambda key: _follow(rt_of(), key),
            Work.DELIVER: lambda key: deliver(rt_of(), int(key)),
        }
        self._local = _Pool({name: work[name] for name in _LOCAL}, threads=3)
        self._remote = {
            connection: _Pool({name: work[name] for name in _REMOTE}, threads) for connection in connections
        }
        tell = {Work.EVENT: lambda key: send_events(rt_of(), key)}
        self._telling = _Pool(tell, threads=len(endpoints)) if endpoints else None

    @property
    def _pools(self) -> tuple[_Pool, ...]:
        telling = () if self._telling is None else (self._telling,)
        return (self._local, *self._remote.values(), *telling)

    @property
    def brokers(self) -> tuple[StubBroker, ...]:
        """The queues themselves."""
        return tuple(pool.broker for pool in self._pools)

    def start(self) -> None:
        """Start the threads."""
        for pool in self._pools:
            pool.start()

    def wake(self, work: Work, key: str) -> None:
        """Hint that something may be due; `key` as `Work` says. A hint for a system that is not there is dropped."""
        connection, _, number = key.rpartition("/") if work is Work.DELIVER else (key, "", key)
        if work in _REMOTE and connection in self._remote:
            self._remote[connection].wake(work, number)
        elif work in _LOCAL:
            self._local.wake(work, key)
        elif work is Work.EVENT and self._telling is not None:
            self._telling.wake(work, key)
        elif work is Work.DELIVER:
            self._hurry()

    def stop(self, timeout_s: float) -> None:
        """Let running jobs end within `timeout_s` in all; what waits stays in the database."""
        ends_at = time.monotonic() + timeout_s
        for pool in self._pools:
            pool.stop(max(0.1, ends_at - time.monotonic()))
