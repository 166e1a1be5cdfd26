"""The local 1C base with a connector to it, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.connector import OneC
from connectors.accounting_1c.money import OneCMoney
from connectors.accounting_1c.sandbox.testing import RunningSandbox
from connectors.shared.memory import MemoryQuota
from connectors.shared.runtime import Runtime
from hub.domain.models import Client, Invoice
from hub.ports.crm import ChangePage, Removed
from mappings.accounting import shipped_map

INVOICE = "Document_СчетНаОплатуПокупателю"
PAYMENT = "Document_ПоступлениеНаРасчетныйСчет"
CLIENT = "Catalog_Контрагенты"
STATUS = "InformationRegister_СтатусыДокументов"
#: Of the small seed.
PAID = "a0f2e3f2-ee89-5c9c-975d-474cb4b84746"
UNPAID = "e361084c-e77e-5079-b774-cf12ca3876a8"
PARTLY = "55001a4e-94da-59c5-bfeb-1e1b08fb7714"
VIOLET, DAISY = "a10667da-ecc9-575c-ab65-16c7e4455d09", "f3625e06-f377-54b7-be16-996957aff714"
OUR_ACCOUNT = "40702810702500000001"

#: Two days after the newest document of the small seed, by the clock of Moscow noon.
TODAY = datetime(2026, 3, 6, 9, tzinfo=UTC)


class HandClock:
    """Time that stands until it is moved; waiting moves it."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=max(seconds, 0.001))


@dataclass(slots=True)
class World:
    """A base, its connector, and what the connector's changes brought so far."""

    sandbox: RunningSandbox
    config: OneCConfig
    clock: HandClock
    port: OneC
    money: OneCMoney
    mark: str | None = None
    invoices: dict[str, Invoice] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    commits: int = 0

    @property
    def control(self) -> Any:
        return self.sandbox.control

    @property
    def asked(self) -> int:
        """Requests that the base answered."""
        return len(self.sandbox.control.requests)

    def poll(self) -> int:
        """Read to the end, as the hub does; how many requests it took."""
        before = self.asked
        while True:
            page = self.port.changes(self.mark)
            self.take(page)
            if not page.more:
                return self.asked - before

    def take(self, page: ChangePage) -> None:
        """Commit a page: rows and mark together."""
        self.commits += 1
        for change in page.changes:
            if isinstance(change, Invoice):
                self.invoices[change.id] = change
            elif isinstance(change, Client):
                self.clients[change.id] = change
            elif isinstance(change, Removed):
                self.invoices.pop(change.id, None)
                self.clients.pop(change.id, None)
        self.mark = page.mark

    def restart(self) -> None:
        """A new process: nothing is remembered but what was committed."""
        self.port.close()
        self.port = OneC(self.config, _runtime(self.clock))

    def numbers(self) -> set[str]:
        """Numbers of the invoices that are known."""
        return {item.number or "" for item in self.invoices.values()}


def _runtime(clock: HandClock) -> Runtime:
    return Runtime("buh", clock, MemoryQuota(clock))


def settings(sandbox: RunningSandbox, configuration: str = "bp30", **values: Any) -> OneCConfig:
    """Settings of the connector for a running base."""
    given: Mapping[str, Any] = {
        "address": sandbox.base_url,
        "login": sandbox.user,
        "password": sandbox.password,
        "names": shipped_map(configuration).model_dump(),
        "read_from": "2026-01-01",
        "timeouts": {"deadline_s": 10.0, "read_within_s": 2.0, "busy_s": 0.1},
        **values,
    }
    return OneCConfig.model_validate(given)


@contextmanager
def opened(sandbox: RunningSandbox, now: datetime = TODAY, **values: Any) -> Iterator[World]:
    """A connector to a running base."""
    config, clock = settings(sandbox, **values), HandClock(now)
    world = World(sandbox, config, clock, OneC(config, _runtime(clock)), OneCMoney(config, _runtime(clock)))
    try:
        yield world
    finally:
        world.port.close()
        world.money.close()
