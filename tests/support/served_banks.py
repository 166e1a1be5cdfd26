"""The local Tochka and T-Bank with the real connectors on them, and the hub's services beside, under one clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from connectors.bank.providers.tbank.config import TbankConfig
from connectors.bank.providers.tbank.connector import Tbank
from connectors.bank.providers.tochka.config import TochkaConfig
from connectors.bank.providers.tochka.connector import Tochka
from connectors.bank.sandbox.control import Control
from connectors.bank.sandbox.testing import RunningSandbox
from connectors.shared.memory import MemoryQuota
from connectors.shared.runtime import Runtime as ConnectorRuntime
from hub.composition.banks import TITLES, OpenBank
from hub.ports.state import Clock
from hub.services.bank_source import BankSource

BANKS: Final = ("tochka", "tbank")
#: What T-Bank shows us with its hooks.
HOOK_TOKEN: Final = "our-own-word-for-the-bank-5130"
#: The banks' clock stands still, so its seconds of limits would never end; a statement is ready at once.
QUICK: Final = {"tochka": {"created_polls": 0}, "tbank": {"limits_enabled": False}}


@dataclass(frozen=True)
class BanksClock:
    """The banks' clock; sleeping moves it, and what became due there happens."""

    control: Control

    def now(self) -> datetime:
        return self.control.banks.clock.now()

    def monotonic(self) -> float:
        return self.control.banks.clock.timestamp()

    def sleep(self, seconds: float) -> None:
        self.control.advance(max(seconds, 0.001))


@contextmanager
def open_ports(sandbox: RunningSandbox, clock: Clock) -> Iterator[Mapping[str, OpenBank]]:
    """The connectors of both banks over their sockets, closed at the end."""
    tochka, tbank = sandbox.tochka, sandbox.tbank
    addresses = {"api_url": tochka.base_url, "keys_url": tochka.public_key_url, "client_id": tochka.client_id}
    ports: dict[str, OpenBank] = {
        "tochka": Tochka(
            TochkaConfig.model_validate({"token": tochka.token, **addresses}),
            ConnectorRuntime("tochka", clock, MemoryQuota(clock), "test"),
        ),
        "tbank": Tbank(
            TbankConfig.model_validate({"token": tbank.token, "api_url": tbank.base_url, "hook_token": HOOK_TOKEN}),
            ConnectorRuntime("tbank", clock, MemoryQuota(clock), "test"),
        ),
    }
    try:
        yield ports
    finally:
        for port in ports.values():
            port.close()


def sources(read_from: date) -> dict[str, BankSource]:
    """Both banks as an owner sets them up."""
    return {name: BankSource(name, TITLES[name], read_from=read_from) for name in BANKS}
