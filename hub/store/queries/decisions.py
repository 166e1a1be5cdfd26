"""Kept decisions, newest and earlier ones, with the tables that made them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from hub.domain.decision import Decision
from hub.domain.matching.ground import Ground
from hub.domain.models import Payment
from hub.store import tables as t
from hub.store.codec import load_decision
from hub.store.ground_codec import load_ground, payment_of
from hub.store.ids import payment_id, payment_number
from hub.store.payment_rows import read_payment
from hub.store.sql import bites

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """A decision as it was recorded.

    Attributes:
        payment: as it was decided, whatever its bank corrected since.
        ground: what it was made from; None where that was not kept yet, is forgotten with the payer's data, or where
            something else than the matcher decided.
    """

    id: int
    decided_at: datetime
    decision: Decision
    payment: Payment
    ground: Ground | None


def kept_decisions(connection: Connection, payments: Collection[str] | None) -> Iterator[KeptDecision]:
    """Every decision about these payments, about all where none are named; read as they are asked for."""
    made = t.decisions.c
    columns = (made.id.label("made_id"), made.decided_at, made.body, made.ground)
    query = select(t.payments, *columns).join(t.decisions, made.payment_id == t.payments.c.id).order_by(made.id)
    if payments is None:
        wanted = [query]
    else:
        numbers = sorted(number for key in payments if (number := payment_number(key)) is not None)
        wanted = [query.where(made.payment_id.in_(bite)) for bite in bites(numbers)]
    for some in wanted:
        for row in connection.execute(some, execution_options={"yield_per": _AT_ONCE}):
            decision = load_decision(payment_id(row.id), row.body)
            payment = read_payment(row)
            if row.ground is None:
                yield KeptDecision(row.made_id, row.decided_at, decision, payment, None)
                continue
            decided, ground = payment_of(row.ground, payment), load_ground(row.ground)
            yield KeptDecision(row.made_id, row.decided_at, decision, decided, ground)


def decision_tables(connection: Connection) -> dict[str, str]:
    """Texts of the tables that ever decided, by version."""
    rows = connection.execute(select(t.decision_tables.c.version, t.decision_tables.c.body))
    return {row.version: row.body for row in rows}


def table_text(connection: Connection, version: str) -> str | None:
    """The text of one."""
    return connection.scalar(select(t.decision_tables.c.body).where(t.decision_tables.c.version == version))
