"""An effect as a table row and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from hub.ports.records import NO_PAYMENT, EffectKind, EffectRow, EffectState, NewEffect
from hub.store import tables as t
from hub.store.ids import known_payment, payment_id
from hub.store.sql import bites


def effect_values(effect: NewEffect, now: datetime) -> dict[str, object]:
    """Column values of a new effect.

    Raises:
        LookupError: it names a payment by what is no payment's id.
    """
    return {
        "operation_key": effect.operation_key,
        "connection": effect.connection,
        "kind": effect.kind,
        "subject": effect.subject,
        "payment_id": known_payment(effect.payment_id) if effect.payment_id != NO_PAYMENT else None,
        "payload": dict(effect.payload),
        "state": EffectState.QUEUED if effect.observed_because is None else EffectState.PLANNED,
        "attempts": 0,
        "next_attempt_at": now,
        "reason": effect.observed_because,
        "orphaned": False,
        "created_at": now,
    }


def read_effects(connection: Connection, condition: ColumnElement[bool]) -> list[EffectRow]:
    """Effects under a condition, oldest first."""
    rows = connection.execute(select(t.outbox).where(condition).order_by(t.outbox.c.id)).all()
    after = _after(connection, [row.id for row in rows])
    return [_read(row, after.get(row.id, ())) for row in rows]


def _after(connection: Connection, numbers: list[int]) -> dict[int, tuple[str, ...]]:
    table = t.outbox_after
    found: dict[int, tuple[str, ...]] = {}
    for bite in bites(numbers):
        query = select(table.c.effect_id, table.c.operation_key).where(table.c.effect_id.in_(bite))
        for number, key in connection.execute(query.order_by(table.c.effect_id, table.c.position)):
            found[number] = (*found.get(number, ()), key)
    return found


def _read(row: Row[Any], after: tuple[str, ...]) -> EffectRow:
    return EffectRow(
        id=row.id,
        operation_key=row.operation_key,
        connection=row.connection,
        kind=EffectKind(row.kind),
        subject=row.subject,
        payment_id=payment_id(row.payment_id) if row.payment_id is not None else NO_PAYMENT,
        payload=row.payload,
        after=after,
        state=EffectState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        intent_at=row.intent_at,
        intent=row.intent,
        result=row.result,
        reason=row.reason,
        created_at=row.created_at,
        settled_at=row.settled_at,
    )
