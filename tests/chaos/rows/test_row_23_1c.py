"""Row 23 on 1C: its dates are local and bear no zone, and the hub's clock steps: no day shifts, all is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from connectors.accounting_1c.sandbox.testing import running_sandbox
from hub.store.engine import Database
from tests.contract.accounting_1c_connector.base import World, opened
from tests.support.house_1c import House1C, opened_house_1c
from tests.support.matrix import Figures
from tests.support.papers_1c import INVOICE, PAID, STATUS, base_seed, paper, paper_id, paper_money
from tests.support.sale import STARTED_AT
from tests.support.shift import broken_promises, work

pytestmark = pytest.mark.row(23)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


# Days without a zone


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("Europe/Moscow", "2026-03-16T00:00:30"),
        ("Europe/Kaliningrad", "2026-03-15T23:59:30"),
        ("Asia/Kamchatka", "2026-03-16T00:30:00"),
        ("Asia/Vladivostok", "2028-02-29T12:00:00"),
        ("Europe/Berlin", "2026-03-29T03:30:00"),
        ("Europe/Berlin", "2026-10-25T02:30:00"),
        ("Europe/Moscow", "2027-01-01T00:10:00"),
    ],
)
def test_days_stay_as_people_see_them_in_1c_whatever_its_zone(figures: Figures, zone: str, now: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))
    today, yesterday = at.date(), at.date() - DAY
    seed = base_seed(clock_zone=zone, started_at=at.isoformat())
    seed["objects"][INVOICE] = [
        paper(1, "1000.00", Date=f"{yesterday}T23:59:59"),
        paper(2, "2000.00", Date=f"{today}T00:00:00"),
        paper(3, "3000.00", Date=f"{today}T23:59:59"),
    ]
    with running_sandbox(seed) as sandbox, opened(sandbox, at.astimezone(UTC), time_zone=zone) as world:
        world.poll()
        world.poll()
        days = [str(world.invoices[paper_id(place)].issued_on) for place in (1, 2, 3)]
        assert days == [str(yesterday), str(today), str(today)]
        sandbox.control.edit(INVOICE, paper_id(1), СуммаДокумента="1500.00")
        sandbox.control.edit(INVOICE, paper_id(3), СуммаДокумента="3500.00")
        world.clock.sleep(60)
        world.poll()
        assert [str(world.invoices[paper_id(place)].amount.amount) for place in (1, 3)] == ["1500.00", "3500.00"]
        figures.total("1C: zones and days", 1)


def test_an_hour_that_comes_twice_and_an_hour_that_never_comes_hold_documents_like_any_other() -> None:
    zone = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 10, 26, 9, tzinfo=zone)
    seed = base_seed(clock_zone="Europe/Berlin", started_at=at.isoformat())
    seed["objects"][INVOICE] = [
        paper(1, "1000.00", Date="2026-10-25T02:30:00"),
        paper(2, "2000.00", Date="2026-10-25T02:30:00"),
        paper(3, "3000.00", Date="2026-03-29T02:30:00"),
    ]
    with running_sandbox(seed) as sandbox, opened(sandbox, at.astimezone(UTC), time_zone="Europe/Berlin") as world:
        world.poll()
        assert {paper_id(place) for place in (1, 2, 3)} <= world.invoices.keys()
        assert str(world.invoices[paper_id(3)].issued_on) == "2026-03-29"


# Steps of the hub's clock


def night_reads_old_edits(world: World, within: timedelta) -> bool:
    """Whether an edit of an old document is known within so much time."""
    sandbox = world.sandbox
    sandbox.control.edit(INVOICE, paper_id(1), СуммаДокумента="1500.00")
    ends = world.clock.moment + within
    while world.clock.moment < ends:
        world.clock.sleep(1800)
        world.poll()
        if str(world.invoices[paper_id(1)].amount.amount) == "1500.00":
            return True
    return False


@pytest.mark.parametrize(
    "step", [HOUR, -HOUR, DAY, -DAY, -3 * DAY, 30 * DAY, -40 * DAY, -400 * DAY], ids=lambda step: f"{step}"
)
def test_a_step_of_the_clock_delays_the_night_by_a_day_at_most(figures: Figures, step: timedelta) -> None:
    at = datetime(2026, 3, 16, 9, tzinfo=UTC)
    with running_sandbox(base_seed("1000.00")) as sandbox:
        # The clock was wrong from the start, and is mended in the middle.
        with opened(sandbox, at - step if step < timedelta() else at, read_from="2024-01-01") as world:
            world.poll()
            world.poll()
            world.clock.moment += step
            world.restart()
            world.poll()
            assert night_reads_old_edits(world, timedelta(hours=26))
        figures.total("1C: steps of the clock", 1)


@pytest.mark.parametrize("step", [HOUR, -HOUR, -DAY], ids=lambda step: f"{step}")
def test_a_step_between_a_lost_answer_and_its_reading_doubles_no_mark(
    sqlite_database: Database, step: timedelta
) -> None:
    with opened_house_1c(sqlite_database, "1000.00") as house:
        house.read_everything()
        house.bring(paper_money(1))
        house.base_fault(f"create.{STATUS}*", kind="lose_reply", applied=True)
        work(house, 30, 5)
        stepped(house, step)
        work(house, 3600, 30)
        house.settle()
        assert house.state_of() == PAID
        assert len(house.base_effects(STATUS)) == 1
        assert not house.parked()
        found = broken_promises(house, sqlite_database, [paper_money(1)])
        assert [text for text in found if "before" not in text] == [], "but for the order of a clock that stepped"


def stepped(house: House1C, step: timedelta) -> None:
    """The machine's clock is set."""
    at = house.clock.now() + step
    house.control.set_clock(at)
    house.base.set_clock(at)
    house.bank.set_clock(at)


@pytest.mark.parametrize("off", [HOUR, -HOUR, 9 * HOUR])
def test_a_base_whose_server_is_hours_off_is_read_whole_and_marked_once(
    sqlite_database: Database, off: timedelta
) -> None:
    with opened_house_1c(sqlite_database) as house:
        house.base.set_clock(house.clock.now() + off)
        day = (STARTED_AT + off).replace(tzinfo=None)
        house.writes_paper(1, Date=day.isoformat(timespec="seconds"))
        house.read_everything()
        known = house.known(1)
        assert known is not None
        assert str(known.invoice.issued_on) == day.date().isoformat()
        house.pay(paper_money(1))
        house.settle()
        assert house.state_of() == PAID
        assert len(house.base_effects(STATUS)) == 1
