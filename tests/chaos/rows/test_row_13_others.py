"""Row 13 on amoCRM and the banks: they fail for an hour, are left alone after five calls, and drain soon after."""

from __future__ import annotations

from typing import Any, Final

import pytest

from hub.ports.records import Health
from hub.store.engine import Database
from tests.support.house import (
    AMO,
    PAID,
    TBANK,
    TOCHKA,
    House,
    amo_seed,
    banks_seed,
    money,
    opened_house,
    transfer,
)
from tests.support.matrix import Figures
from tests.support.shift import broken_promises, calls, on_both, turn, work, work_until_done

pytestmark = [pytest.mark.row(13), pytest.mark.thorough]
DEALS: Final = 4
SUMS: Final = [f"{1000 + place}.00" for place in range(1, DEALS + 1)]
FED: Final = [money(place, SUMS[place - 1]) for place in range(1, DEALS + 1)]
FAILING: Final[dict[str, dict[str, Any]]] = {
    "502 page": {"kind": "html", "status": 502},
    "500 error": {"kind": "refuse", "status": 500},
    "silence": {"kind": "lose_reply", "applied": False},
}
WRITES: Final = ("PATCH *", "POST *")


def all_done(house: House, database: Database) -> None:
    assert [house.moves(place) for place in range(1, DEALS + 1)] == [[PAID]] * DEALS
    assert not house.parked()
    assert house.connection().health is Health.OK
    assert broken_promises(house, database, FED) == []


@pytest.mark.parametrize(("chosen", "name"), on_both(FAILING, ["502 page"]), indirect=["chosen"])
def test_an_account_that_fails_for_an_hour_is_left_alone_after_five_calls_and_drains_in_ten_minutes(
    chosen: Database, figures: Figures, name: str
) -> None:
    with opened_house(chosen, amo_seed(SUMS)) as house:
        house.pay(*FED)
        house.fault("*", times=None, **FAILING[name])
        before, began = calls(house), house.clock.monotonic()
        work(house, 1, 1)
        opening = calls(house) - before
        figures.most("amoCRM: calls until the breaker is open", opening)
        assert opening <= 5
        assert house.connection().health is Health.TROUBLE
        work(house, 3600 - (house.clock.monotonic() - began), 60)
        made = calls(house) - before
        figures.most("amoCRM: calls in the hour", made)
        assert made <= 60
        house.control.clear_faults()
        took = work_until_done(house, chosen, 2, 600)
        figures.most("amoCRM: minutes to drain", took / 60)
        all_done(house, chosen)


def test_an_account_that_reads_but_does_not_write_for_an_hour_asks_no_person(
    sqlite_database: Database, figures: Figures
) -> None:
    with opened_house(sqlite_database, amo_seed(SUMS)) as house:
        house.pay(*FED)
        for method in WRITES:
            house.fault(method, times=None, **FAILING["500 error"])
        work(house, 3600, 60)
        made = len(house.sent())
        figures.most("amoCRM: writes tried in the hour", made)
        assert made <= 60
        assert house.ours() == []
        house.control.clear_faults()
        work_until_done(house, sqlite_database, 2, 600)
        all_done(house, sqlite_database)


@pytest.mark.parametrize(("bank", "name"), [(TOCHKA, "502 page"), (TOCHKA, "silence"), (TBANK, "500 error")])
def test_a_bank_that_fails_for_an_hour_is_left_alone_and_its_money_is_there_ten_minutes_after(
    sqlite_database: Database, figures: Figures, bank: str, name: str
) -> None:
    with opened_house(sqlite_database, amo_seed(SUMS), banks_seed()) as house:
        other = TBANK if bank == TOCHKA else TOCHKA
        work(house, 10, 5)
        house.bank_fault(f"{bank}.*", times=None, **FAILING[name])
        before = house.asked(bank)
        house.bank.add(transfer(bank, 1, SUMS[0]))
        house.bank.add(transfer(other, 2, SUMS[1]))
        first_poll_at = house.clock.monotonic() + 300
        while house.clock.monotonic() < first_poll_at + 10:
            turn(house.rt, house.hints)
            house.clock.sleep(10)
        opening = house.asked(bank) - before
        figures.most(f"{bank}: calls until the breaker is open", opening)
        assert 1 <= opening <= 5
        work(house, 3600, 120)
        made = house.asked(bank) - before
        figures.most(f"{bank}: calls in the hour", made)
        assert made <= 60
        assert house.connection(bank).health is Health.TROUBLE
        assert {house.connection(name).health for name in (AMO, other)} == {Health.OK}
        assert (house.moves(1), house.moves(2)) == ([], [PAID]), "the other bank's money moves deals"
        house.bank.clear_faults()
        began = house.clock.monotonic()
        while house.moves(1) != [PAID]:
            assert house.clock.monotonic() - began < 600
            turn(house.rt, house.hints)
            house.clock.sleep(20)
        figures.most(f"{bank}: minutes until its money moved a deal", (house.clock.monotonic() - began) / 60)
        work(house, 600, 60)
        assert house.connection(bank).health is Health.OK
        assert broken_promises(house, sqlite_database, house.ledger()) == []
