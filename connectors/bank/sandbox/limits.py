"""Requests per second, counted in one-second windows of the sandbox clock."""

import threading
from collections import deque


class Windows:
    """A sliding second per name."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def admit(self, name: str, limit: int | None, now: float) -> bool:
        """Count a request; False when `limit` requests of the last second are already there."""
        if limit is None:
            return True
        with self._lock:
            seen = self._seen.setdefault(name, deque())
            while seen and (seen[0] <= now - 1 or seen[0] > now):
                seen.popleft()
            if len(seen) >= limit:
                return False
            seen.append(now)
            return True

    def clear(self) -> None:
        """Forget everything counted."""
        with self._lock:
            self._seen.clear()
