"""Days of a bank that add up and days that do not: what is proved, what is read again, what is shown as a gap."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hub.ports.bank import ProofState
from hub.ports.store import Store
from tests.support.bank_ledger import OUR_ACCOUNT
from tests.support.bank_world import TODAY, BankWorld, day


@pytest.fixture(params=["tbank", "tochka"])
def world(store: Store, request: pytest.FixtureRequest) -> BankWorld:
    return BankWorld(store).open(request.param)


def test_a_day_that_adds_up_is_proved(world: BankWorld) -> None:
    world.ledger.add("12200", day(9))
    world.ledger.add("-200", day(9), number="12")
    world.poll()
    assert {world.proof(day(8)), world.proof(day(9)), world.proof(TODAY)} == {ProofState.PROVED}


def test_a_gap_is_read_again_by_itself_and_then_shown_with_its_sum(world: BankWorld) -> None:
    world.ledger.add("12200", day(9))
    world.ledger.hidden[day(9)] = Decimal("77.50")
    world.poll()
    with world.store.read() as uow:
        (gap,) = uow.banks.proofs(day(1), [ProofState.GAP])
    assert (gap.day, str(gap.difference)) == (day(9), "77.50 RUB")
    assert world.bank.calls.count((OUR_ACCOUNT, day(9))) == 3
    del world.ledger.hidden[day(9)]
    world.poll()
    assert world.proof(day(9)) is ProofState.PROVED


def test_a_gap_that_the_second_look_fills_is_never_shown(world: BankWorld) -> None:
    world.ledger.hidden[day(9)] = Decimal("12200")
    slow = world.bank.day
    looks = []

    def late(account: str, on: date) -> object:
        answer = slow(account, on)
        if on == day(9):
            looks.append(on)
            if len(looks) == 1:
                del world.ledger.hidden[day(9)]
                world.ledger.add("12200", day(9))
        return answer

    world.bank.day = late  # type: ignore[method-assign, assignment]
    world.poll()
    assert world.proof(day(9)) is ProofState.PROVED
    assert len(world.payments()) == 1


def test_without_balances_nothing_is_claimed(world: BankWorld) -> None:
    world.bank.balances = False
    world.ledger.add("100", day(9))
    world.poll()
    assert world.proof(day(9)) is ProofState.ABSENT


def test_a_balance_that_jumps_overnight_is_a_gap_of_the_day_after(world: BankWorld) -> None:
    world.poll()
    slow = world.bank.day

    def jumping(account: str, on: date) -> object:
        world.ledger.start = Decimal(1000) if on < day(9) else Decimal(1300)
        return slow(account, on)

    world.bank.day = jumping  # type: ignore[method-assign, assignment]
    world.poll()
    with world.store.read() as uow:
        (gap,) = uow.banks.proofs(day(1), [ProofState.GAP])
    assert (gap.day, str(gap.jump)) == (day(9), "300.00 RUB")
