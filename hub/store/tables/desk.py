"""Tables of the desk: who may sign in, who is signed in, who tried."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, UniqueConstraint, false

from hub.store.tables.base import id_column, metadata, moment, word

users: Final = Table(
    "users",
    metadata,
    id_column(),
    word("login"),
    word("name"),
    word("password_hash"),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    moment("created_at"),
    UniqueConstraint("login"),
)

sessions: Final = Table(
    "sessions",
    metadata,
    # SHA-256 of the token: a copy of the database opens no session
    word("token_hash", primary_key=True),
    Column("user_id", ForeignKey(users.c.id), nullable=False),
    moment("created_at"),
    moment("seen_at"),
    moment("expires_at"),
    Index(None, "user_id"),
    Index(None, "expires_at"),
)

login_attempts: Final = Table(
    "login_attempts",
    metadata,
    id_column(),
    # what is counted: a login, an address
    word("key"),
    moment("at"),
    Index(None, "key", "at"),
    Index(None, "at"),
)
