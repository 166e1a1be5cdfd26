"""What every service works with: the store, the clock, the systems and the company's settings."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from hub.domain.filling import FillField, FillRole
from hub.domain.matching import DecisionTable, MatchContext
from hub.domain.models import Pipeline, Stage, StageKind
from hub.domain.rules import RuleSet
from hub.ports.bank import BankPort
from hub.ports.crm import CrmPort
from hub.ports.hooks import HookDoor
from hub.ports.records import InboxKind
from hub.ports.state import Clock
from hub.ports.statement import StatementReader
from hub.ports.store import Store
from hub.services.bank_source import BankSource
from hub.services.endpoints import Endpoint
from hub.services.passed_over import PassedOver
from hub.services.report_source import ReportSource
from hub.services.upkeep import Upkeep

PIPELINES = "pipelines"
_STALE_S = 900.0
_STALE_POLLS = 10


class Work(StrEnum):
    """Kinds of work that a message may hint at, each with what its key names.

    `inbox`: a statement file, by the row's number. `reports`: a system that reports payments. `match`: whatever is
    undecided, no key. `poll`, `look` and `hooks`: a connection. `deliver`: `connection/number` of an effect; without
    a key the sweeper looks for due ones. `event`: an endpoint that has events to be told.
    """

    INBOX = "inbox"
    REPORTS = "reports"
    MATCH = "match"
    DELIVER = "deliver"
    POLL = "poll"
    LOOK = "look"
    HOOKS = "hooks"
    EVENT = "event"


#: What rows of the inbox that are taken many at a time wait for.
WORK_OF: Final = {InboxKind.HOOK: Work.HOOKS, InboxKind.CLAIM: Work.REPORTS}


class InFlight:
    """What this process delivers just now: while the clock may step, no lease that it wrote can tell. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._effects: set[int] = set()

    @contextmanager
    def hold(self, effect_id: int) -> Iterator[bool]:
        """Whether the effect is ours until the end of the block."""
        with self._lock:
            mine = effect_id not in self._effects
            self._effects.add(effect_id)
        try:
            yield mine
        finally:
            if mine:
                with self._lock:
                    self._effects.discard(effect_id)


#: Tells the jobs that a row may be due.
Wake = Callable[[Work, str], None]


@dataclass(frozen=True, slots=True)
class Timing:
    """Deadlines of one connection, seconds, already scaled.

    Attributes:
        lease_s: how long a claim holds: longer than the call's deadline plus the latest late apply.
        poll_lease_s: how long a poll's turn outlives its holder; while it works it is kept (see `kept_turn`).
        unknown_s: how long after an unanswered write it may still take effect.
        retry_s: first pause before trying again; it doubles up to `retry_max_s`.
    """

    lease_s: float = 140.0
    poll_lease_s: float = 30.0
    unknown_s: float = 65.0
    retry_s: float = 2.0
    retry_max_s: float = 600.0

    def answer_window_s(self, writes: int) -> float:
        """How long an unanswered write is waited for: `unknown_s`, doubled by each further one that went unanswered."""
        return float(min(self.unknown_s * 2 ** min(writes - 1, 20), max(self.unknown_s, self.retry_max_s)))

    def backoff(self, attempts: int) -> float:
        """Pause before the next attempt."""
        return float(min(self.retry_max_s, self.retry_s * 2 ** min(attempts, 20)))


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Settings of one connection that services need.

    Attributes:
        mode_in_file: the settings file says whether the connection acts: it wins at each start, so nothing else may.
        fills: fields of deals that take what accounting says of their invoices.
        system: which one it is, as the settings file calls it.
    """

    id: str
    rules: RuleSet = field(default_factory=RuleSet)
    poll_every_s: float = 60.0
    moves_per_hour: int = 100
    timing: Timing = field(default_factory=Timing)
    mode_in_file: bool = False
    fills: Mapping[FillRole, FillField] = field(default_factory=dict)
    system: str = ""

    @property
    def stale_after(self) -> timedelta:
        """How old a whole poll may be before its invoices no longer decide anything."""
        return timedelta(seconds=max(_STALE_S, _STALE_POLLS * self.poll_every_s))


@dataclass(frozen=True, slots=True)
class Runtime:
    """The services' world.

    Attributes:
        crms: open CRM ports by connection id.
        owner: this process and start, as lease owner; see `claimant`.
        wake: tells the jobs that work may wait; losing the hint costs latency only.
        match_context: makes the matcher's context from what the store knows of our own organisations; what decides
            payments takes `alias_context.deciding_context`, which knows aliases too.
        matcher_lease_s: how long the matcher's turn holds; it is renewed for every day of payments.
        inbox_lease_s: how long a file that is being read is left to its reader.
        timer_lease_s: how long timed work stays with the process that did it last.
        doors: what admits hooks, by connection id.
        upkeep: when the hub counts as ready, what silence is an alarm, what is forgotten when.
        reports: outside systems that report payments, by the name in their hook address.
        endpoints: who is told of events, by name; without any none are recorded.
        in_flight: effects that this process delivers just now.
        banks: open ports of banks by connection id.
        bank_sources: connections to banks as the owner set them up, open or not.
        passed_over: payments that wait in this process for a system to be read.
    """

    store: Store
    clock: Clock
    crms: Mapping[str, CrmPort]
    connections: Mapping[str, ConnectionSettings]
    own_accounts: frozenset[str]
    own_tax_ids: frozenset[str]
    read_statement: StatementReader
    owner: str
    wake: Wake
    match_context: Callable[[frozenset[str]], MatchContext]
    matcher_lease_s: float = 60.0
    inbox_lease_s: float = 140.0
    timer_lease_s: float = 10.0
    doors: Mapping[str, HookDoor] = field(default_factory=dict)
    upkeep: Upkeep = field(default_factory=Upkeep)
    reports: Mapping[str, ReportSource] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    in_flight: InFlight = field(default_factory=InFlight)
    banks: Mapping[str, BankPort] = field(default_factory=dict)
    bank_sources: Mapping[str, BankSource] = field(default_factory=dict)
    passed_over: PassedOver = field(default_factory=PassedOver)

    def claimant(self) -> Runtime:
        """The same world under a lease owner of its own: two works of one process never pass for each other."""
        return replace(self, owner=f"{self.owner}:{secrets.token_hex(4)}")

    @property
    def table(self) -> DecisionTable:
        """The decision table of the company."""
        return self.match_context(frozenset()).table

    @property
    def books(self) -> frozenset[str]:
        """Connections whose movements an accountant wrote down: the banks' own word goes before theirs."""
        return frozenset(name for name, source in self.bank_sources.items() if source.is_books)

    @property
    def fills_fields(self) -> bool:
        """Whether any CRM takes anything from accounting into its deals."""
        return any(item.fills for item in self.connections.values())

    def crm(self, connection: str) -> CrmPort | None:
        """The port of a connection; None when it is not configured any more."""
        return self.crms.get(connection)


def dump_pipelines(pipelines: tuple[Pipeline, ...]) -> str:
    """Pipelines as JSON for the cursor table, so that pages can name stages without a call."""
    return json.dumps(
        [
            {
                "id": item.id,
                "name": item.name,
                "stages": [[s.id, s.name, s.position, s.kind.value] for s in item.stages],
            }
            for item in pipelines
        ],
        ensure_ascii=False,
    )


def load_pipelines(text: str | None) -> tuple[Pipeline, ...]:
    """Read what `dump_pipelines` wrote; nothing known is an empty tuple."""
    return tuple(
        Pipeline(item["id"], item["name"], tuple(Stage(s[0], s[1], s[2], StageKind(s[3])) for s in item["stages"]))
        for item in json.loads(text or "[]")
    )
