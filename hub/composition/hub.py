"""The composition root: from settings to a hub whose parts know each other only through ports."""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from connectors.shared.memory import SystemClock
from hub.composition.banks import bank_sources, open_bank, open_banks
from hub.composition.connections import connection_settings, hook_doors, open_all, open_crm
from hub.composition.events import open_endpoints
from hub.composition.reports import report_doors, report_sources
from hub.composition.statements import statement_reader
from hub.composition.upkeep import upkeep
from hub.config import Config, secret_keys, table_of
from hub.domain.matching import DecisionTable, MatchContext
from hub.ports.bank import BankPort
from hub.ports.calls import CallCounters
from hub.ports.crm import CrmPort
from hub.ports.state import Clock
from hub.services.adopt_table import keep_tables
from hub.services.runtime import Runtime, Wake
from hub.store.engine import Database, open_database
from hub.store.migrations import migrate
from hub.store.queries import Queries
from hub.store.quota import SqlQuota
from hub.store.tokens import SqlTokens
from hub.store.unit_of_work import SqlStore
from hub.store.users import SqlUsers

_MEGABYTE = 1 << 20
_MATCHER_LEASE_S = 60.0
_INBOX_LEASE_S = 140.0
_TIMER_LEASE_S = 10.0


@dataclass(frozen=True, slots=True)
class Hub:
    """An open hub.

    Attributes:
        rt: what services work with.
        queries: read-only lists for pages and the command line.
        tokens: encrypted secrets of connections.
        users: people who sign in to the desk.
        calls: counts the connections' calls.
    """

    config: Config
    rt: Runtime
    database: Database
    queries: Queries
    tokens: SqlTokens
    quota: SqlQuota
    users: SqlUsers
    clock: Clock
    calls: CallCounters

    def crm(self, connection: str, webhook: str | None = None) -> CrmPort:
        """A port of a connection; `webhook` stands in for a stored one while it is being connected.

        Raises:
            hub.composition.connections.NotConnected: it has no credential.
        """
        return open_crm(self.config, connection, self.tokens, self.quota, self.clock, webhook)

    def bank(self, name: str) -> BankPort:
        """A port of a bank, to be closed by the caller.

        Raises:
            hub.composition.connections.NotConnected: it has no token.
        """
        return open_bank(self.config, name, self.tokens, self.quota, self.clock)


def no_wake(_work: object, _key: str) -> None:
    """The hint of a process without jobs: the running hub's sweeper finds the row."""


@contextmanager
def open_hub(config: Config, *, wake: Wake = no_wake, connect: bool = True) -> Iterator[Hub]:
    """Open the database (migrated to the newest shape) and every connection; close them at the end.

    Raises:
        hub.config.SecretKeyError: the key that secrets are encrypted with is missing.
        mappings.faults.FaultsError: a rule file or the decision table has faults.
    """
    _make_folder(config)
    database = open_database(config.database_url)
    try:
        migrate(database)
        hub = _assemble(config, database, wake, connect=connect)
        _settle_modes(hub)
        keep_tables(hub.rt)
        try:
            yield hub
        finally:
            for port in hub.rt.crms.values():
                port.close()
            for bank in hub.rt.banks.values():
                bank.close()
            for endpoint in hub.rt.endpoints.values():
                endpoint.sender.close()
    finally:
        database.close()


def _make_folder(config: Config) -> None:
    if config.sqlite_file is not None:
        config.sqlite_file.parent.mkdir(parents=True, exist_ok=True)


def _assemble(config: Config, database: Database, wake: Wake, *, connect: bool) -> Hub:
    clock = SystemClock()
    keys = [key.get_secret_value() for key in secret_keys(config)]
    tokens = SqlTokens(database, keys, clock)
    quota = SqlQuota(database, clock)
    calls = CallCounters()
    crms: Mapping[str, CrmPort] = open_all(config, tokens, quota, clock, calls) if connect else {}
    banks = open_banks(config, tokens, quota, clock, calls) if connect else {}
    rt = Runtime(
        store=SqlStore(database),
        clock=clock,
        crms=crms,
        connections=connection_settings(config),
        own_accounts=frozenset(config.company.accounts),
        own_tax_ids=frozenset(config.company.tax_ids),
        read_statement=statement_reader(config.limits.statement_mb * _MEGABYTE),
        owner=f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}",
        wake=wake,
        match_context=_matcher(config, table_of(config)),
        matcher_lease_s=_MATCHER_LEASE_S * config.timing_scale,
        inbox_lease_s=_INBOX_LEASE_S * config.timing_scale,
        timer_lease_s=_TIMER_LEASE_S * config.timing_scale,
        endpoints=open_endpoints(config),
        upkeep=upkeep(config),
        doors={**hook_doors(crms), **report_doors(config, clock), **banks},
        reports=report_sources(config),
        banks=banks,
        bank_sources=bank_sources(config),
    )
    return Hub(config, rt, database, Queries(database), tokens, quota, SqlUsers(database), clock, calls)


def _matcher(config: Config, table: DecisionTable) -> Callable[[frozenset[str]], MatchContext]:
    def context(own_tax_ids: frozenset[str]) -> MatchContext:
        return MatchContext(
            own_tax_ids=own_tax_ids | frozenset(config.company.tax_ids),
            own_accounts=frozenset(config.company.accounts),
            shared_tax_ids=frozenset(config.matching.shared_tax_ids),
            shared_accounts=frozenset(config.matching.shared_accounts),
            table=table,
        )

    return context


def _settle_modes(hub: Hub) -> None:
    """What the settings file says of acting wins over what the commands had set."""
    with hub.rt.store.write() as uow:
        for name, settings in (*hub.config.connections.items(), *hub.config.banks.items()):
            row = uow.connections.ensure(name)
            if settings.mode is None:
                continue
            wanted = settings.acting_since
            if (row.acting, row.act_from) != (wanted is not None, wanted):
                uow.connections.set_acting(name, wanted is not None, wanted)
