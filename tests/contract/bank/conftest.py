"""A hub made from its settings beside a local Tochka and T-Bank, all over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from connectors.bank.sandbox.testing import RunningSandbox, running_sandbox
from hub.composition.hub import Hub, open_hub
from hub.composition.serve import web_context
from hub.config import create_key_file, parse_config
from hub.ports.bank import DayProof, ProofState
from hub.ports.records import ConnectionRow, InboxKind, PaymentRow
from hub.services.follow_bank_hooks import follow_bank_hooks
from hub.services.import_statement import import_statement
from hub.services.poll_bank import BankPoll, poll_bank
from hub.services.read_inbox import read_inbox
from hub.web.intake.counters import IntakeCounters
from tests.support.doors import Site, served_site

MOSCOW = timezone(timedelta(hours=3))
TOCHKA = "40702810702500000001"
TBANK = "40702810910000000002"
OUR_TAX_ID = "7700000023"
PAYER = {
    "name": "ООО «Фиалка»",
    "inn": "7700000016",
    "kpp": "770001001",
    "account": "40702810638000000013",
    "bic": "044525225",
    "bank_name": "ПАО Сбербанк",
    "correspondent_account": "30101810400000000225",
}
HOOK = {"tochka": "tochka-0f4c8a1d9e7b6352", "tbank": "tbank-0f4c8a1d9e7b6352"}
HOOK_TOKEN = "our-own-word-for-the-bank-5130"
ACCOUNTS = {"tochka": TOCHKA, "tbank": TBANK}


def today() -> date:
    """The day that banks have now."""
    return datetime.now(MOSCOW).date()


def ago(days: int) -> date:
    """A day before today."""
    return today() - timedelta(days=days)


def paid(bank: str, days_ago: int = 1, amount: str = "12200.00", **fields: Any) -> dict[str, Any]:
    """A movement of the first second of a Moscow day, which is still the day before in UTC."""
    day = ago(days_ago)
    return {
        "account": ACCOUNTS[bank],
        "amount": amount,
        "booked_at": f"{day.isoformat()}T00:00:01+03:00",
        "document_number": "245",
        "document_date": ago(days_ago + 1).isoformat(),
        "purpose": "Оплата по счету № 71",
        "counterparty": PAYER,
        **fields,
    }


@dataclass
class BankHub:
    """The hub, the banks, and the site that hooks come to."""

    hub: Hub
    sandbox: RunningSandbox
    site: Site
    bank: str = "tbank"
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def control(self) -> Any:
        return self.sandbox.control

    def hook_url(self, bank: str | None = None) -> str:
        name = bank or self.bank
        return f"{self.site.address}/hooks/{name}/{HOOK[name]}"

    def poll(self, bank: str | None = None) -> BankPoll:
        return poll_bank(self.hub.rt, bank or self.bank)

    def follow(self, bank: str | None = None) -> int:
        """Hooks are followed when the bank's own delivery has ended."""
        self.control.wait_hooks()
        return follow_bank_hooks(self.hub.rt, bank or self.bank)

    def upload(self, raw: bytes) -> None:
        read_inbox(self.hub.rt, import_statement(self.hub.rt, raw, "kl_to_1c.txt", "anna").inbox_id)

    def payments(self) -> list[PaymentRow]:
        with self.hub.rt.store.read() as uow:
            rows = [uow.payments.get(f"p{number}") for number in range(1, 40)]
        return [row for row in rows if row is not None]

    def sources(self, row: PaymentRow) -> set[InboxKind]:
        with self.hub.rt.store.read() as uow:
            found = [uow.inbox.get(number) for number in row.inbox_ids]
        return {item.kind for item in found if item is not None}

    def proof(self, day: date, bank: str | None = None) -> DayProof | None:
        name = bank or self.bank
        with self.hub.rt.store.read() as uow:
            return uow.banks.proof(name, ACCOUNTS[name], day)

    def state(self, day: date, bank: str | None = None) -> ProofState | None:
        found = self.proof(day, bank)
        return found.state if found is not None else None

    def row(self, bank: str | None = None) -> ConnectionRow:
        with self.hub.rt.store.read() as uow:
            return next(row for row in uow.connections.all() if row.id == (bank or self.bank))


Start = Callable[..., BankHub]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start("tochka", *operations, tochka={...}, tbank={...}, faults=[...])`; both banks are connected."""
    with ExitStack() as stack:

        def run(bank: str, *operations: dict[str, Any], faults: Any = None, **settings: Any) -> BankHub:
            sandbox = stack.enter_context(running_sandbox(_seed(operations, settings), faults))
            config = parse_config(_settings(sandbox), tmp_path / "sverka.yaml")
            if not config.secret_key_file.exists():
                create_key_file(config.secret_key_file)
            hub = stack.enter_context(open_hub(config))
            site = stack.enter_context(served_site(hub.database, web_context(hub, IntakeCounters())))
            return BankHub(hub, sandbox, site, bank)

        yield run


def _seed(operations: tuple[dict[str, Any], ...], settings: dict[str, Any]) -> dict[str, Any]:
    tochka = {"created_polls": 0, "hook_retry_s": 0.2} | settings.get("tochka", {})
    tbank = {"hook_retry_delays_s": [0.2, 0.2]} | settings.get("tbank", {})
    return {
        "settings": {"tochka": tochka, "tbank": tbank},
        "accounts": [
            {"bank": "tochka", "number": TOCHKA, "opening_balance": "1000.00"},
            {"bank": "tbank", "number": TBANK, "opening_balance": "500.00"},
        ],
        "operations": list(operations),
    }


def _settings(sandbox: RunningSandbox) -> str:
    return f"""
company:
  name: Ромашка
  accounts: ["{TOCHKA}", "{TBANK}"]
  tax_ids: ["{OUR_TAX_ID}"]
banks:
  tochka:
    bank: tochka
    token: {sandbox.tochka.token}
    client_id: {sandbox.tochka.client_id}
    hook_secret: {HOOK["tochka"]}
    api_url: {sandbox.tochka.base_url}
    keys_url: {sandbox.tochka.public_key_url}
    read_from: {ago(4).isoformat()}
    mode: act
    act_from: {ago(30).isoformat()}
  tbank:
    bank: tbank
    token: {sandbox.tbank.token}
    hook_secret: {HOOK["tbank"]}
    hook_token: {HOOK_TOKEN}
    api_url: {sandbox.tbank.base_url}
    read_from: {ago(4).isoformat()}
"""


def utc_now() -> datetime:
    """Now."""
    return datetime.now(UTC)
