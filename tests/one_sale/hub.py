"""The hub over two portals, an account and an accounting base, real connectors over real sockets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, timedelta
from random import Random
from typing import Any, Final

import connectors
from connectors.accounting_1c.connector import OneC
from connectors.accounting_1c.sandbox import testing as one_c
from connectors.amocrm.config import AmoConfig
from connectors.amocrm.connector import AmoCrm
from connectors.amocrm.sandbox import testing as amo
from connectors.bitrix24.sandbox import testing as bitrix24
from connectors.shared.memory import MemoryQuota, MemoryTokens
from connectors.shared.runtime import Runtime as ConnectorRuntime
from hub.domain.matching import MatchContext
from hub.domain.rules import RuleSet
from hub.ports.crm import CrmPort
from hub.services.poll_source import poll_source
from hub.services.runtime import ConnectionSettings, Runtime
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.contract.accounting_1c_connector.base import HandClock, settings
from tests.one_sale.plan import ACCOUNT, BASE, FIELDS, PORTAL, Sale
from tests.one_sale.seeds import DAY, NOW, NUMBER, OURS, SUM, account_seed, base_seed, portal_seed

SYSTEMS: Final = (PORTAL, FIELDS, ACCOUNT, BASE)
_IN_FIELDS: Final = {"source": "deal_fields", "fields": {"number": NUMBER, "date": DAY, "amount": SUM}}


@contextmanager
def hub_over(sales: Sequence[Sale], database: Database) -> Iterator[Runtime]:
    """Everything served; nothing read yet."""
    with ExitStack() as stack:
        clock = HandClock(NOW.astimezone(UTC))
        portals = {
            name: stack.enter_context(bitrix24.running_sandbox(portal_seed(sales, name))) for name in (PORTAL, FIELDS)
        }
        account = stack.enter_context(amo.running_sandbox(account_seed(sales)))
        base = stack.enter_context(one_c.running_sandbox(base_seed(sales)))
        crms: dict[str, CrmPort] = {name: _portal(name, running, clock) for name, running in portals.items()}
        given = {"address": account.url, "token": account.access_token, "requisites": {"inn": ("инн",)}}
        tokens = MemoryTokens(clock)
        crms[ACCOUNT] = AmoCrm(AmoConfig.model_validate(given), _runtime(ACCOUNT, clock, tokens=tokens))
        crms[BASE] = OneC(settings(base), _runtime(BASE, clock))
        for crm in crms.values():
            stack.callback(crm.close)
        store = SqlStore(database)
        with store.write() as uow:
            for name in SYSTEMS:
                uow.connections.ensure(name)
        yield Runtime(
            store=store,
            clock=clock,
            crms=crms,
            connections={name: ConnectionSettings(name, RuleSet(), 60, 100) for name in SYSTEMS},
            own_accounts=frozenset(),
            own_tax_ids=frozenset(OURS.values()),
            read_statement=lambda raw, accounts, tax_ids: iter(()),
            owner="hub",
            wake=lambda work, key: None,
            match_context=lambda own: MatchContext(own_tax_ids=own),
        )


def _portal(name: str, running: Any, clock: HandClock) -> CrmPort:
    told: dict[str, Any] = {"webhook_url": running.webhook_url, "plan": "off"}
    if name == FIELDS:
        told["invoices"] = _IN_FIELDS
    return connectors.plugin("bitrix24").open(told, _runtime(name, clock))


def _runtime(name: str, clock: HandClock, **more: Any) -> ConnectorRuntime:
    return ConnectorRuntime(name, clock, MemoryQuota(clock), "test", **more)


def read_all(rt: Runtime, rng: Random) -> None:
    """Every system read to its end, in any order, page by page beside each other; then once more."""
    order = [*SYSTEMS]
    rng.shuffle(order)
    for _ in range(2):
        for name in order:
            assert poll_source(rt, name).complete
        rt.clock.sleep(timedelta(minutes=10).total_seconds())
