"""Requests per second, the cap of the whole account, and the block that repeated violations bring."""

import threading
from collections import deque
from dataclasses import dataclass, field

from connectors.amocrm.sandbox.settings import RateLimit

WINDOW_S = 1.0


@dataclass(slots=True)
class Limiter:
    """Sliding one-second windows on the sandbox clock. Refused requests are not counted as made."""

    rules: RateLimit
    blocked: bool = False
    _made: dict[str, deque[float]] = field(default_factory=dict)
    _violations: deque[int] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, caller: str, now: float) -> int:
        """200 for a request that may pass, 429 for one over the limit, 403 for one of a blocked caller."""
        with self._lock:
            if self.blocked:
                return 403
            if not self.rules.enabled or self._fits(caller, now):
                return 200
            self._violate(now)
            return 429

    def clear(self) -> None:
        """Lift the block and forget what was counted, as the vendor's support does."""
        with self._lock:
            self.blocked = False
            self._made.clear()
            self._violations.clear()

    def _fits(self, caller: str, now: float) -> bool:
        own, whole = self._window(f"caller:{caller}", now), self._window("account", now)
        if len(own) >= self.rules.per_second:
            return False
        if len(whole) + self.rules.foreign_per_second >= self.rules.account_per_second:
            return False
        own.append(now)
        whole.append(now)
        return True

    def _window(self, name: str, now: float) -> deque[float]:
        made = self._made.setdefault(name, deque())
        # A clock put back would otherwise keep its future requests for ever.
        while made and (made[0] <= now - WINDOW_S or made[0] > now):
            made.popleft()
        return made

    def _violate(self, now: float) -> None:
        second = int(now)
        if not self._violations or self._violations[-1] != second:
            self._violations.append(second)
        while self._violations and self._violations[0] <= now - self.rules.block_window_s:
            self._violations.popleft()
        if self.rules.block_after is not None and len(self._violations) >= self.rules.block_after:
            self.blocked = True
