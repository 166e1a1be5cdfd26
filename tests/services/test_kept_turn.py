"""A turn lasts as long as the work that holds it, and not much longer than its holder."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from hub.ports.store import Store
from hub.services.kept_turn import kept_turn
from hub.services.runtime import Runtime
from tests.support.world import World


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
