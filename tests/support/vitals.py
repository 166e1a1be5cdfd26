"""What a live process holds, as the kernel counts it: threads, sockets, open files, memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at a process; memory is resident bytes."""

    threads: int
    sockets: int
    files: int
    resident: int

    @classmethod
    def of(cls, pid: int) -> Vitals:
        """Look now.

        Raises:
            OSError: the process is gone.
        """
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        targets = [_target(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]
        sockets = sum(target.startswith("socket:") for target in targets)
        resident = int(status["VmRSS"].split()[0]) * _KIB
        return cls(int(status["Threads"]), sockets, len(targets), resident)


def _target(entry: Path) -> str:
    try:
        return os.readlink(entry)
    except FileNotFoundError:
        return ""  # closed between the two looks


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one hub may hold at most."""

    threads: int = 60
    sockets: int = 80
    files: int = 200
    resident: int = 400 << 20

    def broken(self, seen: Vitals) -> list[str]:
        """I8: a sentence for each bound that was passed; empty = good."""
        return [
            f"I8 {name}: {getattr(seen, name)}, at most {getattr(self, name)}"
            for name in ("threads", "sockets", "files", "resident")
            if getattr(seen, name) > getattr(self, name)
        ]
