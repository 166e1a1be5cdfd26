"""A pooled connection to PostgreSQL that died: unseen while it was idle, trouble once while it worked."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.ports.store import StoreUnavailable
from hub.store import idle_ping
from hub.store.engine import Database
from tests.support.databases import PostgresServer


def cut(database: Database, postgres: PostgresServer) -> None:
    """The server ends the one session of the pool."""
    with database.write() as connection:
        session = connection.scalar(text("SELECT pg_backend_pid()"))
    postgres.end_session(session)


def test_a_connection_that_died_while_idle_is_replaced_before_it_is_used(
    postgres_database: Database, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_ping, "_IDLE_S", 0.0)
    cut(postgres_database, postgres)
    postgres_database.ping()


def test_a_connection_that_died_a_moment_after_its_work_is_trouble_once(
    postgres_database: Database, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_ping, "_IDLE_S", 3600.0)  # however long the machine thinks
    cut(postgres_database, postgres)
    with pytest.raises(StoreUnavailable, match="connection lost"):
        postgres_database.ping()
    postgres_database.ping()


def test_all_that_died_with_the_server_are_replaced_at_once(
    postgres_database: Database, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_ping, "_IDLE_S", 0.0)
    with postgres_database.read() as one, postgres_database.read() as two:
        sessions = [item.scalar(text("SELECT pg_backend_pid()")) for item in (one, two)]
    for session in sessions:
        postgres.end_session(session)
    with postgres_database.read() as one, postgres_database.read() as two:
        assert [item.scalar(text("SELECT 1")) for item in (one, two)] == [1, 1]
