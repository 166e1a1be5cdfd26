"""Opens a database: connections, transactions, and who may write when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from hub.store.fair_lock import FairLock, OncePerThread
from hub.store.idle_ping import ping_when_idle
from hub.store.trouble import as_unavailable
from hub.store.types import dump_json

_BUSY_TIMEOUT_S: Final = 15.0
_SWITCH_ATTEMPTS: Final = 20
# RETURNING came with it (https://www.sqlite.org/lang_returning.html)
_OLDEST_SQLITE: Final = (3, 35, 0)
_READ_OPTIONS: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

#: A server that is gone without a word is noticed within a minute
#: (https://www.postgresql.org/docs/current/libpq-connect.html).
_POSTGRESQL_CONNECTION: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


class DatabaseUrlError(ValueError):
    """The database address cannot be used; the message (Russian) says what to write instead."""


class Database:
    """One database with a writing and a reading side.

    SQLite: every write is `BEGIN IMMEDIATE` on the one writing connection, in the order of asking; readers have
    connections of their own that cannot write. PostgreSQL: a pool; reads are read-only snapshots.
    """

    def __init__(self, url: str | URL) -> None:
        address = _checked(url)
        self.is_sqlite: Final = address.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine = _sqlite_engine(address, writes=True)
            self._reading = _sqlite_engine(address, writes=False)
        else:
            self.engine = _postgresql_engine(address)
            self._reading = self.engine.execution_options(**_READ_OPTIONS)
        self._turn = FairLock() if self.is_sqlite else OncePerThread()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction: commits at the end, rolls back on an exception.

        Raises:
            StoreUnavailable: locked, full, cut off; what was written may or may not be stored.
        """
        with as_unavailable(writing=True), self._turn, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write_at_once(self) -> Iterator[PoolProxiedConnection]:
        """The driver's own connection for one statement that is a writing transaction; ahead of those in turn.

        Raises:
            StoreUnavailable: as `write`.
        """
        with as_unavailable(writing=True), self._turn.ahead(), closing(self.engine.raw_connection()) as pooled:
            yield pooled

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction over one snapshot; writing in it is an error of the database.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with as_unavailable(writing=False), self._reading.connect() as connection, connection.begin():
            yield connection

    def ping(self) -> None:
        """Raise `StoreUnavailable` when the database does not answer."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close every pooled connection."""
        self._reading.dispose()
        self.engine.dispose()


def open_database(url: str | URL) -> Database:
    """Open `sqlite:///path` or `postgresql+psycopg://user@host/name` (plain `postgresql://` is taken too).

    Raises:
        DatabaseUrlError: the address is not one of these.
    """
    return Database(url)


def _checked(url: str | URL) -> URL:
    address = make_url(url)
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    if address.drivername == "postgresql+psycopg":
        return address
    if address.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise DatabaseUrlError(f"База «{address.drivername}» не поддерживается: нужна sqlite:/// или postgresql://")
    if not address.database or address.database == ":memory:":
        raise DatabaseUrlError("Для SQLite нужен путь к файлу: sqlite:///sverka.sqlite3")
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        oldest = ".".join(map(str, _OLDEST_SQLITE))
        raise DatabaseUrlError(f"SQLite {sqlite3.sqlite_version} слишком стар: нужен {oldest} или PostgreSQL")
    return address


def _postgresql_engine(address: URL) -> Engine:
    engine = create_engine(
        address,
        pool_size=10,
        max_overflow=20,
        json_serializer=dump_json,
        hide_parameters=True,
        connect_args=_POSTGRESQL_CONNECTION,
    )
    ping_when_idle(engine)
    return engine


def _sqlite_engine(address: URL, *, writes: bool) -> Engine:
    engine = create_engine(
        address,
        pool_size=1 if writes else 8,
        max_overflow=0 if writes else 24,
        json_serializer=dump_json,
        hide_parameters=True,
        connect_args={"timeout": _BUSY_TIMEOUT_S, "isolation_level": None},
    )

    def prepare(dbapi_connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = dbapi_connection.cursor()
        _switch_to_wal(cursor)
        for pragma in _pragmas(writes=writes):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _switch_to_wal(cursor: DBAPICursor) -> None:
    """Write-ahead log, kept by the file. The switch fails at once where a new file is just being opened by others."""
    for _ in range(_SWITCH_ATTEMPTS):
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone() == ("wal",):
            return
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.fetchone()
        except sqlite3.OperationalError:
            cursor.execute("BEGIN IMMEDIATE")  # this waits for them, the switch itself does not
            cursor.execute("ROLLBACK")
    raise sqlite3.OperationalError("the database cannot be switched to a write-ahead log")


def _pragmas(*, writes: bool) -> tuple[str, ...]:
    # A cache that holds the upper pages of the index of keys: those of a million invoices take twelve MiB.
    common = ("synchronous=FULL", "foreign_keys=ON", "cache_size=-16384")
    # Digests fall all over their index: a page is written once for many commits, and what a statement of many rows
    # would undo is kept in memory, not in a temporary file.
    fast = ("wal_autocheckpoint=4000", "temp_store=MEMORY")
    return (*common, *fast) if writes else (*common, "query_only=ON")
