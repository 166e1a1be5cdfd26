"""Reading a bank over its API: every movement is one payment, however often, in whatever order and form it is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.domain.errors import Reauthorise, RetryLater
from hub.ports.bank import BankAccount, ProofState
from hub.ports.records import Health, InboxKind, PaymentState
from hub.ports.store import Store
from hub.services.follow_bank_hooks import follow_bank_hooks
from hub.services.poll_bank import poll_bank
from tests.support.bank_ledger import OUR_ACCOUNT, OUR_TAX_ID, Ledger
from tests.support.bank_world import BANK, TODAY, BankWorld, day, equipped
from tests.support.world import client, deal, invoice


@pytest.fixture(params=["tbank", "tochka"])
def world(store: Store, request: pytest.FixtureRequest) -> BankWorld:
    return BankWorld(store).open(request.param)


def test_each_movement_is_recorded_once_however_often_it_is_read(world: BankWorld) -> None:
    world.ledger.add("12200", day(9))
    world.ledger.add("-500.10", day(9), number="12")
    for _ in range(3):
        world.poll()
    assert [(row.payment.direction.value, str(row.payment.amount)) for row in world.payments()] == [
        ("in", "12200.00 RUB"),
        ("out", "500.10 RUB"),
    ]
    assert {row.payment.booked_on for row in world.payments()} == {day(9)}


def test_a_movement_that_comes_later_in_the_day_is_found_by_the_next_poll(world: BankWorld) -> None:
    world.poll()
    world.ledger.add("100", TODAY)
    world.poll()
    world.ledger.add("200", TODAY, number="246")
    world.poll()
    assert len(world.payments()) == 2


def test_a_movement_booked_backwards_within_three_days_is_found_by_the_next_poll(world: BankWorld) -> None:
    world.poll()
    world.ledger.add("100", day(7))
    world.poll()
    assert len(world.payments()) == 1


def test_a_movement_booked_backwards_by_two_weeks_is_found_within_a_day(world: BankWorld) -> None:
    world.poll()
    world.clock.at += timedelta(days=20)
    world.poll()
    world.ledger.add("100", day(20))
    world.poll()
    assert world.payments() == []
    world.next_day()
    world.poll()
    assert len(world.payments()) == 1


def test_two_equal_movements_of_one_day_stay_two(world: BankWorld) -> None:
    world.ledger.add("100", day(9), number="0")
    world.ledger.add("100", day(9), number="0")
    world.poll()
    world.upload(world.ledger.file(day(1), TODAY))
    world.poll()
    assert len(world.payments()) == 2
    assert all(set(world.kinds(row)) == {InboxKind.BANK_DAY, InboxKind.STATEMENT_FILE} for row in world.payments())


def test_equal_movements_of_two_days_stay_two_by_the_banks_ids(world: BankWorld) -> None:
    world.ledger.add("100", day(7), dated=day(6))
    world.ledger.add("100", day(9), dated=day(6))
    world.poll()
    assert len(world.payments()) == 2


@pytest.mark.parametrize("file_first", [True, False])
def test_the_same_money_in_a_file_and_over_the_api_is_one_payment_with_both_sources(
    world: BankWorld, file_first: bool
) -> None:
    world.ledger.add("100", day(9), dated=day(8))
    steps = [lambda: world.upload(world.ledger.file(day(1), TODAY)), world.poll]
    for step in steps if file_first else reversed(steps):
        step()
    (row,) = world.payments()
    assert set(world.kinds(row)) == {InboxKind.BANK_DAY, InboxKind.STATEMENT_FILE}
    assert row.payment.document_date == (day(8) if file_first or row.payment.document_date else None)


def test_a_hook_is_followed_by_reading_its_day_and_stands_among_the_sources(world: BankWorld) -> None:
    world.poll()
    entry = world.ledger.add("100", day(9))
    world.bank.calls.clear()
    world.hook(entry.id, day(9))
    assert follow_bank_hooks(world.rt, BANK) == 1
    (row,) = world.payments()
    assert set(world.kinds(row)) == {InboxKind.BANK_DAY, InboxKind.HOOK}
    assert set(world.bank.calls) == {(OUR_ACCOUNT, day(9))}


def test_a_hook_about_money_that_the_statement_does_not_show_makes_no_payment(world: BankWorld) -> None:
    world.poll()
    world.hook("op-77", day(9))
    for _ in range(6):
        follow_bank_hooks(world.rt, BANK)
        world.clock.at += timedelta(minutes=5)
    assert world.payments() == []


def test_a_hook_about_somebody_elses_account_is_put_away_unread(world: BankWorld) -> None:
    world.poll()
    world.bank.calls.clear()
    world.hook("op-1", day(9), account="40702810000000009999")
    assert follow_bank_hooks(world.rt, BANK) == 1
    assert world.bank.calls == []


def test_holds_and_pending_rows_are_no_money(world: BankWorld) -> None:
    world.ledger.add("100", day(9), status="hold")
    world.poll()
    assert world.payments() == []
    assert world.proof(day(9)) is ProofState.PROVED


def test_money_moves_the_deal_through_the_same_intake_as_a_file(world: BankWorld) -> None:
    world.act()
    world.crm.add(client(), deal(), invoice())
    world.sync()
    world.ledger.add("1000", day(9))
    world.poll()
    world.settle()
    assert "move SHIP" in world.events()


def test_money_of_a_bank_that_observes_is_matched_and_moves_nothing(store: Store) -> None:
    world = BankWorld(store).open("tbank", acting=False)
    world.act()
    world.crm.add(client(), deal(), invoice())
    world.sync()
    world.ledger.add("1000", day(9))
    world.poll()
    world.settle()
    assert world.payments()[0].state is PaymentState.MATCHED
    assert world.events() == []
    assert "наблюдает" in str(world.effects("p1")[0].reason)


def test_a_refused_token_is_shown_and_stops_nobody_else(world: BankWorld) -> None:
    world.bank.trouble[""] = Reauthorise("401", "Токен отозван.")
    assert not poll_bank(world.rt, BANK).complete
    with world.store.read() as uow:
        row = next(item for item in uow.connections.all() if item.id == BANK)
    assert (row.health, row.health_reason) == (Health.DEAD, "Токен отозван.")
    world.sync()


def test_trouble_with_one_account_does_not_stop_the_others(world: BankWorld) -> None:
    other = Ledger("40702810000000000002")
    other.add("100", day(9))
    world.bank.ledgers.append(other)
    world.bank.trouble[OUR_ACCOUNT] = RetryLater("slow", "Банк ещё готовит выписку.")
    assert not poll_bank(world.rt, BANK).complete
    assert len(world.payments()) == 1


def test_a_poll_that_was_cut_off_goes_on_from_the_last_whole_day(world: BankWorld) -> None:
    world.ledger.add("100", day(2))
    world.ledger.add("100", day(9), number="246")
    slow = world.bank.day

    def cut(account: str, on: date) -> object:
        if on == day(6):
            raise RetryLater("lost", "Банк не ответил.")
        return slow(account, on)

    world.bank.day = cut  # type: ignore[method-assign, assignment]
    assert not poll_bank(world.rt, BANK).complete
    world.bank.day = slow  # type: ignore[method-assign]
    world.bank.calls.clear()
    world.poll()
    assert min(on for _, on in world.bank.calls) == day(2)
    assert len(world.payments()) == 2


def test_a_transfer_between_our_accounts_is_one_payment_and_proves_both_days(store: Store) -> None:
    world = BankWorld(store).open("tbank")
    second = "40702810000000000002"
    other = Ledger(second)
    world.bank.ledgers.append(other)
    world.rt = equipped(world.rt, own_accounts=frozenset({OUR_ACCOUNT, second}))
    world.ledger.add("-300", day(9), other=second, tax_id=OUR_TAX_ID)
    other.add("300", day(9), other=OUR_ACCOUNT, tax_id=OUR_TAX_ID)
    world.poll()
    (row,) = world.payments()
    assert row.payment.direction.value == "self"
    with world.store.read() as uow:
        states = {uow.banks.proof(BANK, account, day(9)).state for account in (OUR_ACCOUNT, second)}  # type: ignore[union-attr]
    assert states == {ProofState.PROVED}


def with_settings(world: BankWorld, *accounts: str) -> None:
    source = replace(world.rt.bank_sources[BANK], accounts=frozenset(accounts))
    world.rt = replace(world.rt, bank_sources={BANK: source})


def test_an_account_of_the_settings_that_the_bank_does_not_show_is_trouble_and_the_others_are_read(
    world: BankWorld,
) -> None:
    with_settings(world, OUR_ACCOUNT, "40702810000000000999")
    world.ledger.add("100", day(9))
    assert not poll_bank(world.rt, BANK).complete
    assert len(world.payments()) == 1
    with world.store.read() as uow:
        state = uow.connections.ensure(BANK)
    assert state.health is Health.TROUBLE
    assert str(state.health_reason).startswith(
        "Банк не показывает счета из настроек: …0999. Деньги на них хаб не видит."
    )
    with_settings(world, OUR_ACCOUNT)
    world.poll()
    with world.store.read() as uow:
        assert uow.connections.ensure(BANK).health is Health.OK


def test_money_of_the_last_days_of_an_account_is_read_after_it_was_closed(
    world: BankWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.poll()
    world.ledger.add("100", TODAY)
    monkeypatch.setattr(world.bank, "accounts", lambda: (BankAccount(OUR_ACCOUNT, "RUB", is_open=False),))
    world.poll()
    assert len(world.payments()) == 1
    world.clock.at += timedelta(days=4)
    asked = len(world.bank.calls)
    world.poll()
    assert len(world.bank.calls) == asked, "a closed account is not read for ever"


def test_an_account_that_was_closed_before_the_hub_came_is_not_read(
    world: BankWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.bank, "accounts", lambda: (BankAccount(OUR_ACCOUNT, "RUB", is_open=False),))
    world.poll()
    assert world.bank.calls == []
