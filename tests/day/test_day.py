"""A whole day whose hooks are delivered, dropped, doubled or shuffled ends the same after one reconcile.

`./run soak -k thousand` plays days of 1 000 events; SVERKA_SEED=<number> repeats a run.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from hub.store.engine import Database
from tests.day.plan import seeded_day
from tests.day.relay import WAYS
from tests.day.state import DayEnd, day_end, doubled_writes
from tests.day.world import World, opened_world, play
from tests.support.chance import run_seed

Fresh = Callable[[str], Database]


@pytest.fixture
def fresh(sqlite_template: Path, tmp_path: Path, open_url: Callable[[URL], Database]) -> Fresh:
    """New databases by name."""

    def open_one(name: str) -> Database:
        path = tmp_path / f"{name}.sqlite3"
        shutil.copy(sqlite_template, path)
        return open_url(make_url(f"sqlite:///{path}"))

    return open_one


def every_way_ends_the_same(fresh: Fresh, size: int, seed: int, *, awake: bool) -> None:
    day = seeded_day(size, seed)
    ends: dict[str, DayEnd] = {}
    for way in WAYS:
        with opened_world(day, fresh(way), way, seed) as world:
            play(world, awake=awake)
            world.reconcile()
            first = day_end(world)
            assert doubled_writes(world) == [], way
            _once_more(world, first)
            ends[way] = day_end(world)
            assert world.post.refused == 0
            counts = {name: sum(rows.values()) for name, rows in vars(ends[way]).items()}
            print(f"{way}: hooks sent {world.post.taken}, handed on {world.post.handed}; {counts}", flush=True)
    for way in WAYS[1:]:
        assert ends[WAYS[0]].differences(ends[way]) == [], f"{way}, seed {seed}"
    assert ends[WAYS[0]].writes
    assert awake or size < 1_000 or ends[WAYS[0]].asks


def _once_more(world: World, before: DayEnd) -> None:
    """The next poll finds what we wrote ourselves, and nothing more is done."""
    world.hear(last=True)
    world.outside.clock.sleep(700)
    world.poll()
    world.drain()
    after = day_end(world)
    assert (after.writes, after.deals, after.invoices) == (before.writes, before.deals, before.invoices)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "awake",
    [pytest.param(False, id="asleep"), pytest.param(True, id="awake", marks=pytest.mark.thorough)],
)
def test_a_day_of_hooks_lost_doubled_or_shuffled_ends_the_same(fresh: Fresh, awake: bool) -> None:
    every_way_ends_the_same(fresh, 150, run_seed(1603), awake=awake)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("awake", [False, True], ids=["asleep", "awake"])
def test_a_day_of_a_thousand_events_ends_the_same(fresh: Fresh, awake: bool) -> None:
    every_way_ends_the_same(fresh, 1_000, run_seed(), awake=awake)
