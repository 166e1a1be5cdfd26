"""Deferred actions of a stand-in (late writes, robots, delayed hooks), driven by its clock."""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.sandbox_kit.clock import SandboxClock

Action = Callable[[], None]


class Timers:
    """Runs each action once its moment on the sandbox clock has come.

    A background thread follows real time; `run_due` runs what is due at once, so that a test which moved
    the clock sees the effects before its next line.
    """

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._heap: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._running = threading.RLock()
        self._stopped = False
        self._thread: threading.Thread | None = None
        clock.on_jump(self._notify)

    def after(self, seconds: float, action: Action) -> None:
        """Run `action` when the sandbox clock is `seconds` further."""
        due = self._clock.now() + timedelta(seconds=seconds)
        with self._wake:
            heapq.heappush(self._heap, (due, next(self._order), action))
            self._wake.notify_all()

    def pending(self) -> int:
        """How many actions still wait."""
        with self._wake:
            return len(self._heap)

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is left to run; False when actions still wait after `timeout_s` of real time."""
        with self._wake:
            idle = self._wake.wait_for(lambda: not self._heap, timeout_s)
        # An action taken off the heap may still be running.
        with self._running:
            return idle

    def clear(self) -> None:
        """Forget every waiting action."""
        with self._wake:
            self._heap.clear()

    def run_due(self) -> int:
        """Run everything due now, in order of time; returns how many ran."""
        ran = 0
        with self._running:
            while (action := self._pop_due()) is not None:
                action()
                ran += 1
        return ran

    def start(self) -> None:
        """Start following the clock in a background thread."""
        self._thread = threading.Thread(target=self._follow, name="sandbox-timers", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the background thread; waiting actions stay unrun."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _follow(self) -> None:
        while self._wait_for_due():
            self.run_due()

    def _wait_for_due(self) -> bool:
        with self._wake:
            while not self._stopped:
                delay = self._delay()
                if delay is not None and delay <= 0:
                    return True
                self._wake.wait(delay)
        return False

    def _delay(self) -> float | None:
        if not self._heap:
            return None
        delay = (self._heap[0][0] - self._clock.now()).total_seconds()
        return None if delay > 0 and self._clock.frozen else delay

    def _pop_due(self) -> Action | None:
        with self._wake:
            if self._heap and self._heap[0][0] <= self._clock.now():
                action = heapq.heappop(self._heap)[2]
                self._wake.notify_all()
                return action
        return None

    def _notify(self) -> None:
        with self._wake:
            self._wake.notify_all()
