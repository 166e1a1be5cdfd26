"""`./run bench-1c`: see the package. Exit code 1 when a bar is missed."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.accounting.base import Base, served_base
from benchmarks.accounting.plain import PlainRead, read_plainly
from benchmarks.accounting.settings import write_settings
from benchmarks.intake.processes import folder, postgresql
from benchmarks.match.verdicts import Verdicts
from benchmarks.match.watching import Watched, watch

_MOST_S: Final = 180.0
_MOST_QUIET: Final = 6
_MOST_GIB: Final = 0.5
_INVOICES, _CLIENTS = 20_000, 3_000
_QUICK: Final = 10


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of the base by a hub."""

    name: str
    seen: dict[str, float]
    watched: Watched


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="./run bench-1c", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the base")
    parser.add_argument("--seed", type=int, default=1, help="another base, made of the same kinds of oddities")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="measure only this store")
    asked = parser.parse_args()
    size = _QUICK if asked.quick else 1
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        counts = (_INVOICES // size, _CLIENTS // size)
        base = stack.enter_context(served_base(place, *counts, asked.seed))
        plain = read_plainly(base)
        print(f"plain httpx: {plain.rows} rows, {plain.requests} requests, {plain.seconds:.1f} s", flush=True)
        runs = []
        if asked.only != "postgresql":
            runs.append(_run("SQLite", place / "sqlite", base, None, plain))
        if asked.only != "sqlite":
            address = stack.enter_context(postgresql())
            runs.append(_run("PostgreSQL", place / "postgresql", base, address, plain))
    return 0 if _judged(runs) else 1


def _run(name: str, place: Path, base: Base, database: str | None, plain: PlainRead) -> Run:
    settings = write_settings(place, base, database)
    out = place / "seen.json"
    watched = watch([sys.executable, "-m", "benchmarks.accounting.load", settings, base.control_url, out])
    run = Run(name, json.loads(out.read_text(encoding="utf-8")), watched)
    seen = run.seen
    print(
        f"{name}: {seen['invoices']:.0f} invoices and {seen['clients']:.0f} clients in {seen['load s']:.1f} s, "
        f"{seen['load requests']:.0f} requests ({seen['load s'] / plain.seconds:.1f} times plain httpx, "
        f"{seen['load requests'] / plain.requests:.1f} times its requests); {watched.peak_gib * 1024:.0f} MiB, "
        f"{watched.cpu_s:.0f} s of its own work in all\n"
        f"  money of 1C: {seen['payments']:.0f} payments in {seen['money s']:.1f} s, {seen['money requests']:.0f} "
        f"requests; a quiet cycle: {seen['quiet requests']:.0f} requests in {seen['quiet s']:.2f} s, its money "
        f"{seen['quiet money requests']:.0f} requests in {seen['quiet money s']:.2f} s",
        flush=True,
    )
    return run


def _judged(runs: list[Run]) -> bool:
    verdicts = Verdicts()
    for run in runs:
        verdicts.at_most(f"{run.name}: whole base", run.seen["load s"], _MOST_S, " s")
        verdicts.at_most(f"{run.name}: quiet cycle, requests", run.seen["quiet requests"], _MOST_QUIET)
        verdicts.at_most(f"{run.name}: quiet cycle of money, requests", run.seen["quiet money requests"], _MOST_QUIET)
        verdicts.at_most(f"{run.name}: memory", run.watched.peak_gib, _MOST_GIB, " GiB")
    print("\n".join(verdicts.lines()))
    return verdicts.hold


if __name__ == "__main__":
    sys.exit(main())
