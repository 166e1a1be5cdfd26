"""Row 41: whatever is changed in the journal by hand, the first line that does not fit is named."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.ports.records import AuditEntry
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.store.builders import later
from tests.support.matrix import Figures

HOUR = 3600
LINE_EDITS = {
    "id": ("UPDATE audit SET id = 500 WHERE id = 5", 5),
    "at": ("UPDATE audit SET at = '2026-03-02 11:59:59' WHERE id = 5", 5),
    "event": ("UPDATE audit SET event = 'deal.moved' WHERE id = 5", 5),
    "actor": ("UPDATE audit SET actor = 'Ольга' WHERE id = 5", 5),
    "subject": ("UPDATE audit SET subject = 'p7' WHERE id = 5", 5),
    "data": ('UPDATE audit SET data = \'{"sum": "1050.00"}\' WHERE id = 5', 5),
    "block": ("UPDATE audit SET block = 3 WHERE id = 5", 5),
}
BLOCK_EDITS = {
    "number": ("UPDATE audit_blocks SET number = 30 WHERE number = 3", 7),
    "sealed_at": ("UPDATE audit_blocks SET sealed_at = '2026-03-01 00:00:00' WHERE number = 2", 4),
    "lines": ("UPDATE audit_blocks SET lines = 2 WHERE number = 2", 4),
    "body": ("UPDATE audit_blocks SET body = replace(body, '4', '44') WHERE number = 2", 4),
    "previous_hash": ("UPDATE audit_blocks SET previous_hash = hash WHERE number = 2", 4),
    "hash": ("UPDATE audit_blocks SET hash = previous_hash WHERE number = 2", 4),
}
COLUMNS = "(id, at, event, actor, subject, data, block)"
DELETIONS_AND_INSERTIONS = {
    "first line deleted": (["DELETE FROM audit WHERE id = 1"], 1),
    "middle line deleted": (["DELETE FROM audit WHERE id = 5"], 5),
    "last sealed line deleted": (["DELETE FROM audit WHERE id = 9"], 9),
    "line inserted with a block": (
        [f"INSERT INTO audit {COLUMNS} VALUES (0, '2026-03-02 12:00:00', 'deal.moved', 'hub', 'p1', '{{}}', 2)"],
        0,
    ),
    "line inserted without a block": (
        [f"INSERT INTO audit {COLUMNS} VALUES (0, '2026-03-02 12:00:00', 'deal.moved', 'hub', 'p1', '{{}}', NULL)"],
        0,
    ),
    "first block cut off": (["DELETE FROM audit WHERE block = 1", "DELETE FROM audit_blocks WHERE number = 1"], 4),
    "last block cut off with its lines": (
        ["DELETE FROM audit WHERE id >= 7", "DELETE FROM audit_blocks WHERE number = 3"],
        7,
    ),
    "two last blocks cut off with their lines": (
        ["DELETE FROM audit WHERE id >= 4", "DELETE FROM audit_blocks WHERE number >= 2"],
        4,
    ),
    "everything cut off": (["DELETE FROM audit", "DELETE FROM audit_blocks"], 1),
    "the note of the newest block deleted": (["DELETE FROM cursors WHERE name = 'journal_head'"], 10),
}
CASES = {
    **{f"audit.{name}": ([sql], line) for name, (sql, line) in LINE_EDITS.items()},
    **{f"audit_blocks.{name}": ([sql], line) for name, (sql, line) in BLOCK_EDITS.items()},
    **DELETIONS_AND_INSERTIONS,
}


@pytest.fixture
def sealed(store: SqlStore) -> SqlStore:
    """Three blocks of three lines (1–3, 4–6, 7–9), an hour apart."""
    for block in range(3):
        for number in range(3):
            with store.write() as uow:
                data = {"sum": "10.50", "text": "«ёлка»", "list": [1, {"b": 1, "a": 2}]}
                uow.audit.append(AuditEntry("payment.matched", "hub", f"p{number}", data), later(block * HOUR))
        with store.write() as uow:
            assert uow.audit.seal(later(block * HOUR + 1)) == 3
    assert verify(store) is None
    return store


def verify(store: SqlStore) -> int | None:
    with store.read() as uow:
        return uow.audit.verify()


def test_the_cases_edit_every_column() -> None:
    assert LINE_EDITS.keys() == set(t.audit.columns.keys())
    assert BLOCK_EDITS.keys() == set(t.audit_blocks.columns.keys())


@pytest.mark.row(41)
@pytest.mark.parametrize("case", CASES)
def test_the_first_line_that_does_not_fit_is_named(
    sealed: SqlStore, database: Database, case: str, figures: Figures
) -> None:
    statements, line = CASES[case]
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))
    assert verify(sealed) == line
    figures.total("edits found", 1)
