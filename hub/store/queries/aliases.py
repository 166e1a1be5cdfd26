"""Aliases for the desk and the command line: in force or ended, with how much was decided by each."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from hub.store import tables as t
from hub.store.aliases import alias_row
from hub.store.ids import payment_number
from hub.store.queries.views import AliasLine, Page


def aliases_page(connection: Connection, offset: int, limit: int, *, ended: bool) -> Page[AliasLine]:
    """Aliases in force, the newest first; or those that were ended, the last ended first."""
    table, uses = t.aliases, t.alias_uses
    condition = table.c.removed_at.is_not(None) if ended else table.c.removed_at.is_(None)
    total = connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
    counted = select(func.count()).select_from(uses).where(uses.c.alias_id == table.c.id).scalar_subquery()
    newest = (table.c.removed_at.desc(), table.c.id.desc()) if ended else (table.c.id.desc(),)
    query = select(table, counted.label("uses")).where(condition).order_by(*newest).offset(offset).limit(limit)
    rows = connection.execute(query).all()
    return Page(tuple(AliasLine(alias_row(row), row.uses) for row in rows), total, offset, limit)


def aliases_of_payment(connection: Connection, payment_id: str) -> set[str]:
    """How the journal names the aliases that were said of a payment."""
    said_of_it = select(t.aliases.c.id).where(t.aliases.c.payment_id == payment_number(payment_id))
    return {f"alias/{number}" for number in connection.scalars(said_of_it)}
