"""The schema: upgrade equals the tables, downgrade leaves nothing, several starters make one upgrade."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, inspect, make_url, text

from hub.store.engine import Database
from hub.store.migrations import NewerSchema, current_revision, downgrade, head_revision, migrate
from hub.store.tables import metadata
from tests.support.databases import PostgresServer


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    if request.param == "sqlite":
        yield make_url(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.empty_database() as url:
        yield url


def test_upgrade_makes_exactly_the_tables_of_the_program(empty_url: URL, open_url: Callable[[URL], Database]) -> None:
    database = open_url(empty_url)
    migrate(database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert current_revision(database) == head_revision() == "0013"


def test_upgrade_twice_changes_nothing(empty_url: URL, open_url: Callable[[URL], Database]) -> None:
    database = open_url(empty_url)
    migrate(database)
    migrate(database)
    assert current_revision(database) == head_revision()


def test_downgrade_leaves_no_table_and_the_way_up_is_open_again(
    empty_url: URL, open_url: Callable[[URL], Database]
) -> None:
    database = open_url(empty_url)
    migrate(database)
    downgrade(database, "base")
    with database.read() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    migrate(database)
    assert current_revision(database) == head_revision()


def test_processes_that_start_together_make_one_upgrade(empty_url: URL, open_url: Callable[[URL], Database]) -> None:
    databases = [open_url(empty_url) for _ in range(4)]
    threads = [threading.Thread(target=migrate, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert current_revision(databases[0]) == head_revision()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    empty_url: URL, open_url: Callable[[URL], Database]
) -> None:
    database = open_url(empty_url)
    migrate(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="9999"):
        migrate(database)
    assert current_revision(database) == "9999"


def test_systems_are_read_from_the_beginning_when_keys_are_made_otherwise(
    empty_url: URL, open_url: Callable[[URL], Database]
) -> None:
    database = open_url(empty_url)
    migrate(database)
    downgrade(database, "0004")
    with database.write() as connection:
        connection.execute(text("INSERT INTO cursors (connection, name, value) VALUES ('main', 'changes', 'far')"))
        connection.execute(text("INSERT INTO cursors (connection, name, value) VALUES ('main', 'pipelines', '[]')"))
        connection.execute(
            text(
                "INSERT INTO connections (id, acting, capped, health, polled_at) "
                "VALUES ('main', false, false, 'ok', '2026-03-10 09:00:00')"
            )
        )
    migrate(database)
    with database.read() as connection:
        assert connection.execute(text("SELECT name FROM cursors")).scalars().all() == ["pipelines"]
        assert connection.execute(text("SELECT polled_at FROM connections")).scalars().all() == [None]


def test_payments_of_an_older_schema_stay_when_tables_of_aliases_come(
    empty_url: URL, open_url: Callable[[URL], Database]
) -> None:
    database = open_url(empty_url)
    migrate(database, "0005")
    with database.write() as connection:
        names = (
            "direction, amount_minor, currency, booked_on, purpose, own_account, fingerprint, occurrence, raw, search"
        )
        connection.execute(
            text(
                f"INSERT INTO payments ({names}, warnings, state, created_at) VALUES ('in', 100, 'RUB', '2026-03-01', "
                "'Оплата', '', 'f', 1, '', '', '[]', 'needs_you', '2026-03-10 09:00:00')"
            )
        )
    migrate(database)
    with database.read() as connection:
        assert connection.execute(text("SELECT purpose FROM payments")).scalars().all() == ["Оплата"]
        assert connection.execute(text("SELECT count(*) FROM aliases")).scalar_one() == 0


def _some_effects(database: Database) -> None:
    names = "direction, amount_minor, currency, booked_on, purpose, own_account, fingerprint, occurrence, raw, search"
    effect = "connection, kind, subject, payload, state, attempts, next_attempt_at, created_at"
    at = "'2026-03-10 09:00:00'"
    with database.write() as connection:
        for statement in (
            f"INSERT INTO payments ({names}, warnings, state, created_at) VALUES ('in', 100, 'RUB', '2026-03-01', "
            f"'Оплата', '', 'f', 1, '', '', '[]', 'matched', {at})",
            f"INSERT INTO outbox (id, operation_key, payment_id, {effect}) "
            f"VALUES (7, 'move', 1, 'crm', 'move_deal', 'crm/1', '{{}}', 'done', 1, {at}, {at})",
            f"INSERT INTO outbox (id, operation_key, payment_id, {effect}) "
            f"VALUES (9, 'task', 1, 'crm', 'task', 'crm/1', '{{}}', 'queued', 0, {at}, {at})",
            "INSERT INTO outbox_after (effect_id, operation_key, position) VALUES (9, 'move', 0)",
        ):
            connection.execute(text(statement))


def test_effects_stay_when_their_payment_may_be_absent_and_back(
    empty_url: URL, open_url: Callable[[URL], Database]
) -> None:
    database = open_url(empty_url)
    migrate(database, "0011")
    with database.read() as connection:
        before = {item["name"]: item["column_names"] for item in inspect(connection).get_indexes("outbox")}
    _some_effects(database)
    migrate(database)
    with database.write() as connection:
        without = (
            "INSERT INTO outbox (operation_key, connection, kind, subject, payload, state, attempts, next_attempt_at, "
            "created_at) VALUES ('fill', 'crm', 'fill_fields', 'crm/2', '{}', 'queued', 0, '2026-03-10 09:00:00', "
            "'2026-03-10 09:00:00')"
        )
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT setval(pg_get_serial_sequence('outbox', 'id'), 9)"))
        connection.execute(text(without))
        kept = connection.execute(text("SELECT id, payment_id FROM outbox ORDER BY id")).all()
        assert [tuple(row) for row in kept] == [(7, 1), (9, 1), (10, None)]
        assert connection.execute(text("SELECT effect_id FROM outbox_after")).scalars().all() == [9]
        after = {item["name"]: item["column_names"] for item in inspect(connection).get_indexes("outbox")}
        assert after == before
    downgrade(database, "0011")
    with database.write() as connection:
        assert connection.execute(text("SELECT id FROM outbox ORDER BY id")).scalars().all() == [7, 9]
        columns = {item["name"]: item["nullable"] for item in inspect(connection).get_columns("outbox")}
        assert not columns["payment_id"]
