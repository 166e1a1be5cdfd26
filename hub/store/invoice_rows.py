"""Invoices as table rows and back: joined with their client, with what is paid and which deals they belong to."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select, Table, func, select

from hub.domain.models import Client, Invoice, InvoiceStatus
from hub.domain.money import Money
from hub.ports.records import InvoiceRow
from hub.store import tables as t
from hub.store.codec import dump_client, dump_references, load_client, load_references, merge_clients
from hub.store.ids import hub_id
from hub.store.search import amount_text, searchable
from hub.store.sql import bites

#: Invoices with the client they name, where it was read.
WITH_CLIENT: Final = t.invoices.outerjoin(t.clients, t.clients.c.id == t.invoices.c.client_id)


def invoice_values(connection: str, invoice: Invoice) -> dict[str, object]:
    """Column values of an invoice as its source reports it."""
    client = invoice.client
    return {
        "number": invoice.number,
        "issued_on": invoice.issued_on,
        "amount_minor": invoice.amount.minor,
        "currency": invoice.amount.currency,
        "status": invoice.status.value,
        "due_on": invoice.due_on,
        "client_id": hub_id(connection, client.id) if client and client.id else None,
        "client": dump_client(client) if client else None,
        "organisation_tax_id": invoice.organisation_tax_id,
        "references": dump_references(invoice.references),
        "markable": invoice.markable,
        "search": _search_text(invoice),
        "removed": False,
    }


def _search_text(invoice: Invoice) -> str:
    names = invoice.client.names if invoice.client else ()
    tax_ids = [item.value for item in invoice.client.tax_ids] if invoice.client else []
    return searchable(invoice.number, amount_text(invoice.amount), *names, *tax_ids)


def _active_sum(table: Table) -> ScalarSelect[int]:
    mine = (table.c.invoice_id == t.invoices.c.id) & (table.c.currency == t.invoices.c.currency)
    covered = select(func.coalesce(func.sum(table.c.amount_minor), 0)).where(mine, table.c.undone_at.is_(None))
    return covered.correlate(t.invoices).scalar_subquery()


def paid_minor() -> ColumnElement[int]:
    """What active allocations and adjustments cover of an invoice, minor units."""
    return _active_sum(t.matches) + _active_sum(t.adjustments)


def select_invoices() -> Select[Any]:
    """Columns that `read_invoices` needs, from `WITH_CLIENT`."""
    kept = t.clients.c.body.label("kept_client")
    return select(t.invoices, paid_minor().label("paid_minor"), kept).select_from(WITH_CLIENT)


def load_invoices(connection: Connection, query: Select[Any]) -> list[InvoiceRow]:
    """Run a query made of `select_invoices`; deals come in a second query."""
    rows = connection.execute(query).all()
    deals = _deals(connection, [row.id for row in rows])
    return [_read(row, deals.get(row.id, ())) for row in rows]


def invoices_where(connection: Connection, condition: ColumnElement[bool]) -> list[InvoiceRow]:
    """Invoices under a condition, in the order of their ids."""
    return load_invoices(connection, select_invoices().where(condition).order_by(t.invoices.c.id))


def _deals(connection: Connection, identities: list[str]) -> dict[str, tuple[str, ...]]:
    table = t.invoice_deals
    found: dict[str, tuple[str, ...]] = {}
    for bite in bites(identities):
        query = select(table.c.invoice_id, table.c.deal_id).where(table.c.invoice_id.in_(bite))
        for invoice_id, deal_id in connection.execute(query.order_by(table.c.invoice_id, table.c.position)):
            found[invoice_id] = (*found.get(invoice_id, ()), deal_id)
    return found


def _read(row: Row[Any], deals: tuple[str, ...]) -> InvoiceRow:
    status = InvoiceStatus(row.status)
    # Covered in full by our own matches: paid, whether or not its source has heard of it yet.
    covered = status is InvoiceStatus.OPEN and 0 < row.amount_minor <= int(row.paid_minor)
    invoice = Invoice(
        id=row.id,
        number=row.number,
        issued_on=row.issued_on,
        amount=Money.from_minor(row.amount_minor, row.currency),
        paid=Money.from_minor(int(row.paid_minor), row.currency),
        status=InvoiceStatus.PAID if covered else status,
        due_on=row.due_on,
        client=_read_client(row),
        organisation_tax_id=row.organisation_tax_id,
        deals=deals,
        references=load_references(row.references),
        markable=row.markable,
    )
    return InvoiceRow(row.connection, row.external_id, invoice, row.removed)


def _read_client(row: Row[Any]) -> Client | None:
    if row.client is None:
        return None
    named = load_client(row.client_id or "", row.client)
    if row.kept_client is None:
        return named
    return merge_clients(load_client(row.client_id, row.kept_client), named)
