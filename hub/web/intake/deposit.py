"""Between the event loop and the writer's thread: hands arrivals over in groups, waits for each to be durable."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from hub.ports.hooks import Arrival, HookWriter
from hub.web.intake.limits import IntakeLimits

_log = structlog.get_logger(__name__)


class _Wait:
    """Somebody who is told once, in the event loop."""

    __slots__ = ("_tell", "arrival", "told", "until")

    def __init__(self, arrival: Arrival, tell: Callable[[bool], None], until: float) -> None:
        self.arrival = arrival
        self.until = until
        self.told = False
        self._tell = tell

    def end(self, *, durable: bool) -> None:
        if self.told:
            return
        self.told = True
        try:
            self._tell(durable)
        except Exception:
            # One answer that cannot be given must not cost the others theirs.
            _log.exception("hook.not_answered", connection=self.arrival.connection)


class Deposit:
    """Arrivals of one event loop on their way to the database; bounded in number and in bytes."""

    def __init__(self, writer: HookWriter, limits: IntakeLimits) -> None:
        self._writer = writer
        self._limits = limits
        self._fresh: list[_Wait] = []
        self._waits: deque[_Wait] = deque()
        self._answers: deque[tuple[Sequence[_Wait], Sequence[bool]]] = deque()
        self._answering = False
        self._timer: asyncio.TimerHandle | None = None
        self._held = 0
        self._held_bytes = 0

    async def stored(self, arrival: Arrival) -> bool:
        """True once the arrival is durable; False when that cannot be said in time, or too many wait already."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.put(arrival, partial(_settle, future))
        return await future

    def put(self, arrival: Arrival, tell: Callable[[bool], None]) -> None:
        """Tell once, now or later: True when the arrival is durable, False when that cannot be said in time, or too
        many wait already."""
        size = len(arrival.raw)
        if self._held >= self._limits.waiting or self._held_bytes + size > self._limits.waiting_bytes:
            tell(False)
            return
        loop = asyncio.get_running_loop()
        wait = _Wait(arrival, tell, loop.time() + self._limits.commit_s)
        self._held += 1
        self._held_bytes += size
        if not self._fresh:
            # What else is read in this turn of the loop goes along.
            loop.call_soon(self._hand_over, loop)
        self._fresh.append(wait)
        self._waits.append(wait)
        if self._timer is None:
            self._timer = loop.call_at(wait.until, self._give_up, loop)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        group, self._fresh = self._fresh, []

        def told(stored: Sequence[bool]) -> None:
            # In the writer's thread. One call wakes the loop for all groups of a commit.
            self._answers.append((group, stored))
            if not self._answering:
                self._answering = True
                loop.call_soon_threadsafe(self._settle)

        self._writer.put([wait.arrival for wait in group], told)

    def _settle(self) -> None:
        # Lowered before the answers are taken: one that comes meanwhile wakes the loop again.
        self._answering = False
        while self._answers:
            group, stored = self._answers.popleft()
            self._held -= len(group)
            self._held_bytes -= sum(len(wait.arrival.raw) for wait in group)
            for wait, durable in zip(group, stored, strict=True):
                wait.end(durable=durable)
        while self._waits and self._waits[0].told:
            self._waits.popleft()

    def _give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer whoever waited too long. The writer may still store it: then the repeated delivery finds its row."""
        now = loop.time()
        while self._waits and (self._waits[0].told or self._waits[0].until <= now):
            self._waits.popleft().end(durable=False)
        self._timer = loop.call_at(self._waits[0].until, self._give_up, loop) if self._waits else None


def _settle(future: asyncio.Future[bool], durable: bool) -> None:
    if not future.done():
        future.set_result(durable)
