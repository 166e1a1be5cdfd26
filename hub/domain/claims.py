"""Claims: what an outside system says was paid, and which line of a statement covers which of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hub.domain.matching import MatchContext, read_purpose
from hub.domain.matching.names import normal_name
from hub.domain.matching.numbers import folded, simpler_readings
from hub.domain.matching.shared import is_shared_tax_id
from hub.domain.models import Direction, Payment
from hub.domain.money import Money

#: A bank may post a payment a little before the day that the reporting system names, or some days after it.
EARLIER: Final = timedelta(days=3)
LATER: Final = timedelta(days=10)
#: Lines this near to the named day are likelier the money that was reported than farther ones.
NEAR: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Claim:
    """What was reported.

    Attributes:
        paid_on: the day that the reporting system names.
        account: our own account that the money is said to have come to.
    """

    id: int
    amount: Money
    paid_on: date
    payer_name: str | None = None
    payer_tax_id: str | None = None
    purpose: str = ""
    invoice_number: str | None = None
    document_number: str | None = None
    account: str | None = None


class Sign(StrEnum):
    """What a claim and a line agree in, besides the sum, the currency and the window of dates."""

    TAX_ID = "tax_id"
    INVOICE = "invoice"
    DOCUMENT = "document"
    NAME = "name"
    ACCOUNT = "account"
    NEAR = "near"


Signs = frozenset[Sign]
Edges = Mapping[tuple[int, str], Signs]


def booking_window(paid_on: date) -> tuple[date, date]:
    """First and last posting date of a line that may cover a claim of that day."""
    return paid_on - EARLIER, paid_on + LATER


def report_window(booked_on: date) -> tuple[date, date]:
    """First and last day of a claim that a line posted on that date may cover."""
    return booked_on - LATER, booked_on + EARLIER


def compare(claim: Claim, line: Payment, context: MatchContext) -> Signs | None:
    """What speaks for the line being the money that was reported; None when something speaks against it."""
    first, last = booking_window(claim.paid_on)
    if line.direction is not Direction.IN or line.amount != claim.amount or not first <= line.booked_on <= last:
        return None
    judged = (
        _accounts(claim, line),
        _tax_ids(claim, line, context),
        _documents(claim, line),
        _invoices(claim, line),
    )
    if None in judged:
        return None
    signs = {sign for part in judged if part for sign in part}
    if _names_agree(claim.payer_name, line.payer.name):
        signs.add(Sign.NAME)
    if abs(line.booked_on - claim.paid_on) <= NEAR:
        signs.add(Sign.NEAR)
    return frozenset(signs)


def identifies(signs: Signs) -> bool:
    """Whether the signs say who paid or for what: sum and date alone never do."""
    if Sign.TAX_ID in signs or Sign.INVOICE in signs:
        return True
    return Sign.DOCUMENT in signs and Sign.NAME in signs


def pair(edges: Edges) -> dict[int, str]:
    """Which line covers which claim: each the other's one best answer; a tie on either side covers nothing.

    The answer depends on the edges alone, not on the order in which claims and lines became known. A pair that is
    certain leaves the game, which may make another one certain.
    """
    left = {key: signs for key, signs in edges.items() if identifies(signs)}
    covered: dict[int, str] = {}
    while pairs := _certain(left):
        covered.update(pairs)
        lines = set(pairs.values())
        left = {key: signs for key, signs in left.items() if key[0] not in pairs and key[1] not in lines}
    return covered


def _certain(edges: Edges) -> dict[int, str]:
    by_claim: dict[int, list[Signs]] = {}
    by_line: dict[str, list[Signs]] = {}
    for (claim, line), signs in edges.items():
        by_claim.setdefault(claim, []).append(signs)
        by_line.setdefault(line, []).append(signs)
    return {
        claim: line
        for (claim, line), signs in edges.items()
        if _outdoes(signs, by_claim[claim]) and _outdoes(signs, by_line[line])
    }


def _outdoes(signs: Signs, every: Sequence[Signs]) -> bool:
    """Every other answer lacks something that this one has, and has nothing that this one lacks."""
    return sum(1 for other in every if not other < signs) == 1


def _accounts(claim: Claim, line: Payment) -> Iterable[Sign] | None:
    if claim.account is None or line.own_account is None:
        return ()
    return (Sign.ACCOUNT,) if claim.account == line.own_account else None


def _tax_ids(claim: Claim, line: Payment, context: MatchContext) -> Iterable[Sign] | None:
    told, payer = claim.payer_tax_id, line.payer.tax_id
    if told is None or _is_shared(told, context):
        return ()
    reading = read_purpose(line.purpose)
    if told == payer or told in reading.tax_ids:
        return (Sign.TAX_ID,)
    paid_for_another = reading.third_party is not None or bool(reading.tax_ids)
    return () if payer is None or _is_shared(payer, context) or paid_for_another else None


def _is_shared(tax_id: str, context: MatchContext) -> bool:
    return is_shared_tax_id(tax_id) or tax_id in context.shared_tax_ids


def _documents(claim: Claim, line: Payment) -> Iterable[Sign] | None:
    told, shown = _document(claim.document_number), _document(line.document_number)
    if told is None or shown is None:
        return ()
    return (Sign.DOCUMENT,) if told == shown else None


def _document(number: str | None) -> str | None:
    return (number or "").strip().lstrip("0") or None


def _invoices(claim: Claim, line: Payment) -> Iterable[Sign] | None:
    told = _told_numbers(claim)
    reading = read_purpose(line.purpose)
    named = reading.invoice_numbers
    if _whole(told) & _whole((*named, *(number.text for number in reading.bare))):
        return (Sign.INVOICE,)
    # What stands without the word for invoice, or agrees but for a year or a letter, proves nothing either way.
    differ = told and named and not _every_reading(told) & _every_reading(named)
    return None if differ else ()


def _told_numbers(claim: Claim) -> tuple[str, ...]:
    if claim.invoice_number is not None:
        return (claim.invoice_number,)
    return read_purpose(claim.purpose).invoice_numbers


def _whole(numbers: Iterable[str]) -> set[str]:
    return {found for number in numbers if (found := folded(number)) is not None}


def _every_reading(numbers: Sequence[str]) -> set[str]:
    return _whole(numbers).union(*(simpler_readings(number) for number in numbers))


def _names_agree(told: str | None, shown: str | None) -> bool:
    return bool(told and shown and normal_name(told) and normal_name(told) == normal_name(shown))
