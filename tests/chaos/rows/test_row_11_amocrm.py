"""Row 11 on amoCRM: the account refuses for ten minutes because calls are too many, with and without naming a time."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from hub.ports.records import EffectState, Health
from hub.store.engine import Database
from tests.support.house import AMO, PAID, House, deal_id, money, opened_house
from tests.support.matrix import Figures
from tests.support.shift import broken_promises, calls, on_both, work, work_until_done

pytestmark = pytest.mark.row(11)
MINUTES = 10
FED = [money(1), money(2, "2000.00")]
#: How an account tells the seconds: in the head, in the body, or not at all.
NAMED: dict[str, dict[str, Any]] = {
    "header": {"headers": {"Retry-After": "30"}},
    "body": {"extra": {"retry_after": 30}},
    "none": {},
}


def cursor(house: House) -> str | None:
    with house.store.read() as uow:
        return uow.cursors.get(AMO, "changes")


@pytest.mark.parametrize(("chosen", "case"), on_both(NAMED, ["header"]), indirect=["chosen"])
def test_an_account_that_asks_to_wait_is_called_less_and_the_cursor_goes_on_afterwards(
    chosen: Database, figures: Figures, case: str
) -> None:
    with opened_house(chosen) as house:
        house.pay(*FED)
        before, stood = calls(house), cursor(house)
        house.fault("*", times=None, kind="refuse", status=429, title="Too Many Requests", **NAMED[case])
        work(house, MINUTES * 60, 10)
        made = calls(house) - before
        figures.most(f"amoCRM: calls in 10 min, seconds in {case}", made)
        assert made <= (MINUTES * 60 / 30 + 1 if case != "none" else 15)
        assert cursor(house) == stood
        house.control.clear_faults()
        took = work_until_done(house, chosen, 5, 960)
        figures.most("amoCRM: seconds to drain", took)
        house.human(act="edit", id=deal_id(1), fields={"name": "Новая"})
        house.sync()
        assert cursor(house) != stood
        assert (house.moves(1), house.moves(2)) == ([PAID], [PAID])
        assert house.connection().health is Health.OK
        assert broken_promises(house, chosen, FED) == []


@pytest.mark.parametrize("spelling", ["seconds", "date", "body"])
@pytest.mark.parametrize("named_s", [15, 400])
def test_a_named_wait_of_the_account_is_kept_to_the_second(
    sqlite_database: Database, figures: Figures, named_s: int, spelling: str
) -> None:
    with opened_house(sqlite_database) as house:
        house.pay(*FED[:1])
        until = house.clock.now() + timedelta(seconds=named_s)
        told = format_datetime(until, usegmt=True) if spelling == "date" else str(named_s)
        how = {"extra": {"retry_after": named_s}} if spelling == "body" else {"headers": {"Retry-After": told}}
        house.fault("*", times=None, kind="refuse", status=429, **how)
        asked_at, before = house.clock.monotonic(), calls(house)
        while calls(house) == before:
            house.deliver_due()
        house.control.clear_faults()
        assert calls(house) == before + 1, "one refusal silences everything"
        while calls(house) == before + 1:
            house.deliver_due()
            if calls(house) == before + 1:
                house.clock.sleep(0.5)
        waited = house.moments()[before + 1].timestamp() - asked_at
        figures.most("amoCRM: seconds off a named wait", abs(waited - named_s))
        assert abs(waited - named_s) <= 1
        house.settle()
        assert {row.state for row in house.all_effects()} == {EffectState.DONE}
        assert broken_promises(house, sqlite_database, FED[:1]) == []
