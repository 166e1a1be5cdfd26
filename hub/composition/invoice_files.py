"""Lists of invoices for the command line: the reader of the connector behind its port."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.invoice_files.columns import TITLES, Column, guess_layout
from connectors.invoice_files.mapper import RowFault, read_rows
from connectors.invoice_files.tables import UnreadableTable, read_table
from hub.domain.models import Invoice
from hub.ports.invoice_file import InvoiceList, ListedFault, UnreadableInvoices


def read_invoice_list(raw: bytes, columns: Mapping[str, str], *, paid_as_open: bool = False) -> InvoiceList:
    """A list out of a CSV or XLSX file.

    Raises:
        UnreadableInvoices: it is none, or names columns that there are not.
    """
    unknown = [name for name in columns if name not in [column.value for column in Column]]
    if unknown:
        known = ", ".join(column.value for column in Column)
        raise UnreadableInvoices(f"столбца «{unknown[0]}» хаб не знает: можно {known}")
    try:
        table = read_table(raw)
        layout = guess_layout(table, {Column(name): heading for name, heading in columns.items()})
    except UnreadableTable as error:
        raise UnreadableInvoices(str(error)) from None
    items = list(read_rows(table, layout, paid_as_open=paid_as_open))
    return InvoiceList(
        {TITLES[column]: layout.headings[column] for column in Column if column in layout.headings},
        tuple(item for item in items if isinstance(item, Invoice)),
        tuple(ListedFault(item.number, item.message) for item in items if isinstance(item, RowFault)),
    )
