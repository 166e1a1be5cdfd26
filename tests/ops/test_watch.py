"""Silence beyond a source's rhythm is an alarm, told once when it begins and once when it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind
from hub.ports.store import Store
from hub.ports.upkeep import AlarmKind
from hub.services.import_statement import import_statement
from hub.services.poll_source import poll_source
from hub.services.sweep import sweep
from hub.services.upkeep import Upkeep, WatchSettings
from hub.services.watch import alarm_text, ringing, working_time
from tests.support.world import CRM, World, client, deal, incoming, invoice

FRIDAY_NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


class _Door:
    """Lets everything in."""

    def admit(self, request: HookRequest) -> Admission | None:
        return Admission(InboxKind.HOOK, "", str(request.body))


@pytest.fixture
def make(store: Store) -> Callable[..., World]:
    """A world with settings of the watch; its day begins on Friday at noon, UTC."""

    def world(*, doors: bool = False, **settings: object) -> World:
        made = World(store)
        made.clock.at = FRIDAY_NOON
        watch = replace(WatchSettings(zone=UTC), **settings)  # type: ignore[arg-type]
        made.rt = replace(made.rt, upkeep=Upkeep(watch=watch), doors={CRM: _Door()} if doors else {})
        return made

    return world


def live(world: World, span: timedelta, *, polls: bool = True) -> None:
    """Let the hub's timer tick through a stretch of time, one tick in 20 s, a poll a minute."""
    ends_at = world.clock.at + span
    while world.clock.at < ends_at:
        world.clock.sleep(20)
        sweep(world.rt)
        if polls and world.clock.at.second == 0:
            poll_source(world.rt, CRM)


def later(world: World, span: timedelta) -> None:
    """Step on without a gap that the timer would notice: one tick at the end, then the next look."""
    world.clock.sleep(span.total_seconds())
    poll_source(world.rt, CRM)
    with world.store.write() as uow:
        uow.watch.beat("timer", world.clock.now())
    sweep(world.rt)


def told(world: World) -> list[tuple[str, str]]:
    """(event, kind) lines of the journal about sources, oldest first."""
    from sqlalchemy import select

    from hub.store import tables as t
    from hub.store.unit_of_work import SqlStore

    assert isinstance(world.store, SqlStore)
    with world.store._database.read() as connection:
        rows = connection.execute(select(t.audit.c.event, t.audit.c.data).order_by(t.audit.c.id)).all()
    return [(row.event, row.data["kind"]) for row in rows if row.event.startswith("source.")]


def kinds(world: World) -> list[AlarmKind]:
    """What rings now."""
    return [alarm.kind for alarm in ringing(world.rt)]


def test_a_hub_at_work_rings_for_nothing(make: Callable[..., World]) -> None:
    world = make(doors=True)
    live(world, timedelta(hours=1))
    assert kinds(world) == []
    assert told(world) == []


def test_a_connection_that_is_not_read_rings_once_and_comes_back_once(make: Callable[..., World]) -> None:
    world = make()
    world.sync()
    live(world, timedelta(minutes=40), polls=False)
    assert kinds(world) == [AlarmKind.POLL]
    assert told(world) == [("source.silent", "poll")]
    world.sync()
    live(world, timedelta(minutes=2))
    assert kinds(world) == []
    assert told(world) == [("source.silent", "poll"), ("source.back", "poll")]


def test_a_connection_that_was_never_read_is_silent_since_it_was_first_looked_for(make: Callable[..., World]) -> None:
    world = make()
    live(world, timedelta(minutes=10), polls=False)
    assert kinds(world) == []
    live(world, timedelta(minutes=10), polls=False)
    assert kinds(world) == [AlarmKind.POLL]


def test_a_gap_of_the_timer_is_told_by_the_next_tick(make: Callable[..., World]) -> None:
    world = make()
    live(world, timedelta(minutes=2))
    world.clock.sleep(600)
    assert kinds(world) == [AlarmKind.TIMER]
    world.sync()
    sweep(world.rt)
    assert kinds(world) == []
    assert told(world) == [("source.silent", "timer"), ("source.back", "timer")]


def test_a_first_start_has_no_gap(make: Callable[..., World]) -> None:
    world = make()
    assert kinds(world) == []
    sweep(world.rt)
    assert told(world) == []


def test_a_weekend_without_statements_is_no_silence(make: Callable[..., World]) -> None:
    world = make(credit_h=0)
    import_statement(world.rt, b"friday", "kl.txt", "buh")
    later(world, timedelta(days=4))  # Tuesday noon: 12 h of Friday, a weekend, 24 h of Monday, 12 h of Tuesday
    assert kinds(world) == []
    later(world, timedelta(hours=1))
    assert kinds(world) == [AlarmKind.STATEMENT]
    import_statement(world.rt, b"tuesday", "kl.txt", "buh")
    later(world, timedelta(minutes=1))
    assert kinds(world) == []


def test_a_statement_is_missed_by_the_set_hour_of_a_working_day(make: Callable[..., World]) -> None:
    world = make(statement_by=time(15, 0), statement_h=0, credit_h=0)
    import_statement(world.rt, b"friday", "kl.txt", "buh")
    hours = {"Friday 16:00": 4, "Saturday 16:00": 24, "Monday 14:00": 46, "Monday 15:30": 1.5, "Tuesday 10:00": 18.5}
    rings = {}
    for name, span in hours.items():
        later(world, timedelta(hours=span))
        rings[name] = bool(kinds(world))
    assert [name for name, rang in rings.items() if rang] == ["Monday 15:30", "Tuesday 10:00"]
    assert told(world) == [("source.silent", "statement")]


def test_a_company_that_never_sent_a_file_has_no_rhythm_yet(make: Callable[..., World]) -> None:
    world = make(statement_by=time(9, 0))
    later(world, timedelta(days=30))
    assert kinds(world) == []


def test_no_incoming_money_for_long_rings(make: Callable[..., World]) -> None:
    world = make(statement_h=0, credit_h=24)
    world.pay(incoming("Оплата", "10.00"))
    later(world, timedelta(days=3))
    assert kinds(world) == []
    later(world, timedelta(days=1))
    assert kinds(world) == [AlarmKind.CREDIT]


def _change(world: World, number: int) -> None:
    world.crm.add(deal(amount=str(1000 + number)))
    poll_source(world.rt, CRM)


def test_hooks_that_stop_while_the_poll_finds_changes_ring_until_one_comes(make: Callable[..., World]) -> None:
    world = make(doors=True)
    world.crm.add(client(), deal(), invoice())
    world.sync()
    for number in range(4):
        live(world, timedelta(minutes=25))
        _change(world, number)
    live(world, timedelta(minutes=2))
    assert kinds(world) == [AlarmKind.HOOKS]
    with world.store.write() as uow:
        uow.inbox.add(CRM, InboxKind.HOOK, "", b"x", "x", world.clock.now())
    live(world, timedelta(minutes=2))
    assert kinds(world) == []
    assert told(world) == [("source.silent", "hooks"), ("source.back", "hooks")]


def test_a_portal_where_nothing_changes_may_be_silent(make: Callable[..., World]) -> None:
    world = make(doors=True)
    world.crm.add(client(), deal(), invoice())
    world.sync()
    live(world, timedelta(hours=2))
    assert kinds(world) == []


def test_changes_without_a_door_for_hooks_are_the_polls_business(make: Callable[..., World]) -> None:
    world = make()
    world.crm.add(client())
    world.sync()
    for number in range(4):
        live(world, timedelta(minutes=25))
        _change(world, number)
    assert kinds(world) == []


def test_every_alarm_has_words_in_both_languages(make: Callable[..., World]) -> None:
    from hub.ports.upkeep import Alarm

    for kind in AlarmKind:
        alarm = Alarm(kind, "main", FRIDAY_NOON, FRIDAY_NOON)
        assert alarm_text(alarm) != alarm_text(alarm, "en")
        assert "{" not in alarm_text(alarm)


@pytest.mark.parametrize(
    ("days", "hours", "expected"),
    [(0, 6, 6), (1, 0, 12), (3, 0, 24), (7, 0, 120), (70, 0, 0)],
)
def test_working_time_leaves_weekends_out(days: int, hours: int, expected: int) -> None:
    found = working_time(FRIDAY_NOON, FRIDAY_NOON + timedelta(days=days, hours=hours), UTC)
    assert found == timedelta(hours=expected) or days > 60 <= found.days + 60
