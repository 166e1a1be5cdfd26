"""Rows 20, 21 and 26 with amoCRM and the banks: hooks three days late, no hooks at all, and hooks of our own writes."""

from __future__ import annotations

from typing import Final

import pytest

from hub.services.match_payments import match_payments
from hub.services.runtime import Work
from hub.store.engine import Database
from tests.support.house import AMO, BANKS, PAID, TBANK, TOCHKA, House, amo_seed, banks_seed, opened_house, transfer
from tests.support.matrix import Figures
from tests.support.shift import broken_promises, turn

THREE_DAYS_S: Final = 3 * 86_400
SUMS: Final = ("1000.00", "2000.00", "3000.00")


def spoil_hooks(house: House, **action: object) -> None:
    """Every hook of every system from now on."""
    rule = {"match": {"method": "*"}, "times": None, "action": action}
    house.control.add_faults(rule)
    house.bank.add_faults(rule)


def read_all(house: House) -> None:
    """Everything is known to the hub."""
    house.sync()
    for bank in BANKS:
        assert house.poll_bank(bank).complete
    match_payments(house.rt)


def standing(house: House) -> tuple[object, ...]:
    """Everything that was decided or done."""
    effects = [f"{row.operation_key} {row.state}" for row in house.all_effects()]
    return effects, [(row.payment.id, row.state) for row in house.payments()], len(house.sent()), len(house.ours())


@pytest.mark.row(20)
def test_hooks_three_days_late_change_nothing_that_the_poll_has_seen(
    sqlite_database: Database, figures: Figures
) -> None:
    with opened_house(sqlite_database, amo_seed(SUMS), banks_seed(), site=True) as house:
        house.subscribe()
        spoil_hooks(house, kind="delay_hook", seconds=THREE_DAYS_S)
        read_all(house)
        house.bank.add(transfer(TOCHKA, 1))
        house.bank.add(transfer(TBANK, 2, "2000.00"))
        house.human(act="edit", id=house.deal(3), fields={"name": "Другая"})
        read_all(house)
        house.settle()
        assert (house.moves(1), house.moves(2)) == ([PAID], [PAID])
        assert house.inbox() == []
        before = standing(house)
        house.clock.sleep(THREE_DAYS_S)
        read_all(house)
        late = sum(house.follow(name) for name in (AMO, *BANKS))
        read_all(house)
        house.settle()
        figures.total("late hooks of amoCRM and the banks", late)
        assert late >= 6
        assert {connection for connection, _ in house.inbox()} == {AMO, *BANKS}
        assert standing(house) == before
        figures.most("second effects", len(house.sent()) - int(str(before[2])))
        assert broken_promises(house, sqlite_database, house.ledger()) == []


@pytest.mark.row(21)
@pytest.mark.thorough
def test_without_a_single_hook_the_polls_find_everything_within_their_intervals(
    sqlite_database: Database, figures: Figures
) -> None:
    with opened_house(sqlite_database, amo_seed(()), banks_seed(), site=True) as house:
        house.subscribe()
        spoil_hooks(house, kind="drop_hook")
        intervals = {AMO: house.rt.connections[AMO].poll_every_s}
        intervals |= {bank: house.rt.bank_sources[bank].poll_every_s for bank in BANKS}
        slowest = dict.fromkeys(intervals, 0.0)
        for place in range(1, 5):
            bank = BANKS[place % 2]
            _pass(house, 37.0 * place)
            slowest[AMO] = max(slowest[AMO], _found(house, lambda p=place: house.sells(p, "1000.00"), AMO, place))
            slowest[bank] = max(
                slowest[bank], _found(house, lambda b=bank, p=place: house.bank.add(transfer(b, p)), bank, place)
            )
        for name, waited in slowest.items():
            figures.most(f"{name}: found after s", waited)
            assert waited <= intervals[name] + 60
        _pass(house, 900)
        assert house.inbox() == []
        assert [house.moves(place) for place in range(1, 5)] == [[PAID]] * 4
        assert broken_promises(house, sqlite_database, house.ledger()) == []


def _found(house: House, act: object, name: str, place: int) -> float:
    """Seconds of a healthy hub's work until it knows what somebody has done."""
    assert callable(act)
    act()
    began = house.clock.monotonic()
    while not _knows(house, name, place):
        _pass(house, 5)
        assert house.clock.monotonic() - began < 3600
    return house.clock.monotonic() - began


def _knows(house: House, name: str, place: int) -> bool:
    if name != AMO:
        return len(house.payments()) == place
    with house.store.read() as uow:
        invoice = uow.invoices.get(f"amo/{house.invoices[place]}")
        deal = uow.deals.get(f"amo/{house.deal(place)}")
    return deal is not None and invoice is not None and invoice.invoice.deals != ()


def _pass(house: House, seconds: float, step_s: float = 5) -> None:
    """A healthy hub for so long."""
    ends = house.clock.monotonic() + seconds
    while house.clock.monotonic() < ends:
        turn(house.rt, house.hints)
        assert Work.HOOKS not in {work for work, _ in house.hints}
        house.clock.sleep(step_s)


@pytest.mark.row(26)
def test_the_echo_of_our_own_writes_comes_back_from_amocrm_and_moves_nothing(
    sqlite_database: Database, figures: Figures
) -> None:
    with opened_house(sqlite_database, amo_seed(SUMS), banks_seed(), site=True) as house:
        house.subscribe()
        read_all(house)
        house.bank.add(transfer(TOCHKA, 1))
        house.bank.add(transfer(TBANK, 2, "2000.00"))
        for bank in BANKS:
            assert house.follow(bank) == 1
        match_payments(house.rt)
        house.settle()
        before = standing(house)
        assert (house.moves(1), house.moves(2)) == ([PAID], [PAID])
        house.hooks_sent()
        told = {item.event for item in house.control.deliveries}
        assert {"status_lead", "update_lead", "note_lead"} <= told, "a move, its update, and the note"
        loops = 0
        while (echoes := house.follow()) and loops < 5:
            figures.total("amoCRM: hooks of our own writes", echoes)
            match_payments(house.rt)
            house.settle()
            house.sync()
            loops += 1
        assert loops == 1, "what the echo made us read caused no further echo"
        assert standing(house) == before
        figures.most("writes that an echo caused", len(house.sent()) - int(str(before[2])))
        assert broken_promises(house, sqlite_database, house.ledger()) == []
