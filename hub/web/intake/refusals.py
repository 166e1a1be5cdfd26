"""Counts refused requests by peer, so that guessing an address is slow. Bounded however many peers there are."""

from __future__ import annotations

from typing import Final

_PEERS: Final = 10_000
_REST: Final = "*"


class Refusals:
    """Refused requests of each peer in the current window of time.

    Args:
        allowed: how many refusals of a peer pass in one window.
        window_s: its length, seconds.
    """

    def __init__(self, allowed: int, window_s: float) -> None:
        self._allowed = allowed
        self._window_s = window_s
        self._window = -1
        self._counts: dict[str, int] = {}

    def add(self, peer: str, now_s: float) -> None:
        """Count a refusal; beyond ten thousand peers in a window all further ones count as one."""
        self._turn(now_s)
        key = peer if peer in self._counts or len(self._counts) < _PEERS else _REST
        self._counts[key] = self._counts.get(key, 0) + 1

    def too_many(self, peer: str, now_s: float) -> bool:
        """Whether the peer has used its window up."""
        self._turn(now_s)
        return self._counts.get(peer, self._counts.get(_REST, 0)) >= self._allowed

    def _turn(self, now_s: float) -> None:
        window = int(now_s // self._window_s)
        if window != self._window:
            self._window = window
            self._counts.clear()
