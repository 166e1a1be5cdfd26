"""Events are recorded with their cause: matched by machine or person, moved, newly in need of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.signed_webhook import read_report
from hub.domain.errors import Refused
from hub.ports.records import InboxKind, PaymentState
from hub.ports.statement import CoveredDays, StatementItem, UnreadableFile
from hub.ports.store import Store
from hub.services.control import set_acting
from hub.services.flag_vanished import flag_vanished
from hub.services.import_statement import import_statement
from hub.services.match_payments import match_payments
from hub.services.read_inbox import read_inbox
from hub.services.report_source import ReportSource
from hub.services.settle_payment import confirm_candidate, undo_match
from hub.services.sweep import sweep
from tests.services.telling import BOOKS, CHAT, Telling
from tests.support.reports import named
from tests.support.world import CRM, OUR_ACCOUNT, client, deal, incoming, invoice


@pytest.fixture
def telling(store: Store) -> Telling:
    return Telling(store)


def test_a_payment_that_the_machine_matched_is_told_with_all_that_a_ledger_needs(telling: Telling) -> None:
    payment = telling.sell_and_pay()
    (event,) = telling.events()
    assert (event.type, event.subject) == ("payment.matched", payment)
    assert event.data["payment"] == {
        "id": payment,
        "key": telling.world.payment(payment).identity,
        "direction": "in",
        "amount": "1000.00",
        "currency": "RUB",
        "booked_on": "2026-03-05",
        "own_account": OUR_ACCOUNT,
        "document_number": "971",
        "document_date": None,
        "payer": {"name": "ООО «Фиалка»", "tax_id": "7700000016"},
        "payee": {"name": "ООО «Наша фирма»", "tax_id": "7700000023"},
    }
    assert event.data["invoices"] == [
        {
            "id": "crm/71",
            "connection": "crm",
            "external_id": "71",
            "number": "71",
            "issued_on": "2026-03-01",
            "amount": "1000.00",
            "currency": "RUB",
            "paid_in_full": True,
        }
    ]
    assert event.data["deals"] == [{"id": "crm/71", "connection": "crm", "external_id": "71"}]
    assert (event.data["decided_by"], event.data["person"], event.data["acting"]) == ("machine", None, True)
    assert event.data["reason"]
    assert event.data["code"]


def test_a_match_of_a_connection_that_observes_is_told_as_not_acting(telling: Telling) -> None:
    set_acting(telling.world.rt, CRM, "Ольга", None)
    telling.sell_and_pay()
    (event,) = telling.events()
    assert event.data["acting"] is False


def test_a_moved_deal_is_told_with_where_from_and_where_to(telling: Telling) -> None:
    payment = telling.sell_and_pay()
    telling.world.settle(5)
    event = telling.events()[-1]
    assert (event.type, event.subject) == ("deal.moved", "crm/71")
    assert event.data["from"] == {"pipeline": "0", "stage": "NEW"}
    assert event.data["to"] == {"pipeline": "0", "stage": "SHIP"}
    assert (event.data["undo"], event.data["because"]) == (False, "deal_paid")
    assert event.data["payment"]["id"] == payment


def test_a_deal_that_already_stood_there_is_no_move(telling: Telling) -> None:
    telling.world.crm.add(client(), deal("71", stage="SHIP"), invoice("71", deal_id="71"))
    telling.world.pay(incoming("Оплата по счету 71", "1000.00"))
    telling.world.settle(5)
    assert telling.told() == ["payment.matched"]


def test_an_undo_is_told_as_a_move_back_and_as_a_payment_in_need_of_a_person(telling: Telling) -> None:
    payment = telling.sell_and_pay()
    telling.world.settle(5)
    undo_match(telling.world.rt, payment, "Ольга")
    telling.world.settle(5)
    back = next(event for event in telling.events() if event.data.get("undo"))
    assert (back.type, back.data["to"]["stage"]) == ("deal.moved", "NEW")
    waiting = telling.events()[-2:]
    assert {"item.needs_you"} <= {event.type for event in waiting}
    assert [event.type for event in telling.events()].count("payment.matched") == 1


def test_a_persons_word_is_told_with_the_name(telling: Telling) -> None:
    telling.world.crm.add(client(), deal("1"), deal("2"), invoice("71", "71", "1000", "1"))
    telling.world.crm.add(invoice("72", "72", "1000", "2"))
    payment = telling.world.pay(incoming("Оплата за товар", "1000.00"))[0]
    assert telling.world.payment(payment).state is PaymentState.NEEDS_YOU
    confirm_candidate(telling.world.rt, payment, telling.candidate(payment), "Ольга")
    event = telling.events()[-1]
    assert (event.type, event.data["decided_by"], event.data["person"]) == ("payment.matched", "person", "Ольга")
    assert event.data["code"] is None


def test_a_payment_that_waits_for_a_person_is_told_once_whatever_is_rechecked(telling: Telling) -> None:
    telling.world.crm.add(client(), deal("1"), invoice("71", "71", "1000", "1"))
    payment = telling.world.pay(incoming("Оплата по счету 99", "1000.00"))[0]
    first = telling.events()
    assert [(event.type, event.data["item"], event.data["id"]) for event in first] == [
        ("item.needs_you", "payment", payment)
    ]
    for _ in range(3):
        with telling.store.write() as uow:
            uow.payments.set_state(payment, PaymentState.RECHECK)
        match_payments(telling.world.rt)
    assert telling.events() == first


def test_a_payment_whose_reason_changed_is_told_again(telling: Telling) -> None:
    payment = telling.world.pay(incoming("Оплата по счету 71", "1000.00"))[0]
    telling.world.crm.add(client(), deal("1"), invoice("71", "71", "900", "1"))
    telling.world.settle(3)
    assert telling.world.payment(payment).state is PaymentState.NEEDS_YOU
    codes = [event.data["code"] for event in telling.events() if event.type == "item.needs_you"]
    assert len(codes) == len(set(codes)) == 2


def test_a_stopped_effect_is_told_with_its_reason(telling: Telling) -> None:
    payment = telling.sell_and_pay()
    telling.world.crm.faults.append(Refused("no", "Заполните поле «Договор».", code="REQUIRED"))
    telling.world.settle(5)
    event = next(event for event in telling.events() if event.data.get("item") == "effect")
    assert (event.type, event.data["code"]) == ("item.needs_you", "refused")
    assert event.data["reason"] == "Заполните поле «Договор»."
    assert (event.data["effect"]["kind"], event.data["payment"]["id"]) == ("mark_paid", payment)


def test_an_unreadable_file_is_told(telling: Telling) -> None:
    def refuse(raw: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> Iterator[StatementItem]:
        raise UnreadableFile("Это не выписка.")

    rt = replace(telling.world.rt, read_statement=refuse)
    inbox_id = import_statement(rt, b"letter", "letter.txt", "Ольга").inbox_id
    read_inbox(rt, inbox_id)
    (event,) = telling.events()
    assert (event.type, event.data["item"], event.data["id"]) == ("item.needs_you", "inbox", str(inbox_id))
    assert (event.data["code"], event.data["reason"]) == ("unreadable", "Это не выписка.")
    assert event.data["inbox"]["kind"] == InboxKind.STATEMENT_FILE
    assert "letter" not in str(event.data), "a file's name may name a client"


def test_a_report_whose_line_does_not_come_is_told(telling: Telling) -> None:
    source = ReportSource(read_report, None, None, timedelta(days=7))
    rt = telling.world.rt = replace(telling.world.rt, reports={"shop": source})
    told = read_report(named())
    with telling.store.write() as uow:
        claim, _ = uow.claims.add("shop", told, None, telling.world.clock.now())
    telling.world.clock.sleep(8 * 86_400)
    sweep(rt)
    (event,) = (event for event in telling.events() if event.data["item"] == "claim")
    assert (event.type, event.subject, event.data["code"]) == ("item.needs_you", claim.subject, "overdue")
    assert event.data["claim"] == {
        "connection": "shop",
        "external_id": "r1",
        "paid_on": "2026-03-05",
        "amount": "1000.00",
        "currency": "RUB",
    }
    sweep(rt)
    assert len([event for event in telling.events() if event.data["item"] == "claim"]) == 1, "once"


def test_a_line_that_vanished_from_a_newer_statement_is_told(telling: Telling) -> None:
    payment = telling.sell_and_pay()
    row = telling.world.payment(payment)
    assert row.payment.own_account is not None
    day = row.payment.booked_on
    with telling.store.write() as uow:
        number, _ = uow.inbox.add("files", InboxKind.STATEMENT_FILE, "new.txt", b"x", "d", telling.world.clock.now())
        inbox = uow.inbox.get(number)
    assert inbox is not None
    covered = CoveredDays(row.payment.own_account, day, day, made_on=day + timedelta(days=5), proved=True)
    telling.world.clock.sleep(6 * 86_400)
    flag_vanished(telling.world.rt, inbox, [covered])
    event = telling.events()[-1]
    assert (event.type, event.data["id"], event.data["code"]) == ("item.needs_you", payment, "vanished")


def test_each_receiver_gets_only_the_types_that_it_wants(telling: Telling) -> None:
    telling.sell_and_pay()
    telling.world.pay(incoming("Оплата по счету 99", "500.00", number="5"))
    telling.tell()
    assert telling.books.types == ["payment.matched", "item.needs_you"]
    assert telling.chat.types == ["item.needs_you"]
    assert [row.endpoint for row in telling.deliveries(CHAT)] == [CHAT]
    assert len(telling.deliveries(BOOKS)) == 2


def test_without_receivers_nothing_is_recorded(telling: Telling) -> None:
    telling.use({})
    telling.sell_and_pay()
    telling.world.settle(5)
    assert telling.events() == []


def test_an_event_goes_with_its_cause_or_not_at_all(telling: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    telling.world.crm.add(client(), deal("71"), invoice("71", deal_id="71"))

    def broken(*_: object) -> None:
        raise RuntimeError("the transaction ends here")

    monkeypatch.setattr("hub.services.match_payments.reopen_rivals", broken)
    with pytest.raises(RuntimeError):
        telling.world.pay(incoming("Оплата по счету 71", "1000.00"))
    assert telling.events() == []
    monkeypatch.undo()
    match_payments(telling.world.rt)
    assert telling.told() == ["payment.matched"]
