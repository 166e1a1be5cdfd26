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
    # the sender's own id of the payment: told twice, kept once
    word("external_id"),
    Column("inbox_id", ForeignKey(inbox.c.id)),
    *money_columns(),
    Column("paid_on", Date, nullable=False),
    word("payer_name", nullable=True),
    word("payer_tax_id", nullable=True),
    word("document_number", nullable=True),
    word("purpose"),
    word("invoice_number", nullable=True),
    word("account", nullable=True),
    Column("details", Json, nullable=False),
    word("state"),
    # the line of a statement
    Column("covered_by", ForeignKey(payments.c.id)),
    # what it became where the owner lets this system's word count
    Column("counted_as", ForeignKey(payments.c.id)),
    word("settled_by", nullable=True),
    moment("settled_at", nullable=True),
    moment("created_at"),
    UniqueConstraint("connection", "external_id"),
    Index(None, "amount_minor", "paid_on"),
    Index(None, "state", "created_at"),
    Index(None, "covered_by"),
    Index(None, "counted_as"),
    sqlite_autoincrement=True,
)
