"""The sweeper's thread: one sweep a second, and at once when work ended."""

from __future__ import annotations

import threading
import time

import structlog

from hub.services.runtime import Runtime
from hub.services.sweep import sweep

_log = structlog.get_logger(__name__)
_BREATH_S = 0.02


class Sweeper:
    """Sweeps until stopped; a failed sweep is logged and the next one tries again."""

    def __init__(self, rt: Runtime, every_s: float) -> None:
        self._rt = rt
        self._every_s = every_s
        self._hurry = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="sweeper", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def hurry(self) -> None:
        """Look for due rows now rather than at the next tick."""
        self._hurry.set()

    def _loop(self) -> None:
        next_tick = time.monotonic()
        while not self._ended.is_set():
            timed = time.monotonic() >= next_tick
            if timed:
                next_tick = time.monotonic() + self._every_s
            self._sweep(timed)
            # A short breath lets many hurries of one burst fall into one sweep.
            self._ended.wait(_BREATH_S)
            self._hurry.wait(max(0.0, next_tick - time.monotonic()))
            self._hurry.clear()

    def _sweep(self, timed: bool) -> None:
        try:
            sweep(self._rt, timed=timed)
        except Exception:
            _log.exception("sweep.failed")

    def stop(self, timeout_s: float) -> None:
        """End after the sweep in work."""
        self._ended.set()
        self._hurry.set()
        self._thread.join(timeout_s)
