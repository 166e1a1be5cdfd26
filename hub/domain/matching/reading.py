"""What the reader finds in a payment purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hub.domain.models import ReferenceKind
from hub.domain.word import Word


class Mark(Word):
    """What kind of money the words speak of."""

    ADVANCE = "advance"
    PART = "part"
    REST = "rest"
    REFUND = "refund"
    MISTAKE = "mistake"
    REGISTER = "register"
    MARKETPLACE = "marketplace"
    OWN_TRANSFER = "own_transfer"
    TAX = "tax"
    LOAN = "loan"
    SALARY = "salary"
    INTEREST = "interest"
    BANK_FEE = "bank_fee"
    CASH = "cash"
    COURT = "court"
    GRANT = "grant"
    INSURANCE = "insurance"
    SECURITY = "security"
    CAPITAL = "capital"
    PENALTY = "penalty"
    TRUNCATED = "truncated"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class NamedDate:
    """A date as far as it was written: `30.11` has no year, `31.02.2026` has no day that exists.

    Attributes:
        value: the full date, None where the year is missing or the day does not exist.
        day_month: day and month where they were written and may exist.
    """

    value: date | None
    day_month: tuple[int, int] | None

    def agrees(self, day: date) -> bool:
        """Whether what was written can mean that day."""
        if self.value is not None:
            return self.value == day
        return self.day_month == (day.day, day.month)

    @property
    def says_something(self) -> bool:
        """A day could be read at all."""
        return self.day_month is not None


@dataclass(frozen=True, slots=True)
class NamedNumber:
    """An invoice number as the payer wrote it, with the date and the sum written next to it."""

    text: str
    on: NamedDate | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document that the purpose names; invoices for payment are among them."""

    kind: ReferenceKind
    number: str | None
    on: NamedDate | None = None


@dataclass(frozen=True, slots=True)
class Vat:
    """What is said of VAT: none at all, a rate in per cent, a sum (never the sum of the payment)."""

    none: bool = False
    rate: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """«за ООО Пион»: whom the payer pays for."""

    name: str


@dataclass(frozen=True, slots=True)
class PurposeReading:
    """A purpose, read.

    Attributes:
        numbers: numbers of invoices for payment, in the order written, ranges spelled out.
        bare: numbers with a sign and a date but no noun («Оплата № 45 от 03.02.26»): they name something, but not
            surely an invoice.
        documents: every document named, invoices included.
        invoice_dates: dates of an invoice named without a number («по счёту от 03.03.2026»).
        dates: every date, those of documents included.
        amounts: every sum except VAT.
        percent: share of the whole that is paid («предоплата 30 %»), in per cent.
        tax_ids: tax ids written in the text.
    """

    numbers: tuple[NamedNumber, ...] = ()
    bare: tuple[NamedNumber, ...] = ()
    documents: tuple[NamedDocument, ...] = ()
    invoice_dates: tuple[NamedDate, ...] = ()
    dates: tuple[date, ...] = ()
    amounts: tuple[Decimal, ...] = ()
    vat: Vat | None = None
    percent: Decimal | None = None
    tax_ids: tuple[str, ...] = ()
    third_party: ThirdParty | None = None
    marks: frozenset[Mark] = frozenset()

    @property
    def invoice_numbers(self) -> tuple[str, ...]:
        """Numbers of invoices as written."""
        return tuple(number.text for number in self.numbers)
