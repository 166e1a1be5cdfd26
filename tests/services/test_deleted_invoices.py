"""Some systems tell of a deletion by a hook alone: before the first write the paid invoices are looked at once more."""

from __future__ import annotations

import pytest

from hub.domain.errors import RetryLater
from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet
from hub.ports.crm import InvoiceNow, ItemKind, Removed
from hub.ports.records import EffectKind, EffectRow, EffectState, PaymentState
from hub.ports.store import Store
from hub.services.control import send_again
from hub.services.settle_payment import choose_invoices, undo_match
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.support.world import CRM, World, client, deal, incoming, invoice


@pytest.fixture
def world(store: Store) -> World:
    world = World(store).act()
    world.crm.add(client(), deal(), invoice(), invoice("72", "72", "500"))
    world.sync()
    return world


def move_of(world: World) -> EffectRow:
    (effect,) = (row for row in world.effects("p1") if row.kind is EffectKind.MOVE_DEAL)
    return effect


def deleted_without_a_word(world: World, key: str) -> None:
    del world.crm.invoices[key], world.crm.invoice_stage[key]


def confirmed(world: World) -> None:
    """The money that the machine matched, given by a person now."""
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    undo_match(world.rt, "p1", "Ольга")
    choose_invoices(world.rt, "p1", [f"{CRM}/71"], "Ольга")


def test_the_machine_takes_its_match_with_a_deleted_invoice_back(world: World, database: Database) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    deleted_without_a_word(world, "71")
    world.settle()
    world.settle()
    row = world.payment("p1")
    assert (row.state, row.held) == (PaymentState.NEEDS_YOU, False)
    assert {effect.state for effect in world.effects("p1")} == {EffectState.CANCELLED}
    assert world.crm.writes == []
    with world.store.read() as uow:
        kept = uow.invoices.get(f"{CRM}/71")
        assert uow.matches.of_payment("p1") == []
    assert kept is not None
    assert kept.removed
    told = [row for row in Queries(database).journal() if row.event == "payment.unmatched"]
    assert [(row.actor, row.data["reason"]) for row in told] == [
        ("hub", "Счёт № 71 удалили, а записать по нему ничего не успели.")
    ]


def test_the_invoice_that_comes_back_is_paid_once(world: World) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    deleted_without_a_word(world, "71")
    world.settle()
    world.settle()
    world.crm.add(invoice())
    world.settle()
    assert world.payment("p1").state is PaymentState.MATCHED
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_deletion_that_is_told_before_anything_was_written_ends_the_match(world: World) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    world.crm.add(Removed(ItemKind.INVOICE, "71"))
    world.settle()
    assert world.payment("p1").state is PaymentState.NEEDS_YOU
    assert world.crm.writes == []


def test_what_led_to_a_write_stays(world: World) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    world.settle()
    written = list(world.crm.writes)
    world.crm.add(Removed(ItemKind.INVOICE, "71"))
    world.settle()
    assert world.payment("p1").state is PaymentState.MATCHED
    assert world.crm.writes == written != []


def test_no_comment_speaks_of_a_deleted_invoice(store: Store) -> None:
    rules = RuleSet({"0": PipelineRules("0", {PaidEvent.DEAL_PARTLY_PAID: Action(comment="Часть: {invoices}")})})
    world = World(store, rules=rules).act()
    world.crm.add(client(), deal(amount="1500"), invoice())
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    deleted_without_a_word(world, "71")
    world.settle()
    world.settle()
    assert world.payment("p1").state is PaymentState.NEEDS_YOU
    assert world.crm.writes == []


def test_a_mark_finds_out_too(store: Store) -> None:
    world = World(store, rules=RuleSet({}, mark_invoices_paid=True)).act()
    world.crm.add(client(), deal(), invoice())
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    deleted_without_a_word(world, "71")
    world.settle()
    world.settle()
    assert world.payment("p1").state is PaymentState.NEEDS_YOU
    assert world.crm.writes == []


def test_what_a_person_confirmed_is_asked_about(world: World) -> None:
    confirmed(world)
    deleted_without_a_word(world, "71")
    world.settle()
    move = world.effects("p1")[-3]
    assert (move.kind, move.state) == (EffectKind.MOVE_DEAL, EffectState.PARKED)
    assert "Счёта № 71, к которому отнесены деньги, в CRM больше нет" in str(move.reason)
    assert world.crm.moves_of("1") == []
    assert world.payment("p1").state is PaymentState.MATCHED
    send_again(world.rt, move.id, "Ольга")
    world.settle()
    assert world.crm.moves_of("1") == [], "what is left of the deal's invoices is not paid"


@pytest.mark.parametrize("known", [True, False], ids=["known before", "found at the move"])
def test_a_deleted_deal_is_told_once_and_nothing_is_written(world: World, known: bool) -> None:
    if known:
        world.crm.add(Removed(ItemKind.DEAL, "1"))
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    if not known:
        del world.crm.deals["1"]
    world.settle()
    parked = [effect for effect in world.effects("p1") if effect.state is EffectState.PARKED]
    assert [(effect.kind, effect.reason) for effect in parked] == [(EffectKind.MOVE_DEAL, "Сделку удалили в CRM.")]
    assert world.events() == ["invoice P"]


def test_an_invoice_of_the_deal_that_this_money_did_not_pay_is_not_asked_about(world: World) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    deleted_without_a_word(world, "72")
    world.settle()
    assert move_of(world).state is EffectState.DONE


def test_a_system_that_cannot_say_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    really, busy = world.crm.invoice_now, [RetryLater("busy", "CRM занята.")] * 3

    def now(invoice_id: str) -> InvoiceNow:
        if busy:
            raise busy.pop()
        return really(invoice_id)

    monkeypatch.setattr(world.crm, "invoice_now", now)
    world.deliver_due()
    assert move_of(world).state is EffectState.QUEUED
    world.settle()
    assert move_of(world).state is EffectState.DONE
    assert len(world.crm.moves_of("1")) == 1
