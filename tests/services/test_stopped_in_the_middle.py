"""A person's pause holds from the moment it is given, also for a delivery that is reading just then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.ports.records import EffectState
from hub.ports.store import Store
from hub.services.control import pause, resume, set_acting
from tests.support.world import CRM, World, client, deal, incoming, invoice


@pytest.fixture
def world(store: Store) -> World:
    world = World(store).act()
    world.crm.add(client(), deal(), invoice())
    world.sync()
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"))
    return world


@pytest.mark.row(44)
def observe(world: World) -> None:
    set_acting(world.rt, CRM, "Ольга", None)


@pytest.mark.parametrize(
    ("stop", "go"),
    [
        (lambda world: pause(world.rt, "Ольга"), lambda world: resume(world.rt, "Ольга")),
        (observe, lambda world: world.act()),
    ],
    ids=["pause", "observe"],
)
def test_what_is_stopped_while_we_read_is_not_written_until_it_goes_on(
    world: World, stop: Callable[[World], None], go: Callable[[World], object]
) -> None:
    world.crm.on_read = lambda: stop(world)
    world.deliver_due()
    assert world.crm.writes == []
    assert {row.state for row in world.effects("p1")} == {EffectState.QUEUED}
    go(world)
    world.settle(rounds=5)
    assert world.crm.moves_of("1") == ["SHIP"]
    assert len(world.crm.comments) == len(world.crm.tasks) == 1
    assert world.crm.invoice_stage["71"] == "P"
