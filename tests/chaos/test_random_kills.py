"""Row 2: SIGKILL at random moments while payments come in and the CRM fails; a supervisor starts the hub again at once.

Everything at random is drawn from one seed, which is printed; SVERKA_SEED=<number> repeats a run.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import URL

from tests.support.feeding import bring, polled, rests, unfinished
from tests.support.invariants import leaks, repeat_writes, violations
from tests.support.live import CONNECTION, LiveHub, Portal, free_port, wait_for
from tests.support.load import RULES, Load, make_load
from tests.support.matrix import Figures
from tests.support.vitals import Bounds, Vitals

pytestmark = [pytest.mark.chaos, pytest.mark.row(2)]
_HOOK_SECRET: Final = "unguessable-hook-secret-000000002"
_TOKEN: Final = "sandboxapplicationtoken0000000002"
#: A life ends at a random moment of its first seconds: its start is hit as well as its work.
_LIFE_S: Final = 3.0
#: Where a kill meets a hub that is not yet up: every n-th start is a cold one, imports and all.
_COLD_EVERY: Final = 10
_FILES: Final = 10
#: Hooks tell of most changes; the poll comes every fifteen seconds (300 at the scale of these tests).
_CONNECTION: Final = {
    "application_token": _TOKEN,
    "hook_secret": _HOOK_SECRET,
    "moves_per_hour": 100_000,
    "poll_every_s": 300,
}


@dataclass(frozen=True, slots=True)
class Storm:
    """How much, how often; `calm_s` is how long the hub may take to its rest after the last kill."""

    payments: int
    kills: int
    calm_s: float


def _seed() -> int:
    return int(os.environ.get("SVERKA_SEED") or secrets.randbelow(1_000_000))


def _sqlite(storm: Storm) -> object:
    return pytest.param("sqlite", storm, id=f"sqlite-{storm.kills}-kills-{storm.payments}-payments")


def _postgres(storm: Storm) -> object:
    return pytest.param("postgres", storm, id=f"postgres-{storm.kills}-kills-{storm.payments}-payments")


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("kind", "storm"), [_sqlite(Storm(400, 60, 200)), _postgres(Storm(100, 15, 100))])
def test_random_kills_under_load_lose_and_double_nothing(
    kind: str, storm: Storm, tmp_path: Path, request: pytest.FixtureRequest, figures: Figures
) -> None:
    _weather(kind, storm, tmp_path, request, figures)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("kind", "storm"), [_sqlite(Storm(5000, 500, 1800)), _postgres(Storm(1000, 100, 600))])
def test_hundreds_of_kills_over_thousands_of_payments(
    kind: str, storm: Storm, tmp_path: Path, request: pytest.FixtureRequest, figures: Figures
) -> None:
    _weather(kind, storm, tmp_path, request, figures)


def _weather(kind: str, storm: Storm, folder: Path, request: pytest.FixtureRequest, figures: Figures) -> None:
    number = _seed()
    print(f"SVERKA_SEED={number}", flush=True)
    figures.note(f"{kind} seed {number}")
    chance = random.Random(number)
    port = free_port()
    hook_url = f"http://127.0.0.1:{port}/hooks/{CONNECTION}/{_HOOK_SECRET}"
    load = make_load(chance, storm.payments, _FILES, hook_url, _TOKEN)
    with Portal(folder, load.seed, load.faults, number, warm=True) as portal:
        hub = LiveHub(
            folder / "hub",
            portal.address["webhook_url"],
            _database(kind, request),
            port=port,
            connection=_CONNECTION,
            rules=RULES,
            warm=True,
        )
        try:
            calm_s = _live(hub, load, storm, chance)
            vitals = Vitals.of(hub.pid)
        finally:
            hub.stop()
        log = portal.write_log()
        logs = (hub.folder / "up.log", hub.folder / "data" / "sverka.log")
        with hub.opened() as database:
            broken = violations(database, load.lines, log)
        assert broken + leaks(logs, (*portal.secrets, _HOOK_SECRET)) + Bounds().broken(vitals) == [], f"seed {number}"
    figures.total("payments", storm.payments)
    figures.total("kills", storm.kills)
    figures.total("repeat writes", repeat_writes(log))
    figures.most("rest after the last kill, s", calm_s)
    figures.most("threads", vitals.threads)
    figures.most("MiB", vitals.resident >> 20)


def _database(kind: str, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        return "sqlite:///data/hub.sqlite3"
    url: URL = request.getfixturevalue("postgres_url")
    return url.render_as_string(hide_password=False)


def _live(hub: LiveHub, load: Load, storm: Storm, chance: random.Random) -> float:
    """Kill and start; files drop in between. Returns the seconds from the last kill to rest."""
    hub.start()
    arrivals = sorted(chance.randrange(storm.kills) for _ in load.files)
    files = list(zip(arrivals, load.files, strict=True))
    with hub.opened() as database:
        wait_for(lambda: polled(database), 60, "the first poll ends")
        for life in range(storm.kills):
            for _, raw in (item for item in files if item[0] == life):
                bring(database, raw)
            time.sleep(chance.uniform(0, _LIFE_S))
            hub.kill()
            hub.warm = life % _COLD_EVERY != 0
            hub.start(wait=life == storm.kills - 1)
        last_kill = time.monotonic()
        try:
            wait_for(lambda: rests(database, storm.payments), storm.calm_s, "rest after the last kill")
        except AssertionError as error:
            raise AssertionError(f"{error}; still waiting: {unfinished(database)}") from error
        return time.monotonic() - last_kill
