"""Backup and restore: one file for both databases, everything or nothing."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Column, String, Table, func, insert, select

from hub.ports.records import AuditEntry
from hub.store import tables as t
from hub.store.backup import BackupError, Contents, back_up, read_contents
from hub.store.engine import Database, open_database
from hub.store.migrations import current_revision, head_revision
from hub.store.restore import RestoreReport, restore
from hub.store.unit_of_work import SqlStore, SqlUnitOfWork
from tests.store.builders import NOW, add_payment, later

RAW = bytes(range(256)) * 3
SAMPLES: dict[str, object] = {
    "UtcDateTime": NOW,
    "Date": date(2026, 2, 28),
    "LargeBinary": RAW,
    "JSON": {"ключ": [1, 0.1, None, "«ёлка»\n"]},
    "Boolean": True,
    "Integer": 1,
    "BigInteger": 2**53 + 1,
    "Double": 0.25,
    "StorableText": "«ёлка» 'x' \\ \u2028",
}
#: Written by the journal itself, so that its chain holds.
JOURNAL: frozenset[Table] = frozenset({t.audit, t.audit_blocks})
LEFT_OUT: frozenset[Table] = frozenset({t.sessions, t.login_attempts, t.leases, t.schedule, t.quota})


def sample(column: Column[Any]) -> object:
    for key in column.foreign_keys:
        return sample(key.column)
    return "RUB" if isinstance(column.type, String) else SAMPLES[type(column.type).__name__]


def fill(database: Database) -> None:
    """A row in every table, a value in every column, and a sealed journal."""
    with database.write() as connection:
        for table in t.metadata.sorted_tables:
            if table not in JOURNAL:
                connection.execute(insert(table).values({column.name: sample(column) for column in table.columns}))
    with SqlStore(database).write() as uow:
        uow.audit.append(AuditEntry("payment.matched", "hub", "p1", {"сумма": "1 200,00", "n": 0.1}), NOW)
        uow.audit.seal(later(1))
        uow.audit.append(AuditEntry("hub.paused", "cli", "hub"), later(2))


def rows_of(database: Database, table: Table) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    return {table.name: rows_of(database, table) for table in t.metadata.sorted_tables if table not in LEFT_OUT}


def nothing(_uow: SqlUnitOfWork, _contents: Contents) -> None:
    """The hub has no last word."""


def put_back(url: URL, copy: Path, finish: Callable[[SqlUnitOfWork, Contents], None] = nothing) -> RestoreReport:
    return restore(url.render_as_string(hide_password=False), copy, later(3600), finish)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Where the backup is to be."""
    return tmp_path / "copy.gz"


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_every_column_of_every_table_comes_back_in_either_database(
    database: Database, target: str, request: pytest.FixtureRequest, copy: Path
) -> None:
    fill(database)
    contents = back_up(database, copy, NOW)
    before = everything(database)
    assert contents.counts == {name: len(rows) for name, rows in before.items()}
    assert all(contents.counts.values())
    url: URL = request.getfixturevalue(f"{target}_url")
    database.close()
    put_back(url, copy)
    with closing(open_database(url)) as again:
        assert everything(again) == before
        assert not any(rows_of(again, table) for table in LEFT_OUT)
        assert current_revision(again) == head_revision()
        with SqlStore(again).read() as uow:
            assert uow.audit.verify() is None


def test_a_copy_is_its_owners_alone_and_appears_only_when_it_is_whole(
    database: Database, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(database, copy, NOW)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    whole = copy.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        back_up(database, copy, NOW)
    assert copy.read_bytes() == whole
    assert list(copy.parent.glob("*.part")) == []


def test_a_copy_is_one_moment_of_a_database_in_use(database: Database, copy: Path) -> None:
    store = SqlStore(database)
    with store.write() as uow:
        add_payment(uow)
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(t.payments)) == 1
        with store.write() as uow:
            add_payment(uow, amount="7.00")
        assert back_up(database, copy, NOW).counts["payments"] == 2


def test_new_rows_go_on_after_the_restored_ones(database: Database, copy: Path) -> None:
    with SqlStore(database).write() as uow:
        first = add_payment(uow)
    back_up(database, copy, NOW)
    url = database.engine.url
    database.close()
    put_back(url, copy)
    with closing(open_database(url)) as again, SqlStore(again).write() as uow:
        second = add_payment(uow, amount="7.00")
    assert (first, second) == ("p1", "p2")


def test_the_replaced_database_is_kept(database: Database, copy: Path) -> None:
    back_up(database, copy, NOW)
    with SqlStore(database).write() as uow:
        add_payment(uow)
    url, is_sqlite = database.engine.url, database.is_sqlite
    database.close()
    aside = put_back(url, copy).aside
    assert aside is not None
    with closing(open_database(url)) as again:
        assert rows_of(again, t.payments) == []
    if not is_sqlite:
        put_back(url, aside)
    with closing(open_database(f"sqlite:///{aside}" if is_sqlite else url)) as kept:
        assert len(rows_of(kept, t.payments)) == 1


def test_the_hubs_last_word_is_part_of_the_restore(database: Database, copy: Path) -> None:
    back_up(database, copy, NOW)
    with SqlStore(database).write() as uow:
        add_payment(uow)
    url = database.engine.url
    database.close()

    def pause(uow: SqlUnitOfWork, contents: Contents) -> None:
        assert contents.taken_at == NOW
        uow.switches.pause("cli", NOW)

    def refuse(_uow: SqlUnitOfWork, _contents: Contents) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        put_back(url, copy, refuse)
    with closing(open_database(url)) as same:
        assert len(rows_of(same, t.payments)) == 1
    put_back(url, copy, pause)
    with closing(open_database(url)) as again, SqlStore(again).read() as uow:
        assert uow.switches.paused_by() == "cli"


def lines_of(copy: Path) -> list[bytes]:
    with gzip.open(copy, "rb") as packed:
        return packed.readlines()


def write_lines(copy: Path, lines: list[bytes]) -> None:
    copy.write_bytes(gzip.compress(b"".join(lines)))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut off": lambda copy: copy.write_bytes(copy.read_bytes()[:-200]),
    "a byte changed": lambda copy: copy.write_bytes(copy.read_bytes()[:300] + b"x" + copy.read_bytes()[301:]),
    "no last line": lambda copy: write_lines(copy, lines_of(copy)[:-1]),
    "a row taken out": lambda copy: write_lines(copy, [line for line in lines_of(copy) if b"changes" not in line]),
    "a row changed": lambda copy: write_lines(copy, [line.replace(b"p1", b"p2") for line in lines_of(copy)]),
    "something else": lambda copy: copy.write_bytes(b"PK\x03\x04"),
    "another JSON": lambda copy: write_lines(copy, [b"{}\n"]),
    "empty": lambda copy: copy.write_bytes(b""),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_copy_is_refused_and_the_database_stays(sqlite_database: Database, copy: Path, damage: str) -> None:
    fill(sqlite_database)
    with SqlStore(sqlite_database).write() as uow:
        uow.cursors.put("crm", "changes", "mark")
    back_up(sqlite_database, copy, NOW)
    before = everything(sqlite_database)
    DAMAGES[damage](copy)
    url = sqlite_database.engine.url
    sqlite_database.close()
    with pytest.raises(BackupError):
        put_back(url, copy)
    with closing(open_database(url)) as same:
        assert everything(same) == before


def test_a_copy_is_refused_whichever_byte_of_it_changed_or_holds_the_same_all_the_same(
    sqlite_database: Database, copy: Path
) -> None:
    fill(sqlite_database)
    back_up(sqlite_database, copy, NOW)
    whole, contents = copy.read_bytes(), read_contents(copy)
    refused = 0
    for at in range(0, len(whole), 9):
        copy.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            assert read_contents(copy) == contents
        except BackupError:
            refused += 1
    assert refused > len(whole) // 9 * 0.9


def rewritten(copy: Path, header: dict[str, object]) -> None:
    """The copy under another header, with a checksum that fits."""
    lines = lines_of(copy)
    head = json.loads(lines[0]) | header
    body = [json.dumps(head).encode() + b"\n", *lines[1:-1]]
    end = json.loads(lines[-1]) | {"sha256": hashlib.sha256(b"".join(body)).hexdigest()}
    write_lines(copy, [*body, json.dumps(end).encode() + b"\n"])


@pytest.mark.parametrize("header", [{"revision": "9999"}, {"version": 2}])
def test_a_copy_of_a_newer_version_is_refused(sqlite_database: Database, copy: Path, header: dict[str, object]) -> None:
    back_up(sqlite_database, copy, NOW)
    rewritten(copy, header)
    url = sqlite_database.engine.url
    sqlite_database.close()
    with pytest.raises(BackupError, match="обновите sverka"):
        put_back(url, copy)


def test_a_copy_whose_journal_was_edited_is_refused(database: Database, copy: Path) -> None:
    fill(database)
    with database.write() as connection:
        connection.execute(t.audit.update().where(t.audit.c.id == 1).values(actor="nobody"))
    back_up(database, copy, NOW)
    url = database.engine.url
    database.close()
    with pytest.raises(BackupError, match="Журнал в копии правили"):
        put_back(url, copy)
    with closing(open_database(url)) as same:
        assert len(rows_of(same, t.payments)) == 1


def test_nothing_is_restored_while_a_hub_works_with_the_database(database: Database, copy: Path) -> None:
    back_up(database, copy, NOW)
    with SqlStore(database).write() as uow:
        uow.switches.lease("timer", "hub", later(3600), 10)
    with pytest.raises(BackupError, match="остановите"):
        put_back(database.engine.url, copy)


def test_a_damaged_database_is_replaced_and_kept_with_its_log(sqlite_database: Database, copy: Path) -> None:
    back_up(sqlite_database, copy, NOW)
    file = Path(sqlite_database.engine.url.database or "")
    sqlite_database.close()
    file.write_bytes(b"rubbish" * 4096)
    log = file.with_name(f"{file.name}-wal")
    log.write_bytes(b"old log")
    aside = put_back(sqlite_database.engine.url, copy).aside
    assert aside is not None
    assert aside.read_bytes().startswith(b"rubbish")
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"old log"
    with closing(open_database(sqlite_database.engine.url)) as again:
        assert current_revision(again) == head_revision()


def test_a_copy_is_restored_where_there_was_no_database(sqlite_database: Database, copy: Path, tmp_path: Path) -> None:
    fill(sqlite_database)
    back_up(sqlite_database, copy, NOW)
    fresh = tmp_path / "fresh.sqlite3"
    report = restore(f"sqlite:///{fresh}", copy, NOW, nothing)
    assert report.aside is None
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600
    with closing(open_database(f"sqlite:///{fresh}")) as again:
        assert everything(again) == everything(sqlite_database)


def test_an_older_copy_comes_to_the_newest_shape(sqlite_database: Database, copy: Path) -> None:
    back_up(sqlite_database, copy, NOW)
    lines = lines_of(copy)
    kept: list[bytes] = []
    for line in lines[1:-1]:
        table = json.loads(line)["table"] if line.startswith(b"{") else None
        if table == "cursors":
            kept += [line, json.dumps(["crm", "pipelines", "[]"]).encode() + b"\n"]
    end = {"end": {"cursors": 1}, "sha256": ""}
    write_lines(copy, [lines[0], *kept, json.dumps(end).encode() + b"\n"])
    rewritten(copy, {"revision": "0001"})
    sqlite_database.close()
    url = sqlite_database.engine.url
    put_back(url, copy)
    with closing(open_database(url)) as again:
        assert current_revision(again) == head_revision()
        assert rows_of(again, t.cursors) == [("crm", "pipelines", "[]")]


def test_reading_a_copy_tells_when_it_was_made_and_what_it_holds(database: Database, copy: Path) -> None:
    fill(database)
    back_up(database, copy, NOW)
    contents = read_contents(copy)
    assert (contents.taken_at, contents.revision) == (NOW, head_revision())
    assert contents.counts["audit"] == 2
