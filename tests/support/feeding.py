"""Bringing statements into a hub and telling when it has done all that follows from them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy import func, select

from hub.ports.records import EffectState, InboxKind, InboxState, PaymentState
from hub.services.import_statement import FILES
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore


def bring(database: Database, raw: bytes, name: str = "kl_to_1c.txt") -> bool:
    """Put a file into the inbox as an upload does, from another process; False when this very file is there."""
    digest = hashlib.sha256(raw).hexdigest()
    with SqlStore(database).write() as uow:
        return uow.inbox.add(FILES, InboxKind.STATEMENT_FILE, name, raw, digest, datetime.now(UTC))[1]


def polled(database: Database) -> bool:
    """Whether every connection was read to its end once."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).where(t.connections.c.polled_at.is_(None))) == 0


def unfinished(database: Database) -> dict[str, int]:
    """How much still waits for the hub itself, by kind; empty = at rest."""
    effects = t.outbox.c.state.in_((EffectState.QUEUED, EffectState.INTENT))
    undecided = t.payments.c.state.in_((PaymentState.NEW, PaymentState.RECHECK))
    with database.read() as connection:
        counts = {
            "inbox": connection.scalar(select(func.count()).where(t.inbox.c.state == InboxState.NEW)),
            "payments": connection.scalar(select(func.count()).where(undecided)),
            "effects": connection.scalar(select(func.count()).where(effects)),
        }
    return {kind: count for kind, count in counts.items() if count}


def payments_of(database: Database) -> int:
    """How many payments the hub holds."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(t.payments)) or 0


def rests(database: Database, payments: int) -> bool:
    """Whether so many payments are there and nothing waits for the hub."""
    return payments_of(database) >= payments and not unfinished(database)
