"""The sweeper hints what is due, and only that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.ports.records import Health
from hub.ports.store import Store
from hub.services.runtime import Work
from hub.services.sweep import sweep
from tests.support.world import CRM, World, client, deal, incoming, invoice


@pytest.fixture
def world(store: Store) -> World:
    return World(store).act()


def hinted(world: World, seconds: int, work: Work, connection: str) -> int:
    """How many times it is hinted while the clock runs."""
    world.hints.clear()
    for _ in range(seconds // 10):
        world.clock.at += timedelta(seconds=10)
        sweep(world.rt)
    return world.hints.count((work, connection))


def polls(world: World, seconds: int) -> int:
    """How many polls of the CRM."""
    return hinted(world, seconds, Work.POLL, CRM)


def test_a_connection_is_polled_at_its_interval(world: World) -> None:
    sweep(world.rt)
    assert polls(world, 600) == 10


def test_a_dead_connection_is_asked_after_now_and_then(store: Store) -> None:
    world = World(store, retry_max_s=600)
    sweep(world.rt)
    with world.store.write() as uow:
        uow.connections.report(CRM, Health.DEAD, "Вебхук удалён.", world.clock.now())
    assert polls(world, 1200) <= 3


def test_everything_that_waits_is_hinted_by_the_rows_alone(world: World) -> None:
    world.crm.add(client(), deal(), invoice())
    world.pay(incoming("Оплата по счету 71", "1000.00"))
    world.hints.clear()
    sweep(world.rt, timed=False)
    kinds = {work for work, _ in world.hints}
    assert Work.DELIVER in kinds
    world.settle()
    world.hints.clear()
    assert sweep(world.rt, timed=False) == 0


def test_only_the_holder_of_the_timer_polls(world: World) -> None:
    sweep(world.rt)
    other = world.rt.claimant()
    world.clock.at += timedelta(seconds=5)
    assert sweep(other) == 0
