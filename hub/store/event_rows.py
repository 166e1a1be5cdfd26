"""Events and deliveries as table rows and back, and what a filter means in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, select, true

from hub.ports.events import DeliveryRow, DeliveryState, EventFilter, EventRow
from hub.store import tables as t


def matching(wanted: EventFilter) -> ColumnElement[bool]:
    """Events that a filter means."""
    table = t.events.c
    parts: list[ColumnElement[bool]] = [true()]
    if wanted.type is not None:
        parts.append(table.type == wanted.type)
    if wanted.since is not None:
        parts.append(table.occurred_at >= wanted.since)
    if wanted.until is not None:
        parts.append(table.occurred_at < wanted.until)
    if wanted.event_id is not None:
        parts.append(table.event_id == wanted.event_id)
    if wanted.state is not None:
        parts.append(_has_delivery(wanted, wanted.state))
    return and_(*parts)


def _has_delivery(wanted: EventFilter, state: DeliveryState) -> ColumnElement[bool]:
    table = t.event_deliveries.c
    mine = exists().where(table.event == t.events.c.id, table.state == state)
    return mine.where(table.endpoint == wanted.endpoint) if wanted.endpoint is not None else mine


def read_event(row: Row[Any]) -> EventRow:
    """A row that holds the columns of `events`."""
    return EventRow(row.id, row.event_id, row.type, row.subject, row.data, row.occurred_at)


def read_deliveries(connection: Connection, condition: ColumnElement[bool]) -> list[DeliveryRow]:
    """Deliveries under a condition with their events, by event and endpoint."""
    table = t.event_deliveries
    own = [table.c[name] for name in ("endpoint", "state", "attempts", "next_attempt_at")]
    own += [table.c[name] for name in ("status", "error", "settled_at")]
    found = select(table.c.id.label("delivery"), *own, t.events).join(t.events, t.events.c.id == table.c.event)
    ordered = found.where(condition).order_by(table.c.event, table.c.endpoint)
    return [_read(row) for row in connection.execute(ordered)]


def _read(row: Row[*tuple[Any, ...]]) -> DeliveryRow:
    return DeliveryRow(
        id=row.delivery,
        event=read_event(row),
        endpoint=row.endpoint,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        status=row.status,
        error=row.error,
        settled_at=row.settled_at,
    )
