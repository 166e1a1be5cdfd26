from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.quota import Bucket, Budgets, Pacer, repeat_read
from hub.domain.errors import Refused, RetryLater


class HeldClock:
    """Time that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return datetime(2026, 9, 21, 12, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


BUCKET = Bucket("portal", capacity=5, drain_per_s=2)


def test_a_burst_up_to_the_capacity_is_free_and_the_rest_goes_at_the_drain() -> None:
    clock = HeldClock()
    pacer = Pacer(MemoryQuota(clock), clock, BUCKET)
    for _ in range(5):
        pacer.wait_turn()
    assert clock.passed == 0
    for _ in range(20):
        pacer.wait_turn()
    assert clock.passed == pytest.approx(10.0)


def test_a_refusal_of_the_vendor_fills_our_bucket_too() -> None:
    clock = HeldClock()
    pacer = Pacer(MemoryQuota(clock), clock, BUCKET)
    pacer.refused()
    pacer.wait_turn()
    assert clock.passed == pytest.approx(0.5)


def test_a_queue_longer_than_the_patience_sends_the_caller_away_with_the_time() -> None:
    clock = HeldClock()
    quota = MemoryQuota(clock)
    pacer = Pacer(quota, clock, Bucket("slow", capacity=1, drain_per_s=0.1), patience_s=2)
    pacer.wait_turn()
    with pytest.raises(RetryLater) as caught:
        pacer.wait_turn()
    assert caught.value.after_s == pytest.approx(10.0)
    assert clock.passed == 0


def test_no_bucket_means_no_wait() -> None:
    clock = HeldClock()
    pacer = Pacer(MemoryQuota(clock), clock, None)
    pacer.refused()
    for _ in range(1000):
        pacer.wait_turn()
    assert clock.passed == 0


def test_threads_share_the_bucket_and_never_take_more_than_it_holds() -> None:
    quota = MemoryQuota(SystemClock())
    granted: list[int] = []

    def work() -> None:
        granted.extend(1 for _ in range(200) if quota.take("b", 50, 0.001) == 0)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 50


def spend(budgets: Budgets, clock: HeldClock, *totals: float, reset_in_s: float = 600) -> None:
    for total in totals:
        budgets.record("update", total, clock.now() + timedelta(seconds=reset_in_s))


def wait_of(budgets: Budgets, name: str = "update", calls: int = 1) -> float:
    try:
        budgets.require(name, calls)
    except RetryLater as error:
        return error.after_s or 0.0
    return 0.0


def test_a_used_up_budget_closes_until_its_reset_and_the_others_stay_open() -> None:
    clock = HeldClock()
    quota = MemoryQuota(clock)
    budgets = Budgets(quota, clock, limit_s=470)
    spend(budgets, clock, 470.5, reset_in_s=90)
    assert wait_of(budgets, "list") == 0
    assert wait_of(budgets) == pytest.approx(90)
    assert quota.spent("update") == 470.5
    clock.sleep(91)
    assert wait_of(budgets) == 0
    assert quota.spent("update") == 0


def test_spendings_leave_the_window_one_by_one() -> None:
    clock = HeldClock()
    budgets = Budgets(MemoryQuota(clock), clock, limit_s=100)
    for minute in range(10):
        spend(budgets, clock, 10.0 * (minute + 1))
        clock.sleep(10)
    assert wait_of(budgets) == pytest.approx(500)
    clock.sleep(500.1)
    assert wait_of(budgets) == 0
    spend(budgets, clock, 100.0)
    assert wait_of(budgets) == pytest.approx(9.9)


def test_a_batch_asks_for_the_usual_cost_of_all_its_calls() -> None:
    clock = HeldClock()
    budgets = Budgets(MemoryQuota(clock), clock, limit_s=100)
    spend(budgets, clock, 10, 20, 30)
    assert wait_of(budgets, calls=7) == 0
    assert wait_of(budgets, calls=8) == pytest.approx(600)


def test_a_batch_dearer_than_the_whole_budget_goes_when_the_budget_is_empty() -> None:
    clock = HeldClock()
    budgets = Budgets(MemoryQuota(clock), clock, limit_s=100)
    spend(budgets, clock, 10, 20)
    assert wait_of(budgets, calls=50) == pytest.approx(600)
    clock.sleep(601)
    assert wait_of(budgets, calls=50) == 0


def test_a_total_that_fell_frees_the_oldest_spendings() -> None:
    clock = HeldClock()
    budgets = Budgets(MemoryQuota(clock), clock, limit_s=100)
    spend(budgets, clock, 40, 80, 30)
    assert wait_of(budgets) == 0
    spend(budgets, clock, 99)
    assert wait_of(budgets) > 0


def test_another_process_sees_a_budget_that_this_one_closed() -> None:
    clock = HeldClock()
    quota = MemoryQuota(clock)
    spend(Budgets(quota, clock, limit_s=100), clock, 60, 101)
    assert wait_of(Budgets(quota, clock, limit_s=100)) > 0


def test_a_budget_with_room_stays_open() -> None:
    clock = HeldClock()
    budgets = Budgets(MemoryQuota(clock), clock, limit_s=470)
    budgets.record("update", 469, clock.now() + timedelta(seconds=90))
    budgets.require("update")


def test_a_block_without_a_known_time_lasts_the_given_floor() -> None:
    clock = HeldClock()
    budgets = Budgets(MemoryQuota(clock), clock, limit_s=470)
    assert budgets.block("update", None, 60) == 60
    assert budgets.block("other", clock.now() + timedelta(seconds=300), 60) == 300


def test_a_read_is_repeated_after_passing_trouble_and_then_answers() -> None:
    clock = HeldClock()
    answers: list[Exception | str] = [RetryLater("503"), RetryLater("503"), "done"]

    def read() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert repeat_read(read, clock) == "done"
    assert 0 < clock.passed < 5


def test_pauses_between_repeats_follow_the_time_that_they_have() -> None:
    waited: dict[float, float] = {}
    for within_s in (30.0, 1.5):
        clock = HeldClock()
        answers = iter([RetryLater("503"), None])

        def read(answers: Iterator[RetryLater | None] = answers) -> None:
            if (error := next(answers)) is not None:
                raise error

        repeat_read(read, clock, within_s=within_s)
        waited[within_s] = clock.passed
    assert 0.5 <= waited[30.0] <= 1.0
    assert 0.025 <= waited[1.5] <= 0.05


def test_a_read_gives_up_after_its_attempts_with_the_last_error() -> None:
    clock = HeldClock()
    calls: list[int] = []

    def read() -> str:
        calls.append(1)
        raise RetryLater(f"try {len(calls)}")

    with pytest.raises(RetryLater, match="try 4"):
        repeat_read(read, clock)


def test_a_named_wait_beyond_the_bound_ends_the_read_at_once() -> None:
    clock = HeldClock()
    calls: list[int] = []

    def read() -> str:
        calls.append(1)
        raise RetryLater("blocked", after_s=600)

    with pytest.raises(RetryLater):
        repeat_read(read, clock, within_s=90)
    assert len(calls) == 1
    assert clock.passed == 0


def test_a_refusal_is_not_repeated() -> None:
    calls: list[int] = []

    def read() -> str:
        calls.append(1)
        raise Refused("no")

    with pytest.raises(Refused):
        repeat_read(read, HeldClock())
    assert len(calls) == 1
