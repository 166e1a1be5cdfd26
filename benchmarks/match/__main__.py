"""`./run bench-match`: see the package. Exit code 1 when a bar is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from benchmarks.intake.processes import folder, postgresql
from benchmarks.match.bulk import run_bulk, run_join
from benchmarks.match.live.run import Live, run_live_postgresql, run_live_sqlite
from benchmarks.match.plan import QUICK, WHOLE, Plan
from benchmarks.match.rivals.run import Measured, run_rivals
from benchmarks.match.single import run_single
from benchmarks.match.spread import Spread
from benchmarks.match.verdicts import Verdicts
from benchmarks.match.watching import Watched
from benchmarks.match.world import write_world

_PARTS: Final = ("bulk", "rivals", "live")
_MOST_S: Final = 60.0
_MOST_GIB: Final = 3.0
_MOST_GROWTH: Final = 1.5
_MOST_DECIDED_MS: Final = 5.0
#: How many times cheaper than a rival's first shape a payment of a bulk run among as many invoices must be.
_CHEAPER: Final = {"OCA": 100.0, "ERPNext": 10.0}
#: Bars of a size are judged by a run of that size: payments and invoices in bulk, and invoices beside the rivals.
_BAR_SIZE: Final = (100_000, 1_000_000)
_BAR_RIVALS_AT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Bulk:
    """A bulk run of one size."""

    count: int
    run: Watched
    single_us: Spread
    join: Watched

    @property
    def payment_ms(self) -> float:
        """Wall time of a payment, its share of reading and writing included."""
        return self.run.seconds / self.count * 1000


@dataclass(slots=True)
class Seen:
    """What was measured, by size."""

    bulks: dict[int, Bulk] = field(default_factory=dict)
    rivals: list[Measured] = field(default_factory=list)
    live: dict[tuple[str, int], Live] = field(default_factory=dict)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="./run bench-match", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 100 000 invoices instead of a million")
    parser.add_argument("--payments", type=int, help="payments of the largest bulk run (100000; --quick: 5000)")
    parser.add_argument("--only", choices=_PARTS, action="append", help="measure only this part; may be repeated")
    asked = parser.parse_args()
    plan = QUICK if asked.quick else WHOLE
    plan = replace(plan, payments=asked.payments or plan.payments)
    with ExitStack() as stack:
        seen = _measure(plan, frozenset(asked.only or _PARTS), stack.enter_context(folder()), stack)
    sys.exit(0 if _judged(plan, seen) else 1)


def _measure(plan: Plan, parts: frozenset[str], place: Path, stack: ExitStack) -> Seen:
    address = stack.enter_context(postgresql()) if parts & {"rivals", "live"} else ""
    seen = Seen()
    for size in sorted({*plan.sizes, plan.rivals_at, *plan.live_at}):
        wanted = parts & _parts_of(plan, size)
        if not wanted:
            continue
        files = write_world(place, plan.payments_of(size), size)
        if "bulk" in wanted:
            seen.bulks[size] = _bulk(files, plan, size)
        if "rivals" in wanted:
            seen.rivals = _rivals(address, files, plan, seen)
        if "live" in wanted:
            _live(address, place, files, plan, size, seen)
        for path in files:
            path.unlink()
    return seen


def _parts_of(plan: Plan, size: int) -> frozenset[str]:
    sizes = (plan.sizes, (plan.rivals_at,), plan.live_at)
    return frozenset(part for part, some in zip(_PARTS, sizes, strict=True) if size in some)


def _bulk(files: tuple[Path, Path], plan: Plan, size: int) -> Bulk:
    count = plan.payments_of(size)
    bulk = Bulk(count, run_bulk(*files, plan.times), run_single(*files), run_join(*files, plan.times))
    run, join = bulk.run, bulk.join
    _say(
        f"bulk: {count} payments, {size} invoices: {run.seconds:.1f} s ({run.cpu_s:.0f} s of CPU), "
        f"{count / run.seconds:.0f} payments/s; a payment {bulk.single_us} us; "
        f"peak {run.peak_gib:.2f} GiB, shared pages once (RSS {run.resident_gib:.2f})"
    )
    _say(
        f"      polars, number and amount equal: {join.seconds:.1f} s, RSS {join.resident_gib:.2f} GiB; "
        f"sverka takes {run.seconds / join.seconds:.1f} times as long"
    )
    return bulk


def _rivals(address: str, files: tuple[Path, Path], plan: Plan, seen: Seen) -> list[Measured]:
    measured = run_rivals(address, *files, plan.bank_lines)
    for item in measured:
        _say(f"{item.rival.name}, {plan.rivals_at} invoices, {plan.bank_lines} bank lines: {item.shape.name}:")
        _say(f"      {item.cost_ms} ms a line{_times(item, seen.bulks.get(plan.rivals_at))}")
        for line in (*item.rival.upstream, *item.plan.splitlines()):
            _say(f"      | {line}")
    for rival in dict.fromkeys(item.rival.name for item in measured):
        indexes = next(item.rival.indexes for item in measured if item.rival.name == rival)
        _say(f"{rival}: its indexes: {'; '.join(index.removeprefix('CREATE INDEX ON ') for index in indexes)}")
    return measured


def _times(item: Measured, bulk: Bulk | None) -> str:
    if bulk is None:
        return ""
    return f", {item.cost_ms.p50 / bulk.payment_ms:.1f} times a payment of our bulk run ({bulk.payment_ms:.2f} ms)"


def _live(address: str, place: Path, files: tuple[Path, Path], plan: Plan, size: int, seen: Seen) -> None:
    runs: dict[str, Callable[[], Live]] = {
        "SQLite": lambda: run_live_sqlite(place, *files, plan.live_payments),
        "PostgreSQL": lambda: run_live_postgresql(address, *files, plan.live_payments),
    }
    for name, run in runs.items():
        live = seen.live[name, size] = run()
        _say(
            f"live, {name}: {size} invoices, {live.keys} keys, filled in {live.fill_s:.0f} s; decided: "
            f"{live.decided_ms} ms; the whole turn: {live.whole_ms} ms; {dict(live.kinds)}"
        )


def _judged(plan: Plan, seen: Seen) -> bool:
    verdicts = Verdicts()
    _judge_bulks(plan, seen, verdicts)
    _judge_rivals(plan, seen, verdicts)
    _judge_live(plan, seen, verdicts)
    for line in verdicts.lines():
        _say(line)
    return verdicts.hold


def _judge_bulks(plan: Plan, seen: Seen, verdicts: Verdicts) -> None:
    if not seen.bulks:
        return
    smallest, largest = seen.bulks[plan.sizes[0]], seen.bulks[plan.sizes[-1]]
    if (plan.payments, plan.sizes[-1]) == _BAR_SIZE:
        what = f"{plan.payments} payments, {plan.sizes[-1]} invoices"
        verdicts.at_most(f"bulk: {what}", largest.run.seconds, _MOST_S, " s")
    verdicts.at_most("bulk: its peak memory, all processes", largest.run.peak_gib, _MOST_GIB, " GiB")
    growth = largest.single_us.mean / smallest.single_us.mean
    verdicts.at_most(f"bulk: a payment among {plan.sizes[-1]} to one among {plan.sizes[0]}", growth, _MOST_GROWTH)


def _judge_rivals(plan: Plan, seen: Seen, verdicts: Verdicts) -> None:
    bulk = seen.bulks.get(plan.rivals_at)
    if bulk is None or plan.rivals_at != _BAR_RIVALS_AT:
        return
    for name, bar in _CHEAPER.items():
        first = next((item for item in seen.rivals if item.rival.name.startswith(name)), None)
        if first is not None:
            ratio = first.cost_ms.p50 / bulk.payment_ms
            verdicts.at_least(f"{name}'s shape to our bulk run, {plan.rivals_at} invoices", ratio, bar)


def _judge_live(plan: Plan, seen: Seen, verdicts: Verdicts) -> None:
    small, large = plan.live_at
    for name in dict.fromkeys(name for name, _ in seen.live):
        few, many = seen.live[name, small], seen.live[name, large]
        verdicts.at_most(f"live, {name}: decided among {large}, p95", many.decided_ms.p95, _MOST_DECIDED_MS, " ms")
        growth = many.decided_ms.mean / few.decided_ms.mean
        verdicts.at_most(f"live, {name}: a decision among {large} to one among {small}", growth, _MOST_GROWTH)
        growth = many.whole_ms.mean / few.whole_ms.mean
        verdicts.at_most(f"live, {name}: a whole turn among {large} to one among {small}", growth, _MOST_GROWTH)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
