"""Table of claims: what an external system says was paid, until a statement line covers it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Date, ForeignKey, Index, Table, UniqueConstraint

from hub.store.tables.base import id_column, metadata, moment, money_columns, word
from hub.store.tables.intake import inbox, payments
from hub.store.types import Json

claims: Final = Table(
    "claims",
    metadata,
    id_column(),
    word("connection"),
    # the sender's own id of the report: told twice, kept once
    word("external_id"),
    Column("inbox_id", ForeignKey(inbox.c.id)),
    *money_columns(),
    Column("paid_on", Date, nullable=False),
    word("payer_name", nullable=True),
    word("payer_tax_id", nullable=True),
    word("document_number", nullable=True),
    word("purpose"),
    word("invoice_number", nullable=True),
    Column("details", Json, nullable=False),
    word("state"),
    # the payment that covers it, or that it became where the owner lets this system's word count
    Column("payment_id", ForeignKey(payments.c.id)),
    word("settled_by", nullable=True),
    moment("settled_at", nullable=True),
    moment("created_at"),
    UniqueConstraint("connection", "external_id"),
    Index(None, "state", "amount_minor"),
    Index(None, "payment_id"),
    sqlite_autoincrement=True,
)
