"""The tables, in families: what comes in, what the systems say, what was decided, the hub itself, the desk."""

from hub.store.tables.aliases import alias_uses, aliases
from hub.store.tables.banks import bank_days, bank_lines, payment_names
from hub.store.tables.base import metadata
from hub.store.tables.claims import claims
from hub.store.tables.desk import login_attempts, sessions, users
from hub.store.tables.events import event_deliveries, event_endpoints, events
from hub.store.tables.intake import (
    decision_tables,
    decisions,
    inbox,
    inbox_quarantine,
    payment_keys,
    payment_sources,
    payments,
)
from hub.store.tables.matching import adjustments, matches, outbox, outbox_after
from hub.store.tables.sales import (
    bindings,
    client_accounts,
    client_tax_ids,
    clients,
    deals,
    invoice_deals,
    invoice_keys,
    invoices,
    number_shapes,
    sale_links,
)
from hub.store.tables.system import (
    audit,
    audit_blocks,
    connections,
    cursors,
    leases,
    quota,
    schedule,
    switches,
    tokens,
)
from hub.store.tables.watching import alarms, pulses

__all__ = [
    "adjustments",
    "alarms",
    "alias_uses",
    "aliases",
    "audit",
    "audit_blocks",
    "bank_days",
    "bank_lines",
    "bindings",
    "claims",
    "client_accounts",
    "client_tax_ids",
    "clients",
    "connections",
    "cursors",
    "deals",
    "decision_tables",
    "decisions",
    "event_deliveries",
    "event_endpoints",
    "events",
    "inbox",
    "inbox_quarantine",
    "invoice_deals",
    "invoice_keys",
    "invoices",
    "leases",
    "login_attempts",
    "matches",
    "metadata",
    "number_shapes",
    "outbox",
    "outbox_after",
    "payment_keys",
    "payment_names",
    "payment_sources",
    "payments",
    "pulses",
    "quota",
    "sale_links",
    "schedule",
    "sessions",
    "switches",
    "tokens",
    "users",
]
