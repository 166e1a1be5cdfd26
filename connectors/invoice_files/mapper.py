"""From what a list tells to invoices: sums and dates as people write them, what cannot be read told by its row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from connectors.invoice_files.columns import TITLES, Column, Layout
from connectors.invoice_files.requisites import account_doubt, account_of, inn_doubt, inn_of, kpp_doubt, kpp_of
from connectors.invoice_files.states import state_of
from connectors.invoice_files.sums import amount_of
from connectors.invoice_files.tables import Table
from hub.domain.models import Client, Invoice, InvoiceStatus, Reference, ReferenceKind, TaxId, TaxIdKind
from hub.domain.money import Money

_DATES: Final = ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y", "%d/%m/%Y")
_TOTALS: Final = ("итого", "всего", "total")
_SHOWN: Final = 40
_OWN: Final = TITLES[Column.ORGANISATION_INN]
_REQUISITES: Final = (
    (Column.INN, "ИНН покупателя", inn_doubt),
    (Column.KPP, "КПП покупателя", kpp_doubt),
    (Column.ACCOUNT, "расчётный счёт покупателя", account_doubt),
    (Column.ORGANISATION_INN, _OWN, inn_doubt),
)


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
        if _is_none(cells):
            continue
        try:
            _require_identity(cells)
            yield RowInvoice(row.number, invoice_of(cells, paid_as_open=paid_as_open), doubts_of(cells))
        except ValueError as error:
            yield RowFault(row.number, str(error))


def _is_none(cells: Mapping[Column, str]) -> bool:
    """Whether a row is no invoice: totals, titles, or subtotals of a client, which have a sum and no number."""
    if cells[Column.NUMBER]:
        return cells[Column.NUMBER].casefold().startswith(_TOTALS)
    if any(text.casefold().startswith(_TOTALS) for text in cells.values()):
        return True
    told = [cells[Column.DATE]] if Column.DATE in cells else []
    client = [cells[column] for column in (Column.CLIENT, Column.INN) if column in cells]
    told += ["".join(client)] if client else []
    return not (cells[Column.AMOUNT] and told and all(told))


def _require_identity(cells: Mapping[Column, str]) -> None:
    """A row whose invoice cannot be told from others is none: the same list, mended, would bring it a second time."""
    if not cells[Column.NUMBER]:
        raise ValueError("нет номера счёта")
    own = inn_doubt(_OWN, cells.get(Column.ORGANISATION_INN, ""))
    if own is not None:
        raise ValueError(own)


def doubts_of(cells: Mapping[Column, str]) -> tuple[str, ...]:
    """What a row or a document says and nobody understands; the invoice is taken without it."""
    lost = [doubt(title, cells.get(column, "")) for column, title, doubt in _REQUISITES]
    doubts = [f"{doubt}; счёт взят без него" for doubt in lost if doubt is not None]
    said = cells.get(Column.STATUS, "")
    if state_of(said) is None:
        doubts.append(f"состояние «{said[:_SHOWN]}» хабу незнакомо, счёт взят как неоплаченный")
    return tuple(doubts)


def invoice_of(cells: Mapping[Column, str], *, paid_as_open: bool) -> Invoice:
    """The invoice of one row or document.

    Raises:
        ValueError: the sum, the currency or the date cannot be read (Russian).
    """
    number = cells[Column.NUMBER]
    issued_on = _date(cells[Column.DATE]) if cells.get(Column.DATE) else None
    amount = amount_of(cells[Column.AMOUNT], cells.get(Column.CURRENCY, ""))
    own = inn_of(cells.get(Column.ORGANISATION_INN, ""))
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
    name, inn = cells.get(Column.CLIENT, ""), inn_of(cells.get(Column.INN, ""))
    if not name and inn is None:
        return None
    kpp = kpp_of(cells.get(Column.KPP, ""))
    tax_ids = [TaxId(TaxIdKind.RU_INN, inn)] if inn is not None else []
    if inn is not None and kpp is not None:
        tax_ids.append(TaxId(TaxIdKind.RU_KPP, kpp))
    account = account_of(cells.get(Column.ACCOUNT, ""))
    told = "/".join(item.value for item in tax_ids) or f"name:{name.casefold()}"
    identity = hashlib.sha256(told.encode()).hexdigest()[:24]
    return Client(identity, (name,) if name else (), tuple(tax_ids), (account,) if account is not None else ())


def _date(text: str) -> date:
    day = text.replace("T", " ").split(" ")[0]
    for pattern in _DATES:
        try:
            return datetime.strptime(day, pattern).date()  # noqa: DTZ007  a date has no zone
        except ValueError:
            continue
    raise ValueError(f"дата «{text[:40]}» не читается: нужна вида 02.03.2026")
