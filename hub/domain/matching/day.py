"""Payments of one date are decided as a set: where they claim more of an invoice than is open, a person chooses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching import phrases
from hub.domain.matching.book import Book, InMemoryBook
from hub.domain.matching.context import MatchContext
from hub.domain.matching.decide import Weighed, weigh
from hub.domain.matching.explain import invoices_text
from hub.domain.matching.said import Language
from hub.domain.models import Payment
from hub.domain.money import Money, total
from hub.domain.wording import money_text


class Claim(NamedTuple):
    """What a payment claims of an invoice, and what is open of it, in minor units (kopecks)."""

    invoice_id: str
    minor: int
    open_minor: int
    currency: str


class Stake(NamedTuple):
    """Every claim of one payment; `automatic` where a machine would give it out."""

    automatic: bool
    claims: tuple[Claim, ...]


def decide_one(payment: Payment, book: Book, context: MatchContext) -> Decision:
    """The decision for a payment that is alone on its date."""
    return decide_day((payment,), book, context)[0]


def decide_day(payments: Sequence[Payment], book: Book, context: MatchContext) -> list[Decision]:
    """Decide all payments of one date against the book as it stood before them.

    Every payment is decided alone first. Then, invoice by invoice, the claims of that date are added up: what machines
    would give and what doubtful payments name. If they do not all fit what is open, every automatic decision
    about that invoice becomes a suggestion.

    Args:
        payments: all payments of one date, in any order.
        book: the invoices, with everything counted that earlier dates paid.

    Returns:
        Decisions in the order of the payments. The book is not changed.
    """
    weighed = [weigh(payment, book, context) for payment in payments]
    return settle_day(weighed, stakes_of(weighed), context.language)


def rivals_of_day(payments: Sequence[Payment], book: Book, context: MatchContext) -> list[list[Payment]]:
    """Payments of one date in groups that share no invoice: each group is decided alone as it is among all.

    Returns:
        Groups by their first payment, each in the order given.
    """
    touched = [_touched(weigh(payment, book, context)) for payment in payments]
    parent = list(range(len(payments)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = index = parent[parent[index]]
        return index

    first: dict[str, int] = {}
    for index, invoices in enumerate(touched):
        for invoice_id in invoices:
            one, other = sorted((root(index), root(first.setdefault(invoice_id, index))))
            parent[other] = one
    groups: dict[int, list[Payment]] = {}
    for index, payment in enumerate(payments):
        groups.setdefault(root(index), []).append(payment)
    return list(groups.values())


def _touched(item: Weighed) -> set[str]:
    """Invoices that the payment claims or that its suggestion would be given."""
    return {invoice.id for invoice, _ in item.claims} | {given.invoice_id for given in item.decision.allocations}


def decide_all(payments: Sequence[Payment], book: InMemoryBook, context: MatchContext) -> list[Decision]:
    """Decide payments of any dates, oldest date first; the book takes every automatic allocation.

    Returns:
        Decisions in the order of the payments.
    """
    order = sorted(range(len(payments)), key=lambda index: payments[index].booked_on)
    decided: dict[int, Decision] = {}
    for _, group in groupby(order, key=lambda index: payments[index].booked_on):
        indexes = list(group)
        for index, decision in zip(indexes, decide_day([payments[i] for i in indexes], book, context), strict=True):
            decided[index] = decision
            if decision.kind is DecisionKind.AUTO:
                book.allocate(decision.allocations)
    return [decided[index] for index in range(len(payments))]


def stakes_of(weighed: Iterable[Weighed]) -> list[Stake]:
    """What each payment of a date claims, in a form that another process can be told."""
    return [
        Stake(
            item.decision.kind is DecisionKind.AUTO,
            tuple(
                Claim(invoice.id, amount.minor, invoice.open_amount.minor, amount.currency)
                for invoice, amount in item.claims
            ),
        )
        for item in weighed
    ]


def settle_day(weighed: Sequence[Weighed], stakes: Iterable[Stake], language: Language) -> list[Decision]:
    """Decide payments of one date, given what every payment of that date claims (theirs included)."""
    every = list(stakes)
    contested = _contested(every)
    decided = [_yield_to_others(item, contested, language) for item in weighed]
    taken = _left(every, contested)
    return [_only_what_is_left(decision, taken, language) for decision in decided]


def settled_claims(stakes: Iterable[Stake]) -> list[Claim]:
    """What machines give out on one date, once everybody's claims are known."""
    every = list(stakes)
    return _given(every, _contested(every))


def _contested(stakes: Iterable[Stake]) -> frozenset[str]:
    """Invoices of which the payments together claim more than is open."""
    claimed: dict[str, int] = {}
    several: dict[str, int] = {}
    for claim in (claim for stake in stakes for claim in stake.claims):
        if claim.invoice_id in claimed:
            several[claim.invoice_id] = claim.open_minor
        claimed[claim.invoice_id] = claimed.get(claim.invoice_id, 0) + claim.minor
    return frozenset(invoice_id for invoice_id, room in several.items() if claimed[invoice_id] > room)


def _given(stakes: Iterable[Stake], contested: frozenset[str]) -> list[Claim]:
    automatic = (stake.claims for stake in stakes if stake.automatic)
    return [
        claim for claims in automatic if all(item.invoice_id not in contested for item in claims) for claim in claims
    ]


def _left(stakes: Iterable[Stake], contested: frozenset[str]) -> dict[str, Money]:
    """What stays open of each invoice that this date pays automatically."""
    left: dict[str, Money] = {}
    for claim in _given(stakes, contested):
        room = left.get(claim.invoice_id, Money.from_minor(claim.open_minor, claim.currency))
        left[claim.invoice_id] = room - Money.from_minor(claim.minor, claim.currency)
    return left


def _only_what_is_left(decision: Decision, left: dict[str, Money], language: Language) -> Decision:
    """A suggestion never proposes money that an automatic decision of the same date has given already."""
    if decision.kind is not DecisionKind.SUGGEST:
        return decision
    if all(item.amount <= left.get(item.invoice_id, item.amount) for item in decision.allocations):
        return decision
    back = total((item.amount for item in decision.allocations), decision.allocations[0].amount.currency)
    reason = f"{decision.reason} {phrases.GIVEN_THAT_DAY.told(language)}"
    return replace(decision, allocations=(), unapplied=decision.unapplied + back, reason=reason)


def _yield_to_others(item: Weighed, contested: frozenset[str], language: Language) -> Decision:
    decision = item.decision
    if decision.kind is not DecisionKind.AUTO:
        return decision
    claimed = [invoice for invoice, _ in item.claims if invoice.id in contested]
    if not claimed:
        return decision
    values = {
        "invoice": invoices_text(claimed, language),
        "open": money_text(total((invoice.open_amount for invoice in claimed), claimed[0].amount.currency)),
    }
    reason = phrases.CONTESTED.told(language, values)
    return replace(decision, kind=DecisionKind.SUGGEST, code="contested", reason=reason)
