"""One stand-in for the folder, put back to its seed before each test; others are started where needed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox

from .rest import Rest


@pytest.fixture(scope="session")
def served() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: RunningSandbox) -> RunningSandbox:
    served.control.reset()
    return served


@pytest.fixture
def rest(sandbox: RunningSandbox) -> Iterator[Rest]:
    client = Rest(sandbox.webhook_url)
    yield client
    client.close()


StartSandbox = Callable[..., tuple[RunningSandbox, Rest]]


@pytest.fixture
def start() -> Iterator[StartSandbox]:
    """Start a stand-in with its own seed for one test."""
    with ExitStack() as stack:

        def run(seed: dict[str, Any] | None = None, **options: Any) -> tuple[RunningSandbox, Rest]:
            sandbox = stack.enter_context(running_sandbox(seed=seed, **options))
            client = Rest(sandbox.webhook_url)
            stack.callback(client.close)
            return sandbox, client

        yield run
