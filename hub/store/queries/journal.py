"""The journal, newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from hub.ports.records import AuditRow
from hub.store import tables as t


def read_line(row: Row[Any]) -> AuditRow:
    """A row of `audit`."""
    return AuditRow(row.id, row.at, row.event, row.actor, row.subject, row.data)


def recent_lines(connection: Connection, before: int | None, limit: int) -> tuple[AuditRow, ...]:
    """The newest lines, or those older than line `before`."""
    query = select(t.audit).order_by(t.audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.audit.c.id < before)
    return tuple(read_line(row) for row in connection.execute(query))
