"""One Bitrix24 portal, one amoCRM account, Tochka and T-Bank with a company each, and one hub over their sockets."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import httpx

import connectors
from connectors.amocrm.config import AmoConfig
from connectors.amocrm.connector import AmoCrm
from connectors.amocrm.sandbox import testing as amo
from connectors.bank.sandbox import testing as banks
from connectors.bitrix24.sandbox import testing as bitrix24
from connectors.shared.memory import MemoryQuota, MemoryTokens
from connectors.shared.runtime import Runtime as ConnectorRuntime
from hub.composition.connections import hook_doors
from hub.domain.matching import MatchContext
from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet, TaskRule
from hub.services.deliver import deliver
from hub.services.follow_bank_hooks import follow_bank_hooks
from hub.services.follow_hooks import follow_hooks
from hub.services.match_payments import match_payments
from hub.services.poll_bank import poll_bank
from hub.services.poll_source import MARK, poll_source
from hub.services.runtime import ConnectionSettings, Runtime
from hub.store.engine import Database
from hub.store.queries import Queries
from hub.store.unit_of_work import SqlStore
from hub.store.users import SqlUsers
from hub.web.context import WebContext
from tests.day.plan import BANKS, CLIENTS, FIRST_DEAL, Day, Sale, Step
from tests.day.relay import Post, opened
from tests.support.doors import served_site
from tests.support.served_banks import HOOK_TOKEN, QUICK, open_ports, sources
from tests.support.shift import unsettled

PORTAL, AMO = "portal", "amo"
CRMS: Final = (PORTAL, AMO)
TODAY: Final = date(2026, 3, 16)
_MIDNIGHT: Final = datetime(2026, 3, 16, tzinfo=timezone(timedelta(hours=3)))
OURS, MANAGER, SELLER = 1, 17, 517
ACCOUNTS: Final = {"tochka": "40702810702500000001", "tbank": "40702810910000000002"}
_TAX_ID: Final = "7700000023"
_SECRET: Final = "{}-0f4c8a1d9e7b6352"
_INVOICES: Final = 7301
#: Stages of the account in the order of its pipeline, as the plan numbers them.
_STATUSES: Final = {1: 61002, 2: 61003, 3: 61004, "won": 142, "lost": 143}
_STAGES: Final = {1: "PREPARATION", 2: "PREPAYMENT_INVOICE", 3: "EXECUTING", "won": "WON", "lost": "LOSE"}
#: The banks show what is older than this too: the day is no first day.
_READ_FROM: Final = date(2026, 3, 10)
_NIGHT_H: Final = 27
#: How often the hub asks when it is awake, and how many events it lets pass before it looks after its hooks.
POLL_MINUTES, BATCH = 5, 5


def _rules(partly: str, paid: str) -> PipelineRules:
    return PipelineRules(
        "sales",
        {
            PaidEvent.DEAL_PARTLY_PAID: Action(partly, "Часть: {invoices}"),
            PaidEvent.DEAL_PAID: Action(paid, "Оплачено: {invoices}", TaskRule("Отгрузить", due_days=1)),
        },
    )


_RULES: Final = {
    PORTAL: RuleSet({"0": _rules("PREPAYMENT_INVOICE", "EXECUTING")}),
    AMO: RuleSet({"9001": _rules("61003", "61004")}),
}


def client(crm: str, number: int) -> dict[str, str]:
    """A client as banks print him."""
    inn = f"77{'01' if crm == PORTAL else '02'}{number:06d}"
    return {"name": f"ООО «Клиент {crm} {number}»", "inn": inn, "account": f"407028106380000{inn[3:8]}"[:15] + inn[-5:]}


@dataclass(frozen=True)
class DayClock:
    """One time for everybody; sleeping moves it."""

    controls: Sequence[Any]

    def now(self) -> datetime:
        found: datetime = self.controls[-1].banks.clock.now()
        return found

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        for control in self.controls:
            control.advance(max(seconds, 0.001))

    def until(self, moment: datetime) -> None:
        """Let it be then, where it is not later yet."""
        if (seconds := (moment - self.now()).total_seconds()) > 0:
            self.sleep(seconds)


@dataclass
class World:
    """The systems and the hub; `do` is one event, `work` what the hub does with what it heard."""

    day: Day
    portal: bitrix24.RunningSandbox
    account: amo.RunningSandbox
    bank: banks.RunningSandbox
    clock: DayClock
    rt: Runtime
    database: Database
    post: Post
    people: httpx.Client
    deals: dict[str, int] = field(default_factory=dict)
    invoices: dict[tuple[str, int], int] = field(default_factory=dict)
    money: dict[str, int] = field(default_factory=dict)

    # What people and banks do

    def do(self, step: Step) -> None:
        """One event of the plan, at its minute."""
        self.clock.until(_MIDNIGHT + timedelta(minutes=step.minute))
        crm = self.day.sales[step.of].crm if step.of in self.day.sales else ""
        act = getattr(self, f"_{step.what}_{crm}" if crm else f"_{step.what}")
        act(self.day.sales[step.of] if crm else step.of, **step.args)

    def _rest(self, method: str, **params: Any) -> dict[str, Any]:
        answer = self.people.post(f"{self.portal.url}/rest/{MANAGER}/managercode/{method}.json", json=params)
        assert answer.status_code == 200, answer.text
        item: dict[str, Any] = answer.json()["result"]["item"]
        return item

    def _human(self, **deed: Any) -> int | None:
        return self.account.control.human({"user_id": SELLER} | deed)

    def _add_deal_portal(self, sale: Sale) -> None:
        fields = {"title": sale.key, "companyId": 100 + sale.client, "opportunity": str(sale.total), "categoryId": 0}
        self.deals[sale.key] = int(self._rest("crm.item.add", entityTypeId=2, fields=fields)["id"])

    def _add_invoice_portal(self, sale: Sale, part: int) -> None:
        fields = {
            "title": f"Счёт {sale.key}",
            "companyId": 100 + sale.client,
            "mycompanyId": 3,
            "parentId2": self.deals[sale.key],
            "opportunity": str(sale.sums[part]),
            "begindate": TODAY.isoformat(),
        }
        made = self._rest("crm.item.add", entityTypeId=31, fields=fields)
        assert made["accountNumber"] == str(sale.numbers[part]), "the plan knows the numbers that the portal gives"
        self.invoices[sale.key, part] = int(made["id"])

    def _edit_invoice_portal(self, sale: Sale, amount: Decimal) -> None:
        fields = {"opportunity": str(amount)}
        self._rest("crm.item.update", entityTypeId=31, id=self.invoices[sale.key, 0], fields=fields)

    def _edit_deal_portal(self, sale: Sale, amount: Decimal) -> None:
        self._rest("crm.item.update", entityTypeId=2, id=self.deals[sale.key], fields={"opportunity": str(amount)})

    def _rename_deal_portal(self, sale: Sale) -> None:
        self._rest("crm.item.update", entityTypeId=2, id=self.deals[sale.key], fields={"title": "Переименована"})

    def _rename_client_portal(self, sale: Sale) -> None:
        self._rest("crm.item.update", entityTypeId=4, id=100 + sale.client, fields={"title": f"Клиент {sale.key}"})

    def _move_deal_portal(self, sale: Sale, stage: int | str) -> None:
        act = {"act": "move", "id": self.deals[sale.key], "user_id": MANAGER, "stage_id": _STAGES[stage]}
        self.portal.control.human(act)

    def _delete_invoice_portal(self, sale: Sale) -> None:
        number = self.invoices[sale.key, 0]
        self.portal.control.human({"act": "delete", "id": number, "entity_type_id": 31, "user_id": MANAGER})

    def _delete_deal_portal(self, sale: Sale) -> None:
        self.portal.control.human({"act": "delete", "id": self.deals[sale.key], "user_id": MANAGER})

    def _add_deal_amo(self, sale: Sale) -> None:
        fields = {
            "name": sale.key,
            "price": _whole(sale.total),
            "pipeline_id": 9001,
            "status_id": 61002,
            "responsible_user_id": SELLER,
            "_embedded": {"companies": [{"id": 1000 + sale.client}]},
        }
        made = self._human(act="add", entity="lead", fields=fields)
        assert made is not None
        self.deals[sale.key] = made

    def _add_invoice_amo(self, sale: Sale, part: int) -> None:
        values = {"BILL_STATUS": {"enum_code": "created"}, "BILL_PRICE": {"value": str(sale.sums[part])}}
        payer = {"PAYER": {"value": _payer(sale.client)}}
        fields = {
            "name": f"Счет №{sale.numbers[part]} от 16.03.2026",
            "custom_fields_values": [
                {"field_code": code, "values": [value]} for code, value in (values | payer).items()
            ],
        }
        made = self._human(act="add", entity="element", fields=fields)
        assert made is not None
        self.invoices[sale.key, part] = made
        self._human(act="link", id=self.deals[sale.key], to="element", to_id=made)

    def _edit_invoice_amo(self, sale: Sale, amount: Decimal) -> None:
        price = [{"field_code": "BILL_PRICE", "values": [{"value": str(amount)}]}]
        fields = {"custom_fields_values": price}
        self._human(act="edit", entity="element", id=self.invoices[sale.key, 0], fields=fields)

    def _edit_deal_amo(self, sale: Sale, amount: Decimal) -> None:
        self._human(act="edit", id=self.deals[sale.key], fields={"price": _whole(amount)})

    def _rename_deal_amo(self, sale: Sale) -> None:
        self._human(act="edit", id=self.deals[sale.key], fields={"name": "Переименована"})

    def _rename_client_amo(self, sale: Sale) -> None:
        self._human(act="edit", entity="company", id=1000 + sale.client, fields={"name": f"Клиент {sale.key}"})

    def _move_deal_amo(self, sale: Sale, stage: int | str) -> None:
        self._human(act="move", id=self.deals[sale.key], status_id=_STATUSES[stage], pipeline_id=9001)

    def _delete_invoice_amo(self, sale: Sale) -> None:
        self._human(act="delete", entity="element", id=self.invoices[sale.key, 0])

    def _delete_deal_amo(self, sale: Sale) -> None:
        self._human(act="delete", id=self.deals[sale.key])

    def _money(self, key: str, bank: str, amount: Decimal, direction: str = "in", **facts: Any) -> None:
        sale = self.day.sales.get(facts.get("sale", ""))
        operation = {
            "account": ACCOUNTS[bank],
            "amount": str(amount),
            "direction": direction,
            "document_number": key.removeprefix("m"),
            "document_date": TODAY.isoformat(),
            "booked_at": self._booked_at(facts.get("days_ago", 0)),
            "purpose": facts.get("purpose", ""),
            "counterparty": {"name": "ООО «Прохожий»", "inn": "7700000016", "account": "40702810638000000013"},
        }
        if sale is not None:
            operation["purpose"] = f"Оплата по счету № {sale.numbers[facts['part']]}. НДС не облагается"
            operation["counterparty"] = client(sale.crm, sale.client)
        if "settles_after_s" in facts:
            status = "pending" if bank == "tochka" else "hold"
            operation |= {"status": status, "settles_after_s": facts["settles_after_s"]}
        self.money[key] = self.bank.control.add(operation)

    def _booked_at(self, days_ago: int) -> str:
        return (self.clock.now() - timedelta(days=days_ago)).isoformat()

    def _transfer(self, key: str, bank: str, amount: Decimal) -> None:
        other = next(name for name in BANKS if name != bank)
        for here, there, direction in ((bank, other, "out"), (other, bank, "in")):
            self.bank.control.add(
                {
                    "account": ACCOUNTS[here],
                    "amount": str(amount),
                    "direction": direction,
                    "document_number": key.removeprefix("m"),
                    "document_date": TODAY.isoformat(),
                    "booked_at": self._booked_at(0),
                    "purpose": "Перевод собственных средств",
                    "counterparty": {"name": "ООО «Образец»", "inn": _TAX_ID, "account": ACCOUNTS[there]},
                }
            )

    def _correct(self, key: str, amount: Decimal) -> None:
        self.bank.control.correct(self.money[key], amount=str(amount))

    def _re_date(self, key: str, days_ago: int) -> None:
        self.bank.control.correct(self.money[key], booked_at=self._booked_at(days_ago))

    def _cancel(self, key: str) -> None:
        self.bank.control.cancel(self.money[key])

    # What the hub does

    def hear(self, *, last: bool = False) -> None:
        """Hooks on their way reach the post, and the hub what the post brings; then it works on it."""
        for control in self.clock.controls:
            control.wait_hooks()
        self.post.hand_on(last=last)
        for name in CRMS:
            follow_hooks(self.rt, name)
        for name in BANKS:
            follow_bank_hooks(self.rt, name)
        self.work()

    def work(self) -> None:
        """Decide what may be decided and deliver what is due, until nothing is."""
        match_payments(self.rt)
        while due := self._due():
            for effect in due:
                deliver(self.rt, effect)

    def _due(self) -> list[int]:
        with self.rt.store.read() as uow:
            return uow.outbox.due(self.rt.clock.now(), 200)

    def poll(self) -> None:
        """Ask every system once."""
        for name in BANKS:
            assert poll_bank(self.rt, name).complete
        for name in CRMS:
            assert poll_source(self.rt, name).complete

    def reconcile(self) -> None:
        """The night: every system is read until its walk over everything has ended; then the hub works."""
        self.clock.until(_MIDNIGHT + timedelta(hours=_NIGHT_H))
        self.poll()
        while self._walks():
            self.clock.sleep(60)
            self.poll()
        self.drain()

    def _walks(self) -> bool:
        with self.rt.store.read() as uow:
            marks = [json.loads(uow.cursors.get(name, MARK) or "{}") for name in CRMS]
        return any(mark.get("walk") is not None for mark in marks)

    def drain(self) -> None:
        """Work until nothing waits; where only time is missing, it passes."""
        for _ in range(40):
            self.work()
            if not unsettled(self.database):
                return
            self.clock.sleep(30)
        raise AssertionError("the outbox was not drained")


def _whole(amount: Decimal) -> int:
    """The account keeps whole roubles in deals."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _payer(number: int) -> dict[str, Any]:
    told = client(AMO, number)
    return {
        "type": "legal",
        "name": told["name"],
        "entity_type": "companies",
        "entity_id": 1000 + number,
        "vat_id": told["inn"],
    }


def _portal_seed(day: Day) -> dict[str, Any]:
    existing = [sale for sale in day.sales.values() if sale.existing and sale.crm == PORTAL]
    deals, invoices = [], []
    for sale in existing:
        deals.append(
            {
                "id": FIRST_DEAL + len(deals) + 1,
                "title": sale.key,
                "company_id": 100 + sale.client,
                "opportunity": str(sale.total),
                "assigned_by_id": MANAGER,
            }
        )
        for part, amount in enumerate(sale.sums):
            invoices.append(
                {
                    "id": sale.numbers[part],
                    "title": f"Счёт {sale.key}",
                    "company_id": 100 + sale.client,
                    "my_company_id": 3,
                    "deal_id": deals[-1]["id"],
                    "opportunity": str(amount),
                    "begin_date": "2026-03-10",
                    "created_at": "2026-03-10T10:00:00+03:00",
                }
            )
    people = [client(PORTAL, number) for number in range(CLIENTS)]
    return {
        "settings": {
            "rate_limit": {"enabled": False},
            "operating": {"enabled": False},
            "started_at": _MIDNIGHT.isoformat(),
        },
        "webhooks": [{"user_id": OURS, "code": "ourscode"}, {"user_id": MANAGER, "code": "managercode"}],
        "users": [{"id": OURS, "name": "Интеграция", "admin": True}, {"id": MANAGER, "name": "Менеджер"}],
        "companies": [
            {"id": 3, "title": "Наша фирма", "is_my_company": True},
            *({"id": 100 + number, "title": told["name"]} for number, told in enumerate(people)),
        ],
        "requisites": [
            {"id": 1, "entity_id": 3, "rq_inn": _TAX_ID},
            *(
                {"id": 10 + number, "entity_id": 100 + number, "rq_inn": told["inn"], "rq_company_name": told["name"]}
                for number, told in enumerate(people)
            ),
        ],
        "deals": deals,
        "invoices": invoices,
    }


def _account_seed(day: Day) -> dict[str, Any]:
    existing = [sale for sale in day.sales.values() if sale.existing and sale.crm == AMO]
    leads, invoices = [], []
    for sale in existing:
        leads.append(
            {
                "id": 70_001 + len(leads),
                "name": sale.key,
                "price": str(_whole(sale.total)),
                "pipeline_id": 9001,
                "status_id": 61002,
                "company_id": 1000 + sale.client,
                "responsible_user_id": SELLER,
            }
        )
        for part, amount in enumerate(sale.sums):
            invoices.append(
                {
                    "id": 880_001 + len(invoices),
                    "name": f"Счет №{sale.numbers[part]} от 10.03.2026",
                    "price": str(amount),
                    "lead_ids": [leads[-1]["id"]],
                    "payer": _payer(sale.client),
                }
            )
    names = {1: "Первичный контакт", 2: "Счёт выставлен", 3: "Аванс", 4: "В работе"}
    return {
        "settings": {"started_at": _MIDNIGHT.isoformat(), "rate_limit": {"enabled": False}},
        "users": [{"id": OURS, "name": "Хаб", "admin": True}, {"id": SELLER, "name": "Анна", "admin": True}],
        "pipelines": [
            {
                "id": 9001,
                "name": "Продажи",
                "is_main": True,
                "statuses": [{"id": 61_000 + number, "name": name} for number, name in names.items()],
            }
        ],
        "catalogs": [{"id": _INVOICES, "name": "Счета", "type": "invoices"}],
        "custom_fields": [{"id": 502, "name": "ИНН", "entity": "companies"}],
        "companies": [
            {"id": 1000 + number, "name": client(AMO, number)["name"], "fields": {"502": client(AMO, number)["inn"]}}
            for number in range(CLIENTS)
        ],
        "leads": leads,
        "invoices": invoices,
    }


def _banks_seed() -> dict[str, Any]:
    accounts = [{"bank": name, "number": number, "opening_balance": "1000.00"} for name, number in ACCOUNTS.items()]
    return {"settings": {"started_at": _MIDNIGHT.isoformat(), **QUICK}, "accounts": accounts}


@contextmanager
def opened_world(day: Day, database: Database, way: str, seed: int, *, awake: bool) -> Iterator[World]:
    """Everything served and read once, hooks subscribed, the clock standing at the day's first minute.

    Args:
        awake: the hub polls through the day; asleep it hears hooks only, until the night.
    """
    with ExitStack() as stack:
        portal = stack.enter_context(bitrix24.running_sandbox(_portal_seed(day)))
        account = stack.enter_context(amo.running_sandbox(_account_seed(day)))
        bank = stack.enter_context(banks.running_sandbox(_banks_seed()))
        clock = DayClock((portal.control, account.control, bank.control))
        for control in clock.controls:
            control.freeze()
            control.set_clock(_MIDNIGHT.astimezone(UTC))
        rt = stack.enter_context(_hub(portal, account, bank, clock, database))
        secrets = {name: _SECRET.format(name) for name in (*CRMS, *BANKS)}
        site = stack.enter_context(served_site(database, _web(rt, database, secrets)))
        people = stack.enter_context(httpx.Client(trust_env=False))
        post = stack.enter_context(opened(Post(random.Random(f"post {seed}"), way, people)))
        post.doors = {name: f"{site.address}/hooks/{name}/{secret}" for name, secret in secrets.items()}
        world = World(day, portal, account, bank, clock, rt, database, post, people)
        _know_existing(world)
        world.poll()
        _subscribe(world)
        yield world


@contextmanager
def _hub(
    portal: bitrix24.RunningSandbox,
    account: amo.RunningSandbox,
    bank: banks.RunningSandbox,
    clock: DayClock,
    database: Database,
) -> Iterator[Runtime]:
    runtime = ConnectorRuntime(PORTAL, clock, MemoryQuota(clock), "test")
    told = {"webhook_url": portal.webhook_url, "application_token": portal.application_token, "plan": "off"}
    given = {"address": account.url, "token": account.access_token, "hooks": True, "requisites": {"inn": ("инн",)}}
    amo_runtime = ConnectorRuntime(AMO, clock, MemoryQuota(clock), "test", tokens=MemoryTokens(clock))
    crms = {
        PORTAL: connectors.plugin("bitrix24").open(told, runtime),
        AMO: AmoCrm(AmoConfig.model_validate(given), amo_runtime),
    }
    store = SqlStore(database)
    try:
        with open_ports(bank, clock) as ports:
            own_accounts, own_tax_ids = frozenset(ACCOUNTS.values()), frozenset({_TAX_ID})
            rt = Runtime(
                store=store,
                clock=clock,
                crms=crms,
                connections={name: ConnectionSettings(name, _RULES[name], 60, 100_000) for name in CRMS},
                own_accounts=own_accounts,
                own_tax_ids=own_tax_ids,
                read_statement=lambda raw, accounts, tax_ids: iter(()),
                owner="hub",
                wake=lambda work, key: None,
                match_context=lambda own: MatchContext(own_tax_ids=own | own_tax_ids, own_accounts=own_accounts),
                doors={**hook_doors(crms), **ports},
                banks=ports,
                bank_sources=sources(_READ_FROM),
            )
            with store.write() as uow:
                for name in (*CRMS, *BANKS):
                    uow.connections.ensure(name)
                    uow.connections.set_acting(name, True, date(2026, 3, 1))
            yield rt
    finally:
        for crm in crms.values():
            crm.close()


def _web(rt: Runtime, database: Database, secrets: Mapping[str, str]) -> WebContext:
    return WebContext(
        rt=rt,
        queries=Queries(database),
        users=SqlUsers(database),
        session_key=b"0" * 32,
        hook_secrets=dict(secrets),
        deal_url=lambda connection, deal: None,
        secure_cookies=False,
        title="Наша фирма",
        version="test",
        hook_answers={"tochka": 200},
    )


def _know_existing(world: World) -> None:
    """Which records of the seeds the plan means."""
    places = dict.fromkeys(CRMS, 0)
    elements = 880_001
    for sale in world.day.sales.values():
        if not sale.existing:
            continue
        places[sale.crm] += 1
        world.deals[sale.key] = (FIRST_DEAL if sale.crm == PORTAL else 70_000) + places[sale.crm]
        for part in range(len(sale.sums)):
            world.invoices[sale.key, part] = sale.numbers[part] if sale.crm == PORTAL else elements
            elements += sale.crm == AMO


def _subscribe(world: World) -> None:
    kinds = ("DEALADD", "DEALUPDATE", "DEALDELETE", "COMPANYUPDATE")
    items = ("DYNAMICITEMADD_31", "DYNAMICITEMUPDATE_31", "DYNAMICITEMDELETE_31")
    token = world.portal.application_token
    events = [f"ONCRM{name}" for name in (*kinds, *items)]
    order = {"url": world.post.url(PORTAL), "events": events, "application_token": token}
    world.portal.control.add_outgoing_webhook(order)
    lists = [f"{act}_catalog_{_INVOICES}" for act in ("add", "update", "delete")]
    leads = [f"{act}_lead" for act in ("add", "update", "delete", "status")]
    companies = ["add_company", "update_company"]
    world.account.control.add_webhook({"destination": world.post.url(AMO), "settings": [*leads, *companies, *lists]})
    tochka = {"url": world.post.url("tochka"), "events": ["incomingPayment", "outgoingPayment"]}
    world.bank.control.subscribe_tochka(tochka)
    tbank = {"url": world.post.url("tbank"), "auth_type": "Bearer", "auth_secret": HOOK_TOKEN}
    world.bank.control.subscribe_tbank(tbank)


def play(world: World, *, awake: bool) -> None:
    """The whole day, up to the night's reconcile."""
    next_poll = POLL_MINUTES
    for place, step in enumerate(world.day.steps):
        while awake and next_poll <= step.minute:
            world.clock.until(_MIDNIGHT + timedelta(minutes=next_poll))
            world.poll()
            world.work()
            next_poll += POLL_MINUTES
        world.do(step)
        if place % BATCH == BATCH - 1:
            world.hear()
    world.hear(last=True)
