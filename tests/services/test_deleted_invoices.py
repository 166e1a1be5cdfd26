"""Some systems tell of a deletion by a hook alone: before a deal is moved its paid invoices are looked at once more."""

from __future__ import annotations

import pytest

from hub.domain.errors import RetryLater
from hub.ports.crm import Position
from hub.ports.records import EffectKind, EffectRow, EffectState
from hub.ports.store import Store
from hub.services.control import send_again
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


def test_a_deal_is_not_moved_for_an_invoice_that_is_not_there_any_more(world: World) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    deleted_without_a_word(world, "71")
    world.settle()
    move = move_of(world)
    assert move.state is EffectState.PARKED
    assert "Счёта № 71, к которому отнесены деньги, в CRM больше нет" in str(move.reason)
    assert world.crm.moves_of("1") == []
    with world.store.read() as uow:
        kept = uow.invoices.get(f"{CRM}/71")
        assert kept is not None
        assert kept.removed


def test_sent_again_it_waits_on_for_what_is_not_paid(world: World) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    deleted_without_a_word(world, "71")
    world.settle()
    send_again(world.rt, move_of(world).id, "Ольга")
    world.settle()
    assert move_of(world).state is EffectState.PARKED, "what is left of the deal's invoices is not paid"
    assert world.crm.moves_of("1") == []


def test_an_invoice_of_the_deal_that_this_money_did_not_pay_is_not_asked_about(world: World) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    deleted_without_a_word(world, "72")
    world.settle()
    assert move_of(world).state is EffectState.DONE


def test_a_system_that_cannot_say_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    really, busy = world.crm.invoice_position, [RetryLater("busy", "CRM занята.")] * 3

    def position(invoice_id: str) -> Position | None:
        if busy:
            raise busy.pop()
        return really(invoice_id)

    monkeypatch.setattr(world.crm, "invoice_position", position)
    world.deliver_due()
    assert move_of(world).state is EffectState.QUEUED
    world.settle()
    assert move_of(world).state is EffectState.DONE
    assert len(world.crm.moves_of("1")) == 1
