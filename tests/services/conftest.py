"""Whatever a test of the services does, every decision that it leaves follows once more from what it was made from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.store.engine import Database
from tests.support.grounds import unfounded


@pytest.fixture(autouse=True)
def _decisions_follow(request: pytest.FixtureRequest) -> Iterator[None]:
    if "database" not in request.fixturenames:
        yield
        return
    database: Database = request.getfixturevalue("database")
    yield
    assert unfounded(database) == []
