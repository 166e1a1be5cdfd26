"""Databases for tests: every test that asks for `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
import structlog

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


# structlog's own way to show an error paints it with the values of all variables, which takes seconds a piece.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture
def store(database: Database) -> SqlStore:
    """The store over a new database."""
    return SqlStore(database)
