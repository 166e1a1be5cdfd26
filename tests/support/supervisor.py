"""Starts a hub again at once whenever it is gone, as systemd or docker do for a company."""

from __future__ import annotations

import threading
import time

from tests.support.live import LiveHub


class Supervisor:
    """Watches one hub in a thread; `restarts` holds the seconds from each death to the first answer afterwards."""

    def __init__(self, hub: LiveHub) -> None:
        self._hub = hub
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self.restarts: list[float] = []

    def __enter__(self) -> Supervisor:
        self._hub.start()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ends.set()
        self._thread.join(60)
        self._hub.stop()

    def _watch(self) -> None:
        while not self._ends.wait(0.05):
            if self._hub.ended:
                died_at = time.monotonic()
                self._hub.start()
                self.restarts.append(time.monotonic() - died_at)
