"""Between the event loop and the writer's thread: hands arrivals over in groups, waits for each to be durable."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from hub.ports.hooks import Arrival, HookWriter
from hub.web.intake.limits import IntakeLimits


class _Wait(NamedTuple):
    arrival: Arrival
    future: asyncio.Future[bool]
    until: float


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
        size = len(arrival.raw)
        if self._held >= self._limits.waiting or self._held_bytes + size > self._limits.waiting_bytes:
            return False
        loop = asyncio.get_running_loop()
        wait = _Wait(arrival, loop.create_future(), loop.time() + self._limits.commit_s)
        self._held += 1
        self._held_bytes += size
        if not self._fresh:
            # What else is read in this turn of the loop goes along.
            loop.call_soon(self._hand_over, loop)
        self._fresh.append(wait)
        self._waits.append(wait)
        if self._timer is None:
            self._timer = loop.call_at(wait.until, self._give_up, loop)
        return await wait.future

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
            for wait, durable in zip(group, stored, strict=True):
                self._held_bytes -= len(wait.arrival.raw)
                if not wait.future.done():
                    wait.future.set_result(durable)
        while self._waits and self._waits[0].future.done():
            self._waits.popleft()

    def _give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer whoever waited too long. The writer may still store it: then the repeated delivery finds its row."""
        now = loop.time()
        while self._waits and (self._waits[0].future.done() or self._waits[0].until <= now):
            future = self._waits.popleft().future
            if not future.done():
                future.set_result(False)
        self._timer = loop.call_at(self._waits[0].until, self._give_up, loop) if self._waits else None
