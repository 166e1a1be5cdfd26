"""Tables of the hub itself: connections, marks, secrets, quota, schedule, leases, switches, journal."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Index, Integer, Table, false, text

from hub.store.tables.base import id_column, metadata, moment, word
from hub.store.types import BigId, Json

connections: Final = Table(
    "connections",
    metadata,
    word("id", primary_key=True),
    Column("acting", Boolean, nullable=False, server_default=false()),
    Column("act_from", Date),
    Column("capped", Boolean, nullable=False, server_default=false()),
    word("health"),
    word("health_reason", nullable=True),
    moment("checked_at", nullable=True),
    moment("polled_at", nullable=True),
    # the system is out of reach: nothing is sent to it before
    moment("retry_at", nullable=True),
)

cursors: Final = Table(
    "cursors",
    metadata,
    word("connection", primary_key=True),
    word("name", primary_key=True),
    word("value"),
)

tokens: Final = Table(
    "tokens",
    metadata,
    word("connection", primary_key=True),
    word("name", primary_key=True),
    word("key_id"),
    word("secret"),
    moment("updated_at"),
    # counts replacements; a secret that renews itself is renewed by one process at a time, which holds the turn
    Column("version", Integer, nullable=False, server_default=text("1")),
    word("turn_owner", nullable=True),
    moment("turn_until", nullable=True),
)

quota: Final = Table(
    "quota",
    metadata,
    word("name", primary_key=True),
    # when the bucket will have run empty, microseconds since 1970; NULL for a name that is only a budget
    Column("empty_at_us", BigInteger),
    Column("spent_s", Double),
    moment("reset_at", nullable=True),
    moment("blocked_until", nullable=True),
)

schedule: Final = Table(
    "schedule",
    metadata,
    word("name", primary_key=True),
    moment("next_run_at"),
)

leases: Final = Table(
    "leases",
    metadata,
    word("name", primary_key=True),
    word("owner"),
    moment("until"),
)

switches: Final = Table(
    "switches",
    metadata,
    word("name", primary_key=True),
    word("actor"),
    moment("since"),
)

audit: Final = Table(
    "audit",
    metadata,
    id_column(),
    moment("at"),
    word("event"),
    word("actor"),
    word("subject"),
    Column("data", Json, nullable=False),
    # the block that seals the line; NULL until it is sealed, within a second or so
    Column("block", BigId),
    Index(None, "block"),
    Index(None, "subject"),
    sqlite_autoincrement=True,
)

audit_blocks: Final = Table(
    "audit_blocks",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=False),
    moment("sealed_at"),
    Column("lines", Integer, nullable=False),
    # canonical JSON: [[line id, SHA-256 of the line], …]
    word("body"),
    word("previous_hash"),
    word("hash"),
)
