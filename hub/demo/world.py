"""The demo's folder: settings, rules, the portal's seed and the statements, made anew for every run."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import yaml

from hub.config import create_key_file
from hub.demo.expectations import Expectations
from hub.demo.processes import DemoError

CONNECTION: Final = "portal"
_WEBHOOK_USER: Final = 1
_MOVES_PER_HOUR: Final = 10_000
_POLL_EVERY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class World:
    """Where everything of one run lies."""

    folder: Path

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "sverka.yaml"

    @property
    def seed(self) -> Path:
        """What the portal holds when it starts."""
        return self.folder / "portal.json"

    @property
    def write_log(self) -> Path:
        """The portal's own log of what was written to it."""
        return self.folder / "portal-writes.jsonl"

    @property
    def rules(self) -> Path:
        """The rule file."""
        return self.folder / "rules.yaml"

    @property
    def statements(self) -> Path:
        """The folder of statement files."""
        return self.folder / "statements"

    def log_of(self, name: str) -> Path:
        """Where a process writes its messages."""
        return self.folder / "logs" / f"{name}.log"


def make_world(folder: Path, statements: Path | None) -> World:
    """Lay out seed, rules and statements; the settings follow when the portal's address is known.

    Args:
        statements: a folder of files to use in place of the shipped ones.

    Raises:
        DemoError: the folder is in use, or there are no statements.
    """
    world = World(folder)
    if folder.exists() and any(folder.iterdir()):
        raise DemoError(f"{folder}: папка не пуста, выберите другую.")
    for part in (folder, folder / "data", folder / "logs", world.statements):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    create_key_file(folder / "data" / "secret.key")
    with as_file(files("hub.demo").joinpath("data")) as data:
        shutil.copyfile(data / "rules.yaml", world.rules)
        _write_seed(data / "portal.json", world.seed)
        _copy_statements(statements or data / "statements", world.statements)
    return world


def _copy_statements(source: Path, target: Path) -> None:
    found = [path for path in sorted(source.iterdir()) if path.suffix.lower() == ".txt"]
    if not found:
        raise DemoError(f"{source}: нет ни одного файла выписки (.txt).")
    for path in found:
        shutil.copyfile(path, target / path.name)


def _write_seed(source: Path, target: Path) -> None:
    seed = json.loads(source.read_text("utf-8"))
    seed["webhooks"] = [{"user_id": _WEBHOOK_USER, "code": secrets.token_hex(16)}]
    target.touch(mode=0o600)
    target.write_text(json.dumps(seed, ensure_ascii=False), "utf-8")


def write_config(world: World, expected: Expectations, webhook_url: str, port: int) -> None:
    """Write the settings of a hub that may act from the day the story says."""
    settings = {
        "company": {
            "name": "ООО «Берёзовый причал»",
            "tax_ids": list(expected.own_tax_ids),
            "accounts": list(expected.own_accounts),
        },
        "database": "sqlite:///data/sverka.sqlite3",
        "secret_key_file": "data/secret.key",
        "desk": {"host": "127.0.0.1", "port": port},
        "connections": {
            CONNECTION: {
                "system": "bitrix24",
                "webhook_url": webhook_url,
                "rules": world.rules.name,
                "plan": "off",
                "poll_every_s": _POLL_EVERY_S,
                "moves_per_hour": _MOVES_PER_HOUR,
                "mode": "act",
                "act_from": expected.act_from.isoformat(),
            }
        },
        "log": {"file": "logs/sverka.log"},
    }
    world.config.touch(mode=0o600)
    world.config.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), "utf-8")
