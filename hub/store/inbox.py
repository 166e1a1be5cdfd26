"""Inbox: inbound facts, stored before any work on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Row, and_, bindparam, func, or_, select, update

from hub.ports.records import GATHERED, Health, InboxKind, InboxRow, InboxState
from hub.ports.statement import BrokenItem
from hub.store import tables as t
from hub.store.sql import Repository, bites, insert

_ROW: Final[tuple[Column[Any], ...]] = (
    t.inbox.c.id,
    t.inbox.c.connection,
    t.inbox.c.kind,
    t.inbox.c.name,
    t.inbox.c.raw,
    t.inbox.c.received_at,
    t.inbox.c.state,
    t.inbox.c.attempts,
    t.inbox.c.summary,
    t.inbox.c.error,
)


def _read(row: Row[Any]) -> InboxRow:
    values = row._asdict()
    return InboxRow(**values | {"kind": InboxKind(row.kind), "state": InboxState(row.state)})


def may_be_followed(now: datetime) -> ColumnElement[bool]:
    """A hook has its system asked. One that refuses our access, or is left alone, is asked by the poll and seldom.

    The hook waits meanwhile, which is no loss: the poll finds what it means.
    """
    left_alone = or_(t.connections.c.health == Health.DEAD, t.connections.c.retry_at > now)
    return or_(
        t.inbox.c.kind != InboxKind.HOOK,
        t.inbox.c.connection.not_in(select(t.connections.c.id).where(left_alone)),
    )


def _claimable(now: datetime) -> ColumnElement[bool]:
    free = or_(t.inbox.c.lease_until.is_(None), t.inbox.c.lease_until <= now)
    return and_(t.inbox.c.state == InboxState.NEW, t.inbox.c.next_attempt_at <= now, free)


# Made once: putting a statement together costs more than running it, and this one is run for every hook.
_DONE: Final = (
    update(t.inbox)
    .where(
        t.inbox.c.id == bindparam("number"),
        t.inbox.c.lease_owner == bindparam("by"),
        t.inbox.c.state == InboxState.NEW,
    )
    .values(
        lease_owner=None,
        lease_until=None,
        state=InboxState.DONE,
        summary=bindparam("found"),
        error=None,
        settled_at=bindparam("at"),
    )
)


class SqlInbox(Repository):
    """`hub.ports.store.Inbox` over SQL."""

    def add(
        self, connection: str, kind: InboxKind, name: str, raw: bytes, digest: str, at: datetime
    ) -> tuple[int, bool]:
        """Store a fact once; its id and whether it is new."""
        values = {
            "connection": connection,
            "kind": kind,
            "name": name,
            "raw": raw,
            "digest": digest,
            "received_at": at,
            "state": InboxState.NEW,
            "attempts": 0,
            "next_attempt_at": at,
        }
        adding = insert(self._connection, t.inbox).values(values).on_conflict_do_nothing()
        added = self._connection.scalar(adding.returning(t.inbox.c.id))
        if added is not None:
            return added, True
        same = and_(t.inbox.c.connection == connection, t.inbox.c.kind == kind, t.inbox.c.digest == digest)
        return self._connection.execute(select(t.inbox.c.id).where(same)).scalar_one(), False

    def due(self, now: datetime, limit: int) -> list[int]:
        """Ids of rows that are read one by one, whose turn has come and that nobody holds, oldest first."""
        mine = and_(_claimable(now), t.inbox.c.kind.not_in(GATHERED))
        return list(self._connection.scalars(select(t.inbox.c.id).where(mine).order_by(t.inbox.c.id).limit(limit)))

    def gathered(self, now: datetime) -> list[tuple[InboxKind, str]]:
        """Kinds of rows that are taken many at a time, with the connections that have some due."""
        waiting = and_(_claimable(now), t.inbox.c.kind.in_(GATHERED), may_be_followed(now))
        found = select(t.inbox.c.kind, t.inbox.c.connection).where(waiting).distinct()
        return [(InboxKind(row.kind), row.connection) for row in self._connection.execute(found)]

    def claim_many(
        self, kind: InboxKind, connection: str, owner: str, now: datetime, lease_s: float, limit: int
    ) -> list[InboxRow]:
        """Take rows of a kind and a connection, oldest first."""
        mine = and_(_claimable(now), t.inbox.c.kind == kind, t.inbox.c.connection == connection, may_be_followed(now))
        ids = select(t.inbox.c.id).where(mine).order_by(t.inbox.c.id).limit(limit)
        taking = (
            update(t.inbox)
            .where(t.inbox.c.id.in_(ids), _claimable(now))
            .values(lease_owner=owner, lease_until=now + timedelta(seconds=lease_s), attempts=t.inbox.c.attempts + 1)
            .returning(*_ROW)
        )
        return sorted((_read(row) for row in self._connection.execute(taking)), key=lambda row: row.id)

    def claim(self, inbox_id: int, owner: str, now: datetime, lease_s: float) -> InboxRow | None:
        """Take a row; None when it is done, held, not yet due, or of a kind that is `GATHERED`."""
        taking = (
            update(t.inbox)
            .where(t.inbox.c.id == inbox_id, t.inbox.c.kind.not_in(GATHERED), _claimable(now))
            .values(lease_owner=owner, lease_until=now + timedelta(seconds=lease_s), attempts=t.inbox.c.attempts + 1)
            .returning(*_ROW)
        )
        row = self._connection.execute(taking).one_or_none()
        return _read(row) if row else None

    def done(self, inbox_id: int, owner: str, summary: Mapping[str, Any], now: datetime) -> bool:
        """Settle; False when the lease was lost."""
        values = {"number": inbox_id, "by": owner, "found": dict(summary), "at": now}
        return self._connection.execute(_DONE, values).rowcount == 1

    def retry(self, inbox_id: int, owner: str, error: str, next_attempt_at: datetime) -> bool:
        """Give the row back for later."""
        return self._give_back(inbox_id, owner, error=error, next_attempt_at=next_attempt_at)

    def hurry(self, beyond: datetime, now: datetime) -> int:
        """Make rows due whose next attempt or lease lies beyond a moment that none can reach; returns how many."""
        late = or_(t.inbox.c.next_attempt_at > beyond, t.inbox.c.lease_until > beyond)
        hurrying = update(t.inbox).where(t.inbox.c.state == InboxState.NEW, late)
        hurrying = hurrying.values(next_attempt_at=now, lease_owner=None, lease_until=None)
        return self._connection.execute(hurrying).rowcount

    def read_again(self, inbox_id: int, now: datetime) -> bool:
        """A settled row becomes new once more; what it brought stays."""
        settled = and_(t.inbox.c.id == inbox_id, t.inbox.c.state != InboxState.NEW, func.length(t.inbox.c.raw) > 0)
        fresh = {"attempts": 0, "next_attempt_at": now, "error": None, "summary": None, "settled_at": None}
        reading = update(t.inbox).where(settled).values(state=InboxState.NEW, **fresh)
        return self._connection.execute(reading).rowcount == 1

    def fail(self, inbox_id: int, owner: str, error: str) -> bool:
        """Put the row aside for a person."""
        return self._give_back(inbox_id, owner, state=InboxState.FAILED, error=error)

    def _give_back(self, inbox_id: int, owner: str, **values: object) -> bool:
        held = and_(t.inbox.c.id == inbox_id, t.inbox.c.lease_owner == owner, t.inbox.c.state == InboxState.NEW)
        giving = update(t.inbox).where(held).values(lease_owner=None, lease_until=None, **values)
        return self._connection.execute(giving).rowcount == 1

    def get(self, inbox_id: int) -> InboxRow | None:
        """Read a row."""
        row = self._connection.execute(select(*_ROW).where(t.inbox.c.id == inbox_id)).one_or_none()
        return _read(row) if row else None

    def outdated(self, inbox_id: int, now: datetime) -> None:
        """Forget the bytes of a settled row that a newer one took the place of."""
        settled = and_(t.inbox.c.id == inbox_id, t.inbox.c.state == InboxState.DONE)
        self._connection.execute(update(t.inbox).where(settled).values(raw=b"", forgotten_at=now))

    def quarantine(self, inbox_id: int, items: Iterable[BrokenItem]) -> None:
        """Keep broken documents of a file; the same line of the same file is kept once."""
        keeping = insert(self._connection, t.inbox_quarantine).on_conflict_do_nothing()
        for bite in bites(items):
            rows = [
                {"inbox_id": inbox_id, "line": item.line, "key": item.key, "message": item.message, "raw": item.raw}
                for item in bite
            ]
            self._connection.execute(keeping, rows)
