"""The stand-in's clock: real by default, movable and freezable from a test."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Wall clock with an offset. All times are timezone-aware UTC.

    `advance` moves it forward, `set` puts it anywhere, `freeze` stops it until `resume`.
    Those who wait on it register a listener and are told after each jump.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta(0)
        self._frozen_at: datetime | None = None
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The present moment in UTC."""
        with self._lock:
            return self._now()

    def timestamp(self) -> float:
        """The present moment in seconds since the epoch."""
        return self.now().timestamp()

    @property
    def frozen(self) -> bool:
        """True while time stands still."""
        with self._lock:
            return self._frozen_at is not None

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds` (negative moves it back)."""
        with self._lock:
            step = timedelta(seconds=seconds)
            if self._frozen_at is not None:
                self._frozen_at += step
            self._offset += step
        self._tell()

    def set(self, at: datetime) -> None:
        """Put the clock at an aware moment; it goes on from there unless frozen."""
        if at.tzinfo is None:
            raise ValueError("the clock takes aware datetimes only")
        with self._lock:
            if self._frozen_at is not None:
                self._frozen_at = at.astimezone(UTC)
            self._offset = at - datetime.now(UTC)
        self._tell()

    def freeze(self) -> None:
        """Stop the clock where it stands."""
        with self._lock:
            self._frozen_at = self._now()

    def resume(self) -> None:
        """Let a frozen clock run on from the moment it shows."""
        with self._lock:
            if self._frozen_at is not None:
                self._offset = self._frozen_at - datetime.now(UTC)
                self._frozen_at = None
        self._tell()

    def reset(self, at: datetime | None = None) -> None:
        """Run freely again, from `at` or from real time."""
        with self._lock:
            self._frozen_at = None
            self._offset = timedelta(0)
        if at is not None:
            self.set(at)

    def on_jump(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every jump of the clock."""
        self._listeners.append(listener)

    def _now(self) -> datetime:
        if self._frozen_at is not None:
            return self._frozen_at
        return datetime.fromtimestamp(time.time(), UTC) + self._offset

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()
