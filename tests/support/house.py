"""A company on a local amoCRM and, where wanted, both local banks: real connectors and services, one clock for all.

`tests.support.house_1c` puts a local 1C base beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

from connectors.amocrm.sandbox.control import Control as AmoControl
from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bank.sandbox.control import Control as BankControl
from connectors.bank.sandbox.testing import RunningSandbox as RunningBanks
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from connectors.sandbox_kit.write_log import WriteRecord
from connectors.shared.memory import MemoryQuota, MemoryTokens
from hub.composition.banks import bank_hook_answers, bank_hook_secrets, bank_sources, open_banks
from hub.composition.connections import connection_settings, hook_doors, open_crm
from hub.composition.statements import statement_reader
from hub.config import Config
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
from tests.support.house_config import house_config
from tests.support.sale import (
    ACCOUNTS,
    AMO,
    BANKS,
    HOOK_SECRETS,
    HOOK_TOKEN,
    INVOICES,
    MANAGER,
    MOSCOW,
    ORDER,
    TBANK,
    TOCHKA,
    amo_seed,
    bill,
    deal_id,
    invoice_id,
    lead,
)
from tests.support.statements import OUR_ACCOUNT, OUR_TAX_ID, Received

_EVENTS: Final = (
    *("add_lead", "update_lead", "delete_lead", "status_lead", "note_lead", "add_company", "update_company"),
    *(f"add_catalog_{INVOICES}", f"update_catalog_{INVOICES}", f"delete_catalog_{INVOICES}"),
)


class Moved(Protocol):
    """The hand on a stand-in's clock."""

    def freeze(self) -> None: ...
    def set_clock(self, at: datetime) -> None: ...
    def advance(self, seconds: float) -> None: ...


class HouseClock:
    """The account's clock is the hub's and the others' too; sleeping moves them all."""

    def __init__(self, amo: AmoControl, *others: Moved) -> None:
        self._amo = amo
        self._others = others
        at = amo.account.clock.now()
        for control in (*others, amo):
            control.freeze()
            control.set_clock(at)

    def now(self) -> datetime:
        return self._amo.account.clock.now()

    def monotonic(self) -> float:
        return self._amo.account.clock.timestamp()

    def sleep(self, seconds: float) -> None:
        # A standing clock would never pass less than it can show.
        step = max(seconds, 0.001)
        for control in (*self._others, self._amo):
            control.advance(step)


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
        crms = {name: self.another_crm(name) for name in self.config.connections}
        ports = open_banks(self.config, self.tokens, self.quota, self.clock, CallCounters())
        own = frozenset({OUR_ACCOUNT, *ACCOUNTS.values()})
        self.rt = Runtime(
            store=self.store,
            clock=self.clock,
            crms=crms,
            connections=connection_settings(self.config),
            own_accounts=own,
            own_tax_ids=frozenset({OUR_TAX_ID}),
            read_statement=statement_reader(8 << 20),
            owner="house",
            wake=lambda work, key: self.hints.append((work, key)),
            match_context=lambda ours: MatchContext(own_tax_ids=ours | {OUR_TAX_ID}, own_accounts=own),
            doors={**hook_doors(crms), **ports},
            banks=ports,
            bank_sources=bank_sources(self.config),
        )
        with self.store.write() as uow:
            for name, settings in {**self.config.connections, **self.config.banks}.items():
                uow.connections.ensure(name)
                uow.connections.set_acting(name, True, settings.acting_since)

    def another_crm(self, name: str = AMO) -> CrmPort:
        """A port as another process would have it: only the stored tokens and the quota are common."""
        return open_crm(self.config, name, self.tokens, self.quota, self.clock)

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
    clock = HouseClock(amo.control, *((banks.control,) if banks is not None else ()))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        config = house_config(amo, banks, folder, pair=tokens is not None)
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
