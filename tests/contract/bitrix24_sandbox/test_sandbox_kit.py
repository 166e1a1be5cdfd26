"""The parts every stand-in shares: clock, timers, PHP forms."""

from datetime import UTC, datetime

import pytest

from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.php import encode_map, parse_query
from connectors.sandbox_kit.timers import Timers

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)


def test_a_frozen_clock_moves_only_by_hand() -> None:
    clock = SandboxClock()
    clock.set(NOON)
    clock.freeze()
    clock.set(NOON)
    assert clock.now() == NOON
    clock.advance(90)
    assert (clock.now() - NOON).total_seconds() == 90
    clock.resume()
    assert not clock.frozen
    assert 90 <= (clock.now() - NOON).total_seconds() < 95


def test_a_clock_refuses_a_moment_without_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        SandboxClock().set(datetime(2026, 9, 21))


def test_timers_run_in_order_of_time_once_due() -> None:
    clock = SandboxClock()
    clock.freeze()
    timers, ran = Timers(clock), list[str]()
    timers.after(20, lambda: ran.append("second"))
    timers.after(10, lambda: ran.append("first"))
    assert timers.run_due() == 0
    clock.advance(30)
    assert timers.run_due() == 2
    assert ran == ["first", "second"]


def test_the_timer_thread_wakes_on_a_jump_of_the_clock() -> None:
    clock = SandboxClock()
    timers, ran = Timers(clock), list[int]()
    timers.start()
    timers.after(3600, lambda: ran.append(1))
    assert timers.pending() == 1
    clock.advance(3601)
    assert timers.wait_idle(5)
    timers.stop()
    assert ran == [1]


def test_timers_tell_when_they_are_not_idle_in_time() -> None:
    timers = Timers(SandboxClock())
    timers.after(3600, lambda: None)
    assert not timers.wait_idle(0.01)
    timers.clear()
    assert timers.wait_idle(0.01)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a=1&b[c]=2&b[d][e]=3", {"a": "1", "b": {"c": "2", "d": {"e": "3"}}}),
        ("s[]=x&s[]=y", {"s": {"0": "x", "1": "y"}}),
        ("s[3]=x&s[]=y", {"s": {"3": "x", "4": "y"}}),
        ("f[%3Eid]=5&t=%D0%B0+b", {"f": {">id": "5"}, "t": "а b"}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("empty=&=x", {"empty": ""}),
    ],
)
def test_bracket_keys_nest_as_in_php(query: str, tree: dict[str, object]) -> None:
    assert parse_query(query) == tree


def test_php_arrays_become_lists_only_with_keys_from_zero() -> None:
    assert encode_map({}) == []
    assert encode_map({"0": "a", "1": "b"}) == ["a", "b"]
    assert encode_map({"1": "a"}) == {"1": "a"}
    assert encode_map({"1": "a", "0": "b"}) == {"1": "a", "0": "b"}
