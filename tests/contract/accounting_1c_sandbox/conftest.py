"""Starts a base from the small default one, with settings, users and objects of the test's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.accounting_1c.sandbox.control import Control
from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.accounting_1c.sandbox.seed import ConfigName, Seed
from connectors.accounting_1c.sandbox.testing import RunningSandbox, running_sandbox

from .client import OData


@dataclass
class Served:
    """A base as it is served, with a client of it."""

    sandbox: RunningSandbox
    odata: OData
    stack: ExitStack

    @property
    def control(self) -> Control:
        return self.sandbox.control

    def client_as(self, user: str, password: str) -> OData:
        """A client under another name."""
        client = OData(self.sandbox, user, password)
        self.stack.callback(client.http.close)
        return client


Start = Callable[..., Served]


def seed_of(config: ConfigName, objects: dict[str, Any], users: list[dict[str, Any]], settings: dict[str, Any]) -> Seed:
    """The default seed with these things put over it; objects of a named set replace the default ones."""
    document = default_seed(config).model_dump(mode="json")
    document["settings"] |= settings
    document["objects"] |= objects
    if users:
        document["users"] = users
    return Seed.model_validate(document)


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(config="ut11", objects={...}, users=[...], faults=[...], if_match="strict")`."""
    with ExitStack() as stack:

        def run(
            config: ConfigName = "bp30",
            objects: dict[str, Any] | None = None,
            users: list[dict[str, Any]] | None = None,
            faults: Any = None,
            **settings: Any,
        ) -> Served:
            seed = seed_of(config, objects or {}, users or [], settings)
            sandbox = stack.enter_context(running_sandbox(seed, faults))
            served = Served(sandbox, OData(sandbox), stack)
            stack.callback(served.odata.http.close)
            return served

        yield run
