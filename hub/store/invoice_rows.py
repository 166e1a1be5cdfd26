"""Invoices as table rows and back: joined with their client, with what is paid and which deals they belong to."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    or_,
    select,
)

from hub.domain.models import Client, Invoice, InvoiceStatus, Reference
from hub.domain.money import Money
from hub.ports.records import InvoiceRow
from hub.ports.sales import SaleLink
from hub.store import tables as t
from hub.store.codec import dump_client, dump_references, load_client, load_references, merge_clients
from hub.store.ids import hub_id
from hub.store.joined_sale import one_invoice
from hub.store.lists import among, gathered
from hub.store.search import amount_text, searchable
from hub.store.sql import bites

_DOCUMENTS_KEPT: Final = 4096
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
        "from_accounting": invoice.from_accounting,
        "guid": invoice.guid,
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


_DEALS: Final = gathered(
    select(t.invoice_deals.c.deal_id)
    .where(t.invoice_deals.c.invoice_id == t.invoices.c.id)
    .order_by(t.invoice_deals.c.position)
    .correlate(t.invoices)
)
#: Read as text: the same few documents stand on very many rows, and are taken apart once.
_DOCUMENTS: Final = ("client", "references")
#: What it can be found by is for the database alone.
_COLUMNS: Final = [
    cast(column, Text).label(column.name) if column.name in _DOCUMENTS else column
    for column in t.invoices.c
    if column.name != "search"
]


def select_invoices() -> Select[Any]:
    """What `load_invoices` reads, from `WITH_CLIENT`."""
    kept = cast(t.clients.c.body, Text).label("kept_client")
    return select(*_COLUMNS, paid_minor().label("paid_minor"), kept, _DEALS.label("deals")).select_from(WITH_CLIENT)


_EVERY: Final = select_invoices()
_ONE: Final = _EVERY.where(t.invoices.c.id == bindparam("invoice"))
_BY_IDS: Final = _EVERY.where(among(t.invoices.c.id, "ids")).order_by(t.invoices.c.id)
_MEMBERS: Final = _EVERY.where(or_(among(t.invoices.c.id, "mains"), among(t.invoices.c.main_id, "mains"))).order_by(
    t.invoices.c.id
)


class InvoiceReader:
    """Reads invoices for one transaction and remembers them until something they are made of changes.

    Attributes:
        links: what is known of pairs, by invoice, as long as nobody else can have written there.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen: dict[str, InvoiceRow] = {}
        self.links: dict[str, list[SaleLink]] = {}

    def forget(self, identities: Iterable[str] | None = None) -> None:
        """These were written to, or nobody knows which: they are read anew, and so is whoever stands for them."""
        if identities is None:
            self._seen.clear()
            self.links.clear()
            return
        for identity in identities:
            self._seen.pop(identity, None)
        for identity, row in tuple(self._seen.items()):
            if not is_alone(row):
                del self._seen[identity]

    def where(self, condition: ColumnElement[bool]) -> list[InvoiceRow]:
        """Invoices under a condition, in the order of their ids."""
        return self._keep(as_sales(self._connection, self.alone(condition)))

    def alone(self, condition: ColumnElement[bool], most: int | None = None) -> list[InvoiceRow]:
        """As each system has it, whatever it is a copy of, in the order of their ids."""
        return load_invoices(self._connection, _EVERY.where(condition).order_by(t.invoices.c.id).limit(most))

    def told(self, query: Select[Any], values: Mapping[str, object]) -> list[InvoiceRow]:
        """The same by a query made of `select_invoices` beforehand."""
        return load_invoices(self._connection, query, values)

    def one_alone(self, identity: str) -> InvoiceRow | None:
        """One as its own system has it."""
        known = self._seen.get(identity)
        if known is not None and is_alone(known):
            return known
        rows = load_invoices(self._connection, _ONE, {"invoice": identity})
        return next(iter(self._keep(rows) if rows and is_alone(rows[0]) else rows), None)

    def some(self, identities: Collection[str]) -> list[InvoiceRow]:
        """Those of the invoices that there are, in the order of their ids."""
        for bite in bites(sorted(set(identities) - self._seen.keys())):
            self._keep(as_sales(self._connection, load_invoices(self._connection, _BY_IDS, {"ids": bite})))
        return [self._seen[identity] for identity in sorted(set(identities)) if identity in self._seen]

    def _keep(self, rows: list[InvoiceRow]) -> list[InvoiceRow]:
        self._seen |= {row.invoice.id: row for row in rows}
        return rows


def is_alone(row: InvoiceRow) -> bool:
    """No other system's invoice has to do with it: it is the whole sale."""
    return row.main_id is None and not row.has_copies


def as_sales(connection: Connection, rows: list[InvoiceRow]) -> list[InvoiceRow]:
    """With those that several systems keep put together."""
    wanted = {row.sale_id for row in rows if not is_alone(row)}
    if not wanted:
        return rows
    groups: dict[str, list[InvoiceRow]] = {}
    for bite in bites(sorted(wanted)):
        for member in load_invoices(connection, _MEMBERS, {"mains": bite}):
            groups.setdefault(member.sale_id, []).append(member)
    sales = {main: one_invoice(members) for main, members in groups.items()}
    there = {main for main, members in groups.items() if not all(member.removed for member in members)}
    return [
        replace(
            row,
            invoice=replace(sales[row.sale_id], id=row.invoice.id),
            lives_on=row.removed and row.main_id is None and row.sale_id in there,
        )
        if row.sale_id in sales
        else row
        for row in rows
    ]


def load_invoices(
    connection: Connection, query: Select[Any], values: Mapping[str, object] | None = None
) -> list[InvoiceRow]:
    """Run a query made of `select_invoices`."""
    return [_read(row) for row in connection.execute(query, values).all()]


def _read(row: Row[Any]) -> InvoiceRow:
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
        deals=tuple(row.deals),
        references=_references(row.references),
        markable=row.markable,
        from_accounting=row.from_accounting,
        guid=row.guid,
    )
    return InvoiceRow(row.connection, row.external_id, invoice, row.removed, row.main_id, row.has_copies)


def _read_client(row: Row[Any]) -> Client | None:
    return None if row.client is None else _client(row.client_id, row.client, row.kept_client)


@lru_cache(maxsize=_DOCUMENTS_KEPT)
def _client(identity: str | None, named_by_invoice: str, kept_client: str | None) -> Client:
    named = load_client(identity or "", json.loads(named_by_invoice))
    if kept_client is None:
        return named
    return merge_clients(load_client(identity or "", json.loads(kept_client)), named)


@lru_cache(maxsize=_DOCUMENTS_KEPT)
def _references(document: str) -> tuple[Reference, ...]:
    return load_references(json.loads(document))
