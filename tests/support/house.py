"""A company on a local amoCRM and, where wanted, both local banks: real connectors and services, one clock for all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from connectors.amocrm.sandbox.control import Control as AmoControl
from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bank.sandbox.control import Control as BankControl
from connectors.bank.sandbox.seed import Bank
from connectors.bank.sandbox.testing import RunningSandbox as RunningBanks
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from connectors.sandbox_kit.write_log import WriteRecord
from connectors.shared.memory import MemoryQuota, MemoryTokens
from hub.composition.banks import bank_hook_answers, bank_hook_secrets, bank_sources, open_banks
from hub.composition.connections import connection_settings, hook_doors, open_crm
from hub.composition.statements import statement_reader
from hub.config import Config, parse_config
from hub.domain.matching import MatchContext
from hub.ports.calls import CallCounters
from hub.ports.crm import CrmPort
from hub.ports.records import PaymentRow
from hub.ports.state import TokenStore
from hub.ports.store import Store
from hub.services.follow_bank_hooks import follow_bank_hooks
from hub.services.follow_hooks import follow_hooks
from hub.services.poll_bank import BankPoll, poll_bank
from hub.services.runtime import Runtime, Work
from hub.store.engine import Database
from hub.store.queries import Queries
from hub.store.unit_of_work import SqlStore
from hub.store.users import SqlUsers
from hub.web.context import WebContext
from tests.support.amo_words import in_crm_words
from tests.support.bureau import Bureau
from tests.support.doors import Site, served_site
from tests.support.statements import OUR_ACCOUNT, OUR_TAX_ID, Received

AMO: Final = "amo"
TOCHKA: Final = "tochka"
TBANK: Final = "tbank"
BANKS: Final[tuple[Bank, ...]] = (TOCHKA, TBANK)
ACCOUNTS: Final = {TOCHKA: "40702810702500000001", TBANK: "40702810910000000002"}
STARTED_AT: Final = datetime.fromisoformat("2026-03-16T09:00:00+03:00")
HOOK_SECRETS: Final = {
    AMO: "amo-0f4c8a1d9e7b6352",
    TOCHKA: "tochka-0f4c8a1d9e7b6352",
    TBANK: "tbank-0f4c8a1d9e7b6352",
}
HOOK_TOKEN: Final = "our-own-word-for-the-bank-5130"
#: What Tochka and T-Bank call their events in a fault script.
BANK_EVENTS: Final = {TOCHKA: "tochka.incomingPayment", TBANK: "tbank.*"}
MOSCOW: Final = timezone(timedelta(hours=3))
MANAGER: Final = 17
SALES: Final = 9001
INVOICES: Final = 7301
NEW, WAITING, PAID = 61001, 61002, 61003
#: Stages of the pipeline, and statuses of an invoice by the account's own numbers.
ORDER: Final = {"61001": 0, "61002": 1, "61003": 2, "142": 9, "700119": 0, "700121": 1, "700122": 1, "700120": 2}
_EVENTS: Final = (
    *("add_lead", "update_lead", "delete_lead", "status_lead", "note_lead", "add_company", "update_company"),
    *(f"add_catalog_{INVOICES}", f"update_catalog_{INVOICES}", f"delete_catalog_{INVOICES}"),
)
CLIENT: Final = {
    "name": "ООО «Вектор»",
    "inn": "7700112239",
    "kpp": "770001001",
    "account": "40702810500000000012",
    "bic": "044525225",
}
_RULES: Final = f"""\
pipelines:
  "{SALES}":
    deal_partly_paid:
      stage: "{NEW}"
      comment: "Часть: {{invoices}}; осталось {{deal_rest}}"
    deal_paid:
      stage: "{PAID}"
      comment: "Оплачено: {{invoices}}"
      task:
        title: "Отгрузить: {{invoices}}"
        due_days: 1
mark_invoices_paid: true
"""


def deal_id(place: int) -> int:
    """Number of the deal that was made in that place, from 1."""
    return 70_000 + place


def invoice_id(place: int) -> int:
    """Number of its invoice in the account."""
    return 880_100 + place


def invoice_number(place: int) -> int:
    """What people call that invoice."""
    return 100 + place


def lead(place: int, amount: str, **parts: Any) -> dict[str, Any]:
    """A deal that waits for its money."""
    base: dict[str, Any] = {
        "id": deal_id(place),
        "name": f"Сделка {place}",
        "price": amount.partition(".")[0],
        "pipeline_id": SALES,
        "status_id": WAITING,
        "company_id": 512,
        "responsible_user_id": MANAGER,
    }
    return base | parts


def bill(place: int, amount: str, **parts: Any) -> dict[str, Any]:
    """Its invoice."""
    payer = {"type": "legal", "name": CLIENT["name"], "entity_type": "companies", "entity_id": 512}
    base: dict[str, Any] = {
        "id": invoice_id(place),
        "name": f"Счет №{invoice_number(place)} от 10.03.2026",
        "price": amount,
        "lead_ids": [deal_id(place)],
        "payer": payer | {"vat_id": CLIENT["inn"], "kpp": CLIENT["kpp"]},
    }
    return base | parts


def amo_seed(sums: Sequence[str] = ("1000.00", "2000.00"), **parts: Any) -> dict[str, Any]:
    """An account with one client, and a deal with one invoice for each sum; `parts` replace sections."""
    requisites = {"name": CLIENT["name"], "entity_type": 2, "vat_id": CLIENT["inn"], "kpp": CLIENT["kpp"]}
    settings = {"started_at": STARTED_AT.isoformat(), "rate_limit": {"enabled": False}}
    account: dict[str, Any] = {
        "settings": settings | dict(parts.pop("settings", {})),
        "users": [{"id": 1, "name": "Хаб", "admin": True}, {"id": MANAGER, "name": "Анна Продажина"}],
        "pipelines": [
            {
                "id": SALES,
                "name": "Продажи",
                "is_main": True,
                "statuses": [
                    {"id": NEW, "name": "Первичный контакт"},
                    {"id": WAITING, "name": "Счёт выставлен"},
                    {"id": PAID, "name": "В работе"},
                ],
            }
        ],
        "catalogs": [{"id": INVOICES, "name": "Счета", "type": "invoices"}],
        "custom_fields": [{"id": 501, "name": "Реквизиты", "entity": "companies", "type": "legal_entity"}],
        "companies": [
            {"id": 512, "name": "Вектор", "fields": {"501": {**requisites, "bank_account_number": CLIENT["account"]}}}
        ],
        "leads": [lead(place, amount) for place, amount in enumerate(sums, 1)],
        "invoices": [bill(place, amount) for place, amount in enumerate(sums, 1)],
    }
    return account | parts


def banks_seed(*operations: Mapping[str, Any], **settings: Any) -> dict[str, Any]:
    """One account of ours in each bank; `tochka` and `tbank` are their settings."""
    tochka = {"created_polls": 0, "hook_retry_s": 10} | settings.get(TOCHKA, {})
    return {
        "settings": {"started_at": STARTED_AT.isoformat(), TOCHKA: tochka, TBANK: settings.get(TBANK, {})},
        "accounts": [
            {"bank": name, "number": number, "opening_balance": "1000.00"} for name, number in ACCOUNTS.items()
        ],
        "operations": [dict(operation) for operation in operations],
    }


def purpose(place: int) -> str:
    """What the client writes when paying that invoice."""
    return f"Оплата по счету № {invoice_number(place)} от 10.03.2026. НДС не облагается"


def money(place: int, amount: str = "1000.00", **parts: Any) -> Received:
    """The client's payment of an invoice as a line of a statement file."""
    named = {"tax_id": CLIENT["inn"], "name": "ООО Вектор", "account": CLIENT["account"]}
    return Received(str(50 + place), amount, purpose(place), **{**named, **parts})


def transfer(bank: str, place: int, amount: str = "1000.00", **parts: Any) -> dict[str, Any]:
    """The same as an operation of a bank; it is booked in the moment when it appears unless `parts` say else."""
    base: dict[str, Any] = {
        "account": ACCOUNTS[bank],
        "amount": amount,
        "document_number": str(50 + place),
        "purpose": purpose(place),
        "counterparty": CLIENT,
    }
    return base | parts


class HouseClock:
    """The account's clock is the hub's and the banks' too; sleeping moves them all."""

    def __init__(self, amo: AmoControl, banks: BankControl | None) -> None:
        self._amo = amo
        self._banks = banks
        self._stands(amo.account.clock.now())

    def _stands(self, at: datetime) -> None:
        self._amo.freeze()
        self._amo.set_clock(at)
        if self._banks is not None:
            self._banks.freeze()
            self._banks.set_clock(at)

    def now(self) -> datetime:
        return self._amo.account.clock.now()

    def monotonic(self) -> float:
        return self._amo.account.clock.timestamp()

    def sleep(self, seconds: float) -> None:
        # A standing clock would never pass less than it can show.
        step = max(seconds, 0.001)
        if self._banks is not None:
            self._banks.advance(step)
        self._amo.advance(step)


@dataclass
class House(Bureau):
    """The hub and everything around it. Money comes by files (`bring`) and, with banks, by their API."""

    name = AMO
    order = ORDER

    amo: RunningAmo
    store: Store
    database: Database
    config: Config
    clock: HouseClock
    tokens: TokenStore
    quota: MemoryQuota
    banks: RunningBanks | None = None
    hints: list[tuple[Work, str]] = field(default_factory=list)
    site: Site | None = None
    deals: dict[int, int] = field(default_factory=dict)
    invoices: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        crm = self.another_crm()
        calls = CallCounters()
        ports = open_banks(self.config, self.tokens, self.quota, self.clock, calls) if self.banks is not None else {}
        own = frozenset({OUR_ACCOUNT, *ACCOUNTS.values()})
        self.rt = Runtime(
            store=self.store,
            clock=self.clock,
            crms={AMO: crm},
            connections=connection_settings(self.config),
            own_accounts=own,
            own_tax_ids=frozenset({OUR_TAX_ID}),
            read_statement=statement_reader(8 << 20),
            owner="house",
            wake=lambda work, key: self.hints.append((work, key)),
            match_context=lambda ours: MatchContext(own_tax_ids=ours | {OUR_TAX_ID}, own_accounts=own),
            doors={**hook_doors({AMO: crm}), **ports},
            banks=ports,
            bank_sources=bank_sources(self.config) if self.banks is not None else {},
        )
        with self.store.write() as uow:
            for name, settings in {**self.config.connections, **self.config.banks}.items():
                uow.connections.ensure(name)
                uow.connections.set_acting(name, True, settings.acting_since)

    def another_crm(self) -> CrmPort:
        """A port as another process would have it: only the stored tokens and the quota are common."""
        return open_crm(self.config, AMO, self.tokens, self.quota, self.clock)

    def close(self) -> None:
        """Release the ports' sockets."""
        for crm in self.rt.crms.values():
            crm.close()
        for bank in self.rt.banks.values():
            bank.close()

    # The stand-ins

    @property
    def control(self) -> AmoControl:
        """The hand on the account."""
        return self.amo.control

    @property
    def bank(self) -> BankControl:
        """The hand on both banks."""
        assert self.banks is not None
        return self.banks.control

    def log(self) -> list[dict[str, Any]]:
        """The account's write log, in the words that are common to CRMs."""
        return in_crm_words(self.control)

    def moments(self) -> list[datetime]:
        """When requests came to the account."""
        return [record.at for record in self.control.requests]

    def asked(self, bank: str) -> int:
        """Requests that a bank got under our token."""
        return sum(row.method.startswith(f"{bank}.") and row.method != "tochka.key" for row in self.bank.requests)

    def fault(self, method: str, times: int | None = 1, **action: Any) -> None:
        """Arm one fault of the account."""
        self.control.add_faults({"match": {"method": method}, "times": times, "action": action})

    def bank_fault(self, method: str, times: int | None = 1, **action: Any) -> None:
        """Arm one fault of the banks."""
        self.bank.add_faults({"match": {"method": method}, "times": times, "action": action})

    def human(self, **deed: Any) -> int:
        """A manager does something in the account; returns the card's number."""
        return self.control.human({"user_id": MANAGER} | deed) or 0

    def sells(self, place: int, amount: str) -> None:
        """A manager makes a deal in that place and an invoice of it."""
        self.makes_deal(place, amount)
        self.makes_invoice(place, amount)
        self.binds(place)

    def makes_deal(self, place: int, amount: str) -> None:
        """A deal of the client, without an invoice."""
        parts = lead(place, amount)
        del parts["id"], parts["company_id"]
        made = self.human(act="add", entity="lead", fields={**parts, "price": int(parts["price"])})
        self.human(act="link", id=made, to="company", to_id=512)
        self.deals[place] = made

    def makes_invoice(self, place: int, amount: str) -> None:
        """An invoice that belongs to no deal yet."""
        values = {"BILL_STATUS": {"enum_code": "created"}, "BILL_PRICE": {"value": amount}}
        fields = [{"field_code": code, "values": [value]} for code, value in values.items()]
        name = bill(place, amount)["name"]
        card = {"name": name, "custom_fields_values": fields}
        self.invoices[place] = self.human(act="add", entity="element", catalog_id=INVOICES, fields=card)

    def binds(self, place: int) -> None:
        """The invoice is tied to its deal."""
        self.human(act="link", id=self.deals[place], to="element", to_id=self.invoices[place])

    # Hooks

    def door(self, name: str) -> str:
        """The address of a connection's hooks."""
        assert self.site is not None
        return f"{self.site.address}/hooks/{name}/{HOOK_SECRETS[name]}"

    def subscribe(self, nowhere: str | None = None) -> None:
        """Let every system call the hub, or another address."""
        self.control.add_webhook({"destination": nowhere or self.door(AMO), "settings": list(_EVENTS)})
        if self.banks is None:
            return
        events = ["incomingPayment", "outgoingPayment"]
        self.bank.subscribe_tochka({"url": nowhere or self.door(TOCHKA), "events": events})
        self.bank.subscribe_tbank(
            {"url": nowhere or self.door(TBANK), "auth_type": "Bearer", "auth_secret": HOOK_TOKEN}
        )

    def hooks_sent(self) -> None:
        """Wait for hooks that are on their way."""
        self.control.wait_hooks()
        if self.banks is not None:
            self.bank.wait_hooks()

    def follow(self, name: str = AMO) -> int:
        """Work on the hooks that came; returns how many were followed."""
        self.hooks_sent()
        return (follow_bank_hooks if name in BANKS else follow_hooks)(self.rt, name)

    def inbox(self) -> list[tuple[str, bytes]]:
        """Hooks that were stored: connection and what is kept."""
        found = []
        with self.store.read() as uow:
            number = 1
            while (row := uow.inbox.get(number)) is not None:
                found += [(row.connection, row.raw)] if row.kind.value == "hook" else []
                number += 1
        return found

    # What is there afterwards

    def poll_bank(self, name: str) -> BankPoll:
        """Read a bank once."""
        return poll_bank(self.rt, name)

    def deal(self, place: int = 1) -> int:
        """Number of the deal in that place, whether the seed or a manager made it."""
        return self.deals.get(place, deal_id(place))

    def stage(self, place: int = 1) -> int:
        """Where a deal stands in the account."""
        return int(str(self.control.lead(self.deal(place))["status_id"]))

    def paid_mark(self, place: int = 1) -> object:
        """Status of an invoice in the account."""
        return self.control.value("catalog_elements", self.invoices.get(place, invoice_id(place)), "BILL_STATUS")

    def ours(self) -> list[WriteRecord]:
        """Our writes that took effect, late ones too."""
        return [row for row in self.control.write_log.effects() if row.source in ("rest", "late")]

    def sent(self) -> list[WriteRecord]:
        """Every writing call that the account got, whatever became of it."""
        return self.control.write_log.calls()

    def moves(self, place: int = 1) -> list[int]:
        """Stages that our writes gave a deal."""
        rows = (row for row in self.ours() if (row.entity_type, row.entity_id) == ("lead", self.deal(place)))
        return [int(str(row.changed["status_id"][1])) for row in rows if "status_id" in row.changed]

    def gone(self) -> list[PaymentRow]:
        """Payments that their bank took away."""
        return [row for row in self.payments() if row.vanished_in is not None]

    def ledger(self) -> list[Received]:
        """Every credited line that the banks ever showed as a fact, corrected and cancelled ones as they stand."""
        rows = self.bank.operations()
        return [_line(row) for row in rows if row["direction"] == "in" and row["status"] == "booked"]


def _line(row: Mapping[str, Any]) -> Received:
    day = datetime.fromisoformat(str(row["booked_at"])).astimezone(MOSCOW).strftime("%d.%m.%Y")
    return Received(str(row["document_number"]), f"{Decimal(str(row['amount'])):f}", str(row["purpose"]), day=day)


def _config(amo: RunningAmo, banks: RunningBanks | None, folder: Path, *, pair: bool) -> Config:
    (folder / "rules.yaml").write_text(_RULES, encoding="utf-8")
    connection: dict[str, Any] = {
        "system": "amocrm",
        "address": amo.url,
        "hook_secret": HOOK_SECRETS[AMO],
        "rules": "rules.yaml",
        "mode": "act",
        "act_from": "2026-03-01",
        "moves_per_hour": 1000,
    }
    settings: dict[str, Any] = {
        "company": {"name": "Наша фирма", "accounts": [OUR_ACCOUNT, *ACCOUNTS.values()], "tax_ids": [OUR_TAX_ID]},
        "connections": {AMO: connection if pair else {**connection, "token": amo.access_token}},
    }
    if banks is not None:
        common = {"read_from": "2026-03-13", "mode": "act", "act_from": "2026-03-01"}
        tochka = {
            "bank": TOCHKA,
            "token": banks.tochka.token,
            "client_id": banks.tochka.client_id,
            "hook_secret": HOOK_SECRETS[TOCHKA],
            "api_url": banks.tochka.base_url,
            "keys_url": banks.tochka.public_key_url,
        }
        tbank = {
            "bank": TBANK,
            "token": banks.tbank.token,
            "hook_secret": HOOK_SECRETS[TBANK],
            "hook_token": HOOK_TOKEN,
            "api_url": banks.tbank.base_url,
        }
        settings["banks"] = {TOCHKA: common | tochka, TBANK: common | tbank}
    # JSON is YAML too.
    return parse_config(json.dumps(settings, ensure_ascii=False), folder / "sverka.yaml")


@contextmanager
def moved_in(
    amo: RunningAmo,
    database: Database,
    banks: RunningBanks | None = None,
    *,
    site: bool = False,
    tokens: TokenStore | None = None,
) -> Iterator[House]:
    """A house among systems that are served already; `site` opens its hooks' door on a socket.

    `tokens` keeps the access of the account, in place of a long-lived token in the settings.
    """
    clock = HouseClock(amo.control, banks.control if banks is not None else None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        config = _config(amo, banks, folder, pair=tokens is not None)
        kept = tokens if tokens is not None else MemoryTokens(clock)
        house = House(amo, SqlStore(database), database, config, clock, kept, MemoryQuota(clock), banks)
        stack.callback(house.close)
        if site:
            house.site = stack.enter_context(served_site(database, _context(house)))
        yield house


def start_again(amo: RunningAmo, banks: RunningBanks | None = None) -> None:
    """Systems that are served already stand as their seeds have them; the bank keeps its key, which is dear to make."""
    amo.control.reset()
    if banks is not None:
        key = banks.control.banks.key
        banks.control.reset()
        banks.control.banks.key = key


@contextmanager
def opened_house(
    database: Database,
    account: Mapping[str, Any] | None = None,
    banks: Mapping[str, Any] | None = None,
    **more: Any,
) -> Iterator[House]:
    """A house on an account of its own and, where `banks` are given, on banks of its own."""
    with ExitStack() as stack:
        amo = stack.enter_context(running_amo(account if account is not None else amo_seed()))
        served = stack.enter_context(running_banks(banks)) if banks is not None else None
        yield stack.enter_context(moved_in(amo, database, served, **more))


def _context(house: House) -> WebContext:
    config = house.config
    secrets = {
        name: item.hook_secret.get_secret_value()
        for name, item in config.connections.items()
        if item.hook_secret is not None
    }
    return WebContext(
        rt=house.rt,
        queries=Queries(house.database),
        users=SqlUsers(house.database),
        session_key=b"0" * 32,
        hook_secrets=secrets | bank_hook_secrets(config),
        deal_url=lambda connection, deal: None,
        secure_cookies=False,
        title="Наша фирма",
        version="test",
        hook_answers=bank_hook_answers(config),
    )
