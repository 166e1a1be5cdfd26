"""Waiting reports are read many at a time; one that fails does not hold up the others, and none is lost."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.signed_webhook import read_report
from hub.ports.claims import PaymentReport
from hub.ports.records import InboxKind, InboxState
from hub.ports.store import Store, StoreUnavailable
from hub.services.read_reports import read_reports
from hub.services.report_source import ReportSource
from hub.services.runtime import Runtime, Work
from hub.services.sweep import sweep
from tests.support.reports import SHOP, ReportWorld, report
from tests.support.world import OUR_ACCOUNT, OUR_TAX_ID


@pytest.fixture
def world(store: Store) -> ReportWorld:
    return ReportWorld(store)


def store_reports(world: ReportWorld, count: int) -> list[int]:
    """So many reports wait in the inbox."""
    bodies = [report(f"r{number}") for number in range(count)]
    with world.store.write() as uow:
        return [
            uow.inbox.add(SHOP, InboxKind.CLAIM, "m", body, hashlib.sha256(body).hexdigest(), world.clock.now())[0]
            for body in bodies
        ]


def states(world: ReportWorld, numbers: list[int]) -> list[InboxState]:
    return [world.inbox(number).state for number in numbers]


def reading(world: ReportWorld, failing: str, error: Exception) -> Runtime:
    """A hub whose reader fails at one report."""

    def read(body: bytes) -> PaymentReport:
        told = read_report(body)
        if told.external_id == failing:
            raise error
        return told

    return replace(world.rt, reports={SHOP: ReportSource(read, OUR_ACCOUNT, OUR_TAX_ID)})


def test_what_waits_is_read_by_one_job_that_the_sweep_hints(world: ReportWorld) -> None:
    numbers = store_reports(world, 25)
    world.hints.clear()
    sweep(world.rt, timed=False)
    assert [hint for hint in world.hints if hint[0] in (Work.REPORTS, Work.INBOX)] == [(Work.REPORTS, SHOP)]
    assert read_reports(world.rt, SHOP) == 25
    assert set(states(world, numbers)) == {InboxState.DONE}
    assert len(world.claims()) == 25
    assert read_reports(world.rt, SHOP) == 0


def test_a_report_that_cannot_be_read_holds_up_no_other_and_is_tried_again(world: ReportWorld) -> None:
    numbers = store_reports(world, 15)
    read_reports(reading(world, "r4", RuntimeError("boom")), SHOP)
    found = states(world, numbers)
    assert found.pop(4) is InboxState.NEW
    assert set(found) == {InboxState.DONE}
    world.clock.at += timedelta(seconds=world.rt.inbox_lease_s)
    assert read_reports(world.rt, SHOP) == 1
    assert world.inbox(numbers[4]).state is InboxState.DONE
    assert len(world.claims()) == 15


def test_a_report_that_fails_every_time_is_put_before_a_person_at_last(world: ReportWorld) -> None:
    (number,) = store_reports(world, 1)
    rt = reading(world, "r0", RuntimeError("boom"))
    for _ in range(11):
        read_reports(rt, SHOP)
        world.clock.at += timedelta(seconds=world.rt.inbox_lease_s)
    row = world.inbox(number)
    assert (row.state, row.raw) == (InboxState.FAILED, report("r0"))
    assert row.error is not None
    assert row.error.startswith("Сообщение не удаётся учесть")


def test_a_store_that_does_not_answer_ends_the_work_and_leaves_every_report(world: ReportWorld) -> None:
    numbers = store_reports(world, 3)
    with pytest.raises(StoreUnavailable):
        read_reports(reading(world, "r1", StoreUnavailable("disk full")), SHOP)
    assert set(states(world, numbers)) == {InboxState.NEW}
    assert read_reports(world.rt, SHOP) == 3
