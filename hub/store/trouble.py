"""Which driver errors mean that the database cannot answer now; every other error stays what it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hub.ports.store import StoreUnavailable

#: Primary result codes of SQLite (https://www.sqlite.org/rescode.html).
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: "locked by another process",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_NOMEM: "out of memory",
    sqlite3.SQLITE_IOERR: "disk error",
    sqlite3.SQLITE_FULL: "disk full",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "locking failed",
}
#: SQLSTATE classes and codes of PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html):
#: connection lost; too many connections, disk full; shut down or starting; system error; lock timeout, deadlock.
_POSTGRESQL: Final = ("08", "53", "57P", "58", "55P03", "40001", "40P01")
#: A server that was demoted to a standby, or a file system gone read-only: trouble where we meant to write.
_READ_ONLY_POSTGRESQL: Final = "25006"


@contextmanager
def as_unavailable(*, writing: bool) -> Iterator[None]:
    """Raise `StoreUnavailable` in place of a driver error that says so, with the error as its cause."""
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
        reason = why_unavailable(error, writing=writing)
        if reason is None:
            raise
        raise StoreUnavailable(reason) from error


def why_unavailable(error: DBAPIError | PoolTimeout | sqlite3.Error, *, writing: bool) -> str | None:
    """A few words when the database cannot answer now, else None. The words hold no data and no address."""
    if isinstance(error, PoolTimeout):
        return "every connection is in use"
    driver = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(driver, sqlite3.Error):
        return _of_sqlite(driver, writing=writing)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "connection lost"
    state = getattr(driver, "sqlstate", None)
    if state is None:
        # Refused, cut, timed out: a mistake of the caller never comes without a code.
        return "no answer" if isinstance(error, OperationalError) else None
    return _of_postgresql(state, writing=writing)


def _of_sqlite(error: sqlite3.Error, *, writing: bool) -> str | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_READONLY:
        # A reading connection refuses to write by the plain code: that is the caller's mistake.
        return "read-only" if writing or code != sqlite3.SQLITE_READONLY else None
    return _SQLITE.get(primary)


def _of_postgresql(state: str, *, writing: bool) -> str | None:
    if state == _READ_ONLY_POSTGRESQL:
        return "read-only" if writing else None
    return f"SQLSTATE {state}" if state.startswith(_POSTGRESQL) else None
