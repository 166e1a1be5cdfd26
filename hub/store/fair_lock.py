"""Whose turn it is to write: on SQLite one thread after another, elsewhere each thread once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final

_TWICE: Final = "a writing transaction is already open in this thread"


class OncePerThread:
    """No lock between threads; a second entry in the same thread is an error, as with `FairLock`."""

    def __init__(self) -> None:
        self._inside = threading.local()

    def __enter__(self) -> None:
        if getattr(self._inside, "now", False):
            raise RuntimeError(_TWICE)
        self._inside.now = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inside.now = False

    def ahead(self) -> OncePerThread:
        """Nobody waits here, so nobody is passed."""
        return self


class FairLock:
    """First come, first served: writers queue instead of fighting for the file.

    Whoever asks by `ahead` comes before those who wait, but never twice in a row: a sender waits for one other writer,
    and a flood of senders holds up nobody. Not re-entrant; taking it twice in one thread is an error, not a dead end.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._urgent: deque[threading.Lock] = deque()
        self._was_urgent = False
        self._owner: int | None = None

    @property
    def waiting(self) -> int:
        """How many threads queue for the lock."""
        return len(self._waiting) + len(self._urgent)

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """Take the lock before those who wait for it in turn."""
        self._enter(self._urgent)
        try:
            yield
        finally:
            self._hand_over()

    def __enter__(self) -> None:
        self._enter(self._waiting)

    def _enter(self, queue: deque[threading.Lock]) -> None:
        me = threading.get_ident()
        turn = threading.Lock()
        with self._guard:
            if self._owner is None:
                self._owner = me
                self._was_urgent = queue is self._urgent
                return
            if self._owner == me:
                raise RuntimeError(_TWICE)
            turn.acquire()
            queue.append(turn)
        self._wait(turn, queue)
        self._owner = me

    def _wait(self, turn: threading.Lock, queue: deque[threading.Lock]) -> None:
        try:
            turn.acquire()
        except BaseException:
            with self._guard:
                handed_over = turn not in queue
                if not handed_over:
                    queue.remove(turn)
            if handed_over:
                self._hand_over()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hand_over()

    def _hand_over(self) -> None:
        with self._guard:
            urgent = bool(self._urgent) and not (self._was_urgent and self._waiting)
            queue = self._urgent if urgent else self._waiting
            self._owner = 0 if queue else None
            self._was_urgent = urgent
            if queue:
                queue.popleft().release()
