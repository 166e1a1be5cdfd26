"""Which database errors say that it cannot answer now, and which stay what they are."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.ports.store import StoreUnavailable
from hub.store.engine import Database, open_database
from hub.store.unit_of_work import SqlStore

pytestmark = pytest.mark.row(9)


def test_a_file_that_others_lock_is_unavailable(sqlite_database: Database) -> None:
    with sqlite_database.write() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(str(sqlite_database.engine.url.database), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked") as caught, sqlite_database.write():
            pass
    assert isinstance(caught.value.__cause__, DBAPIError)
    with sqlite_database.write():
        pass


def test_a_lost_file_is_unavailable(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/nowhere/hub.sqlite3")
    with pytest.raises(StoreUnavailable, match="cannot be opened"), database.write():
        pass
    with pytest.raises(StoreUnavailable):
        database.ping()


def test_a_full_disk_is_unavailable_and_room_mends_it(sqlite_database: Database) -> None:
    path = str(sqlite_database.engine.url.database)
    sqlite_database.close()
    script = (
        "import resource, sys\n"
        "from hub.ports.store import StoreUnavailable\n"
        "from hub.store.engine import open_database\n"
        "database = open_database(sys.argv[1])\n"
        "fill = lambda c: c.exec_driver_sql(\"INSERT INTO cursors (connection, name, value) VALUES ('x', 'y', 'z')\")\n"
        "with database.write() as c: fill(c); c.exec_driver_sql('DELETE FROM cursors')\n"
        "free = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, free[1]))\n"
        "try:\n"
        "    with database.write() as c: fill(c)\n"
        "except StoreUnavailable as error: print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, free)\n"
        "with database.write() as c: fill(c)\n"
        "print('stored')\n"
    )
    run = [sys.executable, "-c", script, f"sqlite:///{path}"]
    lines = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split("\n")
    assert lines[0] in ("disk error", "disk full")
    assert lines[1] == "stored"


def test_a_lock_that_lasts_longer_than_the_server_allows_is_unavailable(postgres_database: Database) -> None:
    other = create_engine(postgres_database.engine.url)
    with other.connect() as holder:
        holder.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(StoreUnavailable, match="55P03"), postgres_database.write() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'; SELECT 1 FROM inbox")
        holder.rollback()
    other.dispose()


def test_a_connection_cut_in_a_transaction_is_unavailable_and_the_next_one_works(postgres_database: Database) -> None:
    with pytest.raises(StoreUnavailable), postgres_database.write() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with pytest.raises(StoreUnavailable), postgres_database.read() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    postgres_database.ping()


def test_nobody_listening_is_unavailable(postgres_database: Database, tmp_path: Path) -> None:
    away = open_database(postgres_database.engine.url.update_query_dict({"host": str(tmp_path)}))
    with pytest.raises(StoreUnavailable, match="no answer"):
        away.ping()


@pytest.mark.parametrize("state", ["53100", "53300", "57P01", "57P03", "08006", "58030", "25006"])
def test_what_a_server_in_trouble_says_is_unavailable(postgres_database: Database, state: str) -> None:
    raising = text(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")
    with pytest.raises(StoreUnavailable), postgres_database.write() as connection:
        connection.execute(raising)
    postgres_database.ping()


def test_mistakes_of_the_caller_stay_mistakes(database: Database, store: SqlStore) -> None:
    with pytest.raises(DBAPIError), database.write() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(text("INSERT INTO cursors (connection, name) VALUES ('x', 'y')"))
    with pytest.raises(DBAPIError), store.read() as uow:
        uow.cursors.put("crm", "deals", "1")
    with pytest.raises(ZeroDivisionError), database.write():
        _ = 1 / 0
