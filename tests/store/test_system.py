"""Connections, marks, bindings, switches, leases and the schedule; transactions themselves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from hub.ports.records import ConnectionRow, Health, InboxKind
from hub.store.engine import Database, DatabaseUrlError, open_database
from hub.store.unit_of_work import SqlStore
from tests.store.builders import CRM, NOW, later


def test_a_new_connection_observes(store: SqlStore) -> None:
    fresh = ConnectionRow(CRM, False, None, False, Health.UNKNOWN, None, None, None)
    with store.write() as uow:
        assert uow.connections.ensure(CRM) == fresh
        assert uow.connections.ensure(CRM) == fresh
        assert uow.connections.all() == [fresh]


def test_a_connection_is_switched_capped_and_polled(store: SqlStore) -> None:
    with store.write() as uow:
        uow.connections.set_acting(CRM, True, date(2026, 3, 1))
        uow.connections.set_capped(CRM, True)
        uow.connections.polled(CRM, NOW)
        uow.connections.report(CRM, Health.TROUBLE, "портал отвечает 503", later(1))
        row = uow.connections.ensure(CRM)
    assert row == ConnectionRow(CRM, True, date(2026, 3, 1), True, Health.TROUBLE, "портал отвечает 503", later(1), NOW)


def test_health_is_news_only_when_it_differs(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.connections.report(CRM, Health.OK, None, NOW)
        assert not uow.connections.report(CRM, Health.OK, None, later(1))
        assert uow.connections.report(CRM, Health.DEAD, "токен отозван", later(2))
        assert not uow.connections.report(CRM, Health.DEAD, "токен отозван", later(3))


def test_marks_are_kept_by_connection_and_name(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.cursors.get(CRM, "deals") is None
        uow.cursors.put(CRM, "deals", "1")
        uow.cursors.put(CRM, "deals", "2")
        uow.cursors.put(CRM, "clients", "x")
        uow.cursors.put("other", "deals", "y")
    with store.read() as uow:
        assert (uow.cursors.get(CRM, "deals"), uow.cursors.get(CRM, "clients")) == ("2", "x")


def test_a_binding_is_found_by_the_systems_id(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.bindings.get("1c", "payment", "77") is None
        uow.bindings.put("1c", "payment", "77", "p1")
        uow.bindings.put("1c", "payment", "77", "p2")
        assert uow.bindings.get("1c", "payment", "77") == "p2"
        assert uow.bindings.get("1c", "invoice", "77") is None


def test_the_first_who_paused_stays_named(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.switches.paused_by() is None
        uow.switches.pause("anna", NOW)
        uow.switches.pause("olga", later(1))
        assert uow.switches.paused_by() == "anna"
        uow.switches.resume()
        assert uow.switches.paused_by() is None


def test_a_lease_is_held_renewed_lost_and_given_back(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.switches.lease("timer", "one", NOW, 10)
        assert uow.switches.lease("timer", "one", later(5), 10)
        assert not uow.switches.lease("timer", "two", later(14), 10)
        assert uow.switches.lease("matcher", "two", later(14), 10)
        assert uow.switches.lease("timer", "two", later(15), 10)
        uow.switches.release("timer", "one")
        assert not uow.switches.lease("timer", "one", later(16), 10)
        uow.switches.release("timer", "two")
        assert uow.switches.lease("timer", "one", later(16), 10)


def test_missed_runs_of_a_job_are_one_run(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.switches.due_run("poll", NOW, 60)
        assert not uow.switches.due_run("poll", later(59), 60)
        assert uow.switches.due_run("poll", later(60), 60)
        assert uow.switches.due_run("poll", later(6000), 60)
        assert not uow.switches.due_run("poll", later(6001), 60)


def test_a_clock_that_stepped_back_strands_no_job(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.switches.due_run("poll", later(3600), 60)
        assert uow.switches.due_run("poll", NOW, 60)
        assert not uow.switches.due_run("poll", later(1), 60)


def test_writing_in_a_reading_transaction_is_an_error(store: SqlStore) -> None:
    with pytest.raises(DBAPIError), store.read() as uow:
        uow.cursors.put(CRM, "deals", "1")
    with store.read() as uow:
        assert uow.cursors.get(CRM, "deals") is None


def test_an_exception_rolls_everything_back(store: SqlStore) -> None:
    def half() -> None:
        with store.write() as uow:
            uow.cursors.put(CRM, "deals", "1")
            uow.inbox.add("file", InboxKind.HOOK, "x", b"", "d", NOW)
            raise KeyError("half way")

    with pytest.raises(KeyError):
        half()
    with store.write() as uow:
        assert uow.cursors.get(CRM, "deals") is None
        assert uow.inbox.due(NOW, 10) == []


def test_a_reader_sees_one_snapshot_while_a_writer_commits(store: SqlStore) -> None:
    with store.write() as uow:
        uow.cursors.put(CRM, "deals", "before")
    with store.read() as reader:
        assert reader.cursors.get(CRM, "deals") == "before"
        with store.write() as uow:
            uow.cursors.put(CRM, "deals", "after")
        assert reader.cursors.get(CRM, "deals") == "before"
    with store.read() as reader:
        assert reader.cursors.get(CRM, "deals") == "after"


def test_a_writer_inside_a_writer_of_the_same_thread_is_refused_not_hung(store: SqlStore) -> None:
    with store.write(), pytest.raises(RuntimeError, match="already open"), store.write():
        pass
    with store.write() as uow:
        uow.cursors.put(CRM, "deals", "1")


def test_sqlite_is_durable_and_checks_references(sqlite_database: Database) -> None:
    with sqlite_database.write() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_ping_answers_and_a_closed_store_opens_again(store: SqlStore) -> None:
    store.ping()
    store.close()
    store.ping()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db", "postgresql+asyncpg://host/db"])
def test_an_address_that_cannot_be_used_is_refused_with_advice(url: str) -> None:
    with pytest.raises(DatabaseUrlError, match="sqlite:///"):
        open_database(url)


def test_an_sqlite_too_old_for_the_program_is_refused_by_its_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 31, 1))
    with pytest.raises(DatabaseUrlError, match=r"3\.35\.0"):
        open_database(f"sqlite:///{tmp_path / 'hub.sqlite3'}")
