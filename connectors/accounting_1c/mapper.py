"""From 1C's rows to the domain: references as ids, money exact, days as people see them, numbers as printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connectors.accounting_1c.links import linked, text_in
from connectors.accounting_1c.names import Resolved, StatusNames
from connectors.accounting_1c.values import day_of, money, number_of, reference_of
from connectors.shared.guids import guid_of
from connectors.shared.jsontypes import JsonObject
from hub.domain.models import Client, Invoice, InvoiceStatus, Reference, ReferenceKind, TaxId, TaxIdKind
from hub.domain.money import Money, MoneyError, currency_code

#: Letters or numbers of currencies by reference.
Currencies = Mapping[str, str]
_DIGITS: Final = re.compile(r"\D")
_KPP: Final = re.compile(r"\d{4}[\dA-Z]{2}\d{3}", re.ASCII)
_ACCOUNT: Final = re.compile(r"\d{20}|[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_INN_LENGTHS: Final = (10, 12)
_UNP_LENGTH: Final = 9


@dataclass(frozen=True, slots=True)
class Organisation:
    """One of our legal entities."""

    name: str
    inn: str | None
    kpp: str | None


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract: its number for the matcher, its currency for invoices that name none."""

    number: str | None
    signed_on: date | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class PaidPart:
    """Money that a posted document of 1C puts to an invoice."""

    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class PaidState:
    """What 1C says of an invoice's money: its documents, and the state that a person or 1C set."""

    parts: tuple[PaidPart, ...] = ()
    status: str | None = None

    @property
    def amount(self) -> Decimal:
        """All of it together."""
        return sum((part.amount for part in self.parts), Decimal(0))

    @property
    def last_on(self) -> date | None:
        """The day of the newest part."""
        return max((part.on for part in self.parts), default=None)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an invoice's row only refers to.

    Attributes:
        today: by the clock of the base.
        began: when the base was read for the first time; money of the time just before it is being looked for as well.
        looks_back: how long before that.
    """

    today: date
    organisations: Mapping[str, Organisation]
    currencies: Currencies
    clients: Mapping[str, Client] = field(default_factory=dict)
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    began: date = date.min
    looks_back: timedelta = timedelta()

    def waits_from(self, paid_on: date) -> date:
        """From which day on the money of a payment is waited for."""
        if paid_on < self.began and self.began - paid_on <= self.looks_back:
            return self.began
        return paid_on


def organisation_of(of: Resolved, row: JsonObject) -> Organisation:
    """One of our legal entities out of its row."""
    tax_ids = _tax_ids(of, row)
    inn = next((item.value for item in tax_ids if item.kind is not TaxIdKind.RU_KPP), None)
    kpp = next((item.value for item in tax_ids if item.kind is TaxIdKind.RU_KPP), None)
    return Organisation(text_in(of, row, "name"), inn, kpp)


def client_of(of: Resolved, reference: str, row: JsonObject, accounts: Iterable[str] = ()) -> Client:
    """A client with every name, tax id and account; branches share an ИНН and differ by their КПП."""
    names = (text_in(of, row, "name"), text_in(of, row, "full_name"))
    return Client(reference, tuple(dict.fromkeys(filter(None, names))), _tax_ids(of, row), tuple(accounts))


def is_folder(of: Resolved, row: JsonObject) -> bool:
    """Whether a row of a catalogue only groups others."""
    name = of.get("is_folder")
    return name is not None and row.get(name) is True


def account_of(of: Resolved, row: JsonObject) -> str | None:
    """A bank account's number, None for anything that is none."""
    number = text_in(of, row, "number").replace(" ", "").upper()
    return number if _ACCOUNT.fullmatch(number) else None


def contract_of(of: Resolved, row: JsonObject) -> Contract:
    """A contract out of its row."""
    currency, on = of.get("currency"), of.get("date")
    return Contract(
        number=text_in(of, row, "number") or None,
        signed_on=day_of(row.get(on)) if on is not None else None,
        currency=reference_of(row.get(currency)) if currency is not None else None,
    )


def is_in_force(row: JsonObject) -> bool:
    """Whether a document counts: posted and not marked for deletion."""
    return row.get("Posted") is True and row.get("DeletionMark") is not True


@dataclass(frozen=True, slots=True)
class InvoiceMapper:
    """Makes invoices of the rows of one base.

    Attributes:
        of: the documents that are invoices here.
        statuses: how the states of invoices are called, None where the configuration keeps none.
        money_first_days: so long the money itself may answer before 1C's word closes the invoice.
        currency: of documents that name none.
    """

    of: Resolved
    statuses: StatusNames | None
    money_first_days: int
    currency: str

    def invoice(self, reference: str, row: JsonObject, state: PaidState, around: Surroundings) -> Invoice | None:
        """The invoice of a row; None for a draft, a row that is marked for deletion and one without a sum.

        The number stays as it is printed: its prefix tells organisations and bases apart, and clients drop it or not.
        It begins anew each year, so that the reference alone is the invoice's identity.
        """
        if not is_in_force(row):
            return None
        contract = around.contracts.get(self._link(row, "contract") or "")
        currency = self._currency(row, contract, around.currencies)
        try:
            amount = money(row.get(self.of["amount"]), currency)
        except MoneyError:
            return None
        if not amount.is_positive:
            return None
        organisation = around.organisations.get(self._link(row, "organisation") or "")
        return Invoice(
            id=reference,
            number=text_in(self.of, row, "number") or None,
            issued_on=day_of(row.get(self.of["date"])),
            amount=amount,
            paid=_at_most(state.amount, amount),
            status=self._status(row, amount, state, around),
            client=self._client(row, around),
            organisation_tax_id=organisation.inn if organisation is not None else None,
            references=tuple(self._references(row, contract)),
            from_accounting=True,
            guid=guid_of(reference),
        )

    def client_reference(self, row: JsonObject) -> str | None:
        """Whom the invoice is for."""
        return self._link(row, "client")

    def organisation_reference(self, row: JsonObject) -> str | None:
        """Which of our legal entities issued it."""
        return self._link(row, "organisation")

    def contract_reference(self, row: JsonObject) -> str | None:
        """Under which contract."""
        return self._link(row, "contract")

    def _link(self, row: JsonObject, ours: str) -> str | None:
        return linked(self.of, row, ours)

    def _client(self, row: JsonObject, around: Surroundings) -> Client | None:
        reference = self.client_reference(row)
        if reference is None:
            return None
        known = around.clients.get(reference)
        # Requisites have one home, or an old ИНН would live on in each invoice.
        return Client(reference, known.names if known is not None else ())

    def _currency(self, row: JsonObject, contract: Contract | None, currencies: Currencies) -> str:
        named = (self._link(row, "currency"), contract.currency if contract is not None else None)
        for reference in named:
            code = currencies.get(reference or "")
            if code:
                try:
                    return currency_code(code)
                except MoneyError:
                    continue
        return self.currency

    def _status(self, row: JsonObject, amount: Money, state: PaidState, around: Surroundings) -> InvoiceStatus:
        words, cancelled = self.statuses, self.of.get("cancelled")
        if (cancelled is not None and row.get(cancelled) is True) or (words and state.status == words.cancelled):
            return InvoiceStatus.CANCELLED
        is_paid = state.amount >= amount.amount or (words is not None and state.status == words.paid)
        if not is_paid:
            return InvoiceStatus.OPEN
        # The payment itself is on its way to the hub, from the bank: it must find the invoice open.
        if state.last_on is None:
            return InvoiceStatus.PAID
        closes_on = around.waits_from(state.last_on) + timedelta(days=self.money_first_days)
        return InvoiceStatus.OPEN if around.today < closes_on else InvoiceStatus.PAID

    def _references(self, row: JsonObject, contract: Contract | None) -> Iterable[Reference]:
        if contract is not None and contract.number:
            yield Reference(ReferenceKind.CONTRACT, contract.number, contract.signed_on)
        identifier = text_in(self.of, row, "identifier")
        if identifier:
            yield Reference(ReferenceKind.ORDER, identifier)


def amount_of_row(of: Resolved, row: JsonObject) -> Decimal:
    """What a row of a payment puts to its invoice: in the currency of the settlement where 1C tells it."""
    settled = of.get("settled")
    found = number_of(row.get(settled)) if settled is not None else None
    return found or number_of(row.get(of["amount"])) or Decimal(0)


def _at_most(amount: Decimal, whole: Money) -> Money:
    paid = money(amount, whole.currency)
    return paid if paid <= whole else whole


def _tax_ids(of: Resolved, row: JsonObject) -> tuple[TaxId, ...]:
    found: list[TaxId] = []
    inn = _DIGITS.sub("", text_in(of, row, "inn"))
    if len(inn) in _INN_LENGTHS:
        found.append(TaxId(TaxIdKind.RU_INN, inn))
    elif len(inn) == _UNP_LENGTH:
        found.append(TaxId(TaxIdKind.BY_UNP, inn))
    kpp = text_in(of, row, "kpp").replace(" ", "").upper()
    if _KPP.fullmatch(kpp):
        found.append(TaxId(TaxIdKind.RU_KPP, kpp))
    return tuple(found)


def links_of(of: Resolved, rows: Sequence[JsonObject], target: str) -> tuple[str, ...]:
    """Invoices that the rows of a payment name."""
    found = (linked(of, row, "link", target) for row in rows)
    return tuple(dict.fromkeys(reference for reference in found if reference is not None))
