"""A pooled connection that was idle is asked whether it still answers; one used a moment ago is taken as it is.

SQLAlchemy's own `pool_pre_ping` asks at every checkout, which costs each short transaction a round trip or two. A
connection that dies within the moment ends its transaction as one that dies in the middle does.
"""

from __future__ import annotations

from time import monotonic
from typing import Final

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_IDLE_S: Final = 0.3
_SINCE: Final = "idle_since"


def ping_when_idle(engine: Engine) -> None:
    """Let the engine's pool do so; where one connection is dead, all are made anew."""

    def put_back(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[_SINCE] = monotonic()

    def taken(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        since = entry.info.get(_SINCE)
        if since is None or monotonic() - since < _IDLE_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", put_back)
    event.listen(engine, "checkout", taken)
