"""Quota: one bucket for every process, exact to the drop."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from hub.store.engine import Database
from hub.store.quota import SqlQuota
from tests.store.builders import NOW, later


@dataclass
class HeldClock:
    """A clock that stands until it is moved."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOW).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def quota(database: Database, clock: HeldClock) -> SqlQuota:
    return SqlQuota(database, clock)


def test_a_bucket_gives_its_capacity_at_once_and_then_by_its_drain(quota: SqlQuota, clock: HeldClock) -> None:
    assert [quota.take("b24", 5, 2) for _ in range(5)] == [0.0] * 5
    assert quota.take("b24", 5, 2) == pytest.approx(0.5)
    assert quota.take("b24", 5, 2, cost=3) == pytest.approx(1.5)
    clock.sleep(0.5)
    assert quota.take("b24", 5, 2) == 0.0
    assert quota.take("b24", 5, 2) > 0
    assert quota.take("another", 5, 2) == 0.0


def test_waiting_as_long_as_told_is_enough(quota: SqlQuota, clock: HeldClock) -> None:
    granted = 0
    while clock.at < later(10):
        wait_s = quota.take("b24", 7, 7)
        granted += wait_s == 0.0
        clock.sleep(wait_s)
    assert granted == 7 + 69  # the seventieth drop is free only at the end of the tenth second


def test_a_refusal_takes_nothing(quota: SqlQuota, clock: HeldClock) -> None:
    quota.take("b24", 2, 1, cost=2)
    for _ in range(10):
        assert quota.take("b24", 2, 1) == pytest.approx(1.0)
    clock.sleep(1)
    assert quota.take("b24", 2, 1) == 0.0


def test_a_bucket_that_the_vendor_calls_full_drains_from_now(quota: SqlQuota, clock: HeldClock) -> None:
    quota.fill("b24", 50, 2)
    assert quota.take("b24", 50, 2) == pytest.approx(0.5)
    clock.sleep(25)
    assert quota.take("b24", 50, 2, cost=50) == 0.0


def test_a_clock_that_stepped_back_empties_no_bucket_and_stops_none(quota: SqlQuota, clock: HeldClock) -> None:
    quota.take("b24", 10, 2, cost=10)
    clock.sleep(-3600)
    assert quota.take("b24", 10, 2) == pytest.approx(0.5)


@pytest.mark.parametrize(("cost", "drain"), [(6, 1.0), (-1, 1.0), (1, 0.0)])
def test_what_can_never_be_given_is_an_error(quota: SqlQuota, cost: float, drain: float) -> None:
    with pytest.raises(ValueError, match="b24"):
        quota.take("b24", 5, drain, cost)


def test_a_budget_is_known_until_its_reset(quota: SqlQuota, clock: HeldClock) -> None:
    assert quota.spent("crm.deal.list") == 0.0
    quota.spend("crm.deal.list", 300.5, later(600))
    assert quota.spent("crm.deal.list") == 300.5
    quota.spend("crm.deal.list", 310.0, later(600))
    clock.sleep(599)
    assert quota.spent("crm.deal.list") == 310.0
    clock.sleep(1)
    assert quota.spent("crm.deal.list") == 0.0
    quota.spend("crm.deal.list", 5.0, None)
    clock.sleep(9999)
    assert quota.spent("crm.deal.list") == 5.0


def test_a_block_ends_in_its_time_and_an_earlier_one_shortens_none(quota: SqlQuota, clock: HeldClock) -> None:
    assert quota.blocked_until("b24") is None
    quota.block("b24", later(60))
    quota.block("b24", later(30))
    assert quota.blocked_until("b24") == later(60)
    quota.block("b24", later(90))
    clock.sleep(89)
    assert quota.blocked_until("b24") == later(90)
    clock.sleep(1)
    assert quota.blocked_until("b24") is None


def test_one_name_may_be_bucket_budget_and_blocked_at_once(quota: SqlQuota) -> None:
    quota.spend("b24", 7.0, None)
    quota.block("b24", later(60))
    assert quota.take("b24", 1, 1) == 0.0
    assert quota.take("b24", 1, 1) > 0
    assert (quota.spent("b24"), quota.blocked_until("b24")) == (7.0, later(60))


def test_threads_with_stores_of_their_own_are_given_exactly_the_capacity(database: Database) -> None:
    granted: list[float] = []

    def ask() -> None:
        quota = SqlQuota(database, HeldClock())
        granted.extend(quota.take("b24", 25, 1) for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert granted.count(0.0) == 25


def test_the_databases_own_time_serves_where_no_clock_is_given(database: Database) -> None:
    quota = SqlQuota(database)
    assert quota.take("b24", 1, 0.001) == 0.0
    assert 900 < quota.take("b24", 1, 0.001) <= 1000
    quota.block("b24", NOW.replace(year=2100))
    assert quota.blocked_until("b24") is not None
