"""What banks' APIs showed: proofs of days, and money that a bank took back after the hub had acted on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from hub.domain.models import Direction
from hub.domain.money import Money
from hub.ports.bank import DayProof, ProofState
from hub.ports.records import PaymentState
from hub.store import tables as t
from hub.store.bank_lines import read_proofs
from hub.store.ids import payment_id

#: Older gaps are history; the newest day is looked at anew with every poll.
_FAR: Final = timedelta(days=60)
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A matched payment that its source does not show any more."""

    payment_id: str
    booked_on: date
    amount: Money
    counterparty: str | None


def newest_days(connection: Connection) -> tuple[DayProof, ...]:
    """The newest day of every account that was read, by connection and account."""
    days = t.bank_days
    newest = select(days.c.connection, days.c.account, func.max(days.c.day).label("day"))
    newest_days = newest.group_by(days.c.connection, days.c.account).subquery()
    same = (
        (newest_days.c.connection == days.c.connection)
        & (newest_days.c.account == days.c.account)
        & (newest_days.c.day == days.c.day)
    )
    found = select(days).join_from(days, newest_days, same).order_by(days.c.connection, days.c.account)
    return tuple(read_proofs(connection.execute(found)))


def open_gaps(connection: Connection) -> tuple[DayProof, ...]:
    """Days of the last two months that do not add up, newest first."""
    days = t.bank_days
    newest = connection.scalar(select(func.max(days.c.day)))
    if newest is None:
        return ()
    gaps = select(days).where(days.c.state == ProofState.GAP, days.c.day >= newest - _FAR)
    ordered = gaps.order_by(days.c.day.desc(), days.c.connection, days.c.account).limit(_MOST)
    return tuple(read_proofs(connection.execute(ordered)))


def taken_back(connection: Connection) -> tuple[TakenBack, ...]:
    """Matched payments that vanished from their source, newest first: a person decides whether to undo the match."""
    p = t.payments.c
    gone = select(t.payments).where(p.vanished_in.is_not(None), p.state == PaymentState.MATCHED)
    return tuple(
        TakenBack(
            payment_id=payment_id(row.id),
            booked_on=row.booked_on,
            amount=Money.from_minor(row.amount_minor, row.currency),
            counterparty=row.payee_name if row.direction == Direction.OUT else row.payer_name,
        )
        for row in connection.execute(gone.order_by(p.id.desc()).limit(_MOST))
    )
