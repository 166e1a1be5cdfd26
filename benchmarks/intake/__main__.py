"""`./run bench-intake [--quick]`: the comparison, the slow disk, the kills, and whether each bar is reached."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import select

from benchmarks.intake.message import BODY_BYTES, number_of
from benchmarks.intake.processes import (
    CONNECTIONS,
    Load,
    Server,
    Unprepared,
    compile_shim,
    finish_load,
    folder,
    load,
    postgresql,
    start_load,
)
from hub.store import tables as t
from hub.store.engine import open_database

SQLITE_SHARE: Final = 0.5
POSTGRESQL_SHARE: Final = 0.15
SLOWED_RATE: Final = 2500.0
SLOWED_P99_MS: Final = 50.0
SLOW_FSYNC_US: Final = 4000
KILLS: Final = 3
#: Every load gets numbers of its own, so that no two bodies are the same.
_FIRSTS: Final = count(1, 10**9)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure."""

    rounds: int
    seconds: float
    slowed_s: float
    kill_after_s: float


FULL: Final = Plan(rounds=5, seconds=5, slowed_s=10, kill_after_s=2)
QUICK: Final = Plan(rounds=3, seconds=1.5, slowed_s=3, kill_after_s=1)


class Verdicts:
    """Bars, each printed as it is judged."""

    def __init__(self) -> None:
        self.missed = 0

    def judge(self, reached: bool, text: str) -> None:
        """Print a bar."""
        self.missed += not reached
        say(f"  {'ok    ' if reached else 'MISSED'}  {text}")


def main() -> int:
    """Measure everything; 0 when every bar is reached, 1 when one is missed, 2 when this machine lacks something."""
    parser = argparse.ArgumentParser(prog="./run bench-intake", description="Durably accepted webhooks a second.")
    parser.add_argument("--quick", action="store_true", help="a short run, for a look; the bars stay the same")
    plan = QUICK if parser.parse_args().quick else FULL
    verdicts = Verdicts()
    say(
        f"{CONNECTIONS} keep-alive connections, a Bitrix24 hook of {BODY_BYTES} bytes, unique each time. The hub: the "
        "whole site with connection guards, door and group writer; no jobs run in it, as in a web process of its own."
    )
    try:
        with folder() as path:
            compare(plan, path, verdicts)
            slow_disk(plan, path, verdicts)
            kills(plan, path, verdicts)
    except Unprepared as error:
        say(str(error))
        return 2
    say("every bar is reached" if not verdicts.missed else f"bars missed: {verdicts.missed}")
    return 1 if verdicts.missed else 0


def compare(plan: Plan, path: Path, verdicts: Verdicts) -> None:
    """Bare handler, hub on SQLite, hub on PostgreSQL, in turns."""
    say(f"\nIn turns, {plan.rounds} rounds of {plan.seconds:g} s, medians:")
    with postgresql() as address:
        servers = {"bare": Server("bare"), "SQLite": _hub(path, "compare"), "PostgreSQL": _hub(path, "pg", address)}
        try:
            seen: dict[str, list[Load]] = {name: [] for name in servers}
            for _ in range(plan.rounds):
                for name, server in servers.items():
                    seen[name].append(load(server.port, plan.seconds, next(_FIRSTS)))
        finally:
            for server in servers.values():
                server.stop()
    rates = {name: _report(name, loads) for name, loads in seen.items()}
    verdicts.judge(all(not one.others for loads in seen.values() for one in loads), "every answer was 204")
    for name, bar in (("SQLite", SQLITE_SHARE), ("PostgreSQL", POSTGRESQL_SHARE)):
        share = rates[name] / rates["bare"]
        verdicts.judge(share >= bar, f"{name}: {share:.2f} of the bare handler (bar {bar:g})")


def _report(name: str, loads: Sequence[Load]) -> float:
    rate = statistics.median(one.rate for one in loads)
    each = " ".join(f"{one.rate:.0f}" for one in loads)
    p50 = statistics.median(one.p50_ms for one in loads)
    p99 = statistics.median(one.p99_ms for one in loads)
    say(f"  {name:<11}{rate:>8.0f}/s   p50 {p50:.1f} ms, p99 {p99:.1f} ms   (rounds: {each})")
    return rate


def slow_disk(plan: Plan, path: Path, verdicts: Verdicts) -> None:
    """The hub on SQLite while every fsync takes four milliseconds longer."""
    say(f"\nSQLite, every fsync {SLOW_FSYNC_US / 1000:g} ms slower, {plan.slowed_s:g} s:")
    shim = compile_shim(path)
    server = _hub(path, "slowed", environment={"LD_PRELOAD": str(shim), "SLOW_FSYNC_US": str(SLOW_FSYNC_US)})
    try:
        seen = load(server.port, plan.slowed_s, next(_FIRSTS))
    finally:
        server.stop()
    say(f"  {seen.rate:.0f}/s, p50 {seen.p50_ms:.1f} ms, p99 {seen.p99_ms:.1f} ms")
    verdicts.judge(seen.rate >= SLOWED_RATE and not seen.others, f"at least {SLOWED_RATE:.0f}/s")
    verdicts.judge(seen.p99_ms <= SLOWED_P99_MS, f"p99 at most {SLOWED_P99_MS:g} ms")


def kills(plan: Plan, path: Path, verdicts: Verdicts) -> None:
    """SIGKILL under load: what was acknowledged is in the database."""
    say(f"\nSQLite, SIGKILL under load, {KILLS} times:")
    missing = acknowledged = 0
    for turn in range(KILLS):
        server, file = _hub(path, "killed"), path / f"acknowledged-{turn}"
        generator = start_load(server.port, 60, next(_FIRSTS), file)
        time.sleep(plan.kill_after_s)
        server.kill()
        finish_load(generator)
        numbers = {int(line) for line in file.read_text().split()}
        acknowledged += len(numbers)
        missing += len(numbers - stored_numbers(f"sqlite:///{path / 'killed' / 'hub.sqlite3'}"))
    verdicts.judge(missing == 0 and acknowledged > 0, f"{acknowledged} acknowledged, {missing} missing")


def stored_numbers(address: str) -> set[int]:
    """Numbers of the hooks that the database holds."""
    database = open_database(address)
    try:
        with database.read() as connection:
            return {number_of(raw) for raw in connection.scalars(select(t.inbox.c.raw))}
    finally:
        database.close()


def _hub(path: Path, name: str, address: str | None = None, environment: dict[str, str] | None = None) -> Server:
    own = path / name
    own.mkdir(exist_ok=True)
    database = address or f"sqlite:///{own / 'hub.sqlite3'}"
    return Server("hub", "--database", database, "--folder", str(own), environment=environment)


def say(text: str) -> None:
    """One line for the reader."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
