"""Money that a bank corrects, cancels or shows anew: the same money stays the same, and a person decides the rest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hub.ports.records import InboxKind, PaymentState
from hub.ports.store import Store
from hub.services.follow_bank_hooks import follow_bank_hooks
from hub.services.match_payments import match_payments
from hub.services.settle_payment import undo_match
from tests.support.bank_ledger import Entry, Ledger
from tests.support.bank_world import BANK, TODAY, BankWorld, day
from tests.support.world import client, deal, invoice


@pytest.fixture(params=["tbank", "tochka"])
def world(store: Store, request: pytest.FixtureRequest) -> BankWorld:
    return BankWorld(store).open(request.param)


def test_a_correction_of_an_open_payment_supersedes_what_was_told_before(world: BankWorld) -> None:
    entry = world.ledger.add("100", day(9))
    world.poll()
    match_after_sync(world)
    world.ledger.change(entry, amount=Decimal("150"))
    world.poll()
    (row,) = world.payments()
    assert str(row.payment.amount) == "150.00 RUB"
    assert any("было 100,00" in text.replace("\u00a0", " ") for text in row.warnings)
    assert row.state is PaymentState.RECHECK


def match_after_sync(world: BankWorld) -> None:
    world.sync()
    match_payments(world.rt)


@pytest.mark.parametrize("fee", ["-1", "-5"])
def test_a_fee_that_comes_under_the_id_of_its_payment_corrects_nothing(world: BankWorld, fee: str) -> None:
    paid = world.ledger.add("100", day(9))
    world.poll()
    added = Entry(paid.id, day(9), Decimal(fee), number="7")
    world.ledger.entries.append(added)
    for _ in range(2):
        world.poll()
        first, second = world.payments()
        assert (str(first.payment.amount), first.warnings, first.vanished_in) == ("100.00 RUB", (), None)
        assert (str(second.payment.amount), second.vanished_in) == (f"{fee[1:]}.00 RUB", None)
    world.ledger.entries.remove(added)
    world.poll()
    assert [row.vanished_in is None for row in world.payments()] == [True, False]


def test_an_old_file_does_not_bring_corrected_money_back(world: BankWorld) -> None:
    entry = world.ledger.add("100", day(9))
    old = world.ledger.file(day(1), TODAY)
    world.upload(old)
    world.poll()
    world.ledger.change(entry, amount=Decimal("150"))
    world.poll()
    world.upload(old + b"\r\n")
    assert [str(row.payment.amount) for row in world.payments()] == ["150.00 RUB"]


def test_a_correction_that_a_file_told_first_is_not_counted_twice(world: BankWorld) -> None:
    entry = world.ledger.add("100", day(9))
    world.poll()
    world.ledger.change(entry, amount=Decimal("150"))
    world.upload(world.ledger.file(day(1), TODAY))
    world.poll()
    live = [row for row in world.payments() if row.vanished_in is None]
    assert [str(row.payment.amount) for row in live] == ["150.00 RUB"]
    assert set(world.kinds(live[0])) == {InboxKind.BANK_DAY, InboxKind.STATEMENT_FILE}


def test_a_correction_of_matched_money_waits_for_a_person(world: BankWorld) -> None:
    entry = matched(world)
    world.ledger.change(entry, amount=Decimal("1500"))
    world.poll()
    old, new = world.payments()
    assert old.state is PaymentState.MATCHED
    assert old.vanished_in is not None
    assert any("Отменить сопоставление" in text for text in old.warnings)
    assert new.held
    world.settle()
    assert world.payments()[1].state is PaymentState.NEEDS_YOU


def matched(world: BankWorld) -> Entry:
    world.act()
    world.crm.add(client(), deal(), invoice())
    world.sync()
    entry = world.ledger.add("1000", day(9))
    world.poll()
    world.settle()
    assert world.payments()[0].state is PaymentState.MATCHED
    return entry


def test_a_cancelled_operation_is_flagged_and_a_person_undoes_the_match(world: BankWorld) -> None:
    entry = matched(world)
    world.ledger.entries.remove(entry)
    world.poll()
    (row,) = world.payments()
    assert row.vanished_in is not None
    assert any("Отменить сопоставление и вернуть сделку?" in text for text in row.warnings)
    moved = list(world.events())
    world.settle()
    assert world.events() == moved
    undo_match(world.rt, "p1", "anna")
    world.settle()
    assert "move NEW" in world.events()[len(moved) :]


@pytest.mark.parametrize(("before", "after"), [(day(9), TODAY), (TODAY, day(9))])
def test_an_operation_moved_to_a_day_that_a_hook_did_not_name_is_not_held_for_a_person(
    world: BankWorld, before: date, after: date
) -> None:
    entry = world.ledger.add("100", before)
    world.poll()
    world.ledger.change(entry, day=after)
    other = world.ledger.add("200", before, number="246")
    world.hook(other.id, before)
    follow_bank_hooks(world.rt, BANK)
    world.poll()
    row = world.payments()[0]
    assert (row.payment.booked_on, row.vanished_in, row.held) == (after, None, False)


def test_an_operation_that_is_shown_again_is_unflagged(world: BankWorld) -> None:
    entry = world.ledger.add("100", day(9))
    world.poll()
    world.ledger.entries.remove(entry)
    world.poll()
    assert world.payments()[0].vanished_in is not None
    world.ledger.entries.append(entry)
    world.poll()
    (row,) = world.payments()
    assert row.vanished_in is None


@pytest.mark.parametrize("undone", [False, True])
def test_money_that_is_shown_again_is_the_machines_to_decide_unless_a_person_said_no(
    world: BankWorld, undone: bool
) -> None:
    if undone:
        entry = matched(world)
        undo_match(world.rt, "p1", "anna")
        world.settle()
    else:
        entry = world.ledger.add("1000", day(9))
        world.poll()
        match_after_sync(world)
    world.ledger.entries.remove(entry)
    world.poll()
    world.crm.add(client(), deal(), invoice())
    match_after_sync(world)
    assert (world.payments()[0].state, world.payments()[0].held) == (PaymentState.NEEDS_YOU, True)
    world.ledger.entries.append(entry)
    world.poll()
    match_after_sync(world)
    wanted = (PaymentState.NEEDS_YOU, True) if undone else (PaymentState.MATCHED, False)
    assert (world.payments()[0].state, world.payments()[0].held) == wanted


def test_an_operation_that_moves_to_another_day_is_the_same_money(world: BankWorld) -> None:
    entry = world.ledger.add("100", day(8))
    world.poll()
    world.ledger.change(entry, day=day(9), dated=day(8))
    world.poll()
    (row,) = world.payments()
    assert (row.payment.booked_on, row.vanished_in, row.held) == (day(9), None, False)


def test_ids_given_anew_are_the_same_money(world: BankWorld) -> None:
    first, second = world.ledger.add("100", day(9), number="0"), world.ledger.add("100", day(9), number="0")
    world.poll()
    world.ledger.change(first, id="op-90")
    world.ledger.change(second, id="op-91")
    world.poll()
    assert [row.vanished_in for row in world.payments()] == [None, None]


def test_a_file_that_lacks_what_the_api_shows_takes_nothing_away(world: BankWorld) -> None:
    entry = world.ledger.add("100", day(8))
    world.ledger.add("200", day(8), number="246")
    world.poll()
    partly = Ledger(entries=[item for item in world.ledger.entries if item is not entry])
    world.upload(partly.file(day(8), day(8), made_on=TODAY))
    assert [row.vanished_in for row in world.payments()] == [None, None]
