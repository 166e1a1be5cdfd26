"""Payments of one date are decided as a set: where they claim more of an invoice than is open, a person chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching import phrases
from hub.domain.matching.book import Book, InMemoryBook
from hub.domain.matching.context import MatchContext
from hub.domain.matching.decide import Weighed, weigh
from hub.domain.matching.explain import invoices_text
from hub.domain.matching.said import Language
from hub.domain.models import Invoice, Payment
from hub.domain.money import Money, total
from hub.domain.wording import money_text


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
    contested = _contested(weighed)
    decided = [_yield_to_others(item, contested, context.language) for item in weighed]
    taken = _taken(weighed, decided)
    return [_only_what_is_left(decision, taken, context.language) for decision in decided]


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


def _contested(weighed: Sequence[Weighed]) -> dict[str, Invoice]:
    """Invoices of which the payments together claim more than is open."""
    claims: dict[str, list[Money]] = {}
    invoices: dict[str, Invoice] = {}
    for item in weighed:
        for invoice, amount in item.claims:
            claims.setdefault(invoice.id, []).append(amount)
            invoices[invoice.id] = invoice
    return {
        invoice_id: invoices[invoice_id]
        for invoice_id, parts in claims.items()
        if len(parts) > 1 and total(parts, parts[0].currency) > invoices[invoice_id].open_amount
    }


def _taken(weighed: Sequence[Weighed], decided: Sequence[Decision]) -> dict[str, Money]:
    """What stays open of each invoice that this date pays automatically."""
    left: dict[str, Money] = {}
    for item, decision in zip(weighed, decided, strict=True):
        if decision.kind is DecisionKind.AUTO:
            for invoice, amount in item.claims:
                left[invoice.id] = left.get(invoice.id, invoice.open_amount) - amount
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


def _yield_to_others(item: Weighed, contested: dict[str, Invoice], language: Language) -> Decision:
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
