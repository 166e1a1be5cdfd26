"""The journal: newest first for people, block by block for an auditor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, true

from hub.ports.records import AuditRow
from hub.store import tables as t
from hub.store.audit import document, journal_head

_BITE: Final = 1000


def read_line(row: Row[Any]) -> AuditRow:
    """A row of `audit`."""
    return AuditRow(row.id, row.at, row.event, row.actor, row.subject, row.data)


def recent_lines(connection: Connection, before: int | None, limit: int) -> tuple[AuditRow, ...]:
    """The newest lines, or those older than line `before`."""
    query = select(t.audit).order_by(t.audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.audit.c.id < before)
    return tuple(read_line(row) for row in connection.execute(query))


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which lines: from `since` on, before `until`, of one subject."""

    since: datetime | None = None
    until: datetime | None = None
    subject: str | None = None

    @property
    def condition(self) -> ColumnElement[bool]:
        """The same as a condition on `audit`."""
        parts: list[ColumnElement[bool]] = [true()]
        if self.since is not None:
            parts.append(t.audit.c.at >= self.since)
        if self.until is not None:
            parts.append(t.audit.c.at < self.until)
        if self.subject is not None:
            parts.append(t.audit.c.subject == self.subject)
        return and_(*parts)


@dataclass(frozen=True, slots=True)
class JournalBlock:
    """A block, or a bite of one, with those of its lines that were asked for.

    Attributes:
        number: the block that the lines name; None for lines that no block seals yet.
        seal: number, sealed_at, previous_hash, hash and body, as hashed; with the first bite only.
        lines: id, at, event, actor, subject and data, as hashed.
    """

    number: int | None
    seal: dict[str, object] | None
    lines: tuple[dict[str, object], ...]


def journal_blocks(connection: Connection, wanted: JournalFilter) -> Iterator[JournalBlock]:
    """Every block from the first to the last that holds a wanted line, without a gap; then what is not sealed yet."""
    edges = select(func.min(t.audit.c.block), func.max(t.audit.c.block)).where(wanted.condition)
    first, last = connection.execute(edges).one()
    if first is not None:
        for number in range(first, last + 1):
            seal = connection.execute(select(t.audit_blocks).where(t.audit_blocks.c.number == number)).one_or_none()
            sealed = and_(t.audit.c.block == number, wanted.condition)
            for place, lines in enumerate(_lines(connection, sealed)):
                yield JournalBlock(number, _seal(seal) if seal is not None and not place else None, lines)
    for lines in _lines(connection, and_(t.audit.c.block.is_(None), wanted.condition)):
        if lines:
            yield JournalBlock(None, None, lines)


def _lines(connection: Connection, condition: ColumnElement[bool]) -> Iterator[tuple[dict[str, object], ...]]:
    """Lines in bites, at least one bite even where there is none."""
    last = -1
    while True:
        following = select(t.audit).where(condition, t.audit.c.id > last).order_by(t.audit.c.id).limit(_BITE)
        rows = connection.execute(following).all()
        if rows or last < 0:
            yield tuple(document(row) for row in rows)
        if len(rows) < _BITE:
            return
        last = rows[-1].id


def _seal(block: Row[Any]) -> dict[str, object]:
    return {
        "number": block.number,
        "sealed_at": block.sealed_at.isoformat(),
        "previous_hash": block.previous_hash,
        "hash": block.hash,
        "body": block.body,
    }


def noted_head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the newest block, as noted when it was sealed."""
    return journal_head(connection)
