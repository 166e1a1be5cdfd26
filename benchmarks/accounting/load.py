"""A hub of its own settings that reads a base to the end: `python -m benchmarks.accounting.load SETTINGS CONTROL OUT`.

Writes what it saw as JSON. The connector, the services and the store are those of the product.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from sqlalchemy import func, select

from benchmarks.accounting.settings import BOOKS, MONEY
from hub.composition.hub import Hub, open_hub
from hub.config import create_key_file, parse_config
from hub.services.poll_bank import poll_bank
from hub.services.poll_source import poll_source
from hub.store import tables as t


def main(settings: Path, control: str, out: Path) -> None:
    """The whole base, its money, then a quiet cycle of both."""
    config = parse_config(settings.read_text(encoding="utf-8"), settings)
    if not config.secret_key_file.exists():
        create_key_file(config.secret_key_file)
    with open_hub(config) as hub:
        seen: dict[str, float] = {}
        steps: list[tuple[str, Callable[[], bool]]] = [
            ("load", lambda: poll_source(hub.rt, BOOKS).complete),
            # Payments of the last days are seen for the first time by the poll after the walk.
            ("settling", lambda: poll_source(hub.rt, BOOKS).complete),
            ("money", lambda: poll_bank(hub.rt, MONEY).complete),
            ("quiet", lambda: poll_source(hub.rt, BOOKS).complete),
            ("quiet money", lambda: poll_bank(hub.rt, MONEY).complete),
        ]
        for name, step in steps:
            before, began = _asked(control), time.perf_counter()
            if not step():
                raise SystemExit(f"{name}: the base was not read to its end")
            seen[f"{name} s"] = time.perf_counter() - began
            seen[f"{name} requests"] = _asked(control) - before
        out.write_text(json.dumps(seen | _kept(hub)), encoding="utf-8")


def _asked(control: str) -> int:
    return len(httpx.get(f"{control}requests", timeout=60).json())


def _kept(hub: Hub) -> dict[str, float]:
    with hub.database.read() as connection:
        counted = {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in (("invoices", t.invoices), ("clients", t.clients), ("payments", t.payments))
        }
    return {name: float(count) for name, count in counted.items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
