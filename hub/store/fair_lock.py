"""Whose turn it is to write: on SQLite one thread after another, elsewhere each thread once."""

from __future__ import annotations

import threading
from collections import deque
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


class FairLock:
    """First come, first served: writers queue instead of fighting for the file.

    Not re-entrant, and taking it twice in one thread is an error, not a dead end.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._owner: int | None = None

    @property
    def waiting(self) -> int:
        """How many threads queue for the lock."""
        return len(self._waiting)

    def __enter__(self) -> None:
        me = threading.get_ident()
        turn = threading.Lock()
        with self._guard:
            if self._owner is None:
                self._owner = me
                return
            if self._owner == me:
                raise RuntimeError(_TWICE)
            turn.acquire()
            self._waiting.append(turn)
        self._wait(turn)
        self._owner = me

    def _wait(self, turn: threading.Lock) -> None:
        try:
            turn.acquire()
        except BaseException:
            with self._guard:
                handed_over = turn not in self._waiting
                if not handed_over:
                    self._waiting.remove(turn)
            if handed_over:
                self._hand_over()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hand_over()

    def _hand_over(self) -> None:
        with self._guard:
            if self._waiting:
                self._owner = 0
                self._waiting.popleft().release()
            else:
                self._owner = None
