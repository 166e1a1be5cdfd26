"""Reports of payments for the desk: by where they stand, and those that could not be read."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, case, func, or_, select

from hub.ports.claims import ClaimRow, ClaimState
from hub.ports.records import InboxKind, InboxState
from hub.store import tables as t
from hub.store.claims import claim_row, read_claims
from hub.store.ids import payment_number
from hub.store.queries.views import Page, UnreadReport

_UNREAD = and_(t.inbox.c.kind == InboxKind.CLAIM, t.inbox.c.state == InboxState.FAILED)


def claims_page(connection: Connection, states: Collection[ClaimState], offset: int, limit: int) -> Page[ClaimRow]:
    """Claims in any of the states: overdue ones first, then newest first."""
    table = t.claims
    condition = table.c.state.in_(states)
    total = connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
    overdue_first = case((table.c.state == ClaimState.OVERDUE, 0), else_=1)
    query = select(table).where(condition).order_by(overdue_first, table.c.id.desc()).offset(offset).limit(limit)
    return Page(tuple(claim_row(row) for row in connection.execute(query)), total, offset, limit)


def claim_counts(connection: Connection) -> dict[ClaimState, int]:
    """How many claims stand where."""
    state = t.claims.c.state
    counted = connection.execute(select(state, func.count().label("number")).group_by(state))
    return {ClaimState(row.state): row.number for row in counted}


def claims_of_payment(connection: Connection, payment_id: str) -> tuple[ClaimRow, ...]:
    """Claims that the payment covers, or that became it."""
    number = payment_number(payment_id)
    condition = or_(t.claims.c.covered_by == number, t.claims.c.counted_as == number)
    return tuple(read_claims(connection, condition))


def unread_reports(connection: Connection, limit: int) -> Page[UnreadReport]:
    """Authentic messages that are no report, newest first; their bytes are kept."""
    total = connection.execute(select(func.count()).select_from(t.inbox).where(_UNREAD)).scalar_one()
    columns = (t.inbox.c.id, t.inbox.c.connection, t.inbox.c.name, t.inbox.c.received_at, t.inbox.c.error)
    query = select(*columns).where(_UNREAD).order_by(t.inbox.c.id.desc()).limit(limit)
    rows = tuple(UnreadReport(**row._asdict()) for row in connection.execute(query))
    return Page(rows, total, 0, limit)
