"""The schedule of event deliveries: ten attempts over three days, a receiver's own wish kept within bounds."""

from __future__ import annotations

import pytest

from hub.services.endpoints import LONGEST_PAUSE_S, PAUSES_S, EventTiming

DAY_S = 86_400.0


def pauses(timing: EventTiming) -> list[float]:
    found, attempts = [], 1
    while (pause := timing.pause_s(attempts)) is not None:
        found.append(pause)
        attempts += 1
    return found


def test_attempts_are_spread_over_three_days_and_some_hours() -> None:
    assert PAUSES_S[0] == 0
    assert pauses(EventTiming(jitter=lambda: 0.0)) == list(PAUSES_S[1:])
    assert 3 * DAY_S < sum(PAUSES_S) < 3.5 * DAY_S


@pytest.mark.parametrize("draw", [0.0, 0.5, 1.0])
def test_jitter_only_lengthens_a_pause_and_by_a_tenth_at_most(draw: float) -> None:
    for ours, planned in zip(pauses(EventTiming(jitter=lambda: draw)), PAUSES_S[1:], strict=True):
        assert planned <= ours <= planned * 1.1


def test_pauses_grow() -> None:
    found = pauses(EventTiming())
    assert found == sorted(found)


def test_a_longer_pause_that_the_receiver_asked_for_is_kept_and_a_shorter_one_is_not_a_hurry() -> None:
    timing = EventTiming(jitter=lambda: 0.0)
    assert timing.pause_s(1, 120.0) == 120.0
    assert timing.pause_s(3, 1.0) == PAUSES_S[3]


def test_a_receiver_cannot_ask_for_more_than_a_day_nor_for_the_past() -> None:
    assert EventTiming.asked_s(1e9) == LONGEST_PAUSE_S
    assert EventTiming.asked_s(-5.0) == 0.0
    assert EventTiming.asked_s(None) == 0.0


def test_one_factor_scales_the_schedule() -> None:
    assert EventTiming(scale=0.01, jitter=lambda: 0.0).pause_s(2) == 3.0
