"""The house of `tests.support.house` with a local 1C base in it: invoices of its own, marks and links written back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from connectors.accounting_1c.sandbox.control import Control as BaseControl
from connectors.accounting_1c.sandbox.testing import RunningSandbox as RunningBase
from connectors.accounting_1c.sandbox.testing import running_sandbox as running_base
from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bank.sandbox.testing import RunningSandbox as RunningBanks
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from connectors.sandbox_kit.write_log import WriteRecord
from connectors.shared.memory import MemoryQuota, MemoryTokens
from hub.ports.records import InvoiceRow
from hub.services.match_payments import match_payments
from hub.services.poll_source import PollResult, poll_source
from hub.store.engine import Database
from hub.store.queries import Queries
from hub.store.unit_of_work import SqlStore
from tests.support.house import House, HouseClock
from tests.support.house_config import house_config
from tests.support.papers_1c import (
    BUH,
    INVOICE,
    LINK,
    MONEY,
    ORDER,
    PAYMENT,
    ROWS,
    STATUS,
    UNPAID,
    base_seed,
    draft,
    in_base_words,
    paper,
    paper_id,
)
from tests.support.sale import BANKS, amo_seed, banks_seed
from tests.support.sale import ORDER as AMO_ORDER
from tests.support.shift import turn

_POSITIONS: Final = {**AMO_ORDER, **ORDER}


@dataclass
class House1C(House):
    """The hub, an account of amoCRM, both banks where wanted, and a base."""

    order = _POSITIONS

    served: RunningBase = field(kw_only=True)

    @property
    def base(self) -> BaseControl:
        """The hand on the base."""
        return self.served.control

    def log(self) -> list[dict[str, Any]]:
        """Write logs of the account and of the base."""
        return [*super().log(), *in_base_words(self.base)]

    def base_fault(self, method: str, times: int | None = 1, **action: Any) -> None:
        """Arm one fault of the base."""
        self.base.add_faults({"match": {"method": method}, "times": times, "action": action})

    def base_asked(self) -> int:
        """Requests that the base got, refused ones too."""
        return len(self.base.requests)

    # People at work in 1C

    def writes_paper(self, place: int, amount: str = "1000.00", **parts: Any) -> str:
        """The accountant makes an invoice and posts it."""
        fields = paper(place, amount, **parts)
        posted = bool(fields.pop("Posted"))
        return self.base.create(INVOICE, fields, post=posted)

    def loads_payment(self, place: int, amount: str = "1000.00", *, post: bool = False, **parts: Any) -> str:
        """The accountant loads the bank's statement; `post` posts the document as well."""
        return self.base.create(PAYMENT, draft(place, amount, **parts), post=post)

    # What the hub does

    def poll_base(self) -> PollResult:
        """Read the base once."""
        return poll_source(self.rt, BUH)

    def read_everything(self) -> None:
        """All systems are read, and what follows is decided."""
        self.clock.sleep(150)
        for name in self.rt.crms:
            assert poll_source(self.rt, name).complete, name
        for bank in self.rt.bank_sources:
            assert self.poll_bank(bank).complete, bank
        match_payments(self.rt)

    def minute(self) -> None:
        """A minute of the hub's work."""
        self.hooks_sent()
        turn(self.rt, self.hints)
        self.clock.sleep(60)

    # What is there afterwards

    def known(self, place: int) -> InvoiceRow | None:
        """What the hub knows of an invoice of the base."""
        with self.store.read() as uow:
            return uow.invoices.get(f"{BUH}/{paper_id(place)}")

    def state_of(self, place: int = 1) -> str:
        """The state of an invoice in the base; one that nobody set is «not paid»."""
        rows = self.base.rows(STATUS)
        return next((str(row["Статус"]) for row in rows if row["Документ"] == paper_id(place)), UNPAID)

    def linked_to(self, document: str) -> list[Any]:
        """Invoices that a payment of the base names."""
        parts: Any = self.base.row(PAYMENT, document)[ROWS]
        return [part.get(LINK) for part in parts]

    def base_effects(self, entity: str | None = None) -> list[WriteRecord]:
        """Our writes that took effect in the base, late ones too; those of the plan of exchange are none."""
        rows = [row for row in self.base.write_log.effects() if row.source in ("rest", "late")]
        return [row for row in rows if entity in (None, row.entity_type)]

    def base_calls(self, entity: str) -> list[WriteRecord]:
        """Every writing call about a set that the base got, whatever became of it and whenever it took effect."""
        return [row for row in self.base.write_log.calls() if row.entity_type == entity and row.source == "rest"]

    def alarms(self, name: str) -> list[str]:
        """States that the journal tells of a connection, in order."""
        rows = Queries(self.database).journal(limit=2000)
        return [
            str(row.data["health"])
            for row in reversed(rows)
            if row.event == "connection.changed" and row.subject == name
        ]


def _connection(served: RunningBase, parts: Mapping[str, Any]) -> dict[str, Any]:
    base: dict[str, Any] = {
        "system": "accounting_1c",
        "address": served.base_url,
        "configuration": "bp30",
        "login": served.user,
        "password": served.password,
        "read_from": "2026-01-01",
        "mark_paid": True,
        "mode": "act",
        "act_from": "2026-03-01",
        "moves_per_hour": 1000,
    }
    return base | dict(parts)


def exchange_plan(served: RunningBase) -> dict[str, str]:
    """The base's plan of exchange, as the settings of a connection name it."""
    tables = served.control.base.configuration.tables
    return {"name": next(name for name in tables if name.startswith("ExchangePlan_")), "node": served.node}


@contextmanager
def moved_in_1c(
    amo: RunningAmo,
    base: RunningBase,
    database: Database,
    banks: RunningBanks | None = None,
    *,
    money: bool = False,
    plan: bool = False,
    **connection: Any,
) -> Iterator[House1C]:
    """A house among systems that are served already.

    `money` takes payments of the base as a statement too, `plan` its plan of exchange; `connection` are more settings
    (`link_payments`: links wait four days for the accountant's document, and no house is at rest before).
    """
    others = (base.control, *((banks.control,) if banks is not None else ()))
    clock = HouseClock(amo.control, *others)
    statement = {"bank": "1c", "connection": BUH, "read_from": "2026-03-13", "mode": "act", "act_from": "2026-03-01"}
    given = {**({"exchange_plan": exchange_plan(base)} if plan else {}), **connection}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        config = house_config(
            amo,
            banks,
            folder,
            pair=False,
            connections={BUH: _connection(base, given)},
            more_banks={MONEY: statement} if money else {},
        )
        quota, tokens = MemoryQuota(clock), MemoryTokens(clock)
        house = House1C(amo, SqlStore(database), database, config, clock, tokens, quota, banks, served=base)
        stack.callback(house.close)
        yield house


@contextmanager
def opened_house_1c(
    database: Database,
    *sums: str,
    account: Mapping[str, Any] | None = None,
    banks: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    **more: Any,
) -> Iterator[House1C]:
    """A house on systems of its own: an invoice of 1C for each sum; `settings` are switches of the base."""
    with ExitStack() as stack:
        amo = stack.enter_context(running_amo(account if account is not None else amo_seed()))
        base = stack.enter_context(running_base(base_seed(*sums, **(settings or {}))))
        served = stack.enter_context(running_banks(banks if banks is not None else banks_seed()))
        yield stack.enter_context(moved_in_1c(amo, base, database, served, **more))


#: Everything else that the house reads.
OTHERS: Final = ("amo", *BANKS)
