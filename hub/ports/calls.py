"""Observing calls of connectors: how often, with what outcome, how long."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class CallObserver(Protocol):
    """Told after every call of a connection."""

    def __call__(self, outcome: str, seconds: float) -> None:
        """`outcome` is an HTTP status or the name of a failure; never a text from outside."""


@dataclass(frozen=True, slots=True)
class CallTotals:
    """Calls of one connection with one outcome since the start of the process."""

    calls: int = 0
    seconds: float = 0.0


class CallCounters:
    """Counts calls by connection and outcome, in memory. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: dict[tuple[str, str], CallTotals] = {}

    def of(self, connection: str) -> CallObserver:
        """The observer of one connection."""

        def observe(outcome: str, seconds: float) -> None:
            key = (connection, outcome)
            with self._lock:
                before = self._totals.get(key, CallTotals())
                self._totals[key] = CallTotals(before.calls + 1, before.seconds + seconds)

        return observe

    def snapshot(self) -> Mapping[tuple[str, str], CallTotals]:
        """Totals by (connection, outcome)."""
        with self._lock:
            return dict(self._totals)
