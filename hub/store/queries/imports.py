"""Statement files as they were taken in."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select

from hub.ports.records import InboxKind, InboxState
from hub.store import tables as t
from hub.store.queries.views import BrokenLine, ImportLine, Page

_STATEMENTS = t.inbox.c.kind == InboxKind.STATEMENT_FILE


def imports_where(
    connection: Connection, condition: ColumnElement[bool], offset: int = 0, limit: int | None = None
) -> list[ImportLine]:
    """Inbound facts under a condition, newest first, without their bytes."""
    broken = select(func.count()).where(t.inbox_quarantine.c.inbox_id == t.inbox.c.id).scalar_subquery()
    columns = [
        t.inbox.c[name] for name in ("id", "connection", "name", "kind", "received_at", "state", "summary", "error")
    ]
    query = select(*columns, broken.label("quarantined")).where(condition).order_by(t.inbox.c.id.desc())
    rows = connection.execute(query.offset(offset).limit(limit))
    return [ImportLine(**row._asdict() | {"state": InboxState(row.state), "kind": InboxKind(row.kind)}) for row in rows]


def imports_page(connection: Connection, offset: int, limit: int) -> Page[ImportLine]:
    """Statement files, newest first."""
    total = connection.execute(select(func.count()).select_from(t.inbox).where(_STATEMENTS)).scalar_one()
    return Page(tuple(imports_where(connection, _STATEMENTS, offset, limit)), total, offset, limit)


def broken_lines(connection: Connection, inbox_id: int) -> tuple[BrokenLine, ...]:
    """Documents of a file that could not be read, in file order."""
    table = t.inbox_quarantine
    query = select(table.c.line, table.c.key, table.c.message, table.c.raw).where(table.c.inbox_id == inbox_id)
    return tuple(BrokenLine(**row._asdict()) for row in connection.execute(query.order_by(table.c.line)))
