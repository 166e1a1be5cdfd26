from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox

from .portal import Portal, opened, seed


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[RunningSandbox]:
    """One server for all tests that take the common portal."""
    with running_sandbox(seed()) as sandbox:
        yield sandbox


@pytest.fixture
def portal(shared_sandbox: RunningSandbox) -> Iterator[Portal]:
    """The common portal as its seed has it, with a connector of its own."""
    shared_sandbox.control.reset()
    with opened(shared_sandbox) as portal:
        yield portal
