from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.accounting_1c.sandbox.testing import RunningSandbox, running_sandbox

from .base import World, opened


@pytest.fixture(scope="session")
def shared_base() -> Iterator[RunningSandbox]:
    """One server for all tests that take the small base."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def base(shared_base: RunningSandbox) -> RunningSandbox:
    """The small base as its seed has it."""
    shared_base.control.reset()
    return shared_base


@pytest.fixture
def world(base: RunningSandbox) -> Iterator[World]:
    """The small base with a connector of its own."""
    with opened(base) as world:
        yield world
