"""The writer of the hooks' door: one thread that stores whatever waits in one transaction (group commit)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final, NamedTuple

import structlog

from hub import failpoints
from hub.ports.hooks import Arrival, Fresh, Told
from hub.ports.store import StoreUnavailable
from hub.store.arrivals import shelf_of
from hub.store.engine import Database

_log = structlog.get_logger(__name__)
#: Arrivals of one transaction, about; more would make the first of them wait for the last.
_AT_ONCE: Final = 512
#: Commits that take longer are worth a short wait for those who were just answered: a share of the commit, at most.
_SLOW_S: Final = 0.003
_WAIT_SHARE: Final = 0.25
_LONGEST_WAIT_S: Final = 0.002


class _Group(NamedTuple):
    arrivals: Sequence[Arrival]
    told: Told


class GroupWriter:
    """`hub.ports.hooks.HookWriter` over a database.

    Args:
        committed: learns what is new after the senders were answered; its failure costs a hint and nothing else.
    """

    def __init__(self, database: Database, committed: Callable[[Fresh], None]) -> None:
        self._shelf = shelf_of(database)
        self._committed = committed
        self._queue: SimpleQueue[_Group | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
        self._down = False
        self._put = self._taken = self._expected = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Store what was put before this call, then end."""
        self._queue.put(None)
        self._thread.join(timeout_s)

    def put(self, arrivals: Sequence[Arrival], told: Told) -> None:
        """Store each arrival once and tell when all of them are durable, or which are not; returns at once."""
        self._put += len(arrivals)
        self._queue.put(_Group(arrivals, told))

    def _run(self) -> None:
        going = True
        while going:
            groups, going = self._gather()
            if groups:
                self._write(groups)
        self._shelf.close()

    def _gather(self) -> tuple[list[_Group], bool]:
        """Wait for a group and take every other that waits already; False when no more will come."""
        groups: list[_Group] = []
        size, until = 0, 0.0
        item = self._queue.get()
        while item is not None:
            groups.append(item)
            size += len(item.arrivals)
            self._taken += len(item.arrivals)
            if size >= _AT_ONCE:
                return groups, True
            until = until or time.monotonic() + self._patience()
            try:
                item = self._next(until if size < self._expected else 0.0)
            except Empty:
                return groups, True
        return groups, False

    def _patience(self) -> float:
        """Where a commit is slow, a fuller one is worth waiting for: twice as many senders share it."""
        slow = self._shelf.commit_s > _SLOW_S
        return min(self._shelf.commit_s * _WAIT_SHARE, _LONGEST_WAIT_S) if slow else 0.0

    def _next(self, until: float) -> _Group | None:
        left = until - time.monotonic() if until else 0.0
        return self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()

    def _write(self, groups: list[_Group]) -> None:
        arrivals = [arrival for group in groups for arrival in group.arrivals]
        try:
            fresh = self._shelf.add(arrivals)
        except StoreUnavailable as error:
            self._went_down(error)
            _tell(groups, [False] * len(arrivals))
            return
        except Exception:
            _log.exception("intake.group_failed", arrivals=len(arrivals))
            fresh, stored = self._one_by_one(arrivals)
        else:
            stored = [True] * len(arrivals)
            self._came_back()
        failpoints.reach("after_inbox_commit")
        # Those who are answered now come back with the next, beside those who wait already.
        self._expected = len(arrivals) + self._put - self._taken
        _tell(groups, stored)
        self._hint(fresh)

    def _one_by_one(self, arrivals: Sequence[Arrival]) -> tuple[Fresh, list[bool]]:
        """What one arrival does to the database must not fail its neighbours."""
        fresh = Fresh()
        stored = []
        for arrival in arrivals:
            try:
                one = self._shelf.add([arrival])
                fresh |= one
                stored.append(True)
            except Exception:
                _log.exception("intake.not_stored", connection=arrival.connection, digest=arrival.digest)
                stored.append(False)
        return fresh, stored

    def _hint(self, fresh: Fresh) -> None:
        if not fresh:
            return
        try:
            self._committed(fresh)
        except Exception:
            # The rows are stored: the sweep finds them without a hint.
            _log.exception("intake.hint_failed")

    def _went_down(self, error: StoreUnavailable) -> None:
        if not self._down:
            self._down = True
            _log.error("intake.store_unavailable", reason=str(error))

    def _came_back(self) -> None:
        if self._down:
            self._down = False
            _log.info("intake.store_available")


def _tell(groups: list[_Group], stored: Sequence[bool]) -> None:
    start = 0
    for group in groups:
        end = start + len(group.arrivals)
        try:
            group.told(stored[start:end])
        except Exception:
            # Whoever asked is gone; the writer goes on for the others.
            _log.exception("intake.not_told", arrivals=len(group.arrivals))
        start = end
