"""The fuse: who may call after how many failures, and who asks first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from connectors.shared.fuse import Fuses, Fusing, Resting
from hub.domain.errors import ConnectorError, Gone, Paced, Reauthorise, Refused, RetryLater, UnknownOutcome

FIGURES = Fusing(opens_after=3, rest_s=10, rest_max_s=40, probe_s=30)


@dataclass
class HandClock:
    at: float = 1000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def fuses(clock: HandClock) -> Fuses:
    return Fuses(clock, FIGURES)


def call(fuses: Fuses, error: Exception | None = None, *, write: bool = False) -> None:
    """One call that ends so; raises Resting when it may not be made."""
    with suppress(*([type(error)] if error is not None else [])), fuses.guard(write=write):
        if error is not None:
            raise error


def fail(fuses: Fuses, times: int = 3, *, write: bool = False) -> None:
    for _ in range(times):
        call(fuses, UnknownOutcome("lost") if write else RetryLater("502", "Не отвечает."), write=write)


def test_after_so_many_failures_in_a_row_nothing_is_sent_and_the_last_reason_is_told(fuses: Fuses) -> None:
    fail(fuses)
    with pytest.raises(Resting) as caught:
        call(fuses)
    assert caught.value.after_s == pytest.approx(10)
    assert caught.value.for_person == "Не отвечает."


def test_an_answer_in_between_begins_the_count_anew(fuses: Fuses) -> None:
    for _ in range(5):
        fail(fuses, 2)
        call(fuses)


@pytest.mark.parametrize(
    "said", [Refused("no"), Gone("gone"), Reauthorise("who are you"), RetryLater("at nine", after_s=60)]
)
def test_a_system_that_says_no_or_names_a_time_lives(fuses: Fuses, said: ConnectorError) -> None:
    fail(fuses, 2)
    call(fuses, said)
    fail(fuses, 2)
    call(fuses)


def test_a_call_of_ours_that_was_held_back_says_nothing(fuses: Fuses) -> None:
    fail(fuses, 2)
    call(fuses, Paced("our own limit", after_s=1))
    call(fuses, ValueError("our own mistake"))
    fail(fuses, 1)
    with pytest.raises(Resting):
        call(fuses)


def test_each_failed_question_doubles_the_rest_up_to_its_most(fuses: Fuses, clock: HandClock) -> None:
    fail(fuses)
    rests = []
    for _ in range(4):
        with pytest.raises(Resting) as caught:
            call(fuses)
        rests.append(caught.value.after_s)
        clock.sleep(caught.value.after_s or 0)
        fail(fuses, 1)
    assert rests == pytest.approx([10, 20, 40, 40])


def test_one_call_asks_and_the_others_wait_for_its_answer(fuses: Fuses, clock: HandClock) -> None:
    fail(fuses)
    clock.sleep(10)
    with fuses.guard(write=False), pytest.raises(Resting):
        call(fuses)
    call(fuses)
    call(fuses)


def test_a_question_that_never_ends_does_not_close_the_system_for_ever(fuses: Fuses, clock: HandClock) -> None:
    fail(fuses)
    clock.sleep(10)
    with fuses.guard(write=False):
        clock.sleep(30)
        call(fuses)


def test_calls_that_were_on_their_way_count_as_the_same_trouble(fuses: Fuses, clock: HandClock) -> None:
    with suppress(UnknownOutcome), fuses.guard(write=False):
        fail(fuses)
        raise UnknownOutcome("late")
    with pytest.raises(Resting) as caught:
        call(fuses)
    assert caught.value.after_s == pytest.approx(10)


def test_writes_that_fail_stop_writes_alone_and_readings_do_not_open_them(fuses: Fuses) -> None:
    for _ in range(3):
        fail(fuses, 1, write=True)
        call(fuses)
    call(fuses)
    with pytest.raises(Resting):
        call(fuses, write=True)


def test_a_clock_that_steps_back_makes_no_rest_longer(fuses: Fuses, clock: HandClock) -> None:
    fail(fuses)
    clock.at -= 3600
    with pytest.raises(Resting) as caught:
        call(fuses)
    assert caught.value.after_s == pytest.approx(40)
