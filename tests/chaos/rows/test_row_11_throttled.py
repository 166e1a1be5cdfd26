"""Row 11: the portal refuses for ten minutes because calls are too many, with and without naming a time."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from hub.ports.records import EffectState, Health
from hub.store.engine import Database
from tests.integration.office import CONNECTION, Office, lines, seed
from tests.support.matrix import Figures
from tests.support.shift import broken_promises, calls, on_both, opened_office, work, work_until_done

pytestmark = pytest.mark.row(11)
MINUTES = 10
FED = list(lines((701, "1000.00"), (702, "2000.50")))


def refuse(office: Office, status: int, headers: dict[str, str]) -> None:
    code = "QUERY_LIMIT_EXCEEDED" if status == 503 else "TOO_MANY_REQUESTS"
    action: dict[str, Any] = {"kind": "refuse", "status": status, "code": code, "headers": headers}
    office.control.add_faults({"match": {"method": "*"}, "times": None, "action": action})


def cursor(office: Office) -> str | None:
    with office.store.read() as uow:
        return uow.cursors.get(CONNECTION, "changes")


@pytest.mark.parametrize(
    ("chosen", "case"),
    on_both([(429, 30), (429, None), (503, 30), (503, None)], [(429, 30), (503, None)]),
    indirect=["chosen"],
)
def test_a_portal_that_asks_to_wait_is_called_less_and_the_cursor_goes_on_afterwards(
    chosen: Database, figures: Figures, case: tuple[int, int | None]
) -> None:
    database, (status, named_s) = chosen, case
    with opened_office(database, seed(), settings={"plan": "non_enterprise"}) as office:
        office.pay(*FED)
        before, stood = calls(office), cursor(office)
        refuse(office, status, {"Retry-After": str(named_s)} if named_s else {})
        work(office, MINUTES * 60, 10)
        made = calls(office) - before
        assert made <= (MINUTES * 60 / named_s + 1 if named_s else 15)
        figures.most("calls in 10 min, Retry-After 30" if named_s else "calls in 10 min, none named", made)
        assert cursor(office) == stood
        office.control.clear_faults()
        took = work_until_done(office, database, 5, 600)
        figures.most("seconds to drain", took)
        office.human("edit", 9001, fields={"title": "Новая"})
        office.sync()
        assert cursor(office) != stood
        assert (office.moves(9001), office.moves(9002)) == (["EXECUTING"], ["EXECUTING"])
        assert office.connection().health is Health.OK
        assert broken_promises(office, database, FED) == []


@pytest.mark.parametrize("spelling", ["seconds", "date"])
@pytest.mark.parametrize("named_s", [7, 90, 400])
def test_a_named_wait_is_kept_to_the_second(
    sqlite_database: Database, figures: Figures, named_s: int, spelling: str
) -> None:
    with opened_office(sqlite_database, seed(), settings={"plan": "non_enterprise"}) as office:
        office.pay(*FED[:1])
        until = office.clock.now() + timedelta(seconds=named_s)
        refuse(
            office, 429, {"Retry-After": format_datetime(until, usegmt=True) if spelling == "date" else str(named_s)}
        )
        asked_at = office.clock.monotonic()
        before = calls(office)
        while calls(office) == before:
            office.deliver_due()
        office.control.clear_faults()
        while calls(office) == before + 1:
            office.deliver_due()
            if calls(office) == before + 1:
                office.clock.sleep(0.5)
        waited = office.control.requests[-1].at.timestamp() - asked_at
        figures.most("seconds off a named wait", abs(waited - named_s))
        assert abs(waited - named_s) <= 1
        office.settle()
        assert {row.state for row in office.all_effects()} == {EffectState.DONE}
