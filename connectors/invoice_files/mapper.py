"""From what a list tells to invoices: sums and dates as people write them, what cannot be read told by its row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from connectors.invoice_files.columns import Column, Layout
from connectors.invoice_files.states import state_of
from connectors.invoice_files.sums import amount_of
from connectors.invoice_files.tables import Table
from hub.domain.models import Client, Invoice, InvoiceStatus, Reference, ReferenceKind, TaxId, TaxIdKind
from hub.domain.money import Money

_DATES: Final = ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y", "%d/%m/%Y")
_DIGITS: Final = re.compile(r"\D")
_KPP: Final = re.compile(r"\d{4}[\dA-Z]{2}\d{3}", re.ASCII)
_ACCOUNT: Final = re.compile(r"\d{20}", re.ASCII)
_TOTALS: Final = ("итого", "всего", "total")
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that could not be read; `number` is the one that people see in the file."""

    number: int
    message: str


@dataclass(frozen=True, slots=True)
class RowInvoice:
    """An invoice and the row, or the line of the document, that it was read from.

    Attributes:
        doubts: what the row tells beside it that was not understood (Russian).
    """

    number: int
    invoice: Invoice
    doubts: tuple[str, ...] = ()


def read_rows(table: Table, layout: Layout, *, paid_as_open: bool = False) -> Iterator[RowInvoice | RowFault]:
    """Invoices of the rows under the headings; a row of totals ends nothing and is left out.

    Args:
        paid_as_open: what the list calls paid is taken as open, so that its payments are looked for.
    """
    for row in table[layout.header + 1 :]:
        if row.fault:
            yield RowFault(row.number, row.fault)
            continue
        cells = {column: row.cells[place] if place < len(row.cells) else "" for column, place in layout.columns.items()}
        if not cells[Column.NUMBER] or cells[Column.NUMBER].casefold().startswith(_TOTALS):
            continue
        try:
            yield RowInvoice(row.number, invoice_of(cells, paid_as_open=paid_as_open), doubts_of(cells))
        except ValueError as error:
            yield RowFault(row.number, str(error))


def doubts_of(cells: Mapping[Column, str]) -> tuple[str, ...]:
    """What a row or a document says and nobody understands; the invoice is taken without it."""
    said = cells.get(Column.STATUS, "")
    if state_of(said) is None:
        return (f"состояние «{said[:_SHOWN]}» хабу незнакомо, счёт взят как неоплаченный",)
    return ()


def invoice_of(cells: Mapping[Column, str], *, paid_as_open: bool) -> Invoice:
    """The invoice of one row or document.

    Raises:
        ValueError: the sum, the currency or the date cannot be read (Russian).
    """
    number = cells[Column.NUMBER]
    issued_on = _date(cells[Column.DATE]) if cells.get(Column.DATE) else None
    amount = amount_of(cells[Column.AMOUNT], cells.get(Column.CURRENCY, ""))
    own = _inn(cells.get(Column.ORGANISATION_INN, ""))
    contract = cells.get(Column.CONTRACT, "")
    status = state_of(cells.get(Column.STATUS, "")) or InvoiceStatus.OPEN
    if status is InvoiceStatus.PAID and paid_as_open:
        status = InvoiceStatus.OPEN
    return Invoice(
        # Numbers begin anew each year and in each organisation: the same list again changes, and never doubles.
        id=f"{own or '-'}:{issued_on.year if issued_on else '-'}:{number}",
        number=number,
        issued_on=issued_on,
        amount=amount,
        paid=Money.zero(amount.currency),
        status=status,
        client=_client(cells),
        organisation_tax_id=own,
        references=(Reference(ReferenceKind.CONTRACT, contract),) if any(map(str.isdigit, contract)) else (),
        markable=False,
        from_accounting=True,
    )


def _client(cells: Mapping[Column, str]) -> Client | None:
    name, inn = cells.get(Column.CLIENT, ""), _inn(cells.get(Column.INN, ""))
    if not name and inn is None:
        return None
    kpp = cells.get(Column.KPP, "").replace(" ", "").upper()
    tax_ids = [TaxId(TaxIdKind.RU_INN, inn)] if inn is not None else []
    if inn is not None and _KPP.fullmatch(kpp):
        tax_ids.append(TaxId(TaxIdKind.RU_KPP, kpp))
    account = cells.get(Column.ACCOUNT, "").replace(" ", "")
    told = "/".join(item.value for item in tax_ids) or f"name:{name.casefold()}"
    identity = hashlib.sha256(told.encode()).hexdigest()[:24]
    return Client(identity, (name,) if name else (), tuple(tax_ids), (account,) if _ACCOUNT.fullmatch(account) else ())


def _date(text: str) -> date:
    day = text.replace("T", " ").split(" ")[0]
    for pattern in _DATES:
        try:
            return datetime.strptime(day, pattern).date()  # noqa: DTZ007  a date has no zone
        except ValueError:
            continue
    raise ValueError(f"дата «{text[:40]}» не читается: нужна вида 02.03.2026")


def _inn(text: str) -> str | None:
    """An ИНН; a cell that holds both (`7707083893/770701001`) gives its first part."""
    digits = _DIGITS.sub("", text.partition("/")[0])
    if len(digits) in (9, 11):
        digits = f"0{digits}"  # a table took the text for a number and dropped the leading zero
    return digits if len(digits) in (10, 12) else None
