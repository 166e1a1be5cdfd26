"""Rows 7 and 8: what stands in the queue that should not, and thousands of retries that are not due yet."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import insert, select, update

from connectors.shared.memory import SystemClock
from hub.jobs.broker import Jobs
from hub.jobs.schedule import Sweeper
from hub.ports.records import EffectKind, EffectRow, EffectState
from hub.services.runtime import Runtime
from hub.services.sweep import sweep
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.support.live import wait_for
from tests.support.matrix import Figures
from tests.support.world import CRM, HandClock, World, client, deal, incoming, invoice

_FAR: Final = 5000
_FAR_SUBJECTS: Final = f"{CRM}/far-"
_NEIGHBOURS_S: Final = 70.0
_NEAR_S: Final = 5.0


@contextmanager
def working(rt: Runtime, *, lose_first_hints: bool = False) -> Iterator[Jobs]:
    """Jobs and sweeper at work on a runtime with the real clock."""
    jobs: list[Jobs] = []
    rt = replace(rt, clock=SystemClock(), wake=lambda work, key: jobs[0].wake(work, key))
    sweeper = Sweeper(rt, every_s=1.0)
    jobs.append(Jobs(lambda: rt, sweeper.hurry, [CRM]))
    if lose_first_hints:
        sweep(rt)
        for broker in jobs[0].brokers:
            broker.flush_all()
    jobs[0].start()
    sweeper.start()
    try:
        yield jobs[0]
    finally:
        sweeper.stop(10)
        jobs[0].stop(10)


@pytest.fixture
def world(store: SqlStore) -> World:
    made = World(store, clock=HandClock(datetime.now(UTC))).act()
    made.crm.add(client(), deal(), invoice())
    return made


def _done(world: World, payment: str) -> bool:
    effects = _near(world, payment)
    return bool(effects) and all(row.state is EffectState.DONE for row in effects)


def _near(world: World, payment: str) -> list[EffectRow]:
    return [row for row in world.effects(payment) if not row.subject.startswith(_FAR_SUBJECTS)]


def _poison(jobs: Jobs) -> int:
    """Put into every queue what no hub would put there; returns how many messages."""
    put = 0
    for broker in jobs.brokers:
        for name, queue in broker.queues.items():
            message = {"queue_name": name, "actor_name": name, "args": [], "kwargs": {}, "options": {}}
            message |= {"message_id": f"poison-{name}", "message_timestamp": 0}
            for raw in (
                b"\x80\x04not json",
                json.dumps(message | {"actor_name": "somebody_else"}).encode(),
                json.dumps(message | {"args": ["1", "2", "3"]}).encode(),
                json.dumps(message | {"kwargs": {"os.system": "true"}}).encode(),
                json.dumps(message | {"args": ["9" * 1_000_000]}).encode(),
            ):
                queue.put(raw)
                put += 1
    return put


@pytest.mark.row(7)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_poison_and_foreign_messages_are_logged_and_dropped_and_their_neighbours_are_done(
    world: World, caplog: pytest.LogCaptureFixture, figures: Figures
) -> None:
    payment = world.pay(incoming("Оплата по счету № 71", "1000"))[0]
    with caplog.at_level(logging.WARNING), working(world.rt) as jobs:
        put = _poison(jobs)
        began = time.monotonic()
        wait_for(lambda: _done(world, payment), _NEIGHBOURS_S, "the neighbours are done")
        took = time.monotonic() - began
        wait_for(lambda: all(queue.empty() for b in jobs.brokers for queue in b.queues.values()), 60, "dropped")
        later = world.pay(incoming("Оплата по счету № 71", "5", number="246"))
        wait_for(lambda: world.payment(later[0]).decision is not None, 10, "work goes on")
    assert [kind for kind, _, _ in world.crm.writes].count("move") == 1
    assert "unexpected error" in caplog.text
    figures.total("poison", put)
    figures.most("neighbours done s", took)


def _far_retries(database: Database, payment: str, until: datetime) -> None:
    """An outage left thousands of effects that wait."""
    now = datetime.now(UTC)
    with database.write() as connection:
        template = connection.execute(select(t.outbox).where(t.outbox.c.kind == EffectKind.COMMENT)).one()._asdict()
        common = {**template, "state": EffectState.QUEUED, "attempts": 3, "next_attempt_at": until, "created_at": now}
        del common["id"]
        rows = [
            {**common, "subject": f"{_FAR_SUBJECTS}{number}", "operation_key": f"comment:far-{number}"}
            for number in range(_FAR)
        ]
        for start in range(0, _FAR, 500):
            connection.execute(insert(t.outbox), rows[start : start + 500])


@pytest.mark.row(8)
def test_a_near_retry_is_not_hidden_by_thousands_of_far_ones(
    world: World, database: Database, figures: Figures
) -> None:
    payment = world.pay(incoming("Оплата по счету № 71", "1000"))[0]
    due_at = datetime.now(UTC) + timedelta(seconds=2)
    _far_retries(database, payment, datetime.now(UTC) + timedelta(minutes=10))
    with database.write() as connection:
        near = t.outbox.c.subject.not_like(f"{_FAR_SUBJECTS}%")
        connection.execute(update(t.outbox).where(near).values(next_attempt_at=due_at))
    with working(world.rt):
        wait_for(lambda: _done(world, payment), _NEAR_S + 5, "the near one is done")
    late = max(row.settled_at for row in _near(world, payment) if row.settled_at) - due_at
    assert late.total_seconds() <= _NEAR_S
    with database.read() as connection:
        far = connection.execute(select(t.outbox.c.attempts).where(~near).distinct()).scalars().all()
    assert far == [3]
    figures.total("far retries", _FAR)
    figures.most("near done after due, s", late.total_seconds())


def test_a_hint_that_the_queue_loses_is_given_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.jobs.broker._LOST_AFTER_S", 2.0)
    payment = world.pay(incoming("Оплата по счету № 71", "1000"))[0]
    with working(world.rt, lose_first_hints=True):
        wait_for(lambda: _done(world, payment), 20, "the work is done")
