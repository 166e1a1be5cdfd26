"""Rows 18 and 29 at the doors of amoCRM and the banks: one hook many times, at once or later, has one effect."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, Final

import pytest

from hub.services.match_payments import match_payments
from hub.store.engine import Database
from tests.support.caught import TAKEN, caught, claims_in, send, signed_by_bank
from tests.support.house import AMO, BANKS, PAID, STARTED_AT, TBANK, TOCHKA, House, banks_seed, opened_house, transfer
from tests.support.matrix import Figures
from tests.support.shift import broken_promises

AT_ONCE: Final = 100
DOORS: Final = (AMO, *BANKS)
#: What a system tells of.
DEEDS: Final[dict[str, Callable[[House], object]]] = {
    AMO: lambda house: house.human(act="edit", id=house.deal(2), fields={"name": "Переименована"}),
    TOCHKA: lambda house: house.bank.add(transfer(TOCHKA, 1)),
    TBANK: lambda house: house.bank.add(transfer(TBANK, 1)),
}


def read_once(house: House) -> None:
    """Everything is known to the hub before anything happens."""
    house.poll()
    for bank in BANKS:
        assert house.poll_bank(bank).complete


def took_effect(house: House, name: str) -> None:
    """What the hook told of is known by reading, and followed by everything that follows from it, once."""
    match_payments(house.rt)
    house.settle()
    if name == AMO:
        with house.store.read() as uow:
            deal = uow.deals.get(f"amo/{house.deal(2)}")
        assert deal is not None
        assert deal.deal.title == "Переименована"
    else:
        assert len(house.payments()) == 1
        assert house.moves() == [PAID]
        assert (len(house.control.notes()), len(house.control.tasks())) == (1, 1)


def standing(house: House) -> dict[str, object]:
    """All that a second effect would change."""
    return {
        "inbox": house.inbox(),
        "payments": [(row.payment.id, row.state) for row in house.payments()],
        "effects": [(row.operation_key, row.state) for row in house.all_effects()],
        "calls": len(house.sent()),
        "writes": len(house.ours()),
    }


@pytest.mark.row(18)
@pytest.mark.parametrize("name", DOORS)
def test_a_hundred_equal_hooks_at_once_are_one_row_one_reading_and_one_effect(
    sqlite_database: Database, figures: Figures, name: str
) -> None:
    with opened_house(sqlite_database, banks=banks_seed(), site=True) as house:
        read_once(house)
        body = caught(house, name, lambda: DEEDS[name](house))[0]
        together = Barrier(AT_ONCE)

        def one(_: int) -> int:
            together.wait()
            return send(house, name, body)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(one, range(AT_ONCE)))
        assert answers == [TAKEN[name]] * AT_ONCE
        assert len(house.inbox()) == 1
        before = {bank: house.asked(bank) for bank in BANKS}, len(house.control.requests)
        assert house.follow(name) == 1
        read = sum(house.asked(bank) - before[0][bank] for bank in BANKS) + len(house.control.requests) - before[1]
        figures.most(f"{name}: requests to follow 100 hooks", read)
        assert read <= 4
        took_effect(house, name)
        assert house.follow(name) == 0
        figures.total("deliveries", AT_ONCE)
        figures.most("rows", len(house.inbox()))
        assert broken_promises(house, sqlite_database, house.ledger()) == []


@pytest.mark.row(29)
@pytest.mark.parametrize("name", [AMO, *(pytest.param(bank, marks=pytest.mark.thorough) for bank in BANKS)])
def test_captured_bytes_sent_again_at_once_and_a_week_later_change_nothing(
    sqlite_database: Database, figures: Figures, name: str
) -> None:
    with opened_house(sqlite_database, banks=banks_seed(), site=True) as house:
        read_once(house)
        taken = caught(house, name, lambda: DEEDS[name](house))
        assert {send(house, name, body) for body in taken} == {TAKEN[name]}
        assert house.follow(name) == len(taken)
        took_effect(house, name)
        before = standing(house)
        for wait_s in (0, 60, 7 * 86_400):
            house.clock.sleep(wait_s)
            for body in taken:
                assert send(house, name, body) == TAKEN[name]
            house.follow(name)
            match_payments(house.rt)
            house.settle()
            assert standing(house) == before
            figures.total("replays", len(taken))
        figures.most("replays with an effect", 0)
        assert broken_promises(house, sqlite_database, house.ledger()) == []


#: Days of a hook that no reading follows: long past, long ahead, and none at all.
FAR: Final = (timedelta(days=-400), timedelta(days=-61), timedelta(days=1), timedelta(days=400))


@pytest.mark.row(29)
@pytest.mark.parametrize("bank", BANKS)
def test_an_authentic_hook_of_a_day_long_past_or_to_come_has_no_day_read(
    sqlite_database: Database, figures: Figures, bank: str
) -> None:
    with opened_house(sqlite_database, banks=banks_seed(), site=True) as house:
        read_once(house)
        body = caught(house, bank, lambda: house.bank.add(transfer(bank, 1)))[0]
        for far in FAR:
            assert send(house, bank, dated(house, bank, body, far)) == TAKEN[bank]
        before = house.asked(bank)
        house.follow(bank)
        assert house.asked(bank) == before
        assert house.payments() == []
        house.clock.sleep(86_400)
        house.follow(bank)
        house.poll_bank(bank)
        match_payments(house.rt)
        house.settle()
        assert house.moves() == [PAID]
        figures.total("hooks of far days", len(FAR))
        assert broken_promises(house, sqlite_database, house.ledger()) == []


def dated(house: House, bank: str, body: bytes, far: timedelta) -> bytes:
    """The same hook, told of another day, with the bank's own proof."""
    day = (STARTED_AT + far).date().isoformat()
    if bank == TOCHKA:
        return signed_by_bank(house, {**claims_in(body), "date": day})
    today = STARTED_AT.date().isoformat().encode()
    assert today in body
    return body.replace(today, day.encode())


@pytest.mark.row(29)
@pytest.mark.parametrize("at", [0, 946_684_800, 4_102_444_800], ids=["1970", "2000", "2100"])
def test_times_that_a_hook_of_amocrm_tells_decide_nothing(sqlite_database: Database, at: int) -> None:
    with opened_house(sqlite_database, banks=banks_seed(), site=True) as house:
        read_once(house)
        head = f"leads[status][0][id]={house.deal(2)}&leads[status][0][status_id]=143&leads[status][0][old_status_id]=1"
        tail = "&account[id]=300100&account[subdomain]=sandbox"
        told: list[Any] = [f"{head}&leads[status][0][last_modified]={at}{tail}".encode()]
        assert send(house, AMO, told[0]) == 204
        house.follow()
        with house.store.read() as uow:
            deal = uow.deals.get(f"amo/{house.deal(2)}")
        assert deal is not None
        assert deal.deal.stage_id == str(house.stage(2)), "what the account shows, not what the hook says"
        assert house.sent() == []
