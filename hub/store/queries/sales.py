"""Invoices that may be one sale, for the desk: what waits for a person, what was answered, what the machine joined."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from hub.domain.models import Client
from hub.ports.records import AUTO, DealRow, InvoiceRow
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.store import tables as t
from hub.store.codec import load_client
from hub.store.deals import read_deals
from hub.store.ids import hub_id, payment_id
from hub.store.invoice_rows import InvoiceReader
from hub.store.queries.views import Page, SaleLine, SaleTab
from hub.store.sales import read_link
from hub.store.sql import bites

_LINKS: Final = t.sale_links
_CONDITIONS: Final[Mapping[SaleTab, ColumnElement[bool]]] = {
    SaleTab.ASKED: _LINKS.c.state == LinkState.ASKED.value,
    SaleTab.ANSWERED: and_(
        _LINKS.c.state.in_([LinkState.JOINED.value, LinkState.APART.value]), _LINKS.c.decided_by != AUTO
    ),
    SaleTab.JOINED: and_(_LINKS.c.state == LinkState.JOINED.value, _LINKS.c.decided_by == AUTO),
}


def sale_counts(connection: Connection) -> dict[SaleTab, int]:
    """How many pairs there are of each kind."""
    return {tab: _count(connection, condition) for tab, condition in _CONDITIONS.items()}


def asked_sales(connection: Connection) -> int | None:
    """How many pairs wait for a person; None where nothing was ever joined nor asked about."""
    asked = _count(connection, _CONDITIONS[SaleTab.ASKED])
    return asked or (0 if connection.execute(select(_LINKS.c.kind).limit(1)).first() is not None else None)


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(_LINKS).where(condition)).scalar_one())


def sales_page(connection: Connection, tab: SaleTab, offset: int, limit: int) -> Page[SaleLine]:
    """Pairs of one kind with both sides, the newest first; so many statements however many pairs."""
    condition = _CONDITIONS[tab]
    newest = (_LINKS.c.decided_at.desc(), _LINKS.c.kind, _LINKS.c.left_id, _LINKS.c.right_id)
    query = select(_LINKS).where(condition).order_by(*newest).offset(offset).limit(limit)
    links = [read_link(row) for row in connection.execute(query)]
    invoices = {row.invoice.id: row for row in _alone(connection, _invoice_ids(links))}
    asked_of = [link.right for link in links if link.kind is LinkKind.DEAL]
    deals = _deals(connection, {*asked_of, *(deal for row in invoices.values() for deal in row.invoice.deals)})
    clients = _clients(connection, [deals[key] for key in asked_of if key in deals])
    members = sale_members(connection, invoices)
    given = _given(connection, {row.sale_id for row in invoices.values()})
    lines = (_line(link, invoices, deals, clients, members, given) for link in links)
    return Page(tuple(lines), _count(connection, condition), offset, limit)


def sale_members(connection: Connection, invoice_ids: Collection[str]) -> dict[str, tuple[InvoiceRow, ...]]:
    """By invoice: the invoices there are of its sale, each as its own system has it; where several systems keep it."""
    table, found = t.invoices, dict[str, InvoiceRow]()
    main = func.coalesce(table.c.main_id, table.c.id)
    for bite in bites(sorted(set(invoice_ids))):
        joined = select(main).where(table.c.id.in_(bite), or_(table.c.main_id.is_not(None), table.c.has_copies))
        # Asked for first: with a query in the OR, PostgreSQL would read every invoice.
        mains = sorted(set(connection.scalars(joined)))
        mine = or_(table.c.id.in_(mains), table.c.main_id.in_(mains))
        found |= {row.invoice.id: row for row in InvoiceReader(connection).alone(mine)} if mains else {}
    sales: dict[str, list[InvoiceRow]] = {}
    for row in sorted(found.values(), key=lambda item: (not item.invoice.from_accounting, item.invoice.id)):
        if not row.removed:
            sales.setdefault(row.sale_id, []).append(row)
    of_sale = {key: found[key].sale_id for key in invoice_ids if key in found}
    return {key: tuple(sales[sale]) for key, sale in of_sale.items() if len(sales.get(sale, ())) > 1}


def _invoice_ids(links: Iterable[SaleLink]) -> list[str]:
    sides = ([link.left] if link.kind is LinkKind.DEAL else [link.left, link.right] for link in links)
    return sorted({side for pair in sides for side in pair})


def _alone(connection: Connection, invoice_ids: list[str]) -> list[InvoiceRow]:
    reader = InvoiceReader(connection)
    return [row for bite in bites(invoice_ids) for row in reader.alone(t.invoices.c.id.in_(bite))]


def _deals(connection: Connection, deal_ids: Collection[str]) -> dict[str, DealRow]:
    found = (read_deals(connection, t.deals.c.id.in_(bite)) for bite in bites(sorted(deal_ids)))
    return {row.id: row for rows in found for row in rows}


def _clients(connection: Connection, deals: Collection[DealRow]) -> dict[str, Client]:
    """Clients of the deals, by deal."""
    wanted = {row.id: hub_id(row.connection, row.deal.client_id) for row in deals if row.deal.client_id}
    table, known = t.clients, dict[str, Client]()
    for bite in bites(sorted(set(wanted.values()))):
        query = select(table.c.id, table.c.body).where(table.c.id.in_(bite))
        known |= {row.id: load_client(row.id, row.body) for row in connection.execute(query)}
    return {deal: known[client] for deal, client in wanted.items() if client in known}


def _given(connection: Connection, sale_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Payments that were given to the sales."""
    table, given = t.matches, dict[str, tuple[str, ...]]()
    for bite in bites(sorted(sale_ids)):
        active = and_(table.c.invoice_id.in_(bite), table.c.undone_at.is_(None))
        query = select(table.c.invoice_id, table.c.payment_id).where(active).order_by(table.c.id)
        for row in connection.execute(query):
            before, name = given.get(row.invoice_id, ()), payment_id(row.payment_id)
            given[row.invoice_id] = before if name in before else (*before, name)
    return given


def _line(
    link: SaleLink,
    invoices: Mapping[str, InvoiceRow],
    deals: Mapping[str, DealRow],
    clients: Mapping[str, Client],
    members: Mapping[str, tuple[InvoiceRow, ...]],
    given: Mapping[str, Any],
) -> SaleLine:
    left, right = invoices.get(link.left), invoices.get(link.right) if link.kind is LinkKind.INVOICE else None
    rows = [row for row in (left, right) if row is not None]
    named = {deal for row in rows for deal in row.invoice.deals}
    return SaleLine(
        link=link,
        left=left,
        right=right,
        deal=deals.get(link.right) if link.kind is LinkKind.DEAL else None,
        deal_client=clients.get(link.right),
        deals={key: deals[key] for key in sorted(named) if key in deals},
        members={row.invoice.id: members.get(row.invoice.id, ()) for row in rows},
        payments={row.invoice.id: given.get(row.sale_id, ()) for row in rows},
    )
