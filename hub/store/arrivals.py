"""Insert-or-ignore of many arrivals in one transaction: the hot path of the door, in each database's own words."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Protocol

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from hub.ports.hooks import Arrival, Fresh
from hub.ports.records import InboxKind
from hub.ports.store import StoreUnavailable
from hub.store.engine import Database
from hub.store.sql import bites
from hub.store.trouble import as_unavailable
from hub.store.types import storable

_COLUMNS: Final = "connection, kind, name, raw, digest, received_at, state, attempts, next_attempt_at"
#: Rows of one statement on SQLite: 6 values each, and the oldest SQLite takes 999.
_SQLITE_ROWS: Final = 128
_VALUES: Final = 6
_OFFSET: Final = len("+00:00")
# One statement is one round trip, and outside a transaction block it is a transaction of its own.
_POSTGRESQL_ADD: Final = (
    f"INSERT INTO inbox ({_COLUMNS}) SELECT c, k, n, r, d, a, 'new', 0, a FROM unnest("  # noqa: S608
    "%b::text[], %b::text[], %b::text[], %b::bytea[], %b::text[], %b::timestamptz[]) AS x(c, k, n, r, d, a) "
    "ON CONFLICT DO NOTHING RETURNING kind, connection"
)


class Shelf(Protocol):
    """Where arrivals are put.

    Attributes:
        commit_s: how long it took to make the last arrivals durable, seconds.
    """

    commit_s: float

    def add(self, arrivals: Sequence[Arrival]) -> Fresh:
        """Store each arrival once; when this returns all are durable.

        Raises:
            StoreUnavailable: nothing may be claimed about any of them.
        """

    def close(self) -> None:
        """Let go of the database."""


def shelf_of(database: Database) -> Shelf:
    """The shelf of a database. Used by one thread."""
    return _SqliteShelf(database) if database.is_sqlite else _PostgresqlShelf(database)


class _SqliteShelf:
    """A group goes in by one statement: at each step of a cursor the driver has to get the interpreter back."""

    def __init__(self, database: Database) -> None:
        self.commit_s = 0.0
        self._database = database

    def add(self, arrivals: Sequence[Arrival]) -> Fresh:
        start = time.monotonic()
        added = self._add_few(arrivals) if len(arrivals) <= _SQLITE_ROWS else self._add_many(arrivals)
        self.commit_s = time.monotonic() - start
        # Which of them are new would take another statement; a hint too many costs less.
        return Fresh((arrival.kind, arrival.connection) for arrival in arrivals) if added else Fresh()

    def _add_few(self, arrivals: Sequence[Arrival]) -> int:
        with self._database.write_at_once() as connection:
            return _insert(connection.cursor(), arrivals)

    def _add_many(self, arrivals: Sequence[Arrival]) -> int:
        with self._database.write() as connection:
            return sum(_insert(connection.connection.cursor(), bite) for bite in bites(arrivals, _SQLITE_ROWS))

    def close(self) -> None:
        """Nothing is held between two groups."""


def _insert(cursor: DBAPICursor, arrivals: Sequence[Arrival]) -> int:
    values: list[object] = []
    for connection, kind, name, raw, digest, at in arrivals:
        values += (connection, kind.value, storable(name), raw, digest, _sqlite_moment(at))
    cursor.execute(_sqlite_add(len(arrivals)), values)
    return cursor.rowcount


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"a moment without a time zone cannot be stored: {at.isoformat()}")
    return at


def _sqlite_moment(at: datetime) -> str:
    """As the column's type writes it (`hub.store.types.UtcDateTime`), many times faster."""
    in_utc = at if at.tzinfo is UTC else _aware(at).astimezone(UTC)
    return in_utc.isoformat(" ", "microseconds")[:-_OFFSET]


@lru_cache(maxsize=_SQLITE_ROWS)
def _sqlite_add(rows: int) -> str:
    tuples = ", ".join(_sqlite_tuple(row * _VALUES) for row in range(rows))
    return f"INSERT INTO inbox ({_COLUMNS}) VALUES {tuples} ON CONFLICT DO NOTHING"  # noqa: S608


def _sqlite_tuple(before: int) -> str:
    numbered = [f"?{before + place}" for place in range(1, _VALUES + 1)]
    return f"({', '.join(numbered)}, 'new', 0, {numbered[-1]})"


class _PostgresqlShelf:
    """Keeps one connection. A kept one may be stale, so its failure is tried once more on a new one: adding is safe."""

    def __init__(self, database: Database) -> None:
        self.commit_s = 0.0
        self._database = database
        self._kept: Connection | None = None

    def add(self, arrivals: Sequence[Arrival]) -> Fresh:
        was_kept = self._kept is not None
        try:
            return self._add(arrivals)
        except StoreUnavailable:
            if not was_kept:
                raise
        return self._add(arrivals)

    def _add(self, arrivals: Sequence[Arrival]) -> Fresh:
        columns = _columns(arrivals)
        start = time.monotonic()
        with as_unavailable(writing=True):
            try:
                if self._kept is None:
                    self._kept = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                rows = self._kept.exec_driver_sql(_POSTGRESQL_ADD, columns).all()
            except BaseException:
                self._drop()
                raise
        self.commit_s = time.monotonic() - start
        return Fresh((InboxKind(row[0]), row[1]) for row in rows)

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.invalidate()
            kept.close()

    def close(self) -> None:
        self._drop()


def _columns(arrivals: Sequence[Arrival]) -> tuple[list[Any], ...]:
    # Two processes with the same hooks must not wait for each other crosswise.
    ordered = sorted(arrivals, key=lambda arrival: arrival.digest)
    return (
        [a.connection for a in ordered],
        [a.kind.value for a in ordered],
        [storable(a.name) for a in ordered],
        [a.raw for a in ordered],
        [a.digest for a in ordered],
        [_aware(a.at) for a in ordered],
    )
