"""`./run bench-match`: see the package. Exit code 1 when a bar is missed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.match.bulk import Bulk, run_bulk
from benchmarks.match.single import Single, run_single
from benchmarks.match.world import write_world

_SIZES: Final = (10_000, 100_000, 1_000_000)
_QUICK: Final = (2_000, 10_000, 50_000)
_MOST_S: Final = 60.0
_MOST_GIB: Final = 3.0
_MOST_GROWTH: Final = 1.5
#: The bar in seconds is of this many payments; a smaller run has its share of it.
_WHOLE: Final = 100_000


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="./run bench-match", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 000, 10 000 and 50 000 invoices instead of a million")
    parser.add_argument("--payments", type=int, help="payments of the largest bulk run (100000; --quick: 5000)")
    asked = parser.parse_args()
    sizes = _QUICK if asked.quick else _SIZES
    payments = asked.payments or (5_000 if asked.quick else _WHOLE)
    with tempfile.TemporaryDirectory(prefix="sverka-match-bench-") as folder:
        sys.exit(0 if _run(Path(folder), sizes, payments) else 1)


def _run(folder: Path, sizes: tuple[int, ...], payments: int) -> bool:
    print("  invoices  payments  seconds  payments/s   p50 us   p95 us  peak GiB")
    bulks, singles = list[Bulk](), list[Single]()
    for size in sizes:
        count = min(payments, size // 10) if size < sizes[-1] else payments
        files = write_world(folder, count, size)
        bulks.append(run_bulk(*files))
        singles.append(run_single(*files))
        for path in files:
            path.unlink()
        _print(size, count, bulks[-1], singles[-1])
    return _judged(bulks[-1], singles, payments)


def _print(size: int, count: int, bulk: Bulk, single: Single) -> None:
    print(
        f"{size:>10}{count:>10}{bulk.seconds:>9.1f}{count / bulk.seconds:>12.0f}"
        f"{single.p50_us:>9.0f}{single.p95_us:>9.0f}{bulk.peak_gib:>10.2f}",
        flush=True,
    )


def _judged(largest: Bulk, singles: list[Single], payments: int) -> bool:
    growth = singles[-1].mean_us / singles[0].mean_us
    bars = (
        ("the largest bulk run, seconds", largest.seconds, _MOST_S * max(payments / _WHOLE, 0.1)),
        ("its peak memory, all processes, GiB", largest.peak_gib, _MOST_GIB),
        ("cost of a payment at the largest size to the smallest", growth, _MOST_GROWTH),
    )
    for name, value, bar in bars:
        print(f"{'ok    ' if value <= bar else 'MISSED'} {name}: {value:.2f} (at most {bar:g})")
    return all(value <= bar for _, value, bar in bars)


if __name__ == "__main__":
    main()
