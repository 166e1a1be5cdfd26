"""Fields of deals filled from accounting through the whole hub, in both CRMs: once, whatever answers get lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final, Protocol

import pytest
from sqlalchemy import insert

from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bitrix24.sandbox.testing import running_sandbox as running_portal
from connectors.sandbox_kit.write_log import WriteRecord
from hub.composition.statements import statement_reader
from hub.domain.filling import FillField, FillRole
from hub.domain.matching import MatchContext
from hub.domain.models import Invoice
from hub.domain.money import Money
from hub.domain.rules import RuleSet
from hub.ports.crm import CrmPort
from hub.ports.fields import FieldFiller
from hub.ports.records import LISTS, EffectKind, EffectRow, EffectState
from hub.services.apply_changes import apply_changes
from hub.services.deliver import deliver
from hub.services.plan_fills import plan_fills, walk_fills
from hub.services.poll_source import poll_source
from hub.services.runtime import ConnectionSettings, Runtime, Timing
from hub.services.sweep import sweep
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.contract.amocrm_connector import account as amo
from tests.contract.amocrm_connector import test_amo_filling as amo_fields
from tests.contract.bitrix24 import portal as b24
from tests.contract.bitrix24 import test_b24_filling as b24_fields

CRM: Final = "crm"
BILL: Final = Invoice("5", "АБ00-000117", date(2026, 3, 2), Money.of("12200.00", "RUB"), Money.zero("RUB"))


class Clock(Protocol):
    """What the stand-in's clock can do."""

    def sleep(self, seconds: float) -> None: ...


class Filled:
    """A hub on one CRM whose deals take what a list of invoices says; services are called by hand."""

    def __init__(
        self,
        crm: CrmPort,
        clock: Any,
        store: SqlStore,
        deal: str,
        named: dict[str, str],
        fault: Callable[..., None],
        log: Callable[[], list[WriteRecord]],
        stands: dict[str, str],
    ) -> None:
        self.crm, self.clock, self.store = crm, clock, store
        self.deal, self.names, self.fault, self.log, self.stands = deal, tuple(named.values()), fault, log, stands
        fills = {FillRole(role): FillField(name) for role, name in named.items()}
        self.rt = Runtime(
            store=store,
            clock=clock,
            crms={CRM: crm},
            connections={CRM: ConnectionSettings(CRM, RuleSet(), 60, 1000, Timing(), fills=fills)},
            own_accounts=frozenset(),
            own_tax_ids=frozenset(),
            read_statement=statement_reader(8 << 20),
            owner="office",
            wake=lambda work, key: None,
            match_context=lambda own: MatchContext(own_tax_ids=own),
        )
        with store.write() as uow:
            uow.connections.ensure(CRM)
            uow.connections.set_acting(CRM, True, date(2026, 3, 1))
        assert poll_source(self.rt, CRM).complete

    def booked(self, invoice: Invoice) -> None:
        apply_changes(self.rt, LISTS, [replace(invoice, from_accounting=True)])

    def link(self, database: Database) -> None:
        with database.write() as connection:
            values = {"invoice_id": f"{LISTS}/{BILL.id}", "deal_id": f"{CRM}/{self.deal}", "position": 0}
            connection.execute(insert(t.invoice_deals).values(**values))
        with self.store.write() as uow:
            plan_fills(self.rt, uow, [f"{CRM}/{self.deal}"])

    def settle(self, rounds: int = 8) -> None:
        """Everything that is due, with the CRM's own news of our writing read in between."""
        for _ in range(rounds):
            with self.store.read() as uow:
                due = uow.outbox.due(self.clock.now(), 100)
            for effect_id in due:
                deliver(self.rt, effect_id)
            self.clock.sleep(300)
            sweep(self.rt)
            poll_source(self.rt, CRM)
            walk_fills(self.rt)

    def effects(self) -> list[EffectRow]:
        with self.store.read() as uow:
            return uow.outbox.of_subject(f"{CRM}/{self.deal}", EffectKind.FILL_FIELDS)

    def held(self) -> dict[str, str]:
        assert isinstance(self.crm, FieldFiller)
        return dict(self.crm.fields(self.deal, self.names))


def _stands(names: tuple[str, ...], *texts: str) -> dict[str, str]:
    return dict(zip(names, texts, strict=True))


@pytest.fixture(params=["bitrix24", "amocrm"])
def office(request: pytest.FixtureRequest, store: SqlStore, sqlite_database: Database) -> Iterator[Filled]:
    """A deal with an invoice from accounting, nothing sent yet."""
    if request.param == "bitrix24":
        seed, named = b24_fields.with_fields(), b24_fields.NAMED
        with running_portal(seed) as portal, b24.opened(portal, fill_fields=named) as served:
            stands = _stands(b24_fields.NAMES, "АБ00-000117", "2026-03-02", "12200.00|RUB", "45")

            def fault(**action: Any) -> None:
                served.fault("crm.item.update", **action)

            log = served.sandbox.control.write_log
            made = Filled(served.crm, served.clock, store, "9041", named, fault, lambda: log.effects("deal"), stands)
            yield _linked(made, sqlite_database)
        return
    seed, named = amo_fields.with_fields(), amo_fields.NAMED
    with running_amo(seed) as account, amo.opened(account, fill_fields=named) as opened:
        stands = _stands(amo_fields.NAMES, "АБ00-000117", "2026-03-02", "12200.00", "9101")

        def spoil(**action: Any) -> None:
            opened.fault(amo_fields.PATCH, **action)

        written = opened.sandbox.control.write_log
        made = Filled(opened.crm, opened.clock, store, "70001", named, spoil, lambda: written.effects("lead"), stands)
        yield _linked(made, sqlite_database)


def _linked(office: Filled, database: Database) -> Filled:
    office.booked(BILL)
    office.link(database)
    return office


def test_the_fields_are_filled_once_and_the_echo_of_it_brings_no_second_write(office: Filled) -> None:
    office.settle()
    assert office.held() == office.stands
    (effect,) = office.effects()
    assert (effect.state, dict(effect.result or {})["written"]) == (EffectState.DONE, office.stands)
    assert len(office.log()) == 1
    office.booked(BILL)
    office.settle()
    assert (len(office.log()), len(office.effects())) == (1, 1)


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_answer_ends_in_one_write(office: Filled, applied: bool) -> None:
    office.fault(kind="lose_reply", applied=applied)
    office.settle()
    assert office.held() == office.stands
    assert len(office.log()) == 1
    (effect,) = office.effects()
    assert effect.state is EffectState.DONE
    assert (effect.result or {})["written"] == office.stands


def test_a_change_in_the_books_is_written_alone(office: Filled) -> None:
    office.settle()
    office.booked(replace(BILL, amount=Money.of("13000.00", "RUB")))
    office.settle()
    assert len(office.log()) == 2
    changed = [name for name in office.log()[-1].changed if "1c" in name.casefold() or "field_" in name]
    assert len(changed) == 1
    assert [effect.state for effect in office.effects()] == [EffectState.DONE] * 2


def test_a_deleted_invoice_takes_its_values_with_it(office: Filled) -> None:
    from hub.ports.crm import ItemKind, Removed

    office.settle()
    apply_changes(office.rt, LISTS, [Removed(ItemKind.INVOICE, BILL.id)])
    office.settle()
    assert set(office.held().values()) == {""}
