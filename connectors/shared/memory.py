"""Clock and quota of one process: for the command line and for tests; a deployment counts in the database."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.ports.state import Clock


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Now, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never step back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        if seconds > 0:
            time.sleep(seconds)


@dataclass(slots=True)
class _Level:
    value: float
    at: float


class MemoryQuota:
    """`QuotaStore` that one process keeps for itself. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, _Level] = {}
        self._spent: dict[str, tuple[float, datetime | None]] = {}
        self._blocked: dict[str, datetime] = {}

    def _level(self, bucket: str, drain_per_s: float) -> _Level:
        now = self._clock.monotonic()
        level = self._buckets.setdefault(bucket, _Level(0.0, now))
        level.value = max(0.0, level.value - (now - level.at) * drain_per_s)
        level.at = now
        return level

    def take(self, bucket: str, capacity: float, drain_per_s: float, cost: float = 1.0) -> float:
        """Ask for `cost`: 0 when granted, else seconds to wait."""
        with self._lock:
            level = self._level(bucket, drain_per_s)
            over = level.value + cost - capacity
            if over > 1e-9:
                return over / drain_per_s
            level.value += cost
            return 0.0

    def fill(self, bucket: str, capacity: float, drain_per_s: float) -> None:
        """Count the bucket as full from now."""
        with self._lock:
            level = self._level(bucket, drain_per_s)
            level.value = max(level.value, capacity)

    def spend(self, budget: str, seconds: float, reset_at: datetime | None) -> None:
        """Record the vendor's figure."""
        with self._lock:
            self._spent[budget] = (seconds, reset_at)

    def spent(self, budget: str) -> float:
        """Seconds in use now."""
        with self._lock:
            seconds, reset_at = self._spent.get(budget, (0.0, None))
        return 0.0 if reset_at is not None and reset_at <= self._clock.now() else seconds

    def block(self, budget: str, until: datetime) -> None:
        """Nobody calls before `until`."""
        with self._lock:
            self._blocked[budget] = max(until, self._blocked.get(budget, until))

    def blocked_until(self, budget: str) -> datetime | None:
        """Until when, if it is blocked now."""
        with self._lock:
            until = self._blocked.get(budget)
        return until if until is not None and until > self._clock.now() else None
