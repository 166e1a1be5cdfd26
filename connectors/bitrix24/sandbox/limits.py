"""The two limits of the vendor: requests per second per address, and run time per credential and method."""

import threading
from collections import deque
from dataclasses import dataclass
from fnmatch import fnmatchcase

from connectors.bitrix24.sandbox.settings import Operating, Settings

BASKET_S = 60
WINDOW_S = 600
FREE_S = 0.1


class LeakyBuckets:
    """A leaky bucket per source address: each request adds one, the level drains with the sandbox clock."""

    def __init__(self, settings: Settings) -> None:
        plan = (5.0, 250) if settings.plan == "enterprise" else (2.0, 50)
        self._enabled = settings.rate_limit.enabled
        self._drain = settings.rate_limit.drain_per_s or plan[0]
        self._block_above = settings.rate_limit.block_above or plan[1]
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def admit(self, address: str, now: float) -> bool:
        """Count a request; False when it is over the limit. A refused request adds nothing."""
        if not self._enabled:
            return True
        with self._lock:
            level, at = self._levels.get(address, (0.0, now))
            level = max(0.0, level - max(0.0, now - at) * self._drain)
            admitted = level + 1 <= self._block_above
            self._levels[address] = (level + admitted, now)
            return admitted

    def clear(self) -> None:
        """Forget all levels."""
        with self._lock:
            self._levels.clear()


@dataclass(slots=True)
class _Basket:
    minute: int
    first_call_at: float
    spent_s: float = 0.0


class OperatingMeter:
    """Run time per (credential, method) in ten one-minute baskets."""

    def __init__(self, rules: Operating) -> None:
        self._rules = rules
        self._baskets: dict[tuple[str, str], deque[_Basket]] = {}
        self._lock = threading.Lock()

    @property
    def enabled(self) -> bool:
        """False when the limiter is off, as on most on-premise portals."""
        return self._rules.enabled

    @property
    def bills_nested(self) -> bool:
        """True when the commands of a batch are billed one by one, as the docs say."""
        return self._rules.batch_accounting == "nested"

    def cost(self, method: str) -> float:
        """Simulated run time of one call in seconds."""
        for pattern, cost in self._rules.cost_s.items():
            if fnmatchcase(method.lower(), pattern.lower()):
                return cost
        return self._rules.default_cost_s

    def blocked(self, credential: str, method: str, now: float) -> bool:
        """True when the sum already exceeds the limit."""
        return self.enabled and self.spent(credential, method, now) > self._rules.limit_s

    def bill(self, credential: str, method: str, seconds: float, now: float) -> None:
        """Add a call's run time; 0.1 s and less is free."""
        with self._lock:
            baskets = self._live(credential, method, now)
            minute = int(now // BASKET_S)
            if not baskets or baskets[-1].minute != minute:
                baskets.append(_Basket(minute, now))
            if seconds > FREE_S:
                baskets[-1].spent_s += seconds

    def spent(self, credential: str, method: str, now: float) -> float:
        """Run time billed within the window."""
        with self._lock:
            return sum(basket.spent_s for basket in self._live(credential, method, now))

    def reset_at(self, credential: str, method: str, now: float) -> int:
        """When the oldest basket is dropped: its first call plus 600 s."""
        with self._lock:
            baskets = self._live(credential, method, now)
            return int((baskets[0].first_call_at if baskets else now) + WINDOW_S)

    def clear(self) -> None:
        """Forget everything billed."""
        with self._lock:
            self._baskets.clear()

    def _live(self, credential: str, method: str, now: float) -> deque[_Basket]:
        baskets = self._baskets.setdefault((credential, method.lower()), deque())
        while baskets and baskets[0].first_call_at + WINDOW_S <= now:
            baskets.popleft()
        return baskets
