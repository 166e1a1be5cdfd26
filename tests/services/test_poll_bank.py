"""Reading a bank over its API: every movement is one payment, however often, in whatever order and form it is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.composition.statements import statement_reader
from hub.domain.errors import Reauthorise, RetryLater
from hub.ports.bank import ProofState
from hub.ports.records import Health, InboxKind, PaymentRow, PaymentState
from hub.ports.store import Store
from hub.services.bank_source import BankSource
from hub.services.follow_bank_hooks import follow_bank_hooks
from hub.services.import_statement import import_statement
from hub.services.match_payments import match_payments
from hub.services.poll_bank import poll_bank
from hub.services.read_inbox import read_inbox
from hub.services.runtime import Runtime
from hub.services.settle_payment import undo_match
from tests.support.bank_ledger import OUR_ACCOUNT, OUR_TAX_ID, Entry, Ledger, LedgerBank
from tests.support.world import World, client, deal, invoice

BANK = "bank"
TODAY = date(2026, 3, 10)


def day(number: int) -> date:
    return date(2026, 3, number)


class BankWorld(World):
    """A company with a bank that is read over its API."""

    ledger: Ledger
    bank: LedgerBank

    def open(self, provider: str, acting: bool = True) -> BankWorld:
        self.clock.at = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
        self.ledger = Ledger()
        self.bank = LedgerBank(provider, [self.ledger])
        source = BankSource(BANK, "Банк", read_from=day(1))
        self.rt = _with(self.rt, banks={BANK: self.bank}, bank_sources={BANK: source})
        with self.store.write() as uow:
            uow.connections.ensure(BANK)
            uow.connections.set_acting(BANK, acting, day(1) if acting else None)
        return self

    def poll(self) -> None:
        assert poll_bank(self.rt, BANK).complete

    def next_day(self) -> None:
        self.clock.at += timedelta(days=1)

    def upload(self, raw: bytes) -> None:
        read_inbox(self.rt, import_statement(self.rt, raw, "kl_to_1c.txt", "anna").inbox_id)

    def payments(self) -> list[PaymentRow]:
        with self.store.read() as uow:
            rows = [uow.payments.get(f"p{number}") for number in range(1, 60)]
        return [row for row in rows if row is not None]

    def kinds(self, row: PaymentRow) -> list[InboxKind]:
        with self.store.read() as uow:
            found = [uow.inbox.get(number) for number in row.inbox_ids]
        return [item.kind for item in found if item is not None]

    def proof(self, on: date) -> ProofState | None:
        with self.store.read() as uow:
            found = uow.banks.proof(BANK, OUR_ACCOUNT, on)
        return found.state if found is not None else None


def _with(rt: Runtime, **values: Any) -> Runtime:
    return replace(rt, read_statement=statement_reader(1 << 20), **values)


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
    hook(world, entry.id, day(9))
    assert follow_bank_hooks(world.rt, BANK) == 1
    (row,) = world.payments()
    assert set(world.kinds(row)) == {InboxKind.BANK_DAY, InboxKind.HOOK}
    assert set(world.bank.calls) == {(OUR_ACCOUNT, day(9))}


def test_a_hook_about_money_that_the_statement_does_not_show_makes_no_payment(world: BankWorld) -> None:
    world.poll()
    hook(world, "op-77", day(9))
    for _ in range(6):
        follow_bank_hooks(world.rt, BANK)
        world.clock.at += timedelta(minutes=5)
    assert world.payments() == []


def test_a_hook_about_somebody_elses_account_is_put_away_unread(world: BankWorld) -> None:
    world.poll()
    world.bank.calls.clear()
    hook(world, "op-1", day(9), account="40702810000000009999")
    assert follow_bank_hooks(world.rt, BANK) == 1
    assert world.bank.calls == []


def hook(world: BankWorld, source_id: str, on: date, account: str = OUR_ACCOUNT) -> None:
    body = json.dumps({"account": account, "day": on.isoformat(), "id": source_id}).encode()
    with world.store.write() as uow:
        uow.inbox.add(BANK, InboxKind.HOOK, "json", body, body.hex(), world.clock.now())


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
    hook(world, other.id, before)
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
    world.rt = _with(world.rt, own_accounts=frozenset({OUR_ACCOUNT, second}))
    world.ledger.add("-300", day(9), other=second, tax_id=OUR_TAX_ID)
    other.add("300", day(9), other=OUR_ACCOUNT, tax_id=OUR_TAX_ID)
    world.poll()
    (row,) = world.payments()
    assert row.payment.direction.value == "self"
    with world.store.read() as uow:
        states = {uow.banks.proof(BANK, account, day(9)).state for account in (OUR_ACCOUNT, second)}  # type: ignore[union-attr]
    assert states == {ProofState.PROVED}
