"""Subscriptions of systems that stop calling us: seen to once in ten minutes, never in the way of the poll."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.errors import ConnectorError, RetryLater
from hub.ports.hooks import HookKeeper
from hub.ports.store import Store
from hub.services.keep_hooks import keep_hooks
from hub.services.poll_source import poll_source
from tests.support.fake_crm import FakeCrm
from tests.support.world import CRM, World, deal


@dataclass
class Subscribing(FakeCrm):
    """A CRM that can be asked to call us."""

    asked: int = 0
    renewed: bool = False
    trouble: ConnectorError | None = None

    def keep_hooks(self) -> bool:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return self.renewed


def subscribing(store: Store, **parts: object) -> tuple[World, Subscribing]:
    crm = Subscribing()
    for name, value in parts.items():
        setattr(crm, name, value)
    assert isinstance(crm, HookKeeper)
    return World(store, crm), crm


def test_the_subscription_is_seen_to_once_in_ten_minutes(store: Store) -> None:
    world, crm = subscribing(store)
    world.sync()
    world.sync()
    assert crm.asked == 1
    world.clock.sleep(601)
    world.sync()
    assert crm.asked == 2


def test_trouble_with_the_subscription_does_not_stop_the_poll(store: Store) -> None:
    world, crm = subscribing(store, trouble=RetryLater("no answer"))
    crm.add(deal())
    assert poll_source(world.rt, CRM).complete
    with store.read() as uow:
        assert uow.deals.get("crm/1") is not None


def test_a_crm_that_takes_no_subscriptions_is_left_alone(store: Store) -> None:
    world = World(store)
    keep_hooks(world.rt, CRM, world.crm)
    world.sync()
