"""Marks of connections and the ids that systems gave to what is ours."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select

from hub.ports.records import HUB_MARKS
from hub.store import tables as t
from hub.store.sql import Repository, insert
from hub.store.standing import standing, stirred

_MARK: Final = select(t.cursors.c.value).where(
    t.cursors.c.connection == bindparam("of"), t.cursors.c.name == bindparam("named")
)


class SqlCursors(Repository):
    """`hub.ports.store.Cursors` over SQL."""

    def get(self, connection: str, name: str) -> str | None:
        """The mark."""
        if connection == HUB_MARKS:
            return standing(self._connection).marks.get(name)
        return self._connection.scalar(_MARK, {"of": connection, "named": name})

    def put(self, connection: str, name: str, value: str) -> None:
        """Set the mark."""
        if connection == HUB_MARKS:
            stirred(self._connection)
        adding = insert(self._connection, t.cursors).values(connection=connection, name=name, value=value)
        key = [t.cursors.c.connection, t.cursors.c.name]
        self._connection.execute(adding.on_conflict_do_update(index_elements=key, set_={"value": value}))


class SqlBindings(Repository):
    """Which of our rows a system's id of some kind stands for."""

    def get(self, connection: str, kind: str, external_id: str) -> str | None:
        """Our id, if the pair is bound."""
        table = t.bindings
        mine = (table.c.connection == connection) & (table.c.kind == kind) & (table.c.external_id == external_id)
        return self._connection.scalar(select(table.c.hub_id).where(mine))

    def put(self, connection: str, kind: str, external_id: str, hub_id: str) -> None:
        """Bind, or bind anew."""
        table = t.bindings
        adding = insert(self._connection, table).values(
            connection=connection, kind=kind, external_id=external_id, hub_id=hub_id
        )
        key = [table.c.connection, table.c.kind, table.c.external_id]
        self._connection.execute(adding.on_conflict_do_update(index_elements=key, set_={"hub_id": hub_id}))
