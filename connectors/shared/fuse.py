"""A fuse: a system that fails call after call is left alone for a growing while, then asked by one call alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from hub.domain.errors import ConnectorError, Paced, RetryLater, Unavailable, UnknownOutcome
from hub.ports.state import Clock


class Resting(Unavailable):
    """Nothing was sent: too many calls in a row failed; `after_s` says when the system is asked again."""


@dataclass(frozen=True, slots=True)
class Fusing:
    """Figures of a fuse, seconds.

    Attributes:
        opens_after: failures in a row.
        rest_s: the first rest; each failed question doubles it up to `rest_max_s`.
        probe_s: how long the one question may take, before another may be put.
    """

    opens_after: int = 5
    rest_s: float = 5.0
    rest_max_s: float = 120.0
    probe_s: float = 75.0


class Fuse:
    """Counts failures in a row of one kind of call. Thread-safe; its time is monotonic."""

    def __init__(self, clock: Clock, figures: Fusing) -> None:
        self._clock = clock
        self._figures = figures
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0
        self._probe_until: float | None = None
        self._why = RetryLater("no answer")

    def enter(self) -> None:
        """Ask for a call.

        Raises:
            Resting: the system rests, or one call is asking it just now.
        """
        with self._lock:
            if self._failures < self._figures.opens_after:
                return
            now = self._clock.monotonic()
            # A clock that was set back must not make a rest longer than it can be.
            rest_s = min(max(self._closed_until, self._probe_until or 0.0) - now, self._figures.rest_max_s)
            if rest_s > 0:
                text = f"resting after {self._failures} failures: {self._why.text}"
                raise Resting(text, self._why.for_person, after_s=rest_s)
            self._probe_until = now + min(self._figures.probe_s, self._figures.rest_max_s)

    def leave(self, error: Exception | None) -> None:
        """Tell how the call ended; a call that was never sent says nothing."""
        with self._lock:
            if error is None or _is_an_answer(error):
                self._failures, self._probe_until = 0, None
            elif isinstance(error, RetryLater | UnknownOutcome) and not isinstance(error, Paced | Resting):
                self._fail(error)
            else:
                self._probe_until = None

    def _fail(self, error: ConnectorError) -> None:
        if self._failures >= self._figures.opens_after and self._probe_until is None:
            return  # sent before the fuse opened: it is the same trouble, no new one
        self._failures, self._probe_until = self._failures + 1, None
        self._why = RetryLater(error.text, error.for_person, error.code)
        if (doublings := self._failures - self._figures.opens_after) >= 0:
            rest_s = min(self._figures.rest_max_s, self._figures.rest_s * 2 ** min(doublings, 20))
            self._closed_until = self._clock.monotonic() + rest_s


def _is_an_answer(error: Exception) -> bool:
    """The system lives: it said no, or named the time when it will say yes."""
    if isinstance(error, Paced | Resting | UnknownOutcome) or not isinstance(error, ConnectorError):
        return False
    return not isinstance(error, RetryLater) or error.after_s is not None


class Fuses:
    """One fuse for every call of a system and one more for writes: reading may work while writing does not."""

    def __init__(self, clock: Clock, figures: Fusing) -> None:
        self._all = Fuse(clock, figures)
        self._writes = Fuse(clock, figures)

    @contextmanager
    def guard(self, *, write: bool) -> Iterator[None]:
        """Around one call.

        Raises:
            Resting: nothing may be sent now.
        """
        with ExitStack() as entered:
            for fuse in (self._all, self._writes) if write else (self._all,):
                entered.enter_context(_watched(fuse))
            yield


@contextmanager
def _watched(fuse: Fuse) -> Iterator[None]:
    fuse.enter()
    try:
        yield
    except Exception as error:
        fuse.leave(error)
        raise
    fuse.leave(None)
