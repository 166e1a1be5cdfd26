"""Money that went out: our refund to a client, proposed against the invoice that it gives back."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.matching.answers import namings
from hub.domain.matching.judge import Question, client_verdict
from hub.domain.matching.verdicts import (
    CLIENT_FITS,
    AmountVerdict,
    Answer,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdicts,
)
from hub.domain.models import Invoice

_STRANGERS = frozenset({ClientVerdict.CONTRADICTS, ClientVerdict.NAME_DIFFERS})


def refund_answers(question: Question, invoices: Iterable[Invoice]) -> list[Answer]:
    """Paid invoices that an outgoing payment may give back, the likeliest first; allocations are negative."""
    pool = [invoice for invoice in invoices if invoice.paid.is_positive]
    pool = [invoice for invoice in pool if invoice.paid.currency == question.payment.amount.currency]
    named = {item[0].id: naming.named.text for naming in namings(question, pool) for item in naming.found}
    found: list[Answer] = []
    for invoice in pool:
        client = client_verdict(question, invoice.client)
        if client in _STRANGERS or not (invoice.id in named or client in CLIENT_FITS):
            continue
        found.append(_answer(question, invoice, client, named.get(invoice.id)))
    return sorted(found, key=lambda answer: (answer.quoted is None, answer.verdicts.amount is not AmountVerdict.EQUAL))


def _answer(question: Question, invoice: Invoice, client: ClientVerdict, quoted: str | None) -> Answer:
    amount = question.payment.amount
    back = min(amount, invoice.paid)
    if amount == invoice.paid:
        size = AmountVerdict.EQUAL
    else:
        size = AmountVerdict.PART if amount < invoice.paid else AmountVerdict.OVER
    verdicts = Verdicts(
        number=NumberVerdict.ABSENT if quoted is None else NumberVerdict.AGREES,
        reference=ReferenceVerdict.ABSENT,
        amount=size,
        client=client,
        organisation=OrganisationVerdict.UNKNOWN,
        currency=CurrencyVerdict.SAME,
        status=StatusVerdict.OPEN if invoice.open_amount else StatusVerdict.PAID,
        date=DateVerdict.ABSENT,
    )
    return Answer((invoice,), (-back,), verdicts, quoted)
