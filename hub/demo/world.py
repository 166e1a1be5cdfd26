"""The demo's folder: settings, rules, seeds and statements, made anew for every run."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import yaml

from hub.config import create_key_file
from hub.demo.expectations import Expectations
from hub.demo.processes import DemoError
from hub.demo.story.days import moved

#: Connections by name: to which CRM they lead.
CRMS: Final[Mapping[str, str]] = {"portal": "bitrix24", "amo": "amocrm"}
#: The accounting system of both companies.
BOOKS: Final = "books"
#: Banks by name: how a hook of theirs is listed among the sources of a payment.
HOOKS_OF: Final[Mapping[str, str]] = {"tochka": "вебхук: Точка", "tbank": "вебхук: Т-Банк"}
CONNECTIONS: Final = (*CRMS, BOOKS, *HOOKS_OF)
#: Stand-ins by name, with the file of what they hold when they start.
_SEEDS: Final[Mapping[str, str]] = {
    "portal": "portal.json",
    "amo": "account.json",
    BOOKS: "books.json",
    "banks": "banks.json",
}
#: Rules by connection: the same text, with the pipelines and stages that each CRM has.
_RULES: Final[Mapping[str, str]] = {"portal": "rules.yaml", "amo": "rules-amocrm.yaml"}
#: The bank sends every hook twice, as banks do now and then.
_TWICE: Final = {
    "version": 1,
    "rules": [{"match": {"method": "tochka.*Payment"}, "times": None, "action": {"kind": "double_hook"}}],
}
_WEBHOOK_USER: Final = 1
_MOVES_PER_HOUR: Final = 10_000
_POLL_EVERY_S: Final[Mapping[str, float]] = {"portal": 10.0, "amo": 30.0, BOOKS: 30.0}
#: What the hub's user of 1C may write: the register of paid marks, no document at all.
_MAY_WRITE: Final = ("InformationRegister_СтатусыДокументов",)
_BOOKS_FROM: Final = date(2026, 1, 1)
_BANK_POLL_EVERY_S: Final = 30.0
_MOSCOW: Final = timezone(timedelta(hours=3))


@dataclass(frozen=True, slots=True)
class World:
    """Where everything of one run lies.

    Attributes:
        today: the day that the story's last days end with.
        hook_secret: unguessable part of the address that the bank calls.
    """

    folder: Path
    today: date
    hook_secret: str

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "sverka.yaml"

    def seed_of(self, name: str) -> Path:
        """What a stand-in holds when it starts."""
        return self.folder / _SEEDS[name]

    def writes_of(self, name: str) -> Path:
        """A stand-in's own log of what was written to it."""
        return self.folder / f"{name}-writes.jsonl"

    @property
    def bank_faults(self) -> Path:
        """What the banks do to their hooks."""
        return self.folder / "bank-faults.json"

    @property
    def hooks(self) -> Path:
        """The movements that the bank tells by hook."""
        return self.folder / "hooks.json"

    @property
    def one_more(self) -> Path:
        """The movement that comes when whoever watches lets it."""
        return self.folder / "one-more.json"

    @property
    def statements(self) -> Path:
        """The folder of statement files."""
        return self.folder / "statements"

    def log_of(self, name: str) -> Path:
        """Where a process writes its messages."""
        return self.folder / "logs" / f"{name}.log"


@dataclass(frozen=True, slots=True)
class Doors:
    """What the stand-ins announced, one JSON line each."""

    portal: Mapping[str, Any]
    amo: Mapping[str, Any]
    books: Mapping[str, Any]
    banks: Mapping[str, Any]


def moscow_today() -> date:
    """The day that the banks have now."""
    return datetime.now(_MOSCOW).date()


def make_world(folder: Path, statements: Path | None) -> World:
    """Lay out seeds, rules and statements; the settings follow when the stand-ins' addresses are known.

    Args:
        statements: a folder of files to use in place of the shipped ones.

    Raises:
        DemoError: the folder is in use, or there are no statements.
    """
    world = World(folder, moscow_today(), secrets.token_hex(16))
    if folder.exists() and any(folder.iterdir()):
        raise DemoError(f"{folder}: папка не пуста, выберите другую.")
    for part in (folder, folder / "data", folder / "logs", world.statements):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    create_key_file(folder / "data" / "secret.key")
    with as_file(files("hub.demo").joinpath("data")) as data:
        for name in _RULES.values():
            shutil.copyfile(data / name, world.folder / name)
        for name in _SEEDS:
            _write_private(world.seed_of(name), _seed(name, _story(data / _SEEDS[name], world.today)))
        _write_private(world.bank_faults, _TWICE)
        for path in (world.hooks, world.one_more):
            _write_private(path, _story(data / path.name, world.today))
        _copy_statements(statements or data / "statements", world)
    return world


def _copy_statements(source: Path, world: World) -> None:
    found = [path for path in sorted(source.iterdir()) if path.suffix.lower() == ".txt"]
    if not found:
        raise DemoError(f"{source}: нет ни одного файла выписки (.txt).")
    for path in found:
        (world.statements / path.name).write_bytes(moved(path.read_bytes(), world.today))


def _story(path: Path, today: date) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(moved(path.read_bytes(), today))
    return document


def _seed(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """Every run has secrets of its own."""
    match name:
        case "portal":
            document["webhooks"] = [{"user_id": _WEBHOOK_USER, "code": secrets.token_hex(16)}]
        case "books":
            may = {"write": list(_MAY_WRITE), "post": []}
            document["users"] = [{"name": "Сверка", "password": secrets.token_hex(16)} | may]
        case "banks":
            document["tochka"] = {"token": secrets.token_hex(16)}
            document["tbank"] = {"token": secrets.token_hex(16)}
        case _:
            # The account makes a token of its own.
            pass
    return document


def _write_private(path: Path, document: Mapping[str, Any]) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")


def write_config(world: World, expected: Expectations, doors: Doors, port: int) -> None:
    """Write the settings of a hub that may act from the day the story says."""
    acting = {"mode": "act", "act_from": expected.act_from.isoformat()}
    settings = {
        "company": {
            "name": "Группа «Берёзовый причал»",
            "tax_ids": list(expected.own_tax_ids),
            "accounts": list(expected.own_accounts),
        },
        "database": "sqlite:///data/sverka.sqlite3",
        "secret_key_file": "data/secret.key",
        "desk": {"host": "127.0.0.1", "port": port},
        "connections": {
            "portal": _portal(doors.portal) | acting,
            "amo": _amo(doors.amo) | acting,
            BOOKS: _books(doors.books) | acting,
        },
        "banks": {name: _bank(name, world, expected, doors.banks) | acting for name in HOOKS_OF},
        "log": {"file": "logs/sverka.log"},
    }
    world.config.touch(mode=0o600)
    world.config.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), "utf-8")


def _crm(name: str) -> dict[str, object]:
    rest = {"rules": _RULES[name], "poll_every_s": _POLL_EVERY_S[name], "moves_per_hour": _MOVES_PER_HOUR}
    return {"system": CRMS[name], **rest}


def _portal(announced: Mapping[str, Any]) -> dict[str, object]:
    return _crm("portal") | {"webhook_url": announced["webhook_url"], "plan": "off"}


def _amo(announced: Mapping[str, Any]) -> dict[str, object]:
    return _crm("amo") | {"address": announced["url"], "token": announced["access_token"]}


def _books(announced: Mapping[str, Any]) -> dict[str, object]:
    """The base; what the rules say of deals is not for it, only that paid invoices are marked."""
    return {
        "system": "accounting_1c",
        "rules": _RULES["portal"],
        "poll_every_s": _POLL_EVERY_S[BOOKS],
        "moves_per_hour": _MOVES_PER_HOUR,
        "address": announced["base_url"],
        "configuration": announced["config"],
        "login": announced["user"],
        "password": announced["password"],
        "read_from": _BOOKS_FROM.isoformat(),
        "mark_paid": True,
    }


def _bank(name: str, world: World, expected: Expectations, announced: Mapping[str, Any]) -> dict[str, object]:
    bank = announced[name]
    owners = {expected.owners[account["number"]] for account in bank["accounts"]}
    settings: dict[str, object] = {
        "bank": name,
        "token": bank["token"],
        "api_url": bank["base_url"],
        "tax_ids": sorted(owners),
        "read_from": expected.read_from.isoformat(),
        "poll_every_s": _BANK_POLL_EVERY_S,
    }
    if name == "tochka":
        settings |= {"keys_url": bank["public_key_url"], "hook_secret": world.hook_secret}
    return settings
