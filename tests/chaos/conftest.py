"""What `./run test` takes of the chaos: all of it on SQLite, on PostgreSQL the cases where it behaves differently."""

from __future__ import annotations

import re
from typing import Final

import pytest

#: Cases on PostgreSQL that each run of the tests takes; `./run chaos` takes all of them.
_ALWAYS: Final = re.compile(
    r"test_database_trouble|after_intent|request_sent:1|before_settle|exactly_once.postgres-we|one_alarm"
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the cases that may wait."""
    for item in items:
        if "tests/chaos/" in item.nodeid and "postgres" in item.name and not _ALWAYS.search(item.nodeid):
            item.add_marker(pytest.mark.thorough)
