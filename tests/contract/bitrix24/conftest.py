from __future__ import annotations

from collections.abc import Iterator

import pytest

from .portal import Portal, served


@pytest.fixture
def portal() -> Iterator[Portal]:
    with served() as portal:
        yield portal
