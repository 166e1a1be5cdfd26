"""Clock, quota and secrets of one process: for the command line and for tests; a deployment counts in the database."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.ports.state import Clock, KeptSecret


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


@dataclass(slots=True)
class _Secret:
    value: str
    version: int = 1
    owner: str | None = None
    until: float = 0.0


class MemoryTokens:
    """`TokenStore` that one process keeps for itself. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], _Secret] = {}

    def get(self, connection: str, name: str) -> str | None:
        """The secret."""
        kept = self.read(connection, name)
        return kept.value if kept is not None else None

    def put(self, connection: str, name: str, value: str) -> None:
        """Store or replace a secret."""
        with self._lock:
            before = self._kept.get((connection, name))
            self._kept[connection, name] = _Secret(value, before.version + 1 if before is not None else 1)

    def read(self, connection: str, name: str) -> KeptSecret | None:
        """The secret with its version."""
        with self._lock:
            kept = self._kept.get((connection, name))
            return KeptSecret(kept.value, kept.version) if kept is not None else None

    def take_turn(self, connection: str, name: str, version: int, owner: str, seconds: float) -> bool:
        """Take the turn to renew that version."""
        with self._lock:
            kept, now = self._kept.get((connection, name)), self._clock.monotonic()
            if kept is None or kept.version != version or (kept.owner not in (None, owner) and kept.until > now):
                return False
            kept.owner, kept.until = owner, now + seconds
            return True

    def replace(self, connection: str, name: str, version: int, owner: str, value: str) -> bool:
        """Store what the turn's holder got."""
        with self._lock:
            kept = self._kept.get((connection, name))
            if kept is None or (kept.version, kept.owner) != (version, owner):
                return False
            self._kept[connection, name] = _Secret(value, version + 1)
            return True

    def end_turn(self, connection: str, name: str, owner: str) -> None:
        """Give the turn back."""
        with self._lock:
            kept = self._kept.get((connection, name))
            if kept is not None and kept.owner == owner:
                kept.owner = None
