"""Row 13: the portal fails for an hour; it is left alone after five calls and the queue drains soon after."""

from __future__ import annotations

from typing import Any, Final

import pytest

from hub.ports.records import Health
from hub.store.engine import Database
from tests.integration.office import Office, lines, seed
from tests.support.matrix import Figures
from tests.support.shift import BROKEN, DOWN, broken_promises, calls, on_both, opened_office, work, work_until_done

pytestmark = pytest.mark.row(13)
DEALS: Final = 12
PACED: Final = {"plan": "non_enterprise"}
LIMITED: Final = {"rate_limit": {"enabled": True}}
FED = list(lines(*((701 + place, f"{1000 + place}.00") for place in range(DEALS))))
FAILING: Final = {"502 page": DOWN, "500 error": BROKEN}
WRITES: Final = ("crm.item.update", "crm.timeline.comment.add", "tasks.task.add")


def portal() -> dict[str, Any]:
    return seed([f"{1000 + place}.00" for place in range(DEALS)], settings=LIMITED)


def fail(office: Office, action: dict[str, Any], *methods: str) -> None:
    for method in methods:
        office.control.add_faults({"match": {"method": method}, "times": None, "action": action})


def all_done(office: Office, database: Database) -> None:
    assert all(office.moves(9001 + place) == ["EXECUTING"] for place in range(DEALS))
    assert not office.parked()
    assert office.connection().health is Health.OK
    assert broken_promises(office, database, FED) == []


@pytest.mark.parametrize(("chosen", "name"), on_both(FAILING, ["502 page"]), indirect=["chosen"])
def test_a_portal_that_fails_for_an_hour_is_left_alone_after_five_calls_and_drains_in_ten_minutes(
    chosen: Database, figures: Figures, name: str
) -> None:
    database, action = chosen, FAILING[name]
    with opened_office(database, portal(), settings=PACED) as office:
        office.pay(*FED)
        fail(office, action, "*")
        before = calls(office)
        began = office.clock.monotonic()
        work(office, 1, 1)
        opening = calls(office) - before
        figures.most("calls until the breaker is open", opening)
        assert opening <= 5
        assert office.connection().health is Health.TROUBLE
        attempts = sum(row.attempts for row in office.all_effects())
        work(office, 3600 - (office.clock.monotonic() - began), 60)
        made = calls(office) - before
        figures.most("calls in the hour", made)
        assert made <= 60
        assert sum(row.attempts for row in office.all_effects()) - attempts <= 120, "rows are not claimed in vain"
        office.control.clear_faults()
        took = work_until_done(office, database, 2, 600)
        figures.most("minutes to drain", took / 60)
        all_done(office, database)


def test_a_portal_that_reads_but_does_not_write_for_an_hour_asks_no_person(
    sqlite_database: Database, figures: Figures
) -> None:
    with opened_office(sqlite_database, portal(), settings=PACED) as office:
        office.pay(*FED)
        fail(office, BROKEN, *WRITES)
        work(office, 3600, 60)
        made = len(office.sent())
        figures.most("writes tried in the hour", made)
        assert made <= 60
        assert office.ours() == []
        office.control.clear_faults()
        took = work_until_done(office, sqlite_database, 2, 600)
        figures.most("minutes to drain", took / 60)
        all_done(office, sqlite_database)
