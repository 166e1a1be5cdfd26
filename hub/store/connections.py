"""Run-time state of connections; a transaction reads each once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from hub.ports.records import ConnectionRow, Health
from hub.store import tables as t
from hub.store.sql import Repository, insert

_FIND: Final = select(t.connections).where(t.connections.c.id == bindparam("name"))


class SqlConnections(Repository):
    """`hub.ports.store.Connections` over SQL. Every change makes the row first, in observe mode."""

    def __init__(self, connection: Connection, *, writing: bool) -> None:
        super().__init__(connection, writing=writing)
        self._seen: dict[str, ConnectionRow] = {}

    def ensure(self, connection: str) -> ConnectionRow:
        """The row, made in observe mode when it is not there."""
        known = self._seen.get(connection) or self._find(connection)
        if known is None:
            values = {"id": connection, "acting": False, "capped": False, "health": Health.UNKNOWN}
            self._connection.execute(insert(self._connection, t.connections).values(values).on_conflict_do_nothing())
            known = _read(self._connection.execute(_FIND, {"name": connection}).one())
        self._seen[connection] = known
        return known

    def _find(self, connection: str) -> ConnectionRow | None:
        row = self._connection.execute(_FIND, {"name": connection}).one_or_none()
        return _read(row) if row else None

    def all(self) -> list[ConnectionRow]:
        """Every connection, in the order of names."""
        return [_read(row) for row in self._connection.execute(select(t.connections).order_by(t.connections.c.id))]

    def set_acting(self, connection: str, acting: bool, act_from: date | None) -> None:
        """Switch acting on with a date, or off."""
        self._change(connection, acting=acting, act_from=act_from)

    def set_capped(self, connection: str, capped: bool) -> None:
        """Stop or release the connection's moves."""
        self._change(connection, capped=capped)

    def report(self, connection: str, health: Health, reason: str | None, now: datetime) -> bool:
        """Record the health seen; True when it differs from before."""
        self.ensure(connection)
        self._lock(t.connections, t.connections.c.id == connection)
        self._seen.clear()  # somebody may have written while we waited for the lock
        before = self.ensure(connection).health
        self._change(connection, health=health, health_reason=reason, checked_at=now)
        return before is not health

    def polled(self, connection: str, now: datetime) -> None:
        """A whole poll ended well."""
        self._change(connection, polled_at=now)

    def rest(self, connection: str, until: datetime | None) -> None:
        """Deliver nothing before; None ends a rest."""
        self._change(connection, retry_at=until)

    def _change(self, connection: str, **values: object) -> None:
        self.ensure(connection)
        self._seen.clear()
        self._connection.execute(update(t.connections).where(t.connections.c.id == connection).values(**values))


def _read(row: Row[Any]) -> ConnectionRow:
    values = row._asdict()
    return ConnectionRow(**values | {"health": Health(row.health)})
