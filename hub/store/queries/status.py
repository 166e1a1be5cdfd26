"""How the hub stands: queues, ages, connections; and effects by state, for what it would do and what is stuck."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Connection, Table, func, select

from hub.domain.models import Direction
from hub.domain.money import Money
from hub.ports.records import EffectState, InboxState, PaymentState
from hub.store import tables as t
from hub.store.connections import SqlConnections
from hub.store.outbox_rows import read_effects
from hub.store.outbox_rules import UNSETTLED
from hub.store.queries.views import EffectLine, Overview, Page, Queue
from hub.store.switches import SqlSwitches

_UNDECIDED: Final = (PaymentState.NEW, PaymentState.RECHECK)


def overview(connection: Connection) -> Overview:
    """Queue sizes and ages, true state of each connection."""
    unsealed = select(func.count()).select_from(t.audit).where(t.audit.c.block.is_(None))
    return Overview(
        paused_by=SqlSwitches(connection, writing=False).paused_by(),
        inbox=_queue(connection, t.inbox, t.inbox.c.received_at, (InboxState.NEW,), InboxState.FAILED),
        payments=_queue(connection, t.payments, t.payments.c.created_at, _UNDECIDED, PaymentState.NEEDS_YOU),
        outbox=_queue(connection, t.outbox, t.outbox.c.created_at, UNSETTLED, EffectState.PARKED),
        connections=tuple(SqlConnections(connection, writing=False).all()),
        unsealed=connection.execute(unsealed).scalar_one(),
    )


def _queue(
    connection: Connection, table: Table, since: Column[datetime], unfinished: Collection[str], persons: str
) -> Queue:
    """Counts come from the index alone; rows are read only of states that wait, for the hub or for a person."""
    state = table.c.state
    counted = connection.execute(select(state, func.count().label("number")).group_by(state)).all()
    waiting = select(state, func.min(since).label("oldest")).where(state.in_((*unfinished, persons))).group_by(state)
    oldest = {row.state: row.oldest for row in connection.execute(waiting)}
    return Queue(
        counts={row.state: row.number for row in counted},
        oldest=oldest,
        oldest_at=min((oldest[name] for name in unfinished if name in oldest), default=None),
    )


def effects_page(connection: Connection, states: Collection[EffectState], offset: int, limit: int) -> Page[EffectLine]:
    """Effects in any of the states, newest first."""
    condition = t.outbox.c.state.in_(states)
    total = connection.execute(select(func.count()).select_from(t.outbox).where(condition)).scalar_one()
    table = t.payments
    joined = t.outbox.outerjoin(table, table.c.id == t.outbox.c.payment_id).outerjoin(
        t.deals, t.deals.c.id == t.outbox.c.subject
    )
    columns = [table.c[name] for name in ("booked_on", "direction", "amount_minor", "currency")]
    names = (table.c.payer_name, table.c.payee_name, t.deals.c.title)
    query = select(t.outbox.c.id, *columns, *names).select_from(joined).where(condition)
    rows = connection.execute(query.order_by(t.outbox.c.id.desc()).offset(offset).limit(limit)).all()
    effects = {row.id: row for row in read_effects(connection, t.outbox.c.id.in_([row.id for row in rows]))}
    lines = (
        EffectLine(
            effect=effects[row.id],
            booked_on=row.booked_on,
            amount=Money.from_minor(row.amount_minor, row.currency) if row.currency is not None else None,
            counterparty=row.payee_name if row.direction == Direction.OUT else row.payer_name,
            deal_title=row.title,
        )
        for row in rows
    )
    return Page(tuple(lines), total, offset, limit)


def parked_effects(connection: Connection) -> int:
    """How many effects wait for a person."""
    parked = t.outbox.c.state == EffectState.PARKED
    return int(connection.execute(select(func.count()).where(parked)).scalar_one())
