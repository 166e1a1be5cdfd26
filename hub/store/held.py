"""Ids of what is held of a connection, in order, a page at a time."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, select

from hub.store.ids import hub_id


def held_ids(
    transaction: Connection, table: Table, connection: str, after: str, limit: int, condition: ColumnElement[bool]
) -> list[str]:
    """The system's own ids under a condition, in the order of the hub's; `after` is the last of the page before."""
    mine = [table.c.connection == connection, condition, table.c.removed.is_(False)]
    if after:
        mine.append(table.c.id > hub_id(connection, after))
    return list(transaction.scalars(select(table.c.external_id).where(*mine).order_by(table.c.id).limit(limit)))
