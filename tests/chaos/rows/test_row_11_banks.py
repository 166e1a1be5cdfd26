"""Row 11 on the banks: they refuse for ten minutes because calls are too many; no money is lost over it."""

from __future__ import annotations

import pytest

from hub.ports.records import Health
from hub.services.match_payments import match_payments
from hub.store.engine import Database
from tests.support.house import opened_house
from tests.support.matrix import Figures
from tests.support.sale import (
    BANKS,
    PAID,
    banks_seed,
    transfer,
)
from tests.support.shift import broken_promises, work

pytestmark = pytest.mark.row(11)
MINUTES = 10


@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("named_s", [30, None])
def test_a_bank_that_asks_to_wait_is_called_less_and_its_money_is_there_afterwards(
    sqlite_database: Database, figures: Figures, bank: str, named_s: int | None
) -> None:
    headers = {"Retry-After": str(named_s)} if named_s is not None else {}
    with opened_house(sqlite_database, banks=banks_seed()) as house:
        house.poll()
        assert house.poll_bank(bank).complete
        house.bank.add(transfer(bank, 1))
        house.bank_fault(f"{bank}.*", times=None, kind="refuse", status=429, headers=headers)
        before, ends = house.asked(bank), house.clock.monotonic() + MINUTES * 60
        while house.clock.monotonic() < ends:
            # Somebody asks all the time, oftener than any timetable of ours.
            house.poll_bank(bank)
            house.clock.sleep(10)
        made = house.asked(bank) - before
        figures.most(f"{bank}: calls in 10 min, {'Retry-After 30' if named_s else 'none named'}", made)
        assert made <= (MINUTES * 60 / named_s + 1 if named_s is not None else 15)
        assert house.connection(bank).health is Health.TROUBLE
        house.bank.clear_faults()
        house.clock.sleep(120)
        assert house.poll_bank(bank).complete
        match_payments(house.rt)
        house.settle()
        assert house.moves() == [PAID]
        assert house.connection(bank).health is Health.OK
        assert broken_promises(house, sqlite_database, house.ledger()) == []


@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("named_s", [7, 90])
def test_a_named_wait_of_a_bank_is_kept_to_the_second(
    sqlite_database: Database, figures: Figures, bank: str, named_s: int
) -> None:
    with opened_house(sqlite_database, banks=banks_seed()) as house:
        work(house, 1, 1)
        house.bank_fault(f"{bank}.*", kind="refuse", status=429, headers={"Retry-After": str(named_s)})
        before, asked_at = house.asked(bank), house.clock.monotonic()
        while house.asked(bank) <= before + 1:
            house.poll_bank(bank)
            house.clock.sleep(0.5)
        again = [row.at for row in house.bank.requests if row.method.startswith(f"{bank}.")]
        waited = next(at.timestamp() for at in again if at.timestamp() > asked_at + 1) - asked_at
        figures.most("banks: seconds off a named wait", abs(waited - named_s))
        assert abs(waited - named_s) <= 1
