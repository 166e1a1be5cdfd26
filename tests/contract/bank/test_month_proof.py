"""A month of a bank's operations, one of them told wrongly: its day is red by exactly that, and no other day is.

`./run soak -k month` plays it on 10 000 operations; SVERKA_SEED=<number> repeats a run.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from hub.domain.money import Money
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.support.bank_month import FIRST, LAST, LIES, Reader, Tampering, reader, seeded_month, served_month
from tests.support.chance import run_seed

#: Days that every poll reads again, and those that the first poll of a day does.
_AGAIN, _DEEP = LAST - timedelta(days=3), LAST - timedelta(days=13)
both = pytest.mark.parametrize("bank", ["tochka", "tbank"])
lies = pytest.mark.parametrize("how", LIES)


def red_by(told: Tampering) -> dict[tuple[str, date], Money]:
    """The one red day of a month with one lie in it."""
    return {(told.account, told.day): Money.of(told.gap, "RUB")}


def read_rightly(hub: Reader) -> None:
    """The first read of the month: every movement is there, every day is green."""
    hub.poll()
    assert (hub.lines(), hub.red()) == (len(hub.month.operations), {})


def each_lie_is_found(hub: Reader, chance: random.Random, rounds: int) -> None:
    """One poll after each lie its day is red; one poll after the truth all is as it was."""
    read_rightly(hub)
    money = hub.money()
    for how in LIES * rounds:
        told = hub.month.tampering(chance, how, since=_AGAIN)
        told.done(hub.control)
        hub.poll()
        assert hub.red() == red_by(told), told
        hub.control.mend(told.number)
        hub.poll()
        assert (hub.red(), hub.lines()) == ({}, len(hub.month.operations)), told
    assert hub.money() == money


def a_fresh_hub_finds(bank: str, database: Database, size: int, accounts: int, seed: int, how: str) -> None:
    """The first read of the month meets the lie, on whatever day it is."""
    month = seeded_month(bank, size, accounts, seed)
    told = month.tampering(random.Random(seed), how)
    with served_month(month) as sandbox, reader(month, sandbox, SqlStore(database)) as hub:
        told.done(hub.control)
        hub.poll()
        assert hub.red() == red_by(told), told


@both
def test_one_poll_finds_a_lie_in_a_month_that_was_read_rightly(bank: str, sqlite_database: Database) -> None:
    seed = run_seed(417)
    month = seeded_month(bank, 300, 2, seed)
    with served_month(month) as sandbox, reader(month, sandbox, SqlStore(sqlite_database)) as hub:
        each_lie_is_found(hub, random.Random(seed), rounds=2)


@both
@lies
def test_the_first_read_of_a_fresh_hub_finds_a_lie_on_any_day(bank: str, how: str, sqlite_database: Database) -> None:
    a_fresh_hub_finds(bank, sqlite_database, 100, 1, run_seed(418), how)


@both
def test_a_lie_on_each_day_of_each_account_makes_each_red_by_its_own(bank: str, sqlite_database: Database) -> None:
    chance = random.Random(run_seed(419))
    month = seeded_month(bank, 200, 1, 419)
    with served_month(month) as sandbox, reader(month, sandbox, SqlStore(sqlite_database)) as hub:
        days = [FIRST + timedelta(days=number) for number in range(31)]
        told = [month.tampering(chance, chance.choice(LIES), day, day) for day in days]
        for lie in told:
            lie.done(hub.control)
        hub.poll()
        assert hub.red() == {key: gap for lie in told for key, gap in red_by(lie).items()}


@both
def test_a_lie_about_the_last_two_weeks_is_found_by_the_first_poll_of_a_day(
    bank: str, sqlite_database: Database
) -> None:
    chance = random.Random(run_seed(420))
    month = seeded_month(bank, 100, 1, 420)
    with served_month(month) as sandbox, reader(month, sandbox, SqlStore(sqlite_database)) as hub:
        read_rightly(hub)
        told = month.tampering(chance, "alter", since=_DEEP, until=_AGAIN - timedelta(days=1))
        told.done(hub.control)
        hub.poll()
        assert hub.red() == {}
        hub.control.advance(86_400)
        hub.poll()
        assert hub.red() == red_by(told)


@both
def test_a_row_shown_twice_under_its_one_id_is_no_second_movement(bank: str, sqlite_database: Database) -> None:
    month = seeded_month(bank, 60, 1, 421)
    told = month.tampering(random.Random(run_seed(421)), "double", since=_AGAIN)
    with served_month(month) as sandbox, reader(month, sandbox, SqlStore(sqlite_database)) as hub:
        read_rightly(hub)
        money = hub.money()
        hub.control.spoil(told.number, "double")
        hub.poll()
        assert (hub.red(), hub.lines(), hub.money()) == ({}, len(month.operations), money)


@both
def test_two_lies_of_one_day_that_cancel_out_leave_its_balance_right_and_the_day_green(
    bank: str, sqlite_database: Database
) -> None:
    """The border of what sums can tell."""
    month = seeded_month(bank, 120, 1, 422)
    row, twin = [item for item in month.operations if item["direction"] == "in" and item["booked_at"] >= "2026-03-28"][
        :2
    ]
    with served_month(month) as sandbox, reader(month, sandbox, SqlStore(sqlite_database)) as hub:
        read_rightly(hub)
        day = {"booked_at": row["booked_at"], "direction": "in", "amount": "500.00"}
        hub.control.correct(row["id"], **day)
        hub.control.correct(twin["id"], **day)
        hub.poll()
        hub.control.spoil(row["id"], "alter", amount="400.00")
        hub.control.spoil(twin["id"], "alter", amount="600.00")
        hub.poll()
        assert hub.red() == {}
        assert {str(item[2]) for item in hub.money()} >= {"400.00 RUB", "600.00 RUB"}


@pytest.mark.soak
@pytest.mark.timeout(0)
@both
@pytest.mark.parametrize("accounts", [1, 3])
def test_one_poll_finds_a_lie_in_a_month_of_ten_thousand(bank: str, accounts: int, sqlite_database: Database) -> None:
    seed = run_seed()
    month = seeded_month(bank, 10_000, accounts, seed)
    with served_month(month) as sandbox, reader(month, sandbox, SqlStore(sqlite_database)) as hub:
        each_lie_is_found(hub, random.Random(seed), rounds=10)


@pytest.mark.soak
@pytest.mark.timeout(0)
@both
@lies
def test_a_fresh_hub_finds_a_lie_in_a_month_of_ten_thousand(bank: str, how: str, sqlite_database: Database) -> None:
    a_fresh_hub_finds(bank, sqlite_database, 10_000, 3, run_seed(), how)
