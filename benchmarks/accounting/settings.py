"""Settings of a hub that reads the base and its money."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.accounting.base import Base

BOOKS: Final = "buh"
MONEY: Final = "buh-money"


def write_settings(folder: Path, base: Base, database: str | None) -> Path:
    """A settings file beside which the hub's database lies, where no other address is given."""
    folder.mkdir(parents=True, exist_ok=True)
    at = f"database: {database}\n" if database else ""
    file = folder / "sverka.yaml"
    file.write_text(
        f"""{at}company:
  name: Ромашка
connections:
  {BOOKS}:
    system: accounting_1c
    address: {base.base_url}
    configuration: bp30
    login: {base.user}
    password: {base.password}
    read_from: {base.first_day.isoformat()}
banks:
  {MONEY}:
    bank: 1c
    connection: {BOOKS}
""",
        encoding="utf-8",
    )
    return file
