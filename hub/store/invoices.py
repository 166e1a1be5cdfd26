"""Invoices with their key table: one indexed query finds every candidate of a payment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import (
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    delete,
    exists,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from hub.domain.models import Invoice, InvoiceStatus
from hub.ports.records import PAID_IN_LOST_TIME, InvoiceRow
from hub.store import tables as t
from hub.store.held import held_ids
from hub.store.ids import hub_id, short_key
from hub.store.invoice_rows import (
    InvoiceReader,
    as_sales,
    invoice_values,
    load_invoices,
    paid_minor,
    select_invoices,
)
from hub.store.lists import among, gathered, listed
from hub.store.search import fold, typed
from hub.store.sql import Insert, Repository, bites, insert
from hub.store.standing import stirred

_MISSING: Final = object()
#: What a source does not tell.
_OURS: Final = frozenset({"id", "connection", "external_id", "main_id", "has_copies"})


def _upsert(adding: Insert) -> Insert:
    """One statement for every invoice."""
    told = {column.name: adding.excluded[column.name] for column in t.invoices.c if column.name not in _OURS}
    return adding.on_conflict_do_update(index_elements=[t.invoices.c.id], set_=told)


# Our own mark made in a time that a restored database does not know: what is open of it our allocations say.
_REOPENED: Final = exists().where(
    t.cursors.c.connection == t.invoices.c.connection,
    t.cursors.c.name == literal(PAID_IN_LOST_TIME).concat(t.invoices.c.external_id),
)
_OPEN: Final = and_(t.invoices.c.status == InvoiceStatus.OPEN, t.invoices.c.removed.is_(False))
_FOUND: Final = or_(_OPEN, and_(t.invoices.c.status == InvoiceStatus.PAID, t.invoices.c.removed.is_(False), _REOPENED))

# The keys of an invoice that is not removed: one row without a key where it has none.
_KEYS: Final = (
    select(t.invoice_keys.c.key)
    .select_from(t.invoices.outerjoin(t.invoice_keys, t.invoice_keys.c.invoice_id == t.invoices.c.id))
    .where(t.invoices.c.id == bindparam("invoice"), t.invoices.c.removed.is_(False))
)
_COPY_THERE: Final = (
    select(t.invoices.c.id)
    .where(t.invoices.c.main_id == bindparam("invoice"), t.invoices.c.removed.is_(False))
    .limit(1)
)
_KEYS_OF: Final = select(t.invoice_keys.c.key, t.invoice_keys.c.of_client).where(
    t.invoice_keys.c.invoice_id == bindparam("invoice")
)
#: Locked where others may write (SQLite knows no such words and leaves them out).
_KEPT: Final = select(t.invoices).where(t.invoices.c.id == bindparam("invoice")).with_for_update()
_DROP_KEYS: Final = delete(t.invoice_keys).where(
    t.invoice_keys.c.invoice_id == bindparam("invoice"), among(t.invoice_keys.c.key, "gone")
)
_UPSERT_SQLITE: Final = _upsert(sqlite.insert(t.invoices))
_UPSERT_POSTGRESQL: Final = _upsert(postgresql.insert(t.invoices))
_ADD_KEYS_SQLITE: Final = sqlite.insert(t.invoice_keys).on_conflict_do_nothing()
_ADD_KEYS_POSTGRESQL: Final = postgresql.insert(t.invoice_keys).on_conflict_do_nothing()
# Invoices under each key. The text is one for every question, and so is PostgreSQL's plan.
_ASKED: Final = listed("keys", t.invoice_keys.c.key.type)
_HELD_BY_EACH: Final = select(
    gathered(
        select(t.invoice_keys.c.invoice_id)
        .where(t.invoice_keys.c.key == _ASKED.c.value)
        .limit(bindparam("most", type_=Integer))
        .correlate(_ASKED)
    )
).select_from(_ASKED)
# As many as the databases can count to in a limit.
_ALL: Final = 2**31 - 1


class SqlInvoices(Repository):
    """`hub.ports.store.Invoices` over SQL."""

    def __init__(self, connection: Connection, *, writing: bool, reader: InvoiceReader) -> None:
        super().__init__(connection, writing=writing)
        self._reader = reader

    def upsert(self, connection: str, invoice: Invoice, keys: Collection[str]) -> bool:
        """Store; True when something changed. Keys made of the client's requisites stay while the client stays."""
        self._reader.forget()
        identity = hub_id(connection, invoice.id)
        values = invoice_values(connection, invoice)
        kept = self._connection.execute(_KEPT, {"invoice": identity}).one_or_none()
        before = kept._asdict() if kept else {}
        changed = any(before.get(name, _MISSING) != value for name, value in values.items())
        if changed:
            stirred(self._connection)
            self._store(identity, connection, invoice.id, values)
        deals = [hub_id(connection, deal) for deal in invoice.deals]
        # An accounting system knows no deals: those of its documents are found by the hub.
        tells_deals = not (invoice.bound_by_deal or invoice.from_accounting)
        deals_changed = tells_deals and self._keep_deals(identity, deals)
        if kept is None and not keys:
            return True
        same_client = bool(kept) and before["client_id"] == values["client_id"] and before["client"] == values["client"]
        keys_changed = self._keep_keys(identity, keys, keep_of_client=same_client)
        return changed or deals_changed or keys_changed

    def _store(self, identity: str, connection: str, external: str, values: dict[str, object]) -> None:
        adding = _UPSERT_SQLITE if self._connection.dialect.name == "sqlite" else _UPSERT_POSTGRESQL
        row = {"id": identity, "connection": connection, "external_id": external, **values}
        self._connection.execute(adding, row)

    def _keep_deals(self, identity: str, deals: list[str]) -> bool:
        table = t.invoice_deals
        mine = table.c.invoice_id == identity
        wanted = list(dict.fromkeys(deals))
        if wanted == list(self._connection.scalars(select(table.c.deal_id).where(mine).order_by(table.c.position))):
            return False
        self._connection.execute(delete(table).where(mine))
        rows = [{"invoice_id": identity, "deal_id": deal, "position": at} for at, deal in enumerate(wanted)]
        if rows:
            self._connection.execute(insert(self._connection, table), rows)
        return True

    def _keep_keys(self, identity: str, keys: Collection[str], *, keep_of_client: bool) -> bool:
        wanted = {short_key(key) for key in keys}
        kept = self._connection.execute(_KEYS_OF, {"invoice": identity})
        before: dict[str, bool] = {row.key: row.of_client for row in kept}
        stale = {key for key, of_client in before.items() if key not in wanted and not (of_client and keep_of_client)}
        self._drop_keys(identity, stale)
        self._add_keys(identity, wanted - before.keys(), of_client=False)
        return bool(stale or wanted - before.keys())

    def _drop_keys(self, identity: str, keys: Collection[str]) -> None:
        for bite in bites(sorted(keys)):
            self._connection.execute(_DROP_KEYS, {"invoice": identity, "gone": bite})

    def _add_keys(self, identity: str, keys: Collection[str], *, of_client: bool) -> None:
        rows = [{"key": key, "invoice_id": identity, "of_client": of_client} for key in sorted(keys)]
        if rows:
            on_sqlite = self._connection.dialect.name == "sqlite"
            self._connection.execute(_ADD_KEYS_SQLITE if on_sqlite else _ADD_KEYS_POSTGRESQL, rows)

    def remove(self, connection: str, external_id: str) -> None:
        """The source deleted it: kept, marked removed, out of the key table."""
        self._reader.forget()
        identity = hub_id(connection, external_id)
        self._connection.execute(update(t.invoices).where(t.invoices.c.id == identity).values(removed=True))
        self._connection.execute(delete(t.invoice_keys).where(t.invoice_keys.c.invoice_id == identity))

    def held(self, connection: str, after: str, limit: int) -> list[str]:
        """The source's ids of open invoices, in order, after that one."""
        return held_ids(self._connection, t.invoices, connection, after, limit, _OPEN)

    def of_client(self, connection: str, client_external_id: str) -> list[Invoice]:
        """Open invoices of a client (hub ids)."""
        condition = and_(t.invoices.c.client_id == hub_id(connection, client_external_id), _OPEN)
        return [row.invoice for row in self._reader.where(condition)]

    def rekey(self, invoice_id: str, keys: Collection[str]) -> None:
        """Replace the keys of an invoice; a removed one has none. Keys that are new are taken as the client's.

        They are the keys of the sale: an invoice that another one stands for is given none, and one that stands for
        others keeps them while any of these is there.
        """
        kept = self._connection.execute(_KEYS, {"invoice": invoice_id}).all()
        if not kept:
            kept = self._connection.execute(_KEYS_OF, {"invoice": invoice_id}).all()
            if self._connection.execute(_COPY_THERE, {"invoice": invoice_id}).first() is None:
                keys = ()
        wanted = {short_key(key) for key in keys}
        before = {row.key for row in kept if row.key is not None}
        self._drop_keys(invoice_id, before - wanted)
        self._add_keys(invoice_id, wanted - before, of_client=True)

    def get(self, invoice_id: str) -> InvoiceRow | None:
        """Read one, also a removed one."""
        return next(iter(self._reader.some([invoice_id])), None)

    def by_keys(self, keys: Collection[str]) -> list[Invoice]:
        """Every not removed invoice holding any of the keys, in the order of ids; the keys of removed ones are gone."""
        found: set[str] = set()
        for bite in bites(sorted({short_key(key) for key in keys})):
            found.update(*self._held(bite, _ALL))
        return self.some(found)

    def by_few(self, keys: Collection[str], most: int) -> list[Invoice]:
        """Every not removed invoice under those of the keys that at most `most` invoices hold, in the order of ids."""
        found: set[str] = set()
        for bite in bites(sorted({short_key(key) for key in keys})):
            # one more is enough to see whether there are more than a few
            found.update(*(ids for ids in self._held(bite, most + 1) if len(ids) <= most))
        return self.some(found)

    def _held(self, keys: list[str], most: int) -> Sequence[list[str]]:
        return self._connection.scalars(_HELD_BY_EACH, {"keys": keys, "most": most}).all()

    def some(self, invoice_ids: Collection[str]) -> list[Invoice]:
        """Those of the invoices that are not removed, in the order of ids."""
        return [row.invoice for row in self._reader.some(invoice_ids) if not row.is_gone]

    def lock(self, invoice_ids: Collection[str]) -> dict[str, Invoice]:
        """Read for allocation, also removed ones; the rows are locked first, in the order of their ids."""
        for bite in bites(sorted(set(invoice_ids))):
            self._lock(t.invoices, t.invoices.c.id.in_(bite))
        if self._connection.dialect.name == "postgresql":
            # Somebody may have written while we waited for the locks; SQLite's writer is alone.
            self._reader.forget()
        return {row.invoice.id: row.invoice for row in self._reader.some(invoice_ids)}

    def search(self, text: str, limit: int) -> list[Invoice]:
        """Open invoices by number, client name, tax id or sum: the exact number first, then the newest."""
        if not fold(text):
            return []
        hits = or_(typed(t.invoices.c.search, text), typed(t.clients.c.search, text))
        exact = case((t.invoices.c.number == text.strip(), 0), else_=1)
        newest = (t.invoices.c.issued_on.is_(None), t.invoices.c.issued_on.desc(), t.invoices.c.id)
        query = (
            select_invoices()
            .where(_FOUND, paid_minor() < t.invoices.c.amount_minor, hits)
            .order_by(exact, *newest)
            .limit(limit)
        )
        found = as_sales(self._connection, load_invoices(self._connection, query))
        # A copy is given no money itself: whether its sale has any coming is the sale's to say.
        open_ = [row for row in found if row.main_id is None or row.invoice.open_amount.is_positive]
        return list({row.sale_id: replace(row.invoice, id=row.sale_id) for row in open_}.values())
