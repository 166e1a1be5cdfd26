"""A CRM whose invoices do not name their deals: the deal tells what it has, early or late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.ports.crm import Binding
from hub.ports.records import EffectKind, EffectState
from hub.ports.store import Store
from tests.support.world import World, client, deal, incoming, invoice

QUIET = replace(invoice(), deals=(), bound_by_deal=True)
PAID = incoming("Оплата по счету № 71 от 01.03.2026", "1000.00")


@pytest.fixture
def world(store: Store) -> World:
    return World(store).act()


def moved(world: World, payment_id: str) -> list[str]:
    return [row.subject for row in world.effects(payment_id) if row.kind is EffectKind.MOVE_DEAL]


def test_a_bond_in_any_order_of_a_page_leads_to_the_move(world: World) -> None:
    world.crm.add(Binding("1", ("71",)), QUIET, deal(), client())
    (payment,) = world.pay(PAID)
    assert moved(world, payment) == ["crm/1"]


def test_a_bond_that_comes_after_the_money_leads_to_the_move_once(world: World) -> None:
    world.crm.add(QUIET, deal(), client())
    (payment,) = world.pay(PAID)
    assert moved(world, payment) == []
    world.crm.add(Binding("1", ("71",)))
    world.sync()
    assert moved(world, payment) == ["crm/1"]
    world.crm.add(Binding("1", ("71",)), QUIET)
    world.sync()
    assert moved(world, payment) == ["crm/1"]


def test_a_bond_that_is_gone_plans_nothing_more(world: World) -> None:
    world.crm.add(QUIET, deal(), client(), Binding("1", ("71",)))
    world.sync()
    world.crm.add(Binding("1", ()))
    (payment,) = world.pay(PAID)
    assert moved(world, payment) == []


def test_the_same_number_in_another_pipeline_is_not_taken_for_our_move(world: World) -> None:
    """Won has one number everywhere: a lost answer followed by a person's move elsewhere is no move of ours."""
    world.crm.add(client(), deal(), invoice())
    (payment,) = world.pay(PAID)
    world.crm.faults.extend(["dropped"] * 4)
    world.deliver_due()
    world.crm.deals["1"] = replace(world.crm.deals["1"], pipeline_id="other", stage_id="SHIP")
    world.settle()
    row = next(row for row in world.effects(payment) if row.kind is EffectKind.MOVE_DEAL)
    assert row.state is EffectState.PARKED
    assert world.crm.moves_of("1") == []
