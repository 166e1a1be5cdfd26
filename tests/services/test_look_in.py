"""Between two polls of a bank it is asked whether it still lets us in: a dead token shows within a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.domain.errors import Paced, Reauthorise, RetryLater, Unavailable
from hub.ports.records import Health
from hub.ports.store import Store
from hub.services.bank_source import BankSource
from hub.services.look_in import look_in
from hub.services.poll_bank import poll_bank
from hub.services.runtime import Work
from hub.services.sweep import sweep
from tests.support.bank_ledger import Ledger, LedgerBank
from tests.support.world import World

BANK = "bank"
DEAD = Reauthorise("401", "Банк не принимает токен.")


class _Opened(World):
    bank: LedgerBank


@pytest.fixture
def world(store: Store) -> _Opened:
    world = _Opened(store)
    world.bank = LedgerBank("tochka", [Ledger()])
    source = BankSource(BANK, "Банк", read_from=world.clock.now().date())
    world.rt = replace(world.rt, banks={BANK: world.bank}, bank_sources={BANK: source})
    with store.write() as uow:
        uow.connections.ensure(BANK)
    return world


def health(world: World) -> tuple[Health, str | None]:
    with world.store.read() as uow:
        (row,) = (row for row in uow.connections.all() if row.id == BANK)
    return row.health, row.health_reason


def hints(world: World, seconds: int) -> list[tuple[Work, int]]:
    """Second by second, what of the bank is hinted."""
    found = []
    for second in range(0, seconds, 10):
        world.hints.clear()
        world.clock.at += timedelta(seconds=10)
        sweep(world.rt)
        found += [(work, second) for work, key in world.hints if key == BANK]
    return found


def test_a_bank_is_looked_at_each_minute_and_read_every_five(world: _Opened) -> None:
    sweep(world.rt)
    kinds = [work for work, _ in hints(world, 1200)]
    assert (kinds.count(Work.POLL), kinds.count(Work.LOOK)) == (4, 16)


def test_a_dead_token_is_seen_within_a_minute_and_then_let_be(world: _Opened) -> None:
    sweep(world.rt)
    assert poll_bank(world.rt, BANK).complete
    assert health(world) == (Health.OK, None)
    world.bank.trouble[""] = DEAD
    (look, second) = hints(world, 60)[0]
    assert (look, second) < (Work.LOOK, 60)
    look_in(world.rt, BANK)
    assert health(world) == (Health.DEAD, "Банк не принимает токен.")
    assert Work.LOOK not in [work for work, _ in hints(world, 1200)]


def test_a_bank_that_shows_its_accounts_is_not_said_to_be_read(world: _Opened) -> None:
    world.bank.trouble[world.bank.ledgers[0].account] = RetryLater("504", "Банк не отдал выписку.")
    assert not poll_bank(world.rt, BANK).complete
    look_in(world.rt, BANK)
    assert health(world) == (Health.TROUBLE, "Банк не отдал выписку.")


def test_a_bank_that_asked_to_be_left_alone_is_left_alone(world: _Opened) -> None:
    sweep(world.rt)
    world.bank.trouble[""] = Unavailable("503", "Технические работы.", after_s=200.0)
    look_in(world.rt, BANK)
    assert health(world) == (Health.TROUBLE, "Технические работы.")
    assert [second for work, second in hints(world, 290) if work is Work.LOOK] == [190, 250]


def test_our_own_keeping_within_its_limits_is_no_trouble(world: _Opened) -> None:
    assert poll_bank(world.rt, BANK).complete
    world.bank.trouble[""] = Paced("within the limit", "Подождём.", after_s=1.0)
    look_in(world.rt, BANK)
    assert health(world) == (Health.OK, None)


def test_a_bank_that_is_not_there_any_more_is_let_be(world: _Opened) -> None:
    world.rt = replace(world.rt, banks={})
    look_in(world.rt, BANK)
    assert health(world)[0] is Health.UNKNOWN
