"""What accounting says of a deal's invoices, put into fields of the deal: number, date, sum and state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from hub.domain.models import Invoice, InvoiceStatus
from hub.domain.money import Money, total
from hub.domain.word import Word
from hub.domain.wording import date_text, money_text

#: What a field is given: text, a sum or days; an empty text and no days at all mean an empty field.
FieldValue = str | Money | tuple[date, ...]
EMPTY: Final = ""
#: Several numbers and several days stand in one field like this.
COMMA: Final = ", "


class FillRole(Word):
    """What of an invoice goes into a field."""

    NUMBER = "invoice_number"
    DATE = "invoice_date"
    SUM = "invoice_sum"
    STATUS = "invoice_status"


class FieldOwner(Word):
    """Whose word stands in a field: accounting's, or the CRM's once the field holds anything."""

    ACCOUNTING = "accounting"
    CRM = "crm"


class PaidState(Word):
    """The state of an invoice as people read it in the CRM."""

    OPEN = "не оплачен"
    PARTLY = "частично"
    PAID = "оплачен"


@dataclass(frozen=True, slots=True)
class FillField:
    """A field of a deal that takes a part of its accounting invoices; `field` as the CRM names it."""

    field: str
    owner: FieldOwner = FieldOwner.ACCOUNTING


@dataclass(frozen=True, slots=True)
class Filling:
    """What a field is to hold by accounting's word."""

    role: FillRole
    field: str
    owner: FieldOwner
    value: FieldValue


def fillings_of(
    fields: Mapping[FillRole, FillField], invoices: Sequence[Invoice], paid: Mapping[str, Money]
) -> tuple[Filling, ...]:
    """What each named field is to hold; without invoices every field is to be empty.

    Args:
        invoices: of one deal, from accounting. One that was cancelled asks for no money and is left out.
        paid: what the hub takes as paid, by the invoice's id.
    """
    asked = sorted((item for item in invoices if item.status is not InvoiceStatus.CANCELLED), key=_order)
    values = _values(asked, paid)
    return tuple(
        Filling(role, fields[role].field, fields[role].owner, values[role])
        for role in FillRole
        if role in fields and role in values
    )


def _order(invoice: Invoice) -> tuple[bool, date, str]:
    return invoice.issued_on is None, invoice.issued_on or date.min, invoice.id


def _values(invoices: Sequence[Invoice], paid: Mapping[str, Money]) -> dict[FillRole, FieldValue]:
    if not invoices:
        return dict.fromkeys(FillRole, EMPTY)
    values: dict[FillRole, FieldValue] = {
        FillRole.NUMBER: COMMA.join(dict.fromkeys(item.number for item in invoices if item.number)),
        FillRole.DATE: tuple(dict.fromkeys(item.issued_on for item in invoices if item.issued_on is not None)),
        FillRole.STATUS: _state_of(invoices, paid).value,
    }
    currencies = {item.amount.currency for item in invoices}
    if len(currencies) == 1:
        values[FillRole.SUM] = total((item.amount for item in invoices), currencies.pop())
    # Sums in two currencies make no sum: the field stays as it is.
    return values


def _state_of(invoices: Sequence[Invoice], paid: Mapping[str, Money]) -> PaidState:
    states = {_state(item, paid.get(item.id, item.paid)) for item in invoices}
    return states.pop() if len(states) == 1 else PaidState.PARTLY


def _state(invoice: Invoice, paid: Money) -> PaidState:
    if invoice.status is InvoiceStatus.PAID or paid >= invoice.amount:
        return PaidState.PAID
    return PaidState.PARTLY if paid.is_positive else PaidState.OPEN


def value_text(value: FieldValue) -> str:
    """A value in the accountant's spelling, as a field of plain text takes it; "" for an empty one."""
    match value:
        case Money():
            # A field of a CRM is searched and typed into: no sign that looks like a space but is none.
            return money_text(value).replace("\u00a0", " ")
        case tuple():
            return COMMA.join(date_text(day) for day in value)
        case text:
            return text
