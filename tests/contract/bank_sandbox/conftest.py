"""Starts both banks with a seed of the test's own, and a receiver of their webhooks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.bank.sandbox.control import Control
from connectors.bank.sandbox.testing import RunningSandbox, running_sandbox

from .banks import seed
from .clients import TBank, Tochka
from .receiver import Receiver, receiving


@dataclass
class Served:
    """Both banks as they are served, with a client of each."""

    sandbox: RunningSandbox
    tochka: Tochka
    tbank: TBank
    stack: ExitStack

    def tochka_as(self, token: str) -> Tochka:
        """A client of Tochka with another token."""
        client = Tochka(self.sandbox, token)
        self.stack.callback(client.http.close)
        return client

    def tbank_as(self, token: str) -> TBank:
        """A client of T-Bank with another token."""
        client = TBank(self.sandbox, token)
        self.stack.callback(client.http.close)
        return client

    @property
    def control(self) -> Control:
        return self.sandbox.control


Start = Callable[..., Served]


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(*operations, tochka={...}, tbank={...}, faults=[...])`."""
    with ExitStack() as stack:

        def run(*operations: dict[str, Any], faults: Any = None, **options: Any) -> Served:
            sandbox = stack.enter_context(running_sandbox(seed(*operations, **options), faults))
            served = Served(sandbox, Tochka(sandbox), TBank(sandbox), stack)
            stack.callback(served.tochka.http.close)
            stack.callback(served.tbank.http.close)
            return served

        yield run


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening
