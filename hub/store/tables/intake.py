"""Tables of what comes in: inbox, quarantine, payments with their sources, keys and decisions, tables that decided."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint, false

from hub.store.tables.base import id_column, lease_columns, metadata, moment, money_columns, party_columns, word
from hub.store.types import BigId, Json

inbox: Final = Table(
    "inbox",
    metadata,
    id_column(),
    word("connection"),
    word("kind"),
    word("name"),
    Column("raw", LargeBinary, nullable=False),
    word("digest"),
    moment("received_at"),
    word("state"),
    Column("attempts", Integer, nullable=False),
    moment("next_attempt_at"),
    *lease_columns(),
    Column("summary", Json),
    word("error", nullable=True),
    moment("settled_at", nullable=True),
    # when `raw` was emptied because its time was over
    moment("forgotten_at", nullable=True),
    UniqueConstraint("connection", "kind", "digest"),
    Index(None, "state", "next_attempt_at"),
    Index(None, "kind", "id"),
    sqlite_autoincrement=True,
)

inbox_quarantine: Final = Table(
    "inbox_quarantine",
    metadata,
    id_column(),
    Column("inbox_id", ForeignKey(inbox.c.id), nullable=False),
    Column("line", Integer, nullable=False),
    word("key"),
    word("message"),
    word("raw"),
    UniqueConstraint("inbox_id", "line"),
)

payments: Final = Table(
    "payments",
    metadata,
    id_column(),
    word("direction"),
    *money_columns(),
    Column("booked_on", Date, nullable=False),
    word("purpose"),
    *party_columns("payer"),
    *party_columns("payee"),
    # '' where the source names no account: NULLs would never meet in the unique constraint
    word("own_account"),
    word("document_number", nullable=True),
    Column("document_date", Date),
    word("document_kind", nullable=True),
    word("operation_code", nullable=True),
    word("direction_reason", nullable=True),
    word("organisation_tax_id", nullable=True),
    word("fingerprint"),
    Column("occurrence", Integer, nullable=False),
    word("source_id", nullable=True),
    word("raw"),
    Column("warnings", Json, nullable=False),
    word("state"),
    Column("held", Boolean, nullable=False, server_default=false()),
    word("confirmed_by", nullable=True),
    # the newest row of `decisions`; no foreign key, the two tables would need each other first
    Column("decision_id", BigId),
    # the file that covers the day and does not hold the line any more; NULL while nothing speaks against it
    Column("vanished_in", BigId),
    moment("created_at"),
    word("search"),
    UniqueConstraint("own_account", "fingerprint", "occurrence"),
    Index(None, "fingerprint"),
    Index(None, "state", "booked_on"),
    # sums of the piles without reading the rows
    Index(None, "state", "direction", "currency", "amount_minor"),
    Index(None, "booked_on"),
    # lines that may be the same money as a report
    Index(None, "amount_minor", "booked_on"),
    sqlite_autoincrement=True,
)

payment_sources: Final = Table(
    "payment_sources",
    metadata,
    Column("payment_id", ForeignKey(payments.c.id), primary_key=True),
    Column("inbox_id", ForeignKey(inbox.c.id), primary_key=True),
    Index(None, "inbox_id"),
)

payment_keys: Final = Table(
    "payment_keys",
    metadata,
    word("key", primary_key=True),
    Column("payment_id", ForeignKey(payments.c.id), primary_key=True),
    Index(None, "payment_id"),
)

decisions: Final = Table(
    "decisions",
    metadata,
    id_column(),
    Column("payment_id", ForeignKey(payments.c.id), nullable=False),
    moment("decided_at"),
    word("kind"),
    word("code"),
    word("reason"),
    word("version"),
    Column("body", Json, nullable=False),
    # what it was made from; read only to make it once more
    Column("ground", Json),
    Index(None, "payment_id"),
    Index(None, "kind"),
)

decision_tables: Final = Table(
    "decision_tables",
    metadata,
    # as decisions name it; never written twice: another meaning is another version
    word("version", primary_key=True),
    word("body"),
    moment("kept_at"),
)
