"""The journal: lines append freely; now and then they are sealed into hash-chained blocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update

from hub.domain.journal import GENESIS, block_body, block_hash, line_hash, read_body
from hub.ports.records import AuditEntry
from hub.store import tables as t
from hub.store.cursors import SqlCursors
from hub.store.sql import Repository, bites, insert

#: Where the newest block is noted besides: marks of the hub itself stand under a name that no connection can have.
_HEAD: Final = ("@hub", "journal_head")
_BLOCKS_AT_ONCE: Final = 50
#: On PostgreSQL a line may commit after a later one was sealed; no transaction lasts as long as this.
_LATE: Final = timedelta(minutes=10)

# Statements of the hot path are made once: putting one together costs more than running it.
_ADD: Final = t.audit.insert()


class SqlAudit(Repository):
    """`hub.ports.store.Audit` over SQL."""

    def __init__(self, connection: Connection, *, writing: bool) -> None:
        super().__init__(connection, writing=writing)
        self._pending: list[dict[str, object]] = []

    def append(self, entry: AuditEntry, now: datetime) -> None:
        """Add a line; it is written with the others at the end of the transaction, which is far cheaper."""
        values = {
            "at": now,
            "event": entry.event,
            "actor": entry.actor,
            "subject": entry.subject,
            "data": dict(entry.data),
        }
        self._pending.append(values)

    def flush(self) -> None:
        """Write the lines added."""
        if self._pending:
            self._connection.execute(_ADD, self._pending)
            self._pending = []

    def seal(self, now: datetime, limit: int = 1000) -> int:
        """Seal unsealed lines into the next block; returns how many. 0 as well when another process was faster."""
        self.flush()
        unsealed = select(t.audit).where(t.audit.c.block.is_(None)).order_by(t.audit.c.id).limit(limit)
        lines = self._connection.execute(unsealed).all()
        if not lines:
            return 0
        number, previous = self._head()
        body = block_body((line.id, line_hash(document(line))) for line in lines)
        digest = block_hash(number + 1, now.isoformat(), previous, body)
        block = {
            "number": number + 1,
            "sealed_at": now,
            "lines": len(lines),
            "body": body,
            "previous_hash": previous,
            "hash": digest,
        }
        adding = insert(self._connection, t.audit_blocks).values(block).on_conflict_do_nothing()
        if self._connection.scalar(adding.returning(t.audit_blocks.c.number)) is None:
            return 0
        SqlCursors(self._connection, writing=True).put(*_HEAD, f"{number + 1} {digest}")
        for bite in bites(line.id for line in lines):
            self._connection.execute(update(t.audit).where(t.audit.c.id.in_(bite)).values(block=number + 1))
        return len(lines)

    def _head(self) -> tuple[int, str]:
        newest = select(t.audit_blocks.c.number, t.audit_blocks.c.hash).order_by(t.audit_blocks.c.number.desc())
        head = self._connection.execute(newest.limit(1)).one_or_none()
        return (head.number, head.hash) if head else (0, GENESIS)

    def verify(self) -> int | None:
        """Id of the first line that does not fit the chain: edited, deleted, put in later, or in an edited block.

        Where the newest blocks were cut off, the number that their first line had or could have had.
        """
        self.flush()
        previous, expected, last_line, sealed_at = GENESIS, 1, 0, None
        for block in self._blocks():
            if block.number != expected or block.previous_hash != previous or not _fits(block):
                return self._first_line_from(expected, block)
            broken = self._broken_line(block, last_line, sealed_at)
            if broken is not None:
                return broken
            previous, expected, sealed_at = block.hash, expected + 1, block.sealed_at
            last_line = max([last_line, *read_body(block.body)])
        outside = self._outside_the_chain(expected - 1, last_line, sealed_at)
        if outside is not None:
            return outside
        return None if journal_head(self._connection) == (expected - 1, previous) else last_line + 1

    def _blocks(self) -> Iterator[Row[Any]]:
        number = 0
        while True:
            following = select(t.audit_blocks).where(t.audit_blocks.c.number > number)
            found = self._connection.execute(following.order_by(t.audit_blocks.c.number).limit(_BLOCKS_AT_ONCE)).all()
            if not found:
                return
            yield from found
            number = found[-1].number

    def _first_line_from(self, number: int, block: Row[Any]) -> int:
        """First line of a block that is missing or was edited; where no line is left, the first the block names."""
        first = self._connection.scalar(select(func.min(t.audit.c.id)).where(t.audit.c.block >= number))
        return first if first is not None else min(read_body(block.body), default=0)

    def _broken_line(self, block: Row[Any], last_line: int, sealed_at: datetime | None) -> int | None:
        sealed = read_body(block.body)
        found = self._connection.execute(select(t.audit).where(t.audit.c.block == block.number))
        lines = {line.id: line for line in found}
        for number in sorted(sealed.keys() | lines.keys()):
            line = lines.get(number)
            if line is None or sealed.get(number) != line_hash(document(line)) or _too_late(line, last_line, sealed_at):
                return number
        return None

    def _outside_the_chain(self, last_block: int, last_line: int, sealed_at: datetime | None) -> int | None:
        """A line that names a block which is not there, or an unsealed one put in before the last sealed line."""
        late = t.audit.c.block.is_(None) & (t.audit.c.id < last_line)
        strange = late | (t.audit.c.block > last_block) | (t.audit.c.block < 1)
        for line in self._connection.execute(select(t.audit).where(strange).order_by(t.audit.c.id)):
            if line.block is not None or _too_late(line, last_line, sealed_at):
                return int(line.id)
        return None


def _too_late(line: Row[Any], last_line: int, sealed_at: datetime | None) -> bool:
    """The line stands before lines that were sealed long after the time it names."""
    return sealed_at is not None and bool(line.id < last_line and line.at < sealed_at - _LATE)


def _fits(block: Row[Any]) -> bool:
    stored: str = block.hash
    fits = block_hash(block.number, block.sealed_at.isoformat(), block.previous_hash, block.body) == stored
    return fits and len(read_body(block.body)) == block.lines


def document(line: Row[Any]) -> dict[str, object]:
    """A line as it is hashed and exported."""
    return {
        "id": line.id,
        "at": line.at.isoformat(),
        "event": line.event,
        "actor": line.actor,
        "subject": line.subject,
        "data": line.data,
    }


def journal_head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the newest block as noted when it was sealed; (0, GENESIS) where none ever was."""
    number, _, digest = (SqlCursors(connection, writing=False).get(*_HEAD) or f"0 {GENESIS}").partition(" ")
    return (int(number) if number.isdecimal() else -1), digest
