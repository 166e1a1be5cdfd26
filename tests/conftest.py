"""Databases for tests: every test that asks for `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.support.databases import (
    database,
    database_url,
    open_url,
    postgres,
    postgres_database,
    postgres_url,
    sqlite_database,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "database",
    "database_url",
    "open_url",
    "postgres",
    "postgres_database",
    "postgres_url",
    "sqlite_database",
    "sqlite_template",
    "sqlite_url",
    "store",
]


@pytest.fixture
def store(database: Database) -> SqlStore:
    """The store over a new database."""
    return SqlStore(database)
