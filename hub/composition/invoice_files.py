"""Lists of invoices for the command line: the reader of the connector behind its port."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.invoice_files.columns import TITLES, Column, guess_layout
from connectors.invoice_files.doubles import told_apart
from connectors.invoice_files.enterprise_data import UnreadableMessage, is_xml, read_message
from connectors.invoice_files.mapper import RowFault, RowInvoice, read_rows
from connectors.invoice_files.messages import columns_of, read_documents, removed_of
from connectors.invoice_files.packed import UnreadableArchive, unpacked
from connectors.invoice_files.tables import UnreadableTable, read_table
from hub.ports.invoice_file import InvoiceList, ListedDoubt, ListedFault, UnreadableInvoices


def read_invoice_list(raw: bytes, columns: Mapping[str, str], *, paid_as_open: bool = False) -> InvoiceList:
    """A list out of a CSV or XLSX file, or the invoices of a message of EnterpriseData, packed or not.

    Raises:
        UnreadableInvoices: it is none, or names columns that there are not.
    """
    try:
        raw = unpacked(raw)
    except UnreadableArchive as error:
        raise UnreadableInvoices(str(error)) from None
    if is_xml(raw):
        return _read_message(raw, columns, paid_as_open=paid_as_open)
    unknown = [name for name in columns if name not in [column.value for column in Column]]
    if unknown:
        known = ", ".join(column.value for column in Column)
        raise UnreadableInvoices(f"столбца «{unknown[0]}» хаб не знает: можно {known}")
    try:
        table = read_table(raw)
        layout = guess_layout(table, {Column(name): heading for name, heading in columns.items()})
    except UnreadableTable as error:
        raise UnreadableInvoices(str(error)) from None
    return _listed(layout.headings, read_rows(table, layout, paid_as_open=paid_as_open))


def _read_message(raw: bytes, columns: Mapping[str, str], *, paid_as_open: bool) -> InvoiceList:
    if columns:
        raise UnreadableInvoices("в EnterpriseData столбцов нет: повторите без --column")
    try:
        message = read_message(raw)
    except UnreadableMessage as error:
        raise UnreadableInvoices(str(error)) from None
    items = read_documents(message, paid_as_open=paid_as_open)
    return _listed(columns_of(message), items, removed_of(message))


def _listed(
    headings: Mapping[Column, str], items: Iterable[RowInvoice | RowFault], removed: tuple[str, ...] = ()
) -> InvoiceList:
    found = list(told_apart(items))
    read = [item for item in found if isinstance(item, RowInvoice)]
    return InvoiceList(
        {TITLES[column]: headings[column] for column in Column if column in headings},
        tuple(item.invoice for item in read),
        tuple(ListedFault(item.number, item.message) for item in found if isinstance(item, RowFault)),
        removed,
        tuple(ListedDoubt(item.number, doubt) for item in read for doubt in item.doubts),
    )
