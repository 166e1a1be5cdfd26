"""Payments that wait for a system to be read: looked at now and then, not at every hint."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Final

_AGAIN_S: Final = 300.0


class PassedOver:
    """Those of this process. Thread-safe; losing it costs one look at each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._again: dict[str, float] = {}

    def due(self, payments: Collection[str], monotonic: float) -> bool:
        """Whether any was not looked at for a while."""
        with self._lock:
            return any(self._again.get(key, monotonic) <= monotonic for key in payments)

    def put(self, payments: Collection[str], monotonic: float) -> None:
        """These wait; what is due again without having come back is forgotten."""
        with self._lock:
            self._again = {key: at for key, at in self._again.items() if at > monotonic}
            self._again |= dict.fromkeys(payments, monotonic + _AGAIN_S)

    def clear(self) -> None:
        """Every system is read again."""
        with self._lock:
            self._again.clear()
