from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox

from .account import Account, opened, seed


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[RunningSandbox]:
    """One server for all tests that take the common account."""
    with running_sandbox(seed()) as sandbox:
        yield sandbox


@pytest.fixture
def account(shared_sandbox: RunningSandbox) -> Iterator[Account]:
    """The common account as its seed has it, with a connector of its own."""
    shared_sandbox.control.reset()
    with opened(shared_sandbox) as account:
        yield account
