"""The hub's services on the real connector and the real stand-in, over sockets, under one clock that tests move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import connectors
from connectors.bitrix24.sandbox.control import Control
from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox
from connectors.sandbox_kit.write_log import WriteRecord
from connectors.shared.memory import MemoryQuota
from connectors.shared.runtime import Runtime as ConnectorRuntime
from hub.composition.connections import hook_doors
from hub.composition.statements import statement_reader
from hub.domain.matching import MatchContext
from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet, TaskRule
from hub.ports.crm import CrmPort
from hub.ports.state import QuotaStore
from hub.ports.store import Store
from hub.services.runtime import ConnectionSettings, Runtime, Timing, Work
from tests.support.bureau import Bureau
from tests.support.invariants import STAGE_ORDER
from tests.support.portal import seed as small_seed
from tests.support.statements import OUR_ACCOUNT, OUR_TAX_ID, Received

CONNECTION: Final = "portal"
MANAGER: Final = 17
STARTED_AT: Final = "2026-03-16T09:00:00+03:00"
NO_LIMITS: Final = {"rate_limit": {"enabled": False}, "operating": {"enabled": False}}
RULES: Final = RuleSet(
    {
        "0": PipelineRules(
            "0",
            {
                PaidEvent.DEAL_PARTLY_PAID: Action("PREPAYMENT_INVOICE", "Часть: {invoices}; осталось {deal_rest}"),
                PaidEvent.DEAL_PAID: Action(
                    "EXECUTING", "Оплачено: {invoices}", TaskRule("Отгрузить: {invoices}", due_days=1)
                ),
                PaidEvent.INVOICE_PAID: Action("PREPARATION", "Оплачен {invoices}, сумма сделки не указана"),
            },
        )
    }
)


def seed(sums: Sequence[str] = ("1000.00", "2000.50"), **parts: Any) -> dict[str, Any]:
    """The small portal (deal 9001 with invoice 701, 9002 with 702 ...) at a fixed hour; `parts` replace sections."""
    base: dict[str, Any] = dict(small_seed(sums))
    base["settings"] = NO_LIMITS | {"started_at": STARTED_AT} | dict(parts.pop("settings", {}))
    return base | parts


class PortalClock:
    """The stand-in's clock is the hub's clock too; sleeping moves it, and what became due there happens."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def now(self) -> datetime:
        return self._control.portal.clock.now()

    def monotonic(self) -> float:
        return self._control.portal.clock.timestamp()

    def sleep(self, seconds: float) -> None:
        self._control.advance(seconds)


@dataclass(frozen=True)
class EndState:
    """What is left in the portal when all is done."""

    deals: Mapping[int, tuple[str, str]]
    invoices: Mapping[int, str]
    comments: Counter[tuple[str, str]]
    tasks: Counter[tuple[str, str]]


@dataclass
class Office(Bureau):
    """A hub on one portal: services are called by hand, time passes when told to."""

    name = CONNECTION
    order = STAGE_ORDER

    sandbox: RunningSandbox
    store: Store
    crm: CrmPort
    clock: PortalClock
    rules: RuleSet = RULES
    moves_per_hour: int = 1000
    timing: Timing = field(default_factory=Timing)
    hints: list[tuple[Work, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = ConnectionSettings(CONNECTION, self.rules, 60, self.moves_per_hour, self.timing)
        self.rt = Runtime(
            store=self.store,
            clock=self.clock,
            crms={CONNECTION: self.crm},
            connections={CONNECTION: settings},
            own_accounts=frozenset({OUR_ACCOUNT}),
            own_tax_ids=frozenset({OUR_TAX_ID}),
            read_statement=statement_reader(8 << 20),
            owner="office",
            wake=lambda work, key: self.hints.append((work, key)),
            match_context=lambda own: MatchContext(
                own_tax_ids=own | {OUR_TAX_ID}, own_accounts=frozenset({OUR_ACCOUNT})
            ),
            doors=hook_doors({CONNECTION: self.crm}),
        )

    # What people and the bank do

    @property
    def control(self) -> Control:
        """The hand on the portal."""
        return self.sandbox.control

    def act(self, since: date | None = date(2026, 3, 1)) -> Office:
        """Switch acting on; None switches it off."""
        self.acting(since)
        return self

    def human(self, act: str, card: int | None, **more: Any) -> None:
        """A manager does something in the portal."""
        self.control.human({"act": act, "id": card, "user_id": MANAGER} | more)

    def fault(self, method: str, card: int | None = None, times: int | None = 1, **action: Any) -> None:
        """Arm one fault."""
        match = {"method": method} | ({"entity_id": card} if card is not None else {})
        self.control.add_faults({"match": match, "times": times, "action": action})

    # What is there afterwards

    def log(self) -> list[dict[str, Any]]:
        """The portal's write log."""
        return [row.model_dump(mode="json") for row in self.control.write_log]

    def moments(self) -> list[datetime]:
        """When requests came to the portal."""
        return [record.at for record in self.control.requests]

    def ours(self) -> list[WriteRecord]:
        """Our writes that took effect, late ones too."""
        return [row for row in self.control.write_log.effects() if row.source in ("rest", "late")]

    def sent(self) -> list[WriteRecord]:
        """Every writing call the portal got, whatever became of it."""
        return self.control.write_log.calls()

    def moves(self, deal_id: int) -> list[str]:
        """Stages that our writes gave a deal."""
        rows = (row for row in self.ours() if (row.entity_type, row.entity_id) == ("deal", deal_id))
        return [str(row.changed["stageId"][1]) for row in rows if "stageId" in row.changed]

    def stage(self, deal_id: int) -> str:
        """Where a deal stands in the portal."""
        return str(self.control.deal(deal_id)["stageId"])

    def invoice_stage(self, invoice_id: int) -> str:
        """Where an invoice stands in the portal."""
        return str(self.control.invoice(invoice_id)["stageId"])

    def end_state(self) -> EndState:
        """The portal as it stands."""
        return EndState(
            {int(str(row["id"])): (str(row["categoryId"]), str(row["stageId"])) for row in self.control.deals()},
            {int(str(row["id"])): str(row["stageId"]) for row in self.control.invoices()},
            Counter((str(row["entityId"]), str(row["comment"])) for row in self.control.comments()),
            Counter((str(row["ufCrmTask"]), str(row["title"])) for row in self.control.tasks()),
        )


@contextmanager
def opened(
    sandbox: RunningSandbox,
    store: Store,
    quota: Callable[[PortalClock], QuotaStore] = MemoryQuota,
    settings: Mapping[str, object] | None = None,
    **office: Any,
) -> Iterator[Office]:
    """An office on a served portal, its clock standing; `settings` are the connector's."""
    sandbox.control.freeze()
    clock = PortalClock(sandbox.control)
    base: dict[str, object] = {"webhook_url": sandbox.webhook_url, "application_token": sandbox.application_token}
    runtime = ConnectorRuntime(CONNECTION, clock, quota(clock), "test")
    crm = connectors.plugin("bitrix24").open(base | {"plan": "off"} | dict(settings or {}), runtime)
    try:
        yield Office(sandbox, store, crm, clock, **office)
    finally:
        crm.close()


@contextmanager
def served(portal: Mapping[str, object], store: Store, **more: Any) -> Iterator[Office]:
    """An office on a portal of its own."""
    with running_sandbox(portal) as sandbox, opened(sandbox, store, **more) as office:
        yield office


def lines(*sums: tuple[int, str]) -> Iterable[Received]:
    """Money for invoices: (number of the invoice, sum)."""
    for place, (number, amount) in enumerate(sums):
        yield Received(str(50 + place), amount, f"Оплата по счету № {number} от 10.03.2026. НДС не облагается")
