"""One Bitrix24 portal, one amoCRM account, Tochka and T-Bank with a company each, and one hub over their sockets."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final

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
from hub.ports.crm import CrmPort
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
from tests.day.acts import Outside
from tests.day.clock import DayClock
from tests.day.plan import BANKS, Day
from tests.day.relay import Post, opened
from tests.day.seeds import (
    ACCOUNTS,
    AMO,
    CRMS,
    INVOICES,
    MIDNIGHT,
    OUR_TAX_ID,
    PORTAL,
    account_seed,
    banks_seed,
    portal_seed,
)
from tests.support.doors import served_site
from tests.support.served_banks import HOOK_TOKEN, open_ports, sources
from tests.support.shift import unsettled

_SECRET: Final = "{}-0f4c8a1d9e7b6352"
#: The banks show what is older than this too: the day is no first day.
_READ_FROM: Final = date(2026, 3, 10)
_NIGHT_H: Final = 27
#: How often the hub asks when it is awake, and after how many events it looks after its hooks.
_POLL_MINUTES, _BATCH = 5, 10


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


@dataclass
class World:
    """The systems and the hub."""

    outside: Outside
    rt: Runtime
    database: Database
    post: Post

    def hear(self, *, last: bool = False) -> None:
        """Hooks on their way reach the post, and the hub what the post brings; then it works on it."""
        for control in self.outside.clock.controls:
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
        self.outside.clock.until(MIDNIGHT + timedelta(hours=_NIGHT_H))
        self.poll()
        while self._walks():
            self.outside.clock.sleep(60)
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
            self.outside.clock.sleep(30)
        raise AssertionError("the outbox was not drained")


@contextmanager
def opened_world(day: Day, database: Database, way: str, seed: int) -> Iterator[World]:
    """Everything served and read once, hooks subscribed, the clock standing at the day's first minute."""
    with ExitStack() as stack:
        portal = stack.enter_context(bitrix24.running_sandbox(portal_seed(day)))
        account = stack.enter_context(amo.running_sandbox(account_seed(day)))
        bank = stack.enter_context(banks.running_sandbox(banks_seed()))
        clock = DayClock((portal.control, account.control, bank.control))
        for control in clock.controls:
            control.freeze()
            control.set_clock(MIDNIGHT.astimezone(UTC))
        rt = stack.enter_context(_hub(portal, account, bank, clock, database))
        secrets = {name: _SECRET.format(name) for name in (*CRMS, *BANKS)}
        site = stack.enter_context(served_site(database, _web(rt, database, secrets)))
        people = stack.enter_context(httpx.Client(trust_env=False))
        post = stack.enter_context(opened(Post(random.Random(f"post {seed}"), way, people)))
        post.doors = {name: f"{site.address}/hooks/{name}/{secret}" for name, secret in secrets.items()}
        world = World(Outside(day, portal, account, bank, clock, people), rt, database, post)
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
    crms: dict[str, CrmPort] = {
        PORTAL: connectors.plugin("bitrix24").open(told, runtime),
        AMO: AmoCrm(AmoConfig.model_validate(given), amo_runtime),
    }
    store = SqlStore(database)
    try:
        with open_ports(bank, clock) as ports:
            own_accounts, own_tax_ids = frozenset(ACCOUNTS.values()), frozenset({OUR_TAX_ID})
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


def _subscribe(world: World) -> None:
    kinds = ("DEALADD", "DEALUPDATE", "DEALDELETE", "COMPANYUPDATE")
    items = ("DYNAMICITEMADD_31", "DYNAMICITEMUPDATE_31", "DYNAMICITEMDELETE_31")
    token = world.outside.portal.application_token
    events = [f"ONCRM{name}" for name in (*kinds, *items)]
    order = {"url": world.post.url(PORTAL), "events": events, "application_token": token}
    world.outside.portal.control.add_outgoing_webhook(order)
    lists = [f"{act}_catalog_{INVOICES}" for act in ("add", "update", "delete")]
    leads = [f"{act}_lead" for act in ("add", "update", "delete", "status")]
    companies = ["add_company", "update_company"]
    world.outside.account.control.add_webhook(
        {"destination": world.post.url(AMO), "settings": [*leads, *companies, *lists]}
    )
    tochka = {"url": world.post.url("tochka"), "events": ["incomingPayment", "outgoingPayment"]}
    world.outside.bank.control.subscribe_tochka(tochka)
    tbank = {"url": world.post.url("tbank"), "auth_type": "Bearer", "auth_secret": HOOK_TOKEN}
    world.outside.bank.control.subscribe_tbank(tbank)


def play(world: World, *, awake: bool) -> None:
    """The whole day, up to the night's reconcile. An `awake` hub polls all day, one that sleeps hears hooks only."""
    next_poll = _POLL_MINUTES
    for place, step in enumerate(world.outside.day.steps):
        while awake and next_poll <= step.minute:
            world.outside.clock.until(MIDNIGHT + timedelta(minutes=next_poll))
            world.poll()
            world.work()
            next_poll += _POLL_MINUTES
        world.outside.do(step)
        if place % _BATCH == _BATCH - 1:
            world.hear()
    world.hear(last=True)
