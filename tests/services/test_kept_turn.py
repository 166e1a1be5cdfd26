"""A turn lasts as long as the work that holds it, and not much longer than its holder."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from hub.ports.store import Store
from hub.services.kept_turn import kept_turn
from hub.services.poll_source import poll_source
from hub.services.runtime import Runtime, Work
from hub.services.sweep import sweep
from tests.support.world import CRM, World


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def runtime(store: Store) -> Runtime:
    return replace(World(store).rt, clock=RealClock())


def test_a_slow_holder_keeps_its_turn_beyond_its_length(store: Store) -> None:
    rt = runtime(store)
    with kept_turn(rt.claimant(), "work", 0.5) as mine:
        assert mine
        time.sleep(1.2)
        with kept_turn(rt.claimant(), "work", 0.5) as other:
            assert not other
    with kept_turn(rt.claimant(), "work", 0.5) as other:
        assert other


def test_the_turn_of_one_who_died_is_soon_free(store: Store) -> None:
    rt = runtime(store)
    with store.write() as uow:
        assert uow.switches.lease("work", "dead", rt.clock.now(), 0.3)
    with kept_turn(rt.claimant(), "work", 0.3) as mine:
        assert not mine
    time.sleep(0.4)
    with kept_turn(rt.claimant(), "work", 0.3) as mine:
        assert mine


def test_a_poll_whose_turn_a_dead_process_holds_comes_as_soon_as_the_turn_is_free(store: Store) -> None:
    world = World(store)
    rt, lease_s = world.rt, world.rt.connections[CRM].timing.poll_lease_s
    with store.write() as uow:
        assert uow.switches.due_run(f"poll:{CRM}", rt.clock.now(), 60)
        assert uow.switches.lease(f"poll:{CRM}", "dead", rt.clock.now(), lease_s)
    assert not poll_source(rt, CRM).complete
    world.clock.sleep(lease_s - 1)
    sweep(rt)
    assert (Work.POLL, CRM) not in world.hints
    world.clock.sleep(2)
    sweep(rt)
    assert (Work.POLL, CRM) in world.hints
    assert poll_source(rt, CRM).complete
