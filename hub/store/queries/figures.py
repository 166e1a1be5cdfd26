"""The hub in figures: for `/ready` and for metrics. Counts and ages only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, exists, func, or_, select

from hub.ports.records import EffectKind, InboxState, PaymentState
from hub.ports.upkeep import TIMER, WAITING, Alarm, Pulse
from hub.store import tables as t
from hub.store.inbox import may_be_followed
from hub.store.outbox_rules import DELIVERABLE, UNSETTLED
from hub.store.queries.status import overview
from hub.store.queries.views import Overview
from hub.store.watch import SqlWatch

#: More late rows than this are not counted: late is late.
_ENOUGH: Final = 1000


@dataclass(frozen=True, slots=True)
class Lag:
    """Work that waits longer than its limit: how many rows (at most 1000), and since when the oldest could be done."""

    late: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the hub itself is late with.

    Attributes:
        inbox: rows whose turn has come and that are not settled; hooks of a system that refuses our access wait for it.
        payments: undecided ones.
        outbox: effects that could be delivered now and that nobody takes although nothing of their connection moves.
        ticked_at: the timer's last tick, None before the first.
        polled_at: by connection, when it was last read to its end.
        paused: a person stopped all writing.
    """

    inbox: Lag
    payments: Lag
    outbox: Lag
    ticked_at: datetime | None
    polled_at: Mapping[str, datetime | None]
    paused: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that metrics are made of.

    Attributes:
        decisions: decisions ever made, by kind.
        effects: by (connection, kind, state).
        deliveries: outgoing events by (endpoint, state).
    """

    overview: Overview
    decisions: Mapping[str, int]
    effects: Mapping[tuple[str, str, str], int]
    deliveries: Mapping[tuple[str, str], int]
    alarms: tuple[Alarm, ...]
    ticked_at: datetime | None


def backlog(connection: Connection, now: datetime, limits: Mapping[str, float]) -> Backlog:
    """What is late; `limits` are seconds for `inbox`, `payments` and `outbox`."""
    late = {name: now - timedelta(seconds=seconds) for name, seconds in limits.items()}
    watch = SqlWatch(connection, writing=False)
    pulse = watch.pulse(TIMER)
    rows = connection.execute(select(t.connections.c.id, t.connections.c.polled_at))
    paused = select(func.count()).select_from(t.switches)
    undone = and_(t.inbox.c.state == InboxState.NEW, may_be_followed(now))
    return Backlog(
        inbox=_lag(connection, t.inbox, t.inbox.c.next_attempt_at, late["inbox"], undone),
        payments=_undecided(connection, late["payments"], watch.pulse(WAITING)),
        outbox=_stuck(connection, now, late["outbox"]),
        ticked_at=pulse.at if pulse is not None else None,
        polled_at={row.id: row.polled_at for row in rows},
        paused=connection.execute(paused).scalar_one() > 0,
    )


def _lag(
    connection: Connection, table: Table, since: ColumnElement[datetime], late: datetime, waits: ColumnElement[bool]
) -> Lag:
    return _late(connection, select(since.label("since")).select_from(table).where(waits, since <= late))


def _late(connection: Connection, rows: Select[datetime], **values: object) -> Lag:
    found = rows.limit(_ENOUGH).subquery()
    counting = select(func.count().label("late"), func.min(found.c.since).label("oldest"))
    row = connection.execute(counting, values).one()
    return Lag(row.late, row.oldest)


def _undecided(connection: Connection, late: datetime, waiting: Pulse | None) -> Lag:
    """New payments by their age; reopened ones, whose age says nothing, by how long the matcher has been still."""
    new = _lag(connection, t.payments, t.payments.c.created_at, late, t.payments.c.state == PaymentState.NEW)
    if new.late or waiting is None or waiting.since > late:
        return new
    newest = connection.scalar(select(t.decisions.c.decided_at).order_by(t.decisions.c.id.desc()).limit(1))
    again = select(t.payments.c.id).where(t.payments.c.state == PaymentState.RECHECK).limit(_ENOUGH).subquery()
    count = connection.execute(select(func.count()).select_from(again)).scalar_one()
    return Lag(count, waiting.since) if count and (newest is None or newest <= late) else Lag()


def _stuck(connection: Connection, now: datetime, late: datetime) -> Lag:
    """Effects that could be delivered for long, of connections where nothing was announced, held or tried lately.

    A queue behind a quota or a slow CRM moves; one behind dead workers does not.
    """
    mine = t.outbox.c.connection == t.connections.c.id
    announced = exists().where(mine, t.outbox.c.kind.in_(list(EffectKind)), t.outbox.c.intent_at > late)
    postponed = and_(t.outbox.c.next_attempt_at > now, t.outbox.c.attempts > 0)
    tried = exists().where(mine, t.outbox.c.state.in_(UNSETTLED), or_(t.outbox.c.lease_until > now, postponed))
    still = select(t.connections.c.id).where(~announced, ~tried)
    waits = (DELIVERABLE, t.outbox.c.next_attempt_at <= late, t.outbox.c.connection.in_(still))
    return _late(connection, select(t.outbox.c.next_attempt_at.label("since")).where(*waits), now=now)


def figures(connection: Connection) -> Figures:
    """Everything that metrics are made of; all of it comes from indexes or from few rows."""
    watch = SqlWatch(connection, writing=False)
    pulse = watch.pulse(TIMER)
    table, told = t.outbox, t.event_deliveries
    return Figures(
        overview=overview(connection),
        decisions=_counts(connection, t.decisions.c.kind),
        effects=_counts_of(connection, table.c.connection, table.c.kind, table.c.state),
        deliveries={(row[0], row[1]): row[2] for row in _grouped(connection, told.c.endpoint, told.c.state)},
        alarms=tuple(watch.alarms()),
        ticked_at=pulse.at if pulse is not None else None,
    )


def _grouped(connection: Connection, *columns: ColumnElement[str]) -> list[Any]:
    return list(connection.execute(select(*columns, func.count()).group_by(*columns)).all())


def _counts(connection: Connection, column: ColumnElement[str]) -> dict[str, int]:
    return {row[0]: row[1] for row in _grouped(connection, column)}


def _counts_of(connection: Connection, *columns: ColumnElement[str]) -> dict[tuple[str, str, str], int]:
    return {(row[0], row[1], row[2]): row[3] for row in _grouped(connection, *columns)}
