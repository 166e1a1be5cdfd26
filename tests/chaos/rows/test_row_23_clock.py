"""Row 23: the machine's clock steps, zones differ, a day that is not every year: nothing twice, nothing stuck."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from hub.domain.errors import RetryLater
from hub.ports.records import EffectState
from hub.services.deliver import deliver
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.services.sweep import sweep
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.integration.office import lines, seed, served
from tests.support.matrix import Figures
from tests.support.statements import Received
from tests.support.world import CRM, World, deal, incoming, invoice

pytestmark = pytest.mark.row(23)
HOUR: Final = timedelta(hours=1)
#: No row of ours waits longer before it is looked at, and the sweeper looks for such rows once a minute.
LONGEST_S: Final = 900 + 60


def paid(database: Database) -> World:
    """One deal, paid, nothing delivered yet."""
    world = World(SqlStore(database)).act()
    world.crm.add(deal(), invoice())
    world.pay(incoming("Оплата по счету № 71", "1000"))
    return world


@pytest.fixture
def world(sqlite_database: Database) -> World:
    """The same on SQLite."""
    return paid(sqlite_database)


def seconds_until_done(world: World, most_s: float = 7200) -> float:
    """Sweep and deliver every twenty seconds until all is settled; returns how long it took by a steady clock."""
    passed = 0.0
    while any(row.state in (EffectState.QUEUED, EffectState.INTENT) for row in world.effects("p1")):
        assert passed < most_s, [(row.kind, row.state, row.reason) for row in world.effects("p1")]
        sweep(world.rt)
        world.deliver_due()
        world.clock.sleep(20)
        passed += 20
    return passed


def writes(world: World) -> list[str]:
    return sorted(kind for kind, _, _ in world.crm.writes)


ALL_ONCE: Final = ["comment", "invoice", "move", "task"]


@pytest.mark.parametrize(
    "step",
    [
        HOUR,
        -HOUR,
        *(pytest.param(timedelta(minutes=m), marks=pytest.mark.thorough) for m in (-10, -24 * 60, 24 * 60)),
    ],
)
@pytest.mark.parametrize("fault", ["dropped", "lost"])
def test_a_step_after_a_lost_answer_stalls_nothing_and_doubles_nothing(
    world: World, figures: Figures, step: timedelta, fault: str
) -> None:
    world.crm.faults.append(fault)
    world.deliver_due()
    world.clock.at += step
    took = seconds_until_done(world)
    figures.most("seconds to settle after a step", took)
    assert took <= LONGEST_S + 200
    assert writes(world) == ALL_ONCE


@pytest.mark.parametrize("step", [HOUR, -HOUR, timedelta(days=-1)])
def test_a_step_while_rows_wait_for_their_turn_stalls_nothing(world: World, figures: Figures, step: timedelta) -> None:
    world.crm.read_faults.extend(RetryLater("busy", "занято", after_s=600) for _ in range(3))
    world.deliver_due()
    calls = len(world.crm.calls)
    world.clock.at += step
    took = seconds_until_done(world)
    figures.most("seconds to settle after a step", took)
    assert took <= LONGEST_S + 200
    assert len(world.crm.calls) - calls < 40, "no storm"
    assert writes(world) == ALL_ONCE


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_step_in_the_middle_of_a_call_gives_its_row_to_nobody_else(
    world: World, figures: Figures, step: timedelta
) -> None:
    """The lease in the database lies by an hour; the process itself knows what it has in hand."""
    entered, others = threading.Event(), []

    def meanwhile() -> None:
        entered.set()
        world.clock.at += step
        for _ in range(3):
            sweep(world.rt)
            for row in world.effects("p1"):
                world.clock.at += timedelta(minutes=1)
                thread = threading.Thread(target=deliver, args=(world.rt, row.id))
                thread.start()
                thread.join(10)
                others.append(row.id)

    world.crm.faults.append(meanwhile)
    world.deliver_due()
    assert entered.is_set()
    seconds_until_done(world)
    figures.total("tries to take a row in hand", len(others))
    assert writes(world) == ALL_ONCE


@pytest.mark.parametrize("step", [-HOUR, timedelta(days=-400)])
def test_a_process_that_died_before_the_step_leaves_no_row_behind(
    database: Database, figures: Figures, step: timedelta
) -> None:
    world = paid(database)
    with world.store.write() as uow:
        (first, *_) = uow.outbox.due(world.clock.now(), 10)
        assert uow.outbox.claim(first, "dead", world.clock.now(), 140) is not None
        assert uow.switches.lease("matcher", "dead", world.clock.now(), 60)
        assert uow.switches.lease(f"poll:{CRM}", "dead", world.clock.now(), 140)
        assert uow.switches.lease("timer", "dead", world.clock.now(), 10)
    world.clock.at += step
    took = seconds_until_done(world)
    figures.most("seconds to settle after a step", took)
    assert took <= LONGEST_S
    assert poll_source(world.rt, CRM).complete
    assert match_payments(world.rt) == 0
    assert writes(world) == ALL_ONCE


# Zones and days


@dataclass(frozen=True)
class Case:
    """A portal's zone and start, and the day that a statement prints."""

    zone: str
    started_at: str
    day: str


@pytest.mark.parametrize(
    "case",
    [
        Case("Europe/Moscow", "2026-03-16T00:30:00+03:00", "15.03.2026"),
        Case("Asia/Kamchatka", "2026-03-16T09:00:00+12:00", "15.03.2026"),
        Case("Europe/Berlin", "2026-03-29T03:30:00+02:00", "28.03.2026"),
        Case("Europe/Berlin", "2026-10-25T02:30:00+01:00", "24.10.2026"),
        Case("Europe/Moscow", "2028-02-29T12:00:00+03:00", "29.02.2028"),
        Case("Europe/Moscow", "2027-01-01T00:10:00+03:00", "31.12.2026"),
    ],
    ids=lambda case: f"{case.zone} {case.day}",
)
def test_the_date_of_a_statement_stays_as_printed_whatever_the_zone_and_the_day(
    sqlite_database: Database, figures: Figures, case: Case
) -> None:
    store = SqlStore(sqlite_database)
    portal = seed(("1000.00",), settings={"started_at": case.started_at, "time_zone": case.zone})
    with served(portal, store) as office:
        office.act()
        office.pay(Received("50", "1000.00", "Оплата по счету № 701 от 10.03.2026", day=case.day))
        office.settle()
        day, month, year = map(int, case.day.split("."))
        assert office.payment().payment.booked_on == date(year, month, day)
        assert office.moves(9001) == ["EXECUTING"]
        office.clock.sleep(3 * 3600)
        office.human("edit", 9001, fields={"title": "После перевода часов"})
        office.sync()
        with store.read() as uow:
            found = uow.deals.get("portal/9001")
        assert found is not None
        assert found.deal.title == "После перевода часов"
        figures.total("zones and days", 1)


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_a_portal_whose_clock_is_an_hour_off_is_read_whole_and_written_once(store: SqlStore, off: timedelta) -> None:
    with served(seed(), store) as office:
        office.act()

        class Apart:
            """Our clock, an hour from the portal's."""

            def now(self) -> datetime:
                return office.control.portal.clock.now().astimezone(UTC) + off

            def monotonic(self) -> float:
                return office.control.portal.clock.timestamp()

            def sleep(self, seconds: float) -> None:
                office.control.advance(seconds)

        office.rt = replace(office.rt, clock=Apart())
        office.fault("crm.item.update", 9001, kind="lose_reply", applied=True)
        office.pay(*lines((701, "1000.00"), (702, "2000.50")))
        for _ in range(30):
            office.clock.sleep(60)
            poll_source(office.rt, "portal")
            with store.read() as uow:
                due = uow.outbox.due(office.rt.clock.now(), 100)
            for effect_id in due:
                deliver(office.rt, effect_id)
        assert (office.moves(9001), office.moves(9002)) == (["EXECUTING"], ["EXECUTING"])
        assert not office.unsettled()
