"""One stand-in for the folder, put back to its seed before each test; others are started where needed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from connectors.amocrm.sandbox.defaults import default_seed
from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox

from .receiver import Receiver, receiving
from .rest import Rest


def seeded(**settings: Any) -> dict[str, Any]:
    """The small default account with these settings; its request limit is off unless they name one."""
    seed = default_seed().model_dump(mode="json")
    seed["settings"].update({"rate_limit": {"enabled": False}, **settings})
    return seed


@pytest.fixture(scope="session")
def served() -> Iterator[RunningSandbox]:
    with running_sandbox(seeded()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: RunningSandbox) -> RunningSandbox:
    served.control.reset()
    return served


@pytest.fixture
def rest(sandbox: RunningSandbox) -> Iterator[Rest]:
    client = Rest(sandbox.url, sandbox.access_token)
    yield client
    client.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


StartSandbox = Callable[..., tuple[RunningSandbox, Rest]]


@pytest.fixture
def start() -> Iterator[StartSandbox]:
    """Start a stand-in for one test, with a seed of its own or the default one under other settings."""
    with ExitStack() as stack:

        def run(seed: dict[str, Any] | None = None, **options: Any) -> tuple[RunningSandbox, Rest]:
            given = {name: options.pop(name) for name in ("faults", "write_log") if name in options}
            sandbox = stack.enter_context(running_sandbox(seed=seed or seeded(**options), **given))
            client = Rest(sandbox.url, sandbox.access_token)
            stack.callback(client.close)
            return sandbox, client

        yield run
