"""Tables of what the CRM and accounting systems say: clients, invoices, deals, and what binds ids together."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, false, text, true

from hub.store.tables.base import metadata, money_columns, word
from hub.store.types import Json, UtcDateTime


def _source_columns() -> tuple[Column[str], ...]:
    """Hub id (`connection/external id`) and its two parts."""
    return word("id", primary_key=True), word("connection"), word("external_id")


def _removed() -> Column[bool]:
    """The source deleted it."""
    return Column("removed", Boolean, nullable=False, server_default=false())


clients: Final = Table(
    "clients",
    metadata,
    *_source_columns(),
    Column("body", Json, nullable=False),
    word("search"),
    _removed(),
)

# The two look-up tables repeat what `clients.body` holds, one indexed row a value.
client_tax_ids: Final = Table(
    "client_tax_ids",
    metadata,
    word("value", primary_key=True),
    word("kind", primary_key=True),
    Column("client_id", ForeignKey(clients.c.id), primary_key=True),
    Index(None, "client_id"),
)

client_accounts: Final = Table(
    "client_accounts",
    metadata,
    word("account", primary_key=True),
    Column("client_id", ForeignKey(clients.c.id), primary_key=True),
    Index(None, "client_id"),
)

invoices: Final = Table(
    "invoices",
    metadata,
    *_source_columns(),
    word("number", nullable=True),
    Column("issued_on", Date),
    *money_columns(),
    word("status"),
    Column("due_on", Date),
    # the client may be read later than its invoice, or never: no foreign key, and the invoice's own words are kept
    word("client_id", nullable=True),
    Column("client", Json),
    word("organisation_tax_id", nullable=True),
    Column("references", Json, nullable=False),
    Column("markable", Boolean, nullable=False, server_default=true()),
    Column("from_accounting", Boolean, nullable=False, server_default=false()),
    word("guid", nullable=True),
    # Where several systems keep one sale, one of their invoices stands for it: the others name it, and have no keys.
    word("main_id", nullable=True),
    Column("has_copies", Boolean, nullable=False, server_default=false()),
    word("search"),
    _removed(),
    Index(None, "client_id"),
    Index(None, "guid"),
    Index(None, "main_id"),
    Index(
        "ix_invoices_papers",
        "amount_minor",
        sqlite_where=text("from_accounting IS 1"),
        postgresql_where=text("from_accounting IS true"),
    ),
    Index(None, "organisation_tax_id"),
    Index(None, "status", "issued_on"),
)

invoice_keys: Final = Table(
    "invoice_keys",
    metadata,
    word("key", primary_key=True),
    Column("invoice_id", ForeignKey(invoices.c.id), primary_key=True),
    # made of the client's requisites: survives a change of the invoice, falls with a change of its client
    Column("of_client", Boolean, nullable=False),
    Index(None, "invoice_id"),
)

# Rows are only ever added, so their number tells whether anything is new.
number_shapes: Final = Table(
    "number_shapes",
    metadata,
    word("organisation", primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    word("mask", primary_key=True),
    word("example"),
)

invoice_deals: Final = Table(
    "invoice_deals",
    metadata,
    Column("invoice_id", ForeignKey(invoices.c.id), primary_key=True),
    # the deal may be read later than its invoice: no foreign key
    word("deal_id", primary_key=True),
    Column("position", Integer, nullable=False),
    Index(None, "deal_id"),
)

deals: Final = Table(
    "deals",
    metadata,
    *_source_columns(),
    word("title"),
    word("pipeline_id"),
    word("stage_id"),
    word("stage_kind"),
    *money_columns(nullable=True),
    word("client_id", nullable=True),
    word("responsible_id", nullable=True),
    word("moved_by", nullable=True),
    Column("fields", Json, nullable=False),
    _removed(),
    Index(None, "amount_minor"),
    Index(None, "client_id"),
)

# What was found or decided of invoices that may be one sale, and of deals that they may belong to.
sale_links: Final = Table(
    "sale_links",
    metadata,
    word("kind", primary_key=True),
    word("left_id", primary_key=True),
    word("right_id", primary_key=True),
    word("state"),
    word("decided_by"),
    Column("traits", Json, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Index(None, "right_id"),
    Index(None, "state", "kind"),
)

bindings: Final = Table(
    "bindings",
    metadata,
    word("connection", primary_key=True),
    word("kind", primary_key=True),
    word("external_id", primary_key=True),
    word("hub_id"),
    Index(None, "hub_id"),
)
