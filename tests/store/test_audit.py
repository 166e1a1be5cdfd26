"""The journal: sealed in chained blocks; whatever is changed by hand is named by its first line."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.ports.records import AuditEntry
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.store.builders import NOW, later

HOUR = 3600


def write_lines(store: SqlStore, count: int, at: float) -> None:
    with store.write() as uow:
        for number in range(count):
            data = {"sum": "10.50", "part": 0.1, "text": "«ёлка»", "none": None, "list": [1, {"b": 1, "a": 2}]}
            uow.audit.append(AuditEntry("payment.matched", "hub", f"p{number}", data), later(at))


def seal(store: SqlStore, at: float, limit: int = 1000) -> int:
    with store.write() as uow:
        return uow.audit.seal(later(at), limit)


def verify(store: SqlStore) -> int | None:
    with store.read() as uow:
        return uow.audit.verify()


def by_hand(database: Database, sql: str) -> None:
    with database.write() as connection:
        connection.execute(text(sql))


@pytest.fixture
def sealed(store: SqlStore) -> SqlStore:
    """Three blocks of three lines (1–3, 4–6, 7–9), an hour apart, and line 10 not sealed yet."""
    for block in range(3):
        write_lines(store, 3, block * HOUR)
        assert seal(store, block * HOUR + 1) == 3
    write_lines(store, 1, 3 * HOUR)
    assert verify(store) is None
    return store


def test_lines_are_sealed_in_order_and_once(store: SqlStore) -> None:
    assert seal(store, 0) == 0
    write_lines(store, 5, 0)
    assert [seal(store, 1, 2), seal(store, 2, 2), seal(store, 3, 2), seal(store, 4, 2)] == [2, 2, 1, 0]
    assert verify(store) is None


def test_an_empty_journal_fits(store: SqlStore) -> None:
    assert verify(store) is None


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE id = 5", 5),
        ("UPDATE audit SET data = '{}' WHERE id = 9", 9),
        ("UPDATE audit SET at = '2026-03-02 11:59:59' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 6", 6),
        ("DELETE FROM audit WHERE id > 6", 7),
        ("UPDATE audit SET block = 1 WHERE id = 5", 5),
        ("UPDATE audit SET block = NULL WHERE id = 8", 8),
        ("UPDATE audit SET block = 9 WHERE id = 10", 10),
        ("UPDATE audit SET block = -1 WHERE id = 10", 10),
        ("UPDATE audit_blocks SET body = '[]' WHERE number = 2", 4),
        ("UPDATE audit_blocks SET body = 'rubbish' WHERE number = 3", 7),
        ("UPDATE audit_blocks SET previous_hash = hash WHERE number = 2", 4),
        ("UPDATE audit_blocks SET sealed_at = '2026-03-01 00:00:00' WHERE number = 1", 1),
        ("DELETE FROM audit_blocks WHERE number = 3", 7),
        ("DELETE FROM audit_blocks WHERE number = 1", 1),
    ],
)
def test_what_was_changed_by_hand_is_named_by_its_first_line(
    sealed: SqlStore, database: Database, change: str, line: int
) -> None:
    by_hand(database, change)
    assert verify(sealed) == line


@pytest.mark.parametrize("block", ["2", "NULL"])
def test_a_line_put_in_between_is_found(sealed: SqlStore, database: Database, block: str) -> None:
    by_hand(database, "DELETE FROM audit WHERE id = 6")
    by_hand(database, "UPDATE audit SET id = 66 WHERE id = 10")
    by_hand(
        database,
        "INSERT INTO audit (id, at, event, actor, subject, data, block) "
        f"VALUES (6, '2026-03-02 12:00:00', 'deal.moved', 'hub', 'p1', '{{}}', {block})",
    )
    assert verify(sealed) == 6


def test_an_old_line_put_before_the_sealed_ones_is_found_even_after_it_was_sealed(
    sealed: SqlStore, database: Database
) -> None:
    columns = "(id, at, event, actor, subject, data, block)"
    by_hand(
        database,
        f"INSERT INTO audit {columns} VALUES (0, '2026-03-02 12:00:00', 'deal.moved', 'hub', 'p1', '{{}}', NULL)",
    )
    assert verify(sealed) == 0
    assert seal(sealed, 4 * HOUR) == 2
    assert verify(sealed) == 0


def test_a_line_that_commits_a_moment_late_is_no_forgery(sealed: SqlStore, database: Database) -> None:
    by_hand(database, "DELETE FROM audit WHERE id = 10")
    late = later(2 * HOUR).strftime("%Y-%m-%d %H:%M:%S")
    by_hand(
        database,
        "INSERT INTO audit (id, at, event, actor, subject, data) "
        f"VALUES (0, '{late}+00:00', 'deal.moved', 'hub', 'p1', '{{}}')"
        if not database.is_sqlite
        else "INSERT INTO audit (id, at, event, actor, subject, data) "
        f"VALUES (0, '{late}.000000', 'deal.moved', 'hub', 'p1', '{{}}')",
    )
    assert verify(sealed) is None
    seal(sealed, 2 * HOUR + 2)
    assert verify(sealed) is None


def test_a_moment_of_the_journal_is_the_callers(store: SqlStore) -> None:
    write_lines(store, 1, 0)
    with store.write() as uow:
        assert uow.audit.seal(NOW) == 1
