"""Whether a line of one source and a payment of another are the same money, where one of them names no document's date.

A payment order has a number, a date, two accounts and a sum; some APIs leave its date out. Then the day on which the
bank booked the money stands in for it: the very day, or one next to it where the order has a number of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from hub.domain.models import Direction
from hub.ports.statement import ReceivedPayment


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored payment, as far as it is compared; sum, currency, direction and our account are the same already."""

    number: int
    fingerprint: str
    occurrence: int
    booked_on: date
    document_number: str | None
    document_date: date | None
    other_account: str | None
    other_tax_id: str | None
    purpose: str


def read_candidate(row: Row[Any]) -> Candidate:
    """A row of `payments`."""
    side = "payer" if row.direction in (Direction.IN, Direction.UNKNOWN) else "payee"
    values = row._mapping
    return Candidate(
        number=row.id,
        fingerprint=row.fingerprint,
        occurrence=row.occurrence,
        booked_on=row.booked_on,
        document_number=row.document_number,
        document_date=row.document_date,
        other_account=values[f"{side}_account"],
        other_tax_id=values[f"{side}_tax_id"],
        purpose=row.purpose,
    )


def is_same_money(known: Candidate, item: ReceivedPayment) -> bool:
    """Everything that both name agrees, and one of the two names no date of the document.

    A transfer between accounts of ours is told by both: there a bank may leave the ИНН of its own side out.
    """
    payment = item.payment
    is_transfer = payment.direction is Direction.SELF
    other = payment.payer if payment.direction in (Direction.IN, Direction.UNKNOWN) else payment.payee
    if other.account is None or known.other_account != other.account:
        return False
    if known.other_tax_id != other.tax_id and not (is_transfer and None in (known.other_tax_id, other.tax_id)):
        return False
    if (known.document_number or "") != (payment.document_number or ""):
        return False
    dated = known.document_date is not None and payment.document_date is not None
    # Equal to the last letter they would be known by their content, but for what is left out of a transfer.
    if dated and not (is_transfer and known.document_date == payment.document_date):
        return False
    apart = days_apart(known, item)
    return apart == 0 or (apart == 1 and bool((payment.document_number or "").strip("0 ")))


def nearness(known: Candidate, item: ReceivedPayment) -> tuple[int, int, int]:
    """The least is the nearest: the same day first, then in the order they came."""
    return days_apart(known, item), known.occurrence, known.number


def days_apart(known: Candidate, item: ReceivedPayment) -> int:
    """Between the days on which the two have the money."""
    return abs((known.booked_on - item.payment.booked_on).days)
