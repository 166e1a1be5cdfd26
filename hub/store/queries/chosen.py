"""What an operator's command speaks of: payments and inbound facts chosen by set, state and period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, select, true

from hub.ports.records import InboxKind, InboxState
from hub.store import tables as t
from hub.store.ids import payment_id
from hub.store.queries.piles import STATES_OF
from hub.store.queries.views import PileName


@dataclass(frozen=True, slots=True)
class ChosenPayments:
    """Payments of a pile, of a file, booked in a period; what is None does not narrow."""

    pile: PileName | None = None
    inbox_id: int | None = None
    since: date | None = None
    until: date | None = None


def chosen_payments(connection: Connection, chosen: ChosenPayments) -> tuple[str, ...]:
    """Their ids, the oldest day first."""
    table = t.payments
    parts: list[ColumnElement[bool]] = [true()]
    if chosen.pile is not None:
        parts.append(table.c.state.in_(STATES_OF[chosen.pile]))
    if chosen.inbox_id is not None:
        of_file = select(t.payment_sources.c.payment_id).where(t.payment_sources.c.inbox_id == chosen.inbox_id)
        parts.append(table.c.id.in_(of_file))
    if chosen.since is not None:
        parts.append(table.c.booked_on >= chosen.since)
    if chosen.until is not None:
        parts.append(table.c.booked_on <= chosen.until)
    query = select(table.c.id).where(and_(*parts)).order_by(table.c.booked_on, table.c.id)
    return tuple(payment_id(number) for number in connection.scalars(query))


@dataclass(frozen=True, slots=True)
class InboxLine:
    """An inbound fact without its bytes."""

    id: int
    connection: str
    kind: InboxKind
    name: str
    received_at: datetime
    state: InboxState
    error: str | None


def failed_inbox(connection: Connection, since: datetime | None, until: datetime | None) -> tuple[InboxLine, ...]:
    """Inbound facts that could not be read, received in a period, oldest first."""
    table = t.inbox
    condition = table.c.state == InboxState.FAILED
    if since is not None:
        condition &= table.c.received_at >= since
    if until is not None:
        condition &= table.c.received_at < until
    columns = [table.c[name] for name in ("id", "connection", "kind", "name", "received_at", "state", "error")]
    rows = connection.execute(select(*columns).where(condition).order_by(table.c.id))
    return tuple(
        InboxLine(**row._asdict() | {"kind": InboxKind(row.kind), "state": InboxState(row.state)}) for row in rows
    )
