"""Sweeps over many cases run on SQLite, the telling ones on PostgreSQL too: what differs there is the store."""

from __future__ import annotations

import pytest

from hub.store.engine import Database


@pytest.fixture
def chosen(request: pytest.FixtureRequest) -> Database:
    """The database that a case names: `parametrize(..., indirect=["chosen"])`, see `tests.support.shift.on_both`."""
    database: Database = request.getfixturevalue(f"{request.param}_database")
    return database
