"""Deals as last read from the CRMs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    or_,
    select,
    union_all,
    update,
)

from hub.domain.models import Deal, Invoice, StageKind
from hub.domain.money import Money
from hub.ports.records import DealRow
from hub.store import tables as t
from hub.store.held import held_ids
from hub.store.ids import external_id as own_id
from hub.store.ids import hub_id
from hub.store.invoice_rows import InvoiceReader
from hub.store.lists import among
from hub.store.sql import Repository, bites, insert

_MISSING: Final = object()

# Statements of the hot path are made once: putting one together costs more than running it.
_DEAL: Final = select(t.deals).where(t.deals.c.id == bindparam("deal"))
_COPY: Final = t.invoices.alias("copy")
_ASKED: Final = bindparam("invoice", type_=t.invoices.c.id.type)
# Of the invoice and of those that it stands for: an OR of the two would make PostgreSQL read the whole table.
_SAME_SALE: Final = union_all(select(_ASKED), select(_COPY.c.id).where(_COPY.c.main_id == _ASKED))
_BOUND: Final = select(t.invoice_deals.c.deal_id).where(t.invoice_deals.c.invoice_id.in_(_SAME_SALE))
_OF_INVOICE: Final = select(t.deals).where(t.deals.c.id.in_(_BOUND)).order_by(t.deals.c.id)
_OPEN: Final = and_(t.deals.c.stage_kind == StageKind.OPEN.value, t.deals.c.removed.is_(False))
_OF_ONE_CLIENT: Final = select(t.deals).where(t.deals.c.client_id == bindparam("client"), _OPEN).order_by(t.deals.c.id)
# Ids of most systems are counted up: a longer one is younger.
_NEWEST: Final = (
    select(t.deals)
    .where(_OPEN)
    .order_by(func.length(t.deals.c.id).desc(), t.deals.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_OF_CLIENTS: Final = t.deals.c.client_id.in_(
    select(t.client_tax_ids.c.client_id).where(among(t.client_tax_ids.c.value, "tax_ids"))
)
_CURRENCY: Final = t.deals.c.currency == bindparam("currency")
_BETWEEN: Final = t.deals.c.amount_minor.between(bindparam("least"), bindparam("most"))
_OF_SUMS: Final = _NEWEST.where(_OF_CLIENTS, _BETWEEN, _CURRENCY)
_WITH_DIGITS: Final = or_(
    t.deals.c.title.like(bindparam("digits")), cast(t.deals.c.fields, Text).like(bindparam("digits"))
)
_DIGITS_OF_SUM: Final = _NEWEST.where(t.deals.c.amount_minor == bindparam("minor"), _CURRENCY, _WITH_DIGITS)
_DIGITS_OF_CLIENTS: Final = _NEWEST.where(_OF_CLIENTS, _WITH_DIGITS)
_TOLD: Final = (
    select(t.invoice_deals.c.invoice_id)
    .join(t.invoices, t.invoices.c.id == t.invoice_deals.c.invoice_id)
    .where(t.invoice_deals.c.deal_id == bindparam("deal"), t.invoices.c.from_accounting.is_(False))
)
_INVOICES: Final = select(t.invoice_deals.c.invoice_id).where(t.invoice_deals.c.deal_id == bindparam("deal"))


class SqlDeals(Repository):
    """`hub.ports.store.Deals` over SQL."""

    def __init__(self, connection: Connection, *, writing: bool, reader: InvoiceReader) -> None:
        super().__init__(connection, writing=writing)
        self._reader = reader
        self._seen: dict[str, DealRow] = {}

    def upsert(self, connection: str, deal: Deal) -> bool:
        """Store; True when something changed."""
        identity = hub_id(connection, deal.id)
        self._seen.pop(identity, None)
        values = _values(connection, deal)
        self._lock(t.deals, t.deals.c.id == identity)
        kept = self._connection.execute(select(t.deals).where(t.deals.c.id == identity)).one_or_none()
        before = kept._asdict() if kept else {}
        if all(before.get(name, _MISSING) == value for name, value in values.items()):
            return False
        adding = insert(self._connection, t.deals).values(
            id=identity, connection=connection, external_id=deal.id, **values
        )
        self._connection.execute(adding.on_conflict_do_update(index_elements=[t.deals.c.id], set_=values))
        return True

    def remove(self, connection: str, external_id: str) -> None:
        """The source deleted it."""
        identity = hub_id(connection, external_id)
        self._seen.pop(identity, None)
        self._connection.execute(update(t.deals).where(t.deals.c.id == identity).values(removed=True))

    def held(self, connection: str, after: str, limit: int) -> list[str]:
        """The source's ids of open deals, in order, after that one."""
        is_open = t.deals.c.stage_kind == StageKind.OPEN.value
        return held_ids(self._connection, t.deals, connection, after, limit, is_open)

    def get(self, deal_id: str) -> DealRow | None:
        """Read one by the hub's id, also a removed one."""
        if deal_id not in self._seen:
            self._keep(self._connection.execute(_DEAL, {"deal": deal_id}))
        return self._seen.get(deal_id)

    def of_invoice(self, invoice_id: str) -> list[DealRow]:
        """Deals of an invoice that were read, also removed ones."""
        return self._keep(self._connection.execute(_OF_INVOICE, {"invoice": invoice_id}))

    def _keep(self, found: Iterable[Row[Any]]) -> list[DealRow]:
        """A transaction reads a deal once, until it writes to it."""
        rows = [_read(row) for row in found]
        self._seen |= {row.id: row for row in rows}
        return rows

    def bind(self, connection: str, external_id: str, invoice_ids: Sequence[str]) -> bool:
        """These invoices of the connection and no others of it belong to the deal; True when that is new.

        Invoices never read are left out; what other connections have to do with the deal is not this one's to say.
        """
        table, identity = t.invoice_deals, hub_id(connection, external_id)
        wanted = {hub_id(connection, invoice) for invoice in invoice_ids}
        # What the hub found itself is not the system's to take away, nor what others say.
        told = self._connection.scalars(_TOLD, {"deal": identity})
        here = {invoice for invoice in told if invoice.startswith(hub_id(connection, ""))}
        gone, fresh = here - wanted, self._kept(wanted - here)
        mine = table.c.deal_id == identity
        for bite in bites(sorted(gone)):
            self._connection.execute(delete(table).where(mine, table.c.invoice_id.in_(bite)))
        for invoice in fresh:
            self.give(identity, invoice)
        self._reader.forget({*gone, *fresh})
        return bool(gone or fresh)

    def of_client(self, connection: str, client_external_id: str) -> list[DealRow]:
        """Open deals of a client as its own system names it."""
        return self._keep(self._connection.execute(_OF_ONE_CLIENT, {"client": hub_id(connection, client_external_id)}))

    def of_sums(self, least: Money, most: Money, tax_ids: Collection[str], limit: int) -> list[DealRow]:
        """Open deals of the clients with any of these tax ids, of sums within the bounds."""
        between = {"least": least.minor, "most": most.minor, "currency": least.currency}
        return self._keep(self._connection.execute(_OF_SUMS, {**between, "tax_ids": sorted(tax_ids), "limit": limit}))

    def with_digits(self, digits: str, amount: Money, tax_ids: Collection[str], limit: int) -> list[DealRow]:
        """By sum and by client, each over its own index."""
        asked = {"digits": f"%{digits}%", "limit": limit}
        same = {**asked, "minor": amount.minor, "currency": amount.currency}
        rows = self._keep(self._connection.execute(_DIGITS_OF_SUM, same))
        if tax_ids:
            rows += self._keep(self._connection.execute(_DIGITS_OF_CLIENTS, {**asked, "tax_ids": sorted(tax_ids)}))
        return list({row.id: row for row in rows}.values())

    def give(self, deal_id: str, invoice_id: str) -> None:
        """The invoice belongs to the deal (both ids the hub's), after the deals that it has already."""
        table = t.invoice_deals
        last = select(func.coalesce(func.max(table.c.position) + 1, 0)).where(table.c.invoice_id == invoice_id)
        place = self._connection.execute(last).scalar_one()
        adding = insert(self._connection, table).values(invoice_id=invoice_id, deal_id=deal_id, position=place)
        self._connection.execute(adding.on_conflict_do_nothing())
        self._reader.forget([invoice_id])

    def take(self, deal_id: str, invoice_id: str) -> None:
        """The invoice does not belong to the deal any more."""
        table = t.invoice_deals
        self._connection.execute(delete(table).where(table.c.deal_id == deal_id, table.c.invoice_id == invoice_id))
        self._reader.forget([invoice_id])

    def _kept(self, invoices: set[str]) -> list[str]:
        known: list[str] = []
        for bite in bites(sorted(invoices)):
            known += self._connection.scalars(select(t.invoices.c.id).where(t.invoices.c.id.in_(bite)))
        return sorted(known)

    def invoices(self, deal_id: str) -> list[Invoice]:
        """All invoices of a deal but those that the source deleted; one for a sale that several systems keep."""
        bound = self._connection.execute(_INVOICES, {"deal": deal_id})
        rows = self._reader.some([row.invoice_id for row in bound])
        mains = [row.sale_id for row in rows if not row.removed]
        return [row.invoice for row in self._reader.some(mains)]

    def with_papers(self, after: str, limit: int) -> list[str]:
        """Hub ids of deals with documents of accounting, or with one sale with such, in order, after that one."""
        table, invoice = t.invoice_deals, t.invoices.c
        joined = table.join(t.invoices, invoice.id == table.c.invoice_id)
        mine = or_(invoice.from_accounting, invoice.main_id.is_not(None), invoice.has_copies)
        query = select(table.c.deal_id).select_from(joined).where(mine, table.c.deal_id > after)
        return list(self._connection.scalars(query.distinct().order_by(table.c.deal_id).limit(limit)))


def read_deals(connection: Connection, condition: ColumnElement[bool]) -> list[DealRow]:
    """Deals under a condition, in the order of their ids."""
    table: Table = t.deals
    return [_read(row) for row in connection.execute(select(table).where(condition).order_by(table.c.id))]


def _values(connection: str, deal: Deal) -> dict[str, object]:
    return {
        "title": deal.title,
        "pipeline_id": deal.pipeline_id,
        "stage_id": deal.stage_id,
        "stage_kind": deal.stage_kind.value,
        "amount_minor": deal.amount.minor if deal.amount else None,
        "currency": deal.amount.currency if deal.amount else None,
        "client_id": hub_id(connection, deal.client_id) if deal.client_id else None,
        "responsible_id": deal.responsible_id,
        "moved_by": deal.moved_by,
        "fields": dict(deal.fields),
        "removed": False,
    }


def _read(row: Row[Any]) -> DealRow:
    deal = Deal(
        id=row.external_id,
        title=row.title,
        pipeline_id=row.pipeline_id,
        stage_id=row.stage_id,
        stage_kind=StageKind(row.stage_kind),
        amount=Money.from_minor(row.amount_minor, row.currency) if row.currency else None,
        client_id=own_id(row.connection, row.client_id) if row.client_id else None,
        responsible_id=row.responsible_id,
        moved_by=row.moved_by,
        fields=dict(row.fields),
    )
    return DealRow(row.id, row.connection, deal, row.removed)
