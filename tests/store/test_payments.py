"""Payments: each credited line once, decisions kept without loss, reopening by keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from hub.domain.allocation import Allocation
from hub.domain.decision import Aspect, Candidate, Decision, DecisionKind, Evidence, Pile, Stand
from hub.domain.money import Money
from hub.ports.records import InboxKind, PaymentRow, PaymentState
from hub.ports.store import UnitOfWork
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.store.builders import CRM, NOW, add_payment, allocate, decision, invoice, received, rub


def read(uow: UnitOfWork, payment_id: str) -> PaymentRow:
    row = uow.payments.get(payment_id)
    assert row is not None
    return row


def test_a_payment_comes_back_as_it_was_received(store: SqlStore) -> None:
    item = received()
    with store.write() as uow:
        inbox_id, _ = uow.inbox.add("file", InboxKind.STATEMENT_FILE, "a.txt", b"a", "a", NOW)
        [(payment_id, created)] = uow.payments.add([item], inbox_id, NOW)
    with store.read() as uow:
        row = read(uow, payment_id)
    assert created
    assert payment_id == "p1"
    assert row.payment == replace(item.payment, id=payment_id)
    assert (row.state, row.held, row.decision, row.confirmed_by) == (PaymentState.NEW, False, None, None)
    assert (row.fingerprint, row.occurrence, row.raw) == (item.fingerprint, 1, item.raw)
    assert row.warnings == item.warnings
    assert row.created_at == NOW
    assert row.inbox_ids == (inbox_id,)


def test_overlapping_files_add_a_line_once_and_remember_both_sources(store: SqlStore) -> None:
    one, two, three = received("первый"), received("второй"), received("третий")
    with store.write() as uow:
        january, _ = uow.inbox.add("file", InboxKind.STATEMENT_FILE, "1.txt", b"1", "1", NOW)
        february, _ = uow.inbox.add("file", InboxKind.STATEMENT_FILE, "2.txt", b"2", "2", NOW)
        first = uow.payments.add([one, two], january, NOW)
        second = uow.payments.add([three, two, one], february, NOW)
        again = uow.payments.add([one], january, NOW)
        sources = read(uow, first[1][0]).inbox_ids
    assert [created for _, created in first] == [True, True]
    assert [created for _, created in second] == [True, False, False]
    assert [number for number, _ in second[1:]] == [first[1][0], first[0][0]]
    assert again == [(first[0][0], False)]
    assert sources == (january, february)


def test_two_equal_payments_of_one_day_stay_two(store: SqlStore) -> None:
    with store.write() as uow:
        pair = [received(occurrence=1), received(occurrence=2)]
        first = uow.payments.add(pair, None, NOW)
        second = uow.payments.add(pair, None, NOW)
    assert len({number for number, _ in first}) == 2
    assert second == [(number, False) for number, _ in first]


def test_the_same_content_on_another_account_is_another_payment(store: SqlStore) -> None:
    with store.write() as uow:
        added = uow.payments.add(
            [received(), received(account="40702810900000000002"), received(account=None)], None, NOW
        )
        repeated = uow.payments.add([received(account=None)], None, NOW)
    assert [created for _, created in added] == [True, True, True]
    assert repeated == [(added[2][0], False)]


def test_a_line_doubled_inside_one_call_is_one_payment(store: SqlStore) -> None:
    with store.write() as uow:
        first, second = uow.payments.add([received(), received()], None, NOW)
    assert (first[1], second[1]) == (True, False)
    assert first[0] == second[0]


def test_a_large_file_is_added_in_order(store: SqlStore) -> None:
    items = [received(f"платёж {at}") for at in range(1234)]
    with store.write() as uow:
        added = uow.payments.add(items, None, NOW)
        assert [read(uow, number).payment.purpose for number, _ in added[::100]] == [
            item.payment.purpose for item in items[::100]
        ]
    assert all(created for _, created in added)
    assert [int(number[1:]) for number, _ in added] == list(range(1, 1235))


def test_waiting_payments_are_given_by_date_oldest_first(store: SqlStore) -> None:
    with store.write() as uow:
        days = [date(2026, 3, 5), date(2026, 3, 1), date(2026, 3, 3)]
        added = [uow.payments.add([received(str(day), booked_on=day)], None, NOW)[0][0] for day in days]
        assert uow.payments.waiting_dates(2) == [date(2026, 3, 1), date(2026, 3, 3)]
        uow.payments.set_state(added[1], PaymentState.MATCHED)
        uow.payments.set_state(added[2], PaymentState.RECHECK)
        assert uow.payments.waiting_dates(9) == [date(2026, 3, 3), date(2026, 3, 5)]
        assert [row.payment.id for row in uow.payments.waiting(date(2026, 3, 3))] == [added[2]]
        assert uow.payments.waiting(date(2026, 3, 1)) == []


def test_a_decision_comes_back_without_loss(store: SqlStore) -> None:
    with store.write() as uow:
        payment_id = add_payment(uow)
        allocations = (
            Allocation("b24/1", Money(Decimal("0.10"), "RUB")),
            Allocation("b24/2", Money(Decimal("999999999999999.99"), "RUB")),
            Allocation("b24/3", Money(Decimal("-5.123"), "KWD")),
        )
        evidence = tuple(Evidence(aspect, "слово", stand, "текст «»") for aspect in Aspect for stand in Stand)
        full = Decision(
            payment_id,
            DecisionKind.AUTO,
            allocations,
            (Candidate(allocations[:1], evidence), Candidate((), ())),
            "code",
            "Причина.",
            Money(Decimal("0.30"), "RUB"),
            Pile.NOT_OURS,
            "v7",
        )
        uow.payments.decide(payment_id, full, PaymentState.MATCHED, (), NOW)
        assert read(uow, payment_id).decision == full


def test_every_decision_is_kept_and_the_newest_is_shown(store: SqlStore, database: Database) -> None:
    with store.write() as uow:
        payment_id = add_payment(uow)
        for kind in (DecisionKind.NONE, DecisionKind.SUGGEST, DecisionKind.AUTO):
            uow.payments.decide(payment_id, decision(payment_id, kind=kind), PaymentState.NEEDS_YOU, (), NOW)
        newest = read(uow, payment_id).decision
    assert newest is not None
    assert newest.kind is DecisionKind.AUTO
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(t.decisions)) == 3


def test_payments_that_wait_for_a_person_are_reopened_by_a_shared_key(store: SqlStore) -> None:
    with store.write() as uow:
        waiting, settled, other = (add_payment(uow, text) for text in ("а", "б", "в"))
        long_key = "name:" + "ы" * 5000
        uow.payments.decide(waiting, decision(waiting), PaymentState.NEEDS_YOU, {"number:71", long_key}, NOW)
        uow.payments.decide(settled, decision(settled), PaymentState.NOT_OURS, {"number:71"}, NOW)
        uow.payments.decide(other, decision(other), PaymentState.NEEDS_YOU, {"number:72"}, NOW)
        assert uow.payments.reopen_by_keys({"number:71", long_key, "tax:1"}) == 1
        assert uow.payments.reopen_by_keys({"number:71"}) == 0
        assert uow.payments.reopen_by_keys(()) == 0
        states = [read(uow, number).state for number in (waiting, settled, other)]
    assert states == [PaymentState.RECHECK, PaymentState.NOT_OURS, PaymentState.NEEDS_YOU]


def test_a_new_decision_replaces_the_keys(store: SqlStore) -> None:
    with store.write() as uow:
        payment_id = add_payment(uow)
        uow.payments.decide(payment_id, decision(payment_id), PaymentState.NEEDS_YOU, {"old"}, NOW)
        uow.payments.decide(payment_id, decision(payment_id), PaymentState.NEEDS_YOU, {"new"}, NOW)
        assert uow.payments.reopen_by_keys({"old"}) == 0
        assert uow.payments.reopen_by_keys({"new"}) == 1


def test_a_persons_word_stands_until_the_payment_waits_again(store: SqlStore) -> None:
    with store.write() as uow:
        payment_id = add_payment(uow)
        uow.payments.set_state(payment_id, PaymentState.MATCHED, confirmed_by="anna")
        assert read(uow, payment_id).confirmed_by == "anna"
        uow.payments.set_state(payment_id, PaymentState.MATCHED)
        assert read(uow, payment_id).confirmed_by == "anna"
        uow.payments.set_state(payment_id, PaymentState.RECHECK, held=True)
        row = read(uow, payment_id)
    assert (row.confirmed_by, row.held) == (None, True)


def test_given_is_the_signed_sum_of_active_allocations(store: SqlStore) -> None:
    with store.write() as uow:
        payment_id = add_payment(uow)
        uow.invoices.upsert(CRM, invoice(), ())
        assert uow.payments.given(payment_id) == rub("0")
        allocate(uow, payment_id, "b24/71", "700.10")
        allocate(uow, payment_id, "b24/71", "100.00")
        assert uow.payments.given(payment_id) == rub("800.10")
        uow.matches.undo(payment_id, "anna", NOW)
        assert uow.payments.given(payment_id) == rub("0")


@pytest.mark.parametrize("text", ["", "p", "7", "p-1", "p1x", "p٣", "p99999999999999999999999", "x1"])
def test_a_text_that_is_no_id_finds_nothing(store: SqlStore, text: str) -> None:
    with store.read() as uow:
        assert uow.payments.get(text) is None
        assert uow.matches.of_payment(text) == []
        assert uow.outbox.of_payment(text) == []


def test_changing_an_unknown_payment_is_an_error(store: SqlStore) -> None:
    with pytest.raises(LookupError), store.write() as uow:
        uow.payments.set_state("p404", PaymentState.MATCHED)
    with pytest.raises(LookupError), store.read() as uow:
        uow.payments.given("p404")


def test_text_that_a_database_refuses_is_stored_without_the_offending_sign(store: SqlStore) -> None:
    with store.write() as uow:
        payment_id = add_payment(uow, "счёт\x00 71 \ud800")
        assert read(uow, payment_id).payment.purpose == "счёт\ufffd 71 \ufffd"
