"""Obeying a vendor's limits: a leaky bucket per portal, blocks per method, bounded repeats of reads."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_exponential_jitter

from connectors.shared.http import HttpReply
from hub.domain.errors import Paced, RetryLater, Unavailable
from hub.ports.state import Clock, QuotaStore

T = TypeVar("T")
_RATE: Final = "Запросы к системе идут с разрешённой ею частотой: эта запись ждёт своей очереди."
_TIME: Final = "Время, которое система даёт этому действию, сейчас израсходовано: продолжим, как только освободится."
_ASKS_TO_WAIT: Final = frozenset({429, 503})
_NAMED_MOST_S: Final = 3600.0
#: The first pause before a read is repeated, as a share of the time that its repeats have: half a second of 30.
_FIRST_PAUSE: Final = 1 / 60
_LONGEST_PAUSE: Final = 1 / 3


@dataclass(frozen=True, slots=True)
class Bucket:
    """A leaky bucket: above `capacity` the vendor refuses, each second `drain_per_s` leaks out."""

    name: str
    capacity: float
    drain_per_s: float


class Pacer:
    """Waits for a turn in a bucket that all processes of one egress share; None means no limit.

    Args:
        patience_s: the longest wait inside a call; beyond it the caller is told to come back.
    """

    def __init__(self, quota: QuotaStore, clock: Clock, bucket: Bucket | None, patience_s: float = 15.0) -> None:
        self._quota = quota
        self._clock = clock
        self._bucket = bucket
        self._patience_s = patience_s

    def wait_turn(self) -> None:
        """Take one turn.

        Raises:
            Paced: the queue is longer than our patience.
        """
        bucket = self._bucket
        if bucket is None:
            return
        give_up_at = self._clock.monotonic() + self._patience_s
        while wait_s := self._quota.take(bucket.name, bucket.capacity, bucket.drain_per_s):
            if self._clock.monotonic() + wait_s > give_up_at:
                raise Paced(f"rate of {bucket.name} is used up", _RATE, after_s=wait_s)
            self._clock.sleep(wait_s)

    def refused(self) -> None:
        """The vendor says that the bucket is full."""
        if self._bucket is not None:
            self._quota.fill(self._bucket.name, self._bucket.capacity, self._bucket.drain_per_s)


class _Window:
    """What one budget has in use, as spendings that fall out one by one."""

    def __init__(self) -> None:
        self._spendings: deque[tuple[float, float]] = deque()
        self._seen = False
        self.usual_s = 0.0

    def record(self, total_s: float, now: float, window_s: float, oldest_leaves_in_s: float) -> None:
        """Take the vendor's total: what is new in it was spent now (by us or another process)."""
        fresh = total_s - self._in_use(now)
        if fresh > 0:
            # Of the first total nobody knows when it was spent; the vendor's own reset is the best word on it.
            leaves_in_s = window_s if self._seen else oldest_leaves_in_s
            self._spendings.append((now + leaves_in_s, fresh))
            if self._seen:
                self.usual_s = fresh if not self.usual_s else (self.usual_s + fresh) / 2
        while fresh < -1e-9 and self._spendings:
            leaves_at, spent_s = self._spendings.popleft()
            fresh += spent_s
            if fresh > 1e-9:
                self._spendings.appendleft((leaves_at, fresh))
        self._seen = True

    def wait_s(self, now: float, needed_s: float, limit_s: float) -> float:
        """Seconds until `needed_s` more fits under the limit."""
        over = self._in_use(now) + min(needed_s, limit_s) - limit_s
        for leaves_at, spent_s in self._spendings:
            if over <= 1e-9:
                return 0.0
            over -= spent_s
            if over <= 1e-9:
                return leaves_at - now
        return 0.0

    def _in_use(self, now: float) -> float:
        while self._spendings and self._spendings[0][0] <= now:
            self._spendings.popleft()
        return sum(spent_s for _, spent_s in self._spendings)


class Budgets:
    """Run time that a vendor grants per method and sliding window, by the vendor's own figures. Thread-safe.

    Args:
        limit_s: stop at this much in use.
        window_s: how long a spending counts.
    """

    def __init__(self, quota: QuotaStore, clock: Clock, limit_s: float, window_s: float = 600.0) -> None:
        self._quota = quota
        self._clock = clock
        self._limit_s = limit_s
        self._window_s = window_s
        self._windows: defaultdict[str, _Window] = defaultdict(_Window)
        self._lock = threading.Lock()

    def require(self, name: str, calls: int = 1) -> None:
        """Pass only when nobody has blocked this budget and so many usual calls fit into it.

        Raises:
            Paced: with the seconds until it opens.
        """
        until = self._quota.blocked_until(name)
        if until is not None:
            after_s = max(0.0, (until - self._clock.now()).total_seconds())
            raise Paced(f"{name} is blocked until {until.isoformat()}", _TIME, after_s=after_s)
        with self._lock:
            window = self._windows[name]
            wait_s = window.wait_s(self._clock.monotonic(), window.usual_s * calls, self._limit_s)
        if wait_s > 0:
            raise Paced(f"{name} has used up its time", _TIME, after_s=wait_s)

    def record(self, name: str, total_s: float, reset_at: datetime | None) -> None:
        """Keep the vendor's figure; a budget that is nearly used up closes for every process before the vendor does."""
        wall, now = self._clock.now(), self._clock.monotonic()
        leaves_in_s = self._window_s if reset_at is None else max(0.0, (reset_at - wall).total_seconds())
        with self._lock:
            window = self._windows[name]
            window.record(total_s, now, self._window_s, leaves_in_s)
            wait_s = window.wait_s(now, 0.0, self._limit_s)
        self._quota.spend(name, total_s, reset_at)
        if wait_s > 0:
            self._quota.block(name, wall + timedelta(seconds=wait_s))

    def block(self, name: str, until: datetime | None, at_least_s: float) -> float:
        """Close a budget until `until`, or for `at_least_s` when no time is known; returns the seconds from now."""
        now = self._clock.now()
        until = now + timedelta(seconds=at_least_s) if until is None else until
        self._quota.block(name, until)
        return (until - now).total_seconds()


def named_wait_s(reply: HttpReply, now: datetime) -> float | None:
    """Seconds that a 429 or 503 asks for in its Retry-After (RFC 9110, 10.2.3: seconds or a date); None without one.

    A wait beyond an hour is asked about again after an hour.
    """
    text = reply.headers.get("retry-after", "").strip()
    if reply.status not in _ASKS_TO_WAIT or not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _NAMED_MOST_S)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(max(0.0, (until - now).total_seconds()), _NAMED_MOST_S)


def _pauses(within_s: float) -> Callable[[RetryCallState], float]:
    first_s = within_s * _FIRST_PAUSE
    growing = wait_exponential_jitter(multiplier=first_s, max=within_s * _LONGEST_PAUSE, jitter=first_s)

    def pause_s(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        named = error.after_s if isinstance(error, RetryLater) and error.after_s is not None else 0.0
        return max(named, growing(state))

    return pause_s


def _passes(error: BaseException) -> bool:
    """Trouble that a moment may end; a system that rests is not waited for inside a call."""
    return isinstance(error, RetryLater) and not isinstance(error, Unavailable)


def repeat_read(call: Callable[[], T], clock: Clock, *, attempts: int = 4, within_s: float = 30.0) -> T:
    """Run a read, again after passing trouble, with jitter; the last error is the caller's. Pauses follow `within_s`.

    Raises:
        ConnectorError: what the last attempt raised; a named wait beyond `within_s` ends it at once.
    """
    retrying = Retrying(
        retry=retry_if_exception(_passes),
        stop=stop_after_attempt(attempts) | stop_before_delay(within_s),
        wait=_pauses(within_s),
        sleep=clock.sleep,
        reraise=True,
    )
    return retrying(call)
