"""A local base of 1C in a process of its own, with a seeded company that has every kind of oddity."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import httpx

_ROOT: Final = Path(__file__).resolve().parents[2]
#: So far back the company's documents begin; its last ones are of the day before yesterday.
_YEARS: Final = timedelta(days=690)
_MOSCOW: Final = timezone(timedelta(hours=3))
#: So many of the documents and clients are odd.
_QUIRK_SHARE: Final = 0.1
_NEWEST: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Base:
    """A base that is served."""

    base_url: str
    user: str
    password: str
    control_url: str
    first_day: date

    def asked(self) -> Counter[str]:
        """Requests that it has answered, by what was asked for."""
        rows: list[dict[str, Any]] = httpx.get(f"{self.control_url}requests", timeout=60).json()
        return Counter(row["method"] for row in rows)


@contextmanager
def served_base(folder: Path, invoices: int, clients: int, seed: int) -> Iterator[Base]:
    """Serve one of «Бухгалтерия предприятия» until the end."""
    today = datetime.now(_MOSCOW).date()
    generate = {
        "seed": seed,
        "invoices": invoices,
        "counterparties": clients,
        "first_day": (today - _YEARS).isoformat(),
        "last_day": (today - _NEWEST).isoformat(),
        "quirk_share": _QUIRK_SHARE,
    }
    file = folder / "seed.json"
    file.write_text(json.dumps({"version": 1, "config": "bp30", "generate": generate}), encoding="utf-8")
    command = [sys.executable, "-m", "connectors.accounting_1c.sandbox", "--seed", str(file), "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield Base(told["base_url"], told["user"], told["password"], told["control_url"], today - _YEARS)
        finally:
            process.terminate()
            process.wait(30)
