"""Tables of what was decided and what follows from it: matches, adjustments, outbox."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, false, text

from hub.store.tables.base import id_column, lease_columns, metadata, moment, money_columns, word
from hub.store.tables.intake import payments
from hub.store.tables.sales import invoices
from hub.store.types import Json

_UNSETTLED: Final = "state IN ('queued', 'intent')"

matches: Final = Table(
    "matches",
    metadata,
    id_column(),
    Column("payment_id", ForeignKey(payments.c.id), nullable=False),
    Column("invoice_id", ForeignKey(invoices.c.id), nullable=False),
    *money_columns(),
    word("decided_by"),
    moment("decided_at"),
    moment("undone_at", nullable=True),
    word("undone_by", nullable=True),
    Index(None, "payment_id"),
    Index(None, "invoice_id"),
    sqlite_autoincrement=True,
)

adjustments: Final = Table(
    "adjustments",
    metadata,
    id_column(),
    Column("payment_id", ForeignKey(payments.c.id), nullable=False),
    Column("invoice_id", ForeignKey(invoices.c.id), nullable=False),
    word("kind"),
    *money_columns(),
    word("reason"),
    word("decided_by"),
    moment("decided_at"),
    moment("undone_at", nullable=True),
    word("undone_by", nullable=True),
    Index(None, "payment_id"),
    Index(None, "invoice_id"),
    sqlite_autoincrement=True,
)

outbox: Final = Table(
    "outbox",
    metadata,
    id_column(),
    word("operation_key"),
    word("connection"),
    word("kind"),
    word("subject"),
    # none where it follows from no payment
    Column("payment_id", ForeignKey(payments.c.id)),
    Column("payload", Json, nullable=False),
    word("state"),
    Column("attempts", Integer, nullable=False),
    moment("next_attempt_at"),
    *lease_columns(),
    moment("intent_at", nullable=True),
    Column("intent", Json),
    Column("result", Json),
    word("reason", nullable=True),
    # cancelled only because what it follows was cancelled or parked: comes back together with that
    Column("orphaned", Boolean, nullable=False, server_default=false()),
    moment("created_at"),
    moment("settled_at", nullable=True),
    UniqueConstraint("operation_key"),
    Index(None, "state", "next_attempt_at"),
    Index(None, "subject", "id"),
    Index(None, "payment_id"),
    Index(None, "connection", "kind", "intent_at"),
    # the queue in the order of its turns, however many rows are settled
    Index(
        "ix_outbox_turns",
        "connection",
        "next_attempt_at",
        "id",
        sqlite_where=text(_UNSETTLED),
        postgresql_where=text(_UNSETTLED),
    ),
    # figures of the queue without reading the rows
    Index(None, "connection", "kind", "state"),
    sqlite_autoincrement=True,
)

outbox_after: Final = Table(
    "outbox_after",
    metadata,
    Column("effect_id", ForeignKey(outbox.c.id), primary_key=True),
    word("operation_key", primary_key=True),
    Column("position", Integer, nullable=False),
    Index(None, "operation_key"),
)
