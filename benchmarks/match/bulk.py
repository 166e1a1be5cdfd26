"""`sverka match` on two files as a user runs it, beside an exact join of the same files by polars."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.match.watching import Watched, watch

#: A run that takes longer is not repeated for the sake of a median.
_REPEATED_S: Final = 120.0


def run_bulk(payments: Path, invoices: Path, times: int) -> Watched:
    """Run the command and watch it.

    Raises:
        RuntimeError: it failed or wrote not a line for each payment.
    """
    out = payments.with_suffix(".out")
    command = (sys.executable, "-m", "hub", "match", "--payments", payments, "--invoices", invoices, "--out", out)

    def run() -> Watched:
        watched = watch(command)
        if _lines(out) != _lines(payments):
            raise RuntimeError(f"{out.name} has not a line for each payment")
        out.unlink()
        return watched

    return _middle(run, times)


def run_join(payments: Path, invoices: Path, times: int) -> Watched:
    """Join the files by equal number and amount and watch it, reading and writing included."""
    out = payments.with_suffix(".joined")
    command = (sys.executable, "-m", "benchmarks.match.exact_join", payments, invoices, out)

    def run() -> Watched:
        watched = watch(command)
        out.unlink()
        return watched

    return _middle(run, times)


def _middle(run: Callable[[], Watched], times: int) -> Watched:
    """The run of the middle time; the most memory that any took."""
    runs = [run()]
    while len(runs) < times and runs[0].seconds <= _REPEATED_S:
        runs.append(run())
    return Watched(
        median(item.seconds for item in runs),
        median(item.cpu_s for item in runs),
        max(item.peak_gib for item in runs),
        max(item.resident_gib for item in runs),
    )


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
