"""Judges one invoice against one payment, aspect by aspect."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from hub.domain.matching.context import MatchContext, Payer, own_tax_id, payer_of, telling
from hub.domain.matching.keys import identities
from hub.domain.matching.mentions import is_of_the_same_make, mentions_of
from hub.domain.matching.names import is_same_name, names_agree
from hub.domain.matching.numbers import Spelling, folded, simpler_readings, spelling
from hub.domain.matching.reading import Mark, NamedNumber, PurposeReading, ThirdParty
from hub.domain.matching.shared import plain_account
from hub.domain.matching.verdicts import (
    CLIENT_FITS,
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
_OLD_VAT: Final = Decimal(120)
_NEW_VAT: Final = Decimal(122)
_OWN_REQUISITES: Final = frozenset({ClientVerdict.TAX_ID, ClientVerdict.BRANCH, ClientVerdict.ACCOUNT})
_WHOLE: Final = frozenset({AmountVerdict.EQUAL, AmountVerdict.REST})
# An invoice may have more acts and waybills than its source lists, so only these contradict by being different.
_BINDING: Final = frozenset({ReferenceKind.CONTRACT, ReferenceKind.ORDER})


class _Aspects(NamedTuple):
    """Verdicts on an invoice that are the same whatever number led to it."""

    reference: ReferenceVerdict
    amount: AmountVerdict
    client: ClientVerdict
    organisation: OrganisationVerdict
    currency: CurrencyVerdict
    status: StatusVerdict


@dataclass(frozen=True, slots=True)
class Question:
    """One payment, read and ready to be judged against a book that does not change meanwhile.

    Attributes:
        third: for whom the purpose says that somebody else pays.
        text_ids: tax ids in the purpose that speak of somebody: not ours, not the payer's, not a bank's.
        judged: verdicts on invoices by id, so that none is judged twice.
        clients: verdicts on clients by their place in memory, with the client, which holds the place.
    """

    payment: Payment
    reading: PurposeReading
    payer: Payer
    own_tax_id: str | None
    context: MatchContext
    references: dict[ReferenceKind, frozenset[str]] = field(default_factory=dict)
    mentions: Mapping[str, str] = field(default_factory=dict)
    third: ThirdParty | None = None
    text_ids: frozenset[str] = frozenset()
    judged: dict[str, _Aspects] = field(default_factory=dict, repr=False, compare=False)
    clients: dict[int, tuple[Client, ClientVerdict]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def named(self) -> tuple[NamedNumber, ...]:
        """Numbers that the purpose names, those without a noun included."""
        return (*self.reading.numbers, *self.reading.bare)


def ask(payment: Payment, reading: PurposeReading, context: MatchContext, payer: Payer | None = None) -> Question:
    """Prepare a payment for judging; `payer` where it is known already."""
    references: dict[ReferenceKind, set[str]] = {}
    for document in reading.documents:
        number = folded(document.number) if document.number else None
        if number is not None and document.kind is not ReferenceKind.INVOICE:
            references.setdefault(document.kind, set()).add(number)
    frozen = {kind: frozenset(numbers) for kind, numbers in references.items()}
    mentions = {} if reading.numbers or reading.bare else mentions_of(payment.purpose, reading)
    payer = payer_of(payment, context) if payer is None else payer
    ours = own_tax_id(payment, context)
    third, text_ids = _third(payment, payer, reading), _text_ids(reading, context, {payer.tax_id, ours})
    return Question(payment, reading, payer, ours, context, frozen, mentions, third, text_ids)


def number_verdict(named: NamedNumber, invoice: Invoice, *, bare: bool = False) -> NumberVerdict | None:
    """How a quoted number names an invoice; None when it does not."""
    own = spelling(invoice.number) if invoice.number else None
    quoted = spelling(named.text)
    if own is None or quoted is None:
        return None
    if quoted.folded == own.folded:
        return _short(named.text, quoted) if bare else NumberVerdict.AGREES
    if quoted.folded in own.short:
        return _short(named.text, quoted)
    simpler = simpler_readings(named.text)
    if quoted.folded in own.loose or own.folded in simpler:
        return NumberVerdict.AGREES_LOOSELY
    return None if simpler.isdisjoint(own.short) else NumberVerdict.RESEMBLES


def _short(written: str, quoted: Spelling) -> NumberVerdict:
    """«000226» is the number as the program prints it; «226» may be many things."""
    few = quoted.folded.isdigit() and sum(char.isdigit() for char in written) <= _FEW_DIGITS
    return NumberVerdict.AGREES_FEW_DIGITS if few else NumberVerdict.AGREES_SHORT


def mention_verdict(question: Question, invoice: Invoice, verdicts: Verdicts) -> NumberVerdict:
    """What a number without any word says of an invoice; of one that fits by sum and client it may tell apart."""
    own = folded(invoice.number) if invoice.number and question.mentions else None
    if own is None:
        return NumberVerdict.ABSENT
    if verdicts.amount not in _WHOLE or verdicts.client not in CLIENT_FITS:
        return NumberVerdict.MENTIONED if own in question.mentions else NumberVerdict.ABSENT
    other = any(mention != own and is_of_the_same_make(own, mention) for mention in question.mentions)
    if own in question.mentions:
        # «103031 103032»: the sum is that of the first, and yet the payer speaks of both.
        return NumberVerdict.ONE_OF_NAMED if other else NumberVerdict.MENTIONED
    return NumberVerdict.UNKNOWN_NAMED if other else NumberVerdict.ABSENT


def judge(question: Question, invoice: Invoice, number: NumberVerdict, named: NamedNumber | None) -> Verdicts:
    """All verdicts on one invoice as the whole answer."""
    known = question.judged.get(invoice.id)
    if known is None:
        known = question.judged[invoice.id] = _aspects(question, invoice)
    return Verdicts(number, *known, _date(question, invoice, named))


def _aspects(question: Question, invoice: Invoice) -> _Aspects:
    same = invoice.amount.currency == question.payment.amount.currency
    open_amount = invoice.open_amount
    return _Aspects(
        reference=_reference(question, invoice),
        amount=_amount(question, invoice, open_amount),
        client=client_verdict(question, invoice.client),
        organisation=_organisation(question, invoice),
        currency=CurrencyVerdict.SAME if same else CurrencyVerdict.OTHER,
        status=_status(question, invoice, open_amount),
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


def _amount(question: Question, invoice: Invoice, open_amount: Money) -> AmountVerdict:
    payment = question.payment.amount
    if payment.currency != open_amount.currency or not open_amount:
        return AmountVerdict.NONE
    if payment == open_amount:
        return AmountVerdict.REST if invoice.paid.is_positive else AmountVerdict.EQUAL
    if payment > open_amount:
        return size_of_difference(payment, open_amount)
    if _is_stated_share(question, invoice.amount):
        return AmountVerdict.STATED_SHARE
    if Mark.PART in question.reading.marks:
        return AmountVerdict.STATED_PART
    return size_of_difference(payment, open_amount)


def size_of_difference(payment: Money, asked: Money) -> AmountVerdict:
    """Less or more than what is asked; told apart where it is the change of VAT from 20 % to 22 % and nothing else."""
    if payment.amount == (asked.amount * _NEW_VAT / _OLD_VAT).quantize(asked.amount, ROUND_HALF_UP):
        return AmountVerdict.OVER_BY_VAT
    if payment.amount == (asked.amount * _OLD_VAT / _NEW_VAT).quantize(asked.amount, ROUND_HALF_UP):
        return AmountVerdict.PART_BY_VAT
    return AmountVerdict.OVER if payment > asked else AmountVerdict.PART


def _is_stated_share(question: Question, whole: Money) -> bool:
    percent = question.reading.percent
    if percent is None:
        return False
    exact = (whole.amount * percent / Decimal(100)).quantize(whole.amount)
    return exact == question.payment.amount.amount


def client_verdict(question: Question, client: Client | None) -> ClientVerdict:
    """How the payer stands to the client of an invoice."""
    if client is None:
        return _payer_verdict(question.payer, None)
    known = question.clients.get(id(client))
    if known is None:
        known = question.clients[id(client)] = client, _client_verdict(question, client)
    return known[1]


def _client_verdict(question: Question, client: Client) -> ClientVerdict:
    verdict = _payer_verdict(question.payer, client)
    third, text_ids = question.third, question.text_ids
    if third is None and not text_ids:
        return verdict
    by_tax_id = not text_ids.isdisjoint(identities(client))
    if by_tax_id or (third is not None and _means(third, client, verdict)):
        return verdict if verdict is ClientVerdict.ALIAS else _named_client(verdict, by_tax_id)
    if third is not None or not question.payer.shared:
        fits = verdict not in {ClientVerdict.CONTRADICTS, ClientVerdict.NAME_DIFFERS}
        return ClientVerdict.PAYS_FOR_OTHER if fits else verdict
    # A bank passes money on, and the text says whose it is.
    return verdict if client.main_tax_id is None else ClientVerdict.CONTRADICTS


def _text_ids(reading: PurposeReading, context: MatchContext, known: Set[str | None]) -> frozenset[str]:
    if not reading.tax_ids:
        return frozenset()
    found = frozenset(value for value in reading.tax_ids if context.is_own_to_its_bearer(value))
    return found - context.own_tax_ids - known


def _third(payment: Payment, payer: Payer, reading: PurposeReading) -> ThirdParty | None:
    named = reading.third_party
    return None if named is None or _is_no_third(payment, payer, named) else named


def _means(named: ThirdParty, client: Client, verdict: ClientVerdict) -> bool:
    """A like name is enough, but not where the payer is that client itself: then it is somebody like it."""
    if verdict in _OWN_REQUISITES:
        return any(is_same_name(known, named.name) for known in client.names)
    return _name_fits(client, named.name)


def _is_no_third(payment: Payment, payer: Payer, named: ThirdParty) -> bool:
    """The payer names itself, word for word (a like name may well be another client's), or us."""
    ourselves = payment.payee.name
    itself = payer.name is not None and is_same_name(named.name, payer.name)
    return itself or (ourselves is not None and names_agree(named.name, ourselves))


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
    if payer.account is not None and payer.account in map(plain_account, client.accounts):
        return ClientVerdict.ACCOUNT
    if payer.name is None or not client.names:
        return ClientVerdict.UNKNOWN
    if _name_fits(client, payer.name):
        return ClientVerdict.NAME
    return ClientVerdict.NAME_DIFFERS if payer.name_tells_apart else ClientVerdict.UNKNOWN


def _name_fits(client: Client, name: str) -> bool:
    return any(names_agree(known, name) for known in client.names)


def _organisation(question: Question, invoice: Invoice) -> OrganisationVerdict:
    ours, issuer = question.own_tax_id, telling(invoice.organisation_tax_id)
    if ours is None or issuer is None:
        return OrganisationVerdict.UNKNOWN
    return OrganisationVerdict.SAME if ours == issuer else OrganisationVerdict.OTHER


def _status(question: Question, invoice: Invoice, open_amount: Money) -> StatusVerdict:
    if invoice.status is InvoiceStatus.CANCELLED:
        return StatusVerdict.CANCELLED
    if invoice.status is InvoiceStatus.PAID or not open_amount:
        return StatusVerdict.PAID
    if invoice.issued_on is not None and invoice.issued_on > question.payment.booked_on:
        return StatusVerdict.ISSUED_AFTER
    return StatusVerdict.OPEN


def _date(question: Question, invoice: Invoice, named: NamedNumber | None) -> DateVerdict:
    issued = invoice.issued_on
    if named is not None and named.on is None:
        return DateVerdict.ABSENT
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
