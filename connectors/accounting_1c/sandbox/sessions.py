"""Sessions and licences: automatic ones that calls take from a pool, and those a client keeps by a cookie."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from connectors.accounting_1c.sandbox.errors import ServerPage, internal
from connectors.accounting_1c.sandbox.settings import Settings


class Sessions:
    """Counts the sessions of one base. Thread-safe."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._free = threading.Condition()
        self._busy = 0
        self._kept: dict[str, datetime] = {}
        self._numbers = itertools.count(1)

    def clear(self) -> None:
        """End all."""
        with self._free:
            self._kept.clear()
            self._free.notify_all()

    def count(self) -> int:
        """Sessions that live now, the kept ones included."""
        with self._free:
            self._forget_idle()
            return self._busy + len(self._kept)

    def start(self) -> str:
        """A session for a client that asked for one. Raises ServerPage, ODataError without a licence."""
        with self._free:
            self._forget_idle()
            self._licence()
            name = f"{next(self._numbers):08x}-1c5e-4b1d-9d10-000000000001"
            self._kept[name] = self._now()
            return name

    def use(self, name: str) -> None:
        """A later call of a kept session. Raises ServerPage 400 for one that is unknown or ended."""
        with self._free:
            self._forget_idle()
            if name not in self._kept:
                raise ServerPage(400, "Сеанс не найден или завершен")
            self._kept[name] = self._now()

    def finish(self, name: str) -> None:
        """The client ends its session."""
        with self._free:
            self._kept.pop(name, None)
            self._free.notify_all()

    @contextmanager
    def automatic(self) -> Iterator[None]:
        """A session from the pool for one call. Raises ServerPage 406 when none comes free in time."""
        with self._free:
            until = time.monotonic() + self._settings.pool_timeout_s
            while self._pool_full():
                if not self._free.wait(until - time.monotonic()) and time.monotonic() >= until:
                    raise ServerPage(406, "Превышено время ожидания свободного сеанса")
            self._forget_idle()
            self._licence()
            self._busy += 1
        try:
            yield
        finally:
            with self._free:
                self._busy -= 1
                self._free.notify_all()

    def _pool_full(self) -> bool:
        return self._settings.session_pool is not None and self._busy >= self._settings.session_pool

    def _licence(self) -> None:
        limit = self._settings.licences
        if limit is None or self._busy + len(self._kept) < limit:
            return
        text = "Не обнаружена лицензия для использования программы!"
        match self._settings.no_licence:
            case "500":
                raise internal(text)
            case "html":
                raise ServerPage(200, text)
            case "406":
                raise ServerPage(406, text)

    def _forget_idle(self) -> None:
        limit = self._now() - timedelta(seconds=self._settings.session_idle_s)
        for name in [name for name, used in self._kept.items() if used < limit]:
            del self._kept[name]
