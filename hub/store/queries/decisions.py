"""Kept decisions, newest and earlier ones, with the tables that made them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from hub.domain.decision import Decision
from hub.store import tables as t
from hub.store.codec import load_decision
from hub.store.ids import payment_id, payment_number
from hub.store.sql import bites

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """A decision as it was recorded."""

    id: int
    decided_at: datetime
    decision: Decision


def kept_decisions(connection: Connection, payments: Collection[str] | None) -> Iterator[KeptDecision]:
    """Every decision about these payments, about all where none are named; read as they are asked for."""
    table = t.decisions
    query = select(table.c.id, table.c.payment_id, table.c.decided_at, table.c.body).order_by(table.c.id)
    if payments is None:
        wanted = [query]
    else:
        numbers = sorted(number for key in payments if (number := payment_number(key)) is not None)
        wanted = [query.where(table.c.payment_id.in_(bite)) for bite in bites(numbers)]
    for some in wanted:
        for row in connection.execute(some, execution_options={"yield_per": _AT_ONCE}):
            yield KeptDecision(row.id, row.decided_at, load_decision(payment_id(row.payment_id), row.body))


def decision_tables(connection: Connection) -> dict[str, str]:
    """Texts of the tables that ever decided, by version."""
    rows = connection.execute(select(t.decision_tables.c.version, t.decision_tables.c.body))
    return {row.version: row.body for row in rows}


def table_text(connection: Connection, version: str) -> str | None:
    """The text of one."""
    return connection.scalar(select(t.decision_tables.c.body).where(t.decision_tables.c.version == version))
