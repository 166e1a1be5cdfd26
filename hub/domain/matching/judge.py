"""Judges one invoice against one payment, aspect by aspect."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from hub.domain.matching.context import MatchContext, Payer, own_tax_id, payer_of, telling
from hub.domain.matching.keys import identities
from hub.domain.matching.names import names_agree
from hub.domain.matching.numbers import Spelling, folded, simpler_readings, spelling
from hub.domain.matching.reading import NamedNumber, PurposeReading
from hub.domain.matching.verdicts import (
    AmountVerdict,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdicts,
)
from hub.domain.models import Client, Invoice, InvoiceStatus, Payment, ReferenceKind
from hub.domain.money import Money

_FEW_DIGITS: Final = 3
# An invoice may have more acts and waybills than its source lists, so only these contradict by being different.
_BINDING: Final = frozenset({ReferenceKind.CONTRACT, ReferenceKind.ORDER})


@dataclass(frozen=True, slots=True)
class Question:
    """One payment, read and ready to be judged."""

    payment: Payment
    reading: PurposeReading
    payer: Payer
    own_tax_id: str | None
    context: MatchContext
    references: dict[ReferenceKind, frozenset[str]] = field(default_factory=dict)

    @property
    def named(self) -> tuple[NamedNumber, ...]:
        """Numbers that the purpose names, those without a noun included."""
        return (*self.reading.numbers, *self.reading.bare)


def ask(payment: Payment, reading: PurposeReading, context: MatchContext) -> Question:
    """Prepare a payment for judging."""
    references: dict[ReferenceKind, set[str]] = {}
    for document in reading.documents:
        number = folded(document.number) if document.number else None
        if number is not None and document.kind is not ReferenceKind.INVOICE:
            references.setdefault(document.kind, set()).add(number)
    frozen = {kind: frozenset(numbers) for kind, numbers in references.items()}
    return Question(payment, reading, payer_of(payment, context), own_tax_id(payment, context), context, frozen)


def number_verdict(named: NamedNumber, invoice: Invoice, *, bare: bool = False) -> NumberVerdict | None:
    """How a quoted number names an invoice; None when it does not."""
    own = spelling(invoice.number) if invoice.number else None
    quoted = spelling(named.text)
    if own is None or quoted is None:
        return None
    if quoted.folded == own.folded:
        return _short(quoted) if bare else NumberVerdict.AGREES
    if quoted.folded in own.short:
        return _short(quoted)
    if quoted.folded in own.loose or not simpler_readings(named.text).isdisjoint(_sure(own)):
        return NumberVerdict.AGREES_LOOSELY
    return None


def _short(quoted: Spelling) -> NumberVerdict:
    few = quoted.digits <= _FEW_DIGITS and quoted.folded.isdigit()
    return NumberVerdict.AGREES_FEW_DIGITS if few else NumberVerdict.AGREES_SHORT


def _sure(own: Spelling) -> frozenset[str]:
    return own.short | {own.folded}


def judge(question: Question, invoice: Invoice, number: NumberVerdict, named: NamedNumber | None) -> Verdicts:
    """All verdicts on one invoice as the whole answer."""
    return Verdicts(
        number=number,
        reference=_reference(question, invoice),
        amount=_amount(question, invoice),
        client=client_verdict(question, invoice.client),
        organisation=_organisation(question, invoice),
        currency=CurrencyVerdict.SAME
        if invoice.amount.currency == question.payment.amount.currency
        else CurrencyVerdict.OTHER,
        status=_status(question, invoice),
        date=_date(question, invoice, named),
    )


def _reference(question: Question, invoice: Invoice) -> ReferenceVerdict:
    verdict = ReferenceVerdict.ABSENT
    for kind, named in question.references.items():
        own = {folded(item.number) for item in invoice.references if item.kind is kind and item.number} - {None}
        if not own:
            continue
        if not named.isdisjoint({number for number in own if number is not None}):
            return ReferenceVerdict.AGREES
        if kind in _BINDING:
            verdict = ReferenceVerdict.CONTRADICTS
    return verdict


def _amount(question: Question, invoice: Invoice) -> AmountVerdict:
    payment, open_amount = question.payment.amount, invoice.open_amount
    if payment.currency != open_amount.currency or not open_amount:
        return AmountVerdict.NONE
    if payment == open_amount:
        return AmountVerdict.REST if invoice.paid.is_positive else AmountVerdict.EQUAL
    if payment > open_amount:
        return AmountVerdict.OVER
    return AmountVerdict.STATED_SHARE if _is_stated_share(question, invoice.amount) else AmountVerdict.PART


def _is_stated_share(question: Question, whole: Money) -> bool:
    percent = question.reading.percent
    if percent is None:
        return False
    exact = (whole.amount * percent / Decimal(100)).quantize(whole.amount)
    return exact == question.payment.amount.amount


def client_verdict(question: Question, client: Client | None) -> ClientVerdict:
    """How the payer stands to the client of an invoice."""
    payer, reading = question.payer, question.reading
    verdict = _payer_verdict(payer, client)
    if client is None:
        return verdict
    third = reading.third_party
    ourselves = question.payment.payee.name
    if third is not None and any(
        name is not None and names_agree(third.name, name) for name in (payer.name, ourselves)
    ):
        third = None
    text_ids = frozenset(reading.tax_ids) - question.context.own_tax_ids - {payer.tax_id, question.own_tax_id}
    names_client = not text_ids.isdisjoint(identities(client)) or (third is not None and _name_fits(client, third.name))
    if verdict is ClientVerdict.ALIAS:
        return verdict
    if names_client:
        return _named_client(verdict, not text_ids.isdisjoint(identities(client)))
    if third is not None or (text_ids and not payer.shared):
        fits = verdict not in {ClientVerdict.CONTRADICTS, ClientVerdict.NAME_DIFFERS}
        return ClientVerdict.PAYS_FOR_OTHER if fits else verdict
    return verdict


def _named_client(verdict: ClientVerdict, by_tax_id: bool) -> ClientVerdict:
    """The purpose itself names the client: decisive only when the payer's own requisites do not speak."""
    if verdict in {ClientVerdict.CONTRADICTS, ClientVerdict.NAME_DIFFERS}:
        return ClientVerdict.THIRD_PARTY
    if verdict is ClientVerdict.UNKNOWN:
        return ClientVerdict.TAX_ID_IN_TEXT if by_tax_id else ClientVerdict.NAME
    return verdict


def _payer_verdict(payer: Payer, client: Client | None) -> ClientVerdict:
    if client is None:
        return ClientVerdict.UNKNOWN
    known = identities(client)
    if not payer.aliases.isdisjoint(known):
        return ClientVerdict.ALIAS
    tax_ids = {item.value for item in client.tax_ids if item.kind.value != "kpp" and telling(item.value) is not None}
    if payer.tax_id is not None and tax_ids:
        if payer.tax_id not in tax_ids:
            return ClientVerdict.CONTRADICTS
        differs = payer.kpp is not None and telling(client.kpp) is not None and payer.kpp != client.kpp
        return ClientVerdict.BRANCH if differs else ClientVerdict.TAX_ID
    if payer.account is not None and payer.account in client.accounts:
        return ClientVerdict.ACCOUNT
    if payer.name is None or not client.names:
        return ClientVerdict.UNKNOWN
    return ClientVerdict.NAME if _name_fits(client, payer.name) else ClientVerdict.NAME_DIFFERS


def _name_fits(client: Client, name: str) -> bool:
    return any(names_agree(known, name) for known in client.names)


def _organisation(question: Question, invoice: Invoice) -> OrganisationVerdict:
    ours, issuer = question.own_tax_id, telling(invoice.organisation_tax_id)
    if ours is None or issuer is None:
        return OrganisationVerdict.UNKNOWN
    return OrganisationVerdict.SAME if ours == issuer else OrganisationVerdict.OTHER


def _status(question: Question, invoice: Invoice) -> StatusVerdict:
    if invoice.status is InvoiceStatus.CANCELLED:
        return StatusVerdict.CANCELLED
    if invoice.status is InvoiceStatus.PAID or not invoice.open_amount:
        return StatusVerdict.PAID
    if invoice.issued_on is not None and invoice.issued_on > question.payment.booked_on:
        return StatusVerdict.ISSUED_AFTER
    return StatusVerdict.OPEN


def _date(question: Question, invoice: Invoice, named: NamedNumber | None) -> DateVerdict:
    issued = invoice.issued_on
    written = [named.on] if named is not None and named.on is not None else []
    if named is None and not question.named:
        written = list(question.reading.invoice_dates)
    telling_dates = [day for day in written if day.says_something]
    if issued is None or not telling_dates:
        return DateVerdict.ABSENT
    if any(day.agrees(issued) for day in telling_dates):
        return DateVerdict.AGREES
    tolerance = question.context.date_tolerance_days
    if tolerance and any(
        day.value is not None and abs((day.value - issued).days) <= tolerance for day in telling_dates
    ):
        return DateVerdict.WITHIN_TOLERANCE
    return DateVerdict.CONTRADICTS
