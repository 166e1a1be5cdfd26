"""Tables of what the APIs of banks show."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, false

from hub.store.tables.base import metadata, moment, word
from hub.store.tables.intake import payments

bank_lines: Final = Table(
    "bank_lines",
    metadata,
    word("connection", primary_key=True),
    word("account", primary_key=True),
    # the bank's own id of the movement on this account
    word("source_id", primary_key=True),
    Column("payment_id", ForeignKey(payments.c.id), nullable=False),
    # where the newest read that held it had it
    Column("day", Date, nullable=False),
    # key of what the bank told: another one under the same id is a correction
    word("content"),
    # credits are positive, debits negative: a transfer between our accounts is both, on one account each
    Column("signed_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    # the newest read that held it
    Column("read_in", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Index(None, "payment_id"),
    Index(None, "account", "day"),
)

#: What else a payment is called: two sources may tell one movement with and without the date of its document.
payment_names: Final = Table(
    "payment_names",
    metadata,
    word("own_account", primary_key=True),
    word("fingerprint", primary_key=True),
    Column("occurrence", Integer, primary_key=True, autoincrement=False),
    Column("payment_id", ForeignKey(payments.c.id), nullable=False),
    Index(None, "fingerprint"),
    Index(None, "payment_id"),
)

bank_days: Final = Table(
    "bank_days",
    metadata,
    word("connection", primary_key=True),
    word("account", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("currency", String(3), nullable=False),
    # the bank's balances; NULL where it named none
    Column("opening_minor", BigInteger),
    # what the hub has recorded of the day
    Column("credited_minor", BigInteger, nullable=False),
    Column("debited_minor", BigInteger, nullable=False),
    Column("closing_minor", BigInteger),
    # opening less the closing of the day before; NULL where that is not known
    Column("jump_minor", BigInteger),
    Column("lines", Integer, nullable=False),
    Column("broken", Integer, nullable=False),
    word("state"),
    Column("read_in", BigInteger, nullable=False),
    moment("checked_at"),
    Index(None, "state", "day"),
)
