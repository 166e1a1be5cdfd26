"""`sverka match` on two files as a user runs it: wall time from start to end, and the memory of all its processes."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_LOOK_S: Final = 0.2
_KIB_IN_GIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Bulk:
    """One run of the command.

    Attributes:
        peak_gib: the most memory that its processes held together (PSS: what they share is counted once).
    """

    seconds: float
    peak_gib: float


def run_bulk(payments: Path, invoices: Path) -> Bulk:
    """Run the command and watch it.

    Raises:
        RuntimeError: it failed or wrote not a line for each payment.
    """
    out = payments.with_suffix(".out")
    command = (sys.executable, "-m", "hub", "match", "--payments", payments, "--invoices", invoices, "--out", out)
    began, peak = time.monotonic(), 0
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while True:
        try:
            _, told = process.communicate(timeout=_LOOK_S)
            break
        except subprocess.TimeoutExpired:
            peak = max(peak, _memory_kib(process.pid))
    seconds = time.monotonic() - began
    if process.returncode != 0 or _lines(out) != _lines(payments):
        raise RuntimeError(f"sverka match ended with {process.returncode}: {told}")
    out.unlink()
    return Bulk(seconds, peak / _KIB_IN_GIB)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _memory_kib(pid: int) -> int:
    """PSS of a process and of those that it started; a process that ended meanwhile holds nothing."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    own = next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return own + sum(_memory_kib(int(child)) for child in children)
