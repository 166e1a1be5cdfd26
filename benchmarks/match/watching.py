"""Runs a command and watches it from outside: wall time from start to end, and the memory of all its processes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_LOOK_S: Final = 0.2
_KIB_IN_GIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Watched:
    """One run of a command.

    Attributes:
        cpu_s: what its processes worked; beside `seconds` it shows whether the machine had other things to do.
        peak_gib: the most memory that its processes held together (PSS: what they share is counted once).
        resident_gib: the largest sum of their RSS: what they share, pages of mapped files included, counts each time.
    """

    seconds: float
    cpu_s: float
    peak_gib: float
    resident_gib: float


def watch(command: Sequence[str | Path]) -> Watched:
    """Run the command in the project's folder to its end.

    Raises:
        RuntimeError: it failed.
    """
    began, worked, peak, resident = time.monotonic(), _worked_s(), 0, 0
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while True:
        try:
            _, told = process.communicate(timeout=_LOOK_S)
            break
        except subprocess.TimeoutExpired:
            shared, own = _memory_kib(process.pid)
            peak, resident = max(peak, shared), max(resident, own)
    seconds = time.monotonic() - began
    if process.returncode != 0:
        raise RuntimeError(f"{command} ended with {process.returncode}: {told}")
    return Watched(seconds, _worked_s() - worked, peak / _KIB_IN_GIB, resident / _KIB_IN_GIB)


def _worked_s() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory_kib(pid: int) -> tuple[int, int]:
    """PSS and RSS of a process and of those that it started; a process that ended meanwhile holds nothing."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    held = dict(line.split()[:2] for line in rollup.splitlines()[1:])
    below = [_memory_kib(int(child)) for child in children]
    return (
        int(held["Pss:"]) + sum(shared for shared, _ in below),
        int(held["Rss:"]) + sum(resident for _, resident in below),
    )
