"""The journal: lines append freely; now and then they are sealed into hash-chained blocks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, func, select, update

from hub.ports.records import AuditEntry
from hub.store import tables as t
from hub.store.sql import Repository, bites, insert

_GENESIS: Final = "0" * 64
_BLOCKS_AT_ONCE: Final = 50
#: On PostgreSQL a line may commit after a later one was sealed; no transaction lasts as long as this.
_LATE: Final = timedelta(minutes=10)


class SqlAudit(Repository):
    """`hub.ports.store.Audit` over SQL."""

    def append(self, entry: AuditEntry, now: datetime) -> None:
        """Add a line."""
        values = {
            "at": now,
            "event": entry.event,
            "actor": entry.actor,
            "subject": entry.subject,
            "data": dict(entry.data),
        }
        self._connection.execute(insert(self._connection, t.audit).values(values))

    def seal(self, now: datetime, limit: int = 1000) -> int:
        """Seal unsealed lines into the next block; returns how many. 0 as well when another process was faster."""
        unsealed = select(t.audit).where(t.audit.c.block.is_(None)).order_by(t.audit.c.id).limit(limit)
        lines = self._connection.execute(unsealed).all()
        if not lines:
            return 0
        number, previous = self._head()
        body = _canonical([[line.id, _line_hash(line)] for line in lines])
        block = {
            "number": number + 1,
            "sealed_at": now,
            "lines": len(lines),
            "body": body,
            "previous_hash": previous,
            "hash": _block_hash(number + 1, now, previous, body),
        }
        adding = insert(self._connection, t.audit_blocks).values(block).on_conflict_do_nothing()
        if self._connection.scalar(adding.returning(t.audit_blocks.c.number)) is None:
            return 0
        for bite in bites(line.id for line in lines):
            self._connection.execute(update(t.audit).where(t.audit.c.id.in_(bite)).values(block=number + 1))
        return len(lines)

    def _head(self) -> tuple[int, str]:
        newest = select(t.audit_blocks.c.number, t.audit_blocks.c.hash).order_by(t.audit_blocks.c.number.desc())
        head = self._connection.execute(newest.limit(1)).one_or_none()
        return (head.number, head.hash) if head else (0, _GENESIS)

    def verify(self) -> int | None:
        """Id of the first line that does not fit the chain: edited, deleted, put in later, or in an edited block."""
        previous, expected, last_line, sealed_at = _GENESIS, 1, 0, None
        for block in self._blocks():
            if block.number != expected or block.previous_hash != previous or not _fits(block):
                return self._first_line_from(expected, block)
            broken = self._broken_line(block, last_line, sealed_at)
            if broken is not None:
                return broken
            previous, expected, sealed_at = block.hash, expected + 1, block.sealed_at
            last_line = max([last_line, *(number for number, _ in _body(block))])
        return self._outside_the_chain(expected - 1, last_line, sealed_at)

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
        return first if first is not None else min((number for number, _ in _body(block)), default=0)

    def _broken_line(self, block: Row[Any], last_line: int, sealed_at: datetime | None) -> int | None:
        sealed: dict[int, str] = dict(_body(block))
        found = self._connection.execute(select(t.audit).where(t.audit.c.block == block.number))
        lines = {line.id: line for line in found}
        for number in sorted(sealed.keys() | lines.keys()):
            line = lines.get(number)
            if line is None or sealed.get(number) != _line_hash(line) or _too_late(line, last_line, sealed_at):
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
    return _block_hash(block.number, block.sealed_at, block.previous_hash, block.body) == stored


def _body(block: Row[Any]) -> Iterable[tuple[int, str]]:
    """(line id, line hash) of a block; nothing where the text was damaged."""
    try:
        return [(int(number), str(digest)) for number, digest in json.loads(block.body)]
    except (ValueError, TypeError):
        return []


def _line_hash(line: Row[Any]) -> str:
    document: Mapping[str, object] = {
        "id": line.id,
        "at": line.at.isoformat(),
        "event": line.event,
        "actor": line.actor,
        "subject": line.subject,
        "data": line.data,
    }
    return hashlib.sha256(_canonical(document).encode()).hexdigest()


def _block_hash(number: int, sealed_at: datetime, previous: str, body: str) -> str:
    text = "\n".join((str(number), sealed_at.isoformat(), previous, body))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
