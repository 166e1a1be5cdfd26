"""Two rows for one invoice: the same twice is one, and what differs is no guess of ours.

An invoice of a list is its number, year and organisation; without the organisation's ИНН two of them share № 1. The
later of two such rows would stand for both, and the money of the other would be asked for by nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from connectors.invoice_files.columns import TITLES, Column
from connectors.invoice_files.mapper import RowFault, RowInvoice
from hub.domain.models import Invoice

_ROWS_SHOWN: Final = 5
_SHOWN: Final = 40
_SAID: Final[Mapping[Column, Callable[[Invoice], object]]] = {
    Column.NUMBER: lambda invoice: invoice.number,
    Column.AMOUNT: lambda invoice: invoice.amount,
    Column.CLIENT: lambda invoice: invoice.client and invoice.client.id,
    Column.DATE: lambda invoice: invoice.issued_on,
    Column.STATUS: lambda invoice: invoice.status,
    Column.ORGANISATION_INN: lambda invoice: invoice.organisation_tax_id,
    Column.CONTRACT: lambda invoice: invoice.references,
}


def told_apart(items: Iterable[RowInvoice | RowFault]) -> Iterator[RowInvoice | RowFault]:
    """Each invoice once, in the order of the file; rows that contradict each other become faults, each of them."""
    read = list(items)
    rows: dict[str, list[RowInvoice]] = {}
    for item in read:
        if isinstance(item, RowInvoice):
            rows.setdefault(item.invoice.id, []).append(item)
    for item in read:
        if isinstance(item, RowFault) or len(rows[item.invoice.id]) == 1:
            yield item
        else:
            yield from _one_of(item, rows[item.invoice.id])


def _one_of(item: RowInvoice, rows: Sequence[RowInvoice]) -> Iterator[RowInvoice | RowFault]:
    others = _told([row.number for row in rows if row is not item])
    different = [TITLES[column] for column, said in _SAID.items() if len({said(row.invoice) for row in rows}) > 1]
    if different:
        yield RowFault(item.number, _contradiction(item.invoice, others, different))
    elif item is rows[0]:
        yield replace(item, doubts=(*item.doubts, f"этот же счёт повторён ({others}), взят один раз"))


def _contradiction(invoice: Invoice, others: str, different: Sequence[str]) -> str:
    ways = ["оставьте одну строку"]
    if invoice.organisation_tax_id is None:
        ways.append(f"если это счета разных организаций, укажите «{TITLES[Column.ORGANISATION_INN]}»")
    if invoice.issued_on is None:
        ways.append("если разных лет — дату")
    year = f" {invoice.issued_on.year} года" if invoice.issued_on is not None else ""
    number = (invoice.number or "")[:_SHOWN]
    return f"№ {number}{year} есть ещё раз ({others}), отличается: {', '.join(different)}. Выход: {'; '.join(ways)}"


def _told(numbers: Sequence[int]) -> str:
    word = "строка" if len(numbers) == 1 else "строки"
    rest = len(numbers) - _ROWS_SHOWN
    return f"{word} {', '.join(map(str, numbers[:_ROWS_SHOWN]))}{f' и ещё {rest}' if rest > 0 else ''}"
