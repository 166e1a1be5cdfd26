"""Invoices of several systems that are one sale: who stands for whom, and what was found or decided of each pair."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Integer, Row, and_, bindparam, delete, or_, select, update

from hub.domain.money import Money
from hub.ports.records import InvoiceRow
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.store import tables as t
from hub.store.invoice_rows import InvoiceReader, is_alone, select_invoices
from hub.store.lists import among
from hub.store.search import fold, holding
from hub.store.sql import Repository, insert
from hub.store.standing import stirred

# As the index of documents has it, word for word.
_PAPERS: Final = and_(t.invoices.c.from_accounting.is_(True), t.invoices.c.removed.is_(False))
_KEY: Final = (t.sale_links.c.kind, t.sale_links.c.left_id, t.sale_links.c.right_id)
_SIDE: Final = bindparam("invoice", type_=t.sale_links.c.left_id.type)
# With the kind, the table's own key leads to a left side.
_LEFT: Final = (and_(t.sale_links.c.kind == kind.value, t.sale_links.c.left_id == _SIDE) for kind in LinkKind)
_LINKS: Final = select(t.sale_links).where(or_(*_LEFT, t.sale_links.c.right_id == _SIDE)).order_by(*_KEY)
_BY_GUID: Final = (
    select(t.invoices.c.id)
    .where(t.invoices.c.guid == bindparam("guid"), t.invoices.c.removed.is_(False))
    .order_by(t.invoices.c.id)
)
# Its deal and its money are its own: nothing can be found for it any more.
_SETTLED: Final = (
    select(t.invoice_deals.c.deal_id)
    .join(t.matches, t.matches.c.invoice_id == t.invoice_deals.c.invoice_id)
    .where(t.invoice_deals.c.invoice_id == t.invoices.c.id, t.matches.c.undone_at.is_(None))
    .correlate(t.invoices)
    .exists()
)
_FOUND_PAPERS: Final = (
    select_invoices()
    .where(
        t.invoices.c.amount_minor.between(bindparam("least"), bindparam("most")),
        t.invoices.c.currency == bindparam("currency"),
        _PAPERS,
        ~_SETTLED,
    )
    .order_by(t.invoices.c.issued_on.is_(None), t.invoices.c.issued_on.desc(), t.invoices.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_HOLDERS: Final = select(t.client_tax_ids.c.client_id).where(among(t.client_tax_ids.c.value, "tax_ids"))
_PAPERS_OF_CLIENT: Final = _FOUND_PAPERS.where(t.invoices.c.client_id.in_(_HOLDERS))
# The paper itself may say whose it is, where its client was never read.
_PAPERS_SAYING: Final = _FOUND_PAPERS.where(t.invoices.c.search.like(bindparam("said"), escape="\\"))


class SqlSales(Repository):
    """`hub.ports.sales.Sales` over SQL."""

    def __init__(self, connection: Connection, *, writing: bool, reader: InvoiceReader) -> None:
        super().__init__(connection, writing=writing)
        self._reader = reader

    def alone(self, invoice_id: str) -> InvoiceRow | None:
        """As its own system has it."""
        return self._reader.one_alone(invoice_id)

    def members(self, sale_id: str) -> list[InvoiceRow]:
        """The main one and its copies, in the order of ids."""
        known = self._reader.some([sale_id])
        if known and is_alone(known[0]):
            return known
        return self._reader.alone(_of_sale(sale_id))

    def by_guid(self, guid: str) -> list[str]:
        """Those that keep this reference and are there."""
        return list(self._connection.scalars(_BY_GUID, {"guid": guid}))

    def papers(self, least: Money, most: Money, tax_ids: Collection[str], limit: int) -> list[InvoiceRow]:
        """By the client as it was read, and by what the papers say themselves."""
        if not tax_ids:
            return []
        asked = {"least": least.minor, "most": most.minor, "currency": least.currency, "limit": limit}
        found = self._reader.told(_PAPERS_OF_CLIENT, {**asked, "tax_ids": sorted(tax_ids)})
        for tax_id in sorted(tax_ids):
            found += self._reader.told(_PAPERS_SAYING, {**asked, "said": holding(fold(tax_id))})
        rows = {row.invoice.id: row for row in found}
        return [rows[key] for key in sorted(rows)]

    def join(self, copy_id: str, main_id: str) -> None:
        """The copy, and whatever it stood for, has no keys from now on."""
        copies = list(self._connection.scalars(select(t.invoices.c.id).where(_of_sale(copy_id))))
        mine = t.invoices.c.id.in_(copies)
        self._connection.execute(update(t.invoices).where(mine).values(main_id=main_id, has_copies=False))
        self._connection.execute(update(t.invoices).where(t.invoices.c.id == main_id).values(has_copies=True))
        self._connection.execute(delete(t.invoice_keys).where(t.invoice_keys.c.invoice_id.in_(copies)))
        self._stirred()

    def part(self, invoice_id: str) -> list[str]:
        """A copy leaves its main; a main lets all its copies go."""
        row = self.alone(invoice_id)
        if row is None or not (row.main_id or row.has_copies):
            return [invoice_id]
        copies = [member.invoice.id for member in self.members(row.sale_id) if member.main_id is not None]
        leaving = [invoice_id] if row.main_id else copies
        table = t.invoices
        self._connection.execute(update(table).where(table.c.id.in_(leaving)).values(main_id=None))
        left = select(table.c.id).where(table.c.main_id == row.sale_id).exists()
        self._connection.execute(update(table).where(table.c.id == row.sale_id).values(has_copies=left))
        self._stirred()
        return list(dict.fromkeys([invoice_id, row.sale_id, *leaving]))

    def _stirred(self) -> None:
        self._reader.forget()
        stirred(self._connection)

    def keep(self, link: SaleLink) -> None:
        """One row a pair."""
        told = {
            "state": link.state.value,
            "decided_by": link.decided_by,
            "traits": list(link.traits),
            "decided_at": link.decided_at,
        }
        key = {"kind": link.kind.value, "left_id": link.left, "right_id": link.right}
        adding = insert(self._connection, t.sale_links).values(**key, **told)
        self._connection.execute(adding.on_conflict_do_update(index_elements=list(_KEY), set_=told))
        self._reader.links.clear()

    def drop(self, kind: LinkKind, left: str, right: str) -> None:
        """Forget the pair."""
        mine = and_(*(column == value for column, value in zip(_KEY, (kind.value, left, right), strict=True)))
        self._connection.execute(delete(t.sale_links).where(mine))
        self._reader.links.clear()

    def links(self, invoice_id: str) -> list[SaleLink]:
        """On either side."""
        known = self._reader.links.get(invoice_id)
        if known is None:
            rows = self._connection.execute(_LINKS, {"invoice": invoice_id})
            known = self._reader.links[invoice_id] = [read_link(row) for row in rows]
        return list(known)


def _of_sale(sale_id: str) -> ColumnElement[bool]:
    return or_(t.invoices.c.id == sale_id, t.invoices.c.main_id == sale_id)


def read_link(row: Row[Any]) -> SaleLink:
    """A row of `sale_links`."""
    return SaleLink(
        LinkKind(row.kind),
        row.left_id,
        row.right_id,
        LinkState(row.state),
        row.decided_by,
        tuple(row.traits),
        row.decided_at,
    )
