"""Tables of aliases: who pays for whom by the word of a person, and what was decided by it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Table, text

from hub.store.tables.base import id_column, metadata, moment, word
from hub.store.tables.intake import payments

_ACTIVE: Final = text("removed_at IS NULL")

aliases: Final = Table(
    "aliases",
    metadata,
    id_column(),
    # what the payer is known by: `t:` tax id, `a:` account, `n:` name
    word("payer_key"),
    # … and how it was written
    word("payer_name", nullable=True),
    word("payer_tax_id", nullable=True),
    word("payer_account", nullable=True),
    # the client's tax id or the hub's id of it
    word("target"),
    word("client_name"),
    word("note"),
    # the payment that it was said of
    Column("payment_id", ForeignKey(payments.c.id)),
    word("made_by"),
    moment("made_at"),
    word("removed_by", nullable=True),
    moment("removed_at", nullable=True),
    # one line in force for a payer and a client; found by the payer
    Index("uq_aliases_active", "payer_key", "target", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    Index(None, "payment_id"),
    sqlite_autoincrement=True,
)

alias_uses: Final = Table(
    "alias_uses",
    metadata,
    Column("alias_id", ForeignKey(aliases.c.id), primary_key=True),
    Column("payment_id", ForeignKey(payments.c.id), primary_key=True),
    Index(None, "payment_id"),
)
