"""Tables of outgoing events: what happened, to whom it is still to be told, and how those receivers stand."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from hub.store.tables.base import id_column, lease_columns, metadata, moment, word
from hub.store.types import Json

events: Final = Table(
    "events",
    metadata,
    id_column(),
    # the id that receivers see and deduplicate by
    word("event_id"),
    word("type"),
    word("subject"),
    Column("data", Json, nullable=False),
    moment("occurred_at"),
    UniqueConstraint("event_id"),
    Index(None, "occurred_at"),
    Index(None, "subject"),
    sqlite_autoincrement=True,
)

event_deliveries: Final = Table(
    "event_deliveries",
    metadata,
    id_column(),
    Column("event", ForeignKey(events.c.id), nullable=False),
    word("endpoint"),
    word("state"),
    Column("attempts", Integer, nullable=False),
    moment("next_attempt_at"),
    Column("status", Integer),
    word("error", nullable=True),
    moment("settled_at", nullable=True),
    UniqueConstraint("event", "endpoint"),
    Index(None, "endpoint", "state", "next_attempt_at"),
    sqlite_autoincrement=True,
)

event_endpoints: Final = Table(
    "event_endpoints",
    metadata,
    word("name", primary_key=True),
    # who sends to it just now: one at a time
    *lease_columns(),
    moment("held_until", nullable=True),
    moment("disabled_at", nullable=True),
    word("disabled_because", nullable=True),
    moment("succeeded_at", nullable=True),
)
