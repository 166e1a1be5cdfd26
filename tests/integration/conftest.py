"""A served portal for the whole session and an office on it for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.integration.office import Office, opened, seed


@pytest.fixture
def store(sqlite_database: Database) -> SqlStore:
    """SQLite: the store's own tests show that both databases behave alike."""
    return SqlStore(sqlite_database)


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[RunningSandbox]:
    """One server for all tests that take the small portal."""
    with running_sandbox(seed()) as sandbox:
        yield sandbox


@pytest.fixture
def office(shared_sandbox: RunningSandbox, store: SqlStore) -> Iterator[Office]:
    """The small portal as its seed has it, and a hub that acts."""
    shared_sandbox.control.reset()
    with opened(shared_sandbox, store) as office:
        yield office.act()
