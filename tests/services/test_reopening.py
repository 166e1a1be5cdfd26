"""What was open is looked at anew when the world changes: new invoices, clients, requisites, decisions of people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.domain.decision import Candidate, DecisionKind
from hub.domain.models import Client
from hub.ports.crm import ItemKind, Removed
from hub.ports.records import EffectState, PaymentState
from hub.ports.store import Store
from hub.services.control import set_acting
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.services.settle_payment import (
    CannotSettle,
    choose_invoices,
    confirm_candidate,
    put_back,
    reject,
    undo_match,
)
from tests.support.world import CRM, World, client, deal, incoming, invoice


@pytest.fixture
def world(store: Store) -> World:
    return World(store).act()


def test_a_payment_that_came_before_its_invoice_is_matched_once_when_the_invoice_appears(world: World) -> None:
    payment = world.pay(incoming("Оплата по счету 71", "1000.00"))[0]
    assert world.payment(payment).state is PaymentState.NEEDS_YOU
    world.crm.add(client(), deal(), invoice())
    world.settle()
    assert world.payment(payment).state is PaymentState.MATCHED
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_requisite_that_appears_later_reopens_the_unmatched(world: World) -> None:
    world.crm.add(Client("512", ("Фиалка",)), deal(), invoice())
    payment = world.pay(incoming("Оплата за товар", "1000.00"))[0]
    assert world.payment(payment).state is PaymentState.NEEDS_YOU
    world.crm.add(client())
    world.settle()
    assert world.payment(payment).state is PaymentState.MATCHED


def test_a_deleted_invoice_answers_nothing_any_more(world: World) -> None:
    world.crm.add(client(), deal(), invoice(), Removed(ItemKind.INVOICE, "71"))
    payment = world.pay(incoming("Оплата по счету 71", "1000.00"))[0]
    assert world.payment(payment).state is PaymentState.NEEDS_YOU


def test_payments_wait_until_the_crm_was_read_to_its_end(world: World) -> None:
    world.crm.add(client(), deal(), invoice())
    with world.store.write() as uow:
        key = uow.payments.add([incoming("Оплата по счету 71", "1000.00")], None, world.clock.now())[0][0]
    assert match_payments(world.rt) == 0
    assert world.payment(key).state is PaymentState.NEW
    world.sync()
    assert match_payments(world.rt) == 1
    assert world.payment(key).state is PaymentState.MATCHED


def test_payments_wait_while_the_crm_was_not_read_for_long(world: World) -> None:
    world.crm.add(client(), deal(), invoice())
    world.sync()
    world.clock.at += timedelta(hours=2)
    with world.store.write() as uow:
        uow.payments.add([incoming("Оплата по счету 71", "1000.00")], None, world.clock.now())
    assert match_payments(world.rt) == 0


def test_two_equal_invoices_are_a_question_and_a_persons_answer_moves_the_right_deal(world: World) -> None:
    world.crm.add(client(), deal("1"), deal("2"), invoice("71", "71", "1000", "1"), invoice("72", "72", "1000", "2"))
    payment = world.pay(incoming("Оплата за товар", "1000.00"))[0]
    row = world.payment(payment)
    assert row.decision is not None
    assert row.decision.kind is DecisionKind.SUGGEST
    chosen = next(item for item in row.decision.candidates if item.invoices == (f"{CRM}/72",))
    confirm_candidate(world.rt, payment, chosen, "Ольга")
    world.settle()
    assert world.crm.moves_of("2") == ["SHIP"]
    assert world.crm.moves_of("1") == []
    assert world.payment(payment).confirmed_by == "Ольга"


def test_a_payment_is_confirmed_once(world: World) -> None:
    world.crm.add(client(), deal(), invoice())
    payment = world.pay(incoming("Оплата по счету 71", "1000.00"))[0]
    with pytest.raises(CannotSettle, match="уже сопоставлен"):
        confirm_candidate(world.rt, payment, Candidate((), ()), "Ольга")


def test_a_candidate_that_the_newest_decision_does_not_hold_is_refused(world: World) -> None:
    world.crm.add(client(), deal("1"), deal("2"), invoice("71", "71", "1000", "1"), invoice("72", "72", "1000", "2"))
    payment = world.pay(incoming("Оплата за товар", "1000.00"))[0]
    with pytest.raises(CannotSettle, match="варианты изменились"):
        confirm_candidate(world.rt, payment, Candidate((), ()), "Ольга")


def test_chosen_invoices_take_what_is_open_in_the_order_given(world: World) -> None:
    world.crm.add(client(), deal("1", "600"), deal("2", "600"))
    world.crm.add(invoice("71", "71", "600", "1"), invoice("72", "72", "600", "2"))
    payment = world.pay(incoming("Оплата за товар", "1000.00", number="9"))[0]
    choose_invoices(world.rt, payment, [f"{CRM}/72", f"{CRM}/71"], "Ольга")
    world.settle()
    assert world.crm.moves_of("2") == ["SHIP"]
    assert world.crm.moves_of("1") == ["PREPAID"]


@pytest.mark.parametrize("chosen", [[], ["crm/404"], ["crm/71", "crm/72"]])
def test_a_choice_that_cannot_be_is_refused_with_a_sentence(world: World, chosen: list[str]) -> None:
    world.crm.add(client(), deal(), invoice(amount="5000"), invoice("72", "72", "5000"))
    payment = world.pay(incoming("Оплата за товар", "1000.00"))[0]
    with pytest.raises(CannotSettle) as refusal:
        choose_invoices(world.rt, payment, chosen, "Ольга")
    assert str(refusal.value).endswith(".")
    assert world.payment(payment).state is PaymentState.NEEDS_YOU


def test_a_rejected_payment_stays_away_until_a_person_puts_it_back(world: World) -> None:
    payment = world.pay(incoming("Оплата по счету 71", "1000.00"))[0]
    reject(world.rt, payment, "Ольга", "это не нам")
    world.crm.add(client(), deal(), invoice())
    world.settle()
    assert world.payment(payment).state is PaymentState.DISMISSED
    put_back(world.rt, payment, "Ольга")
    assert world.payment(payment).state is PaymentState.NEEDS_YOU
    world.settle()
    assert not world.crm.writes, "a payment that a person had in hand is never taken up by the machine"


def test_after_an_undo_the_machine_suggests_and_the_person_may_confirm_again(world: World) -> None:
    world.crm.add(client(), deal(), invoice())
    payment = world.pay(incoming("Оплата по счету 71", "1000.00"))[0]
    world.settle()
    undo_match(world.rt, payment, "Ольга")
    world.settle()
    row = world.payment(payment)
    assert row.decision is not None
    confirm_candidate(world.rt, payment, row.decision.candidates[0], "Ольга")
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP", "NEW", "SHIP"]


def test_money_for_a_deal_that_changed_its_sum_is_judged_by_the_new_sum(world: World) -> None:
    world.crm.add(client(), deal(), invoice())
    world.crm.add(replace(deal(), amount=deal("1", "2000").amount))
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    world.settle()
    assert world.crm.deals["1"].stage_id == "PREPAID"


def test_two_workers_of_one_process_never_poll_a_connection_at_once(world: World) -> None:
    inside: list[bool] = []

    def second_worker_tries() -> None:
        inside.append(poll_source(world.rt, CRM).complete)

    world.crm.add(client())
    world.crm.on_read = second_worker_tries
    world.sync()
    assert inside == [False]


def test_what_was_queued_before_a_switch_is_judged_by_the_new_date(world: World) -> None:
    world.crm.add(client(), deal(), invoice())
    payment = world.pay(incoming("Оплата по счету 71", "1000.00"))[0]
    set_acting(world.rt, CRM, "Ольга", None)
    world.settle()
    set_acting(world.rt, CRM, "Ольга", date(2026, 4, 1))
    world.settle()
    assert not world.crm.writes
    assert {row.state for row in world.effects(payment)} == {EffectState.CANCELLED}


def test_a_tie_that_another_payment_resolved_is_decided_without_a_person(world: World) -> None:
    world.crm.add(client(), deal("1"), deal("2"), invoice("71", "71", "1000", "1"), invoice("72", "72", "1000", "2"))
    unnamed = world.pay(incoming("Оплата за товар", "1000.00", day=5, number="1"))[0]
    assert world.payment(unnamed).state is PaymentState.NEEDS_YOU
    world.pay(incoming("Оплата по счету 72 от 01.03.2026", "1000.00", day=6, number="2"))
    world.settle()
    row = world.payment(unnamed)
    assert row.state is PaymentState.MATCHED
    assert world.crm.moves_of("1") == ["SHIP"]
