"""`sverka doctor`: is the hub itself in order: settings, key, database, journal, clock, disk, connections."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hub.cli.base import Command, session_options
from hub.cli.database_trouble import database_trouble
from hub.cli.failures import FOUND
from hub.cli.live import MAX_SKEW_S
from hub.cli.session import Session
from hub.domain.errors import ConnectorError
from mappings.faults import why_unreadable

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.config import Config

_LOW_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, whether it is well, and what to do.

    Attributes:
        blocks: the hub cannot even be opened.
    """

    subject: str
    is_well: bool
    text: str
    blocks: bool = False


@click.command(cls=Command)
@session_options
@click.pass_obj
def doctor(session: Session) -> int:
    """Проверить базу, ключ, журнал, часы, место на диске и подключения.

    \b
    Пример:
      sverka doctor

    Каждая строка — «порядок» или «внимание» с тем, что сделать. Ничего не пишет ни в CRM, ни в платежи. Код выхода 1,
    если есть хоть одно «внимание».
    """
    config = session.config()
    findings: list[Finding] = []
    for finding in _examine(session, config):
        findings.append(finding)
        mark = session.text("порядок ", "fine  ") if finding.is_well else session.text("внимание", "LOOK  ")
        click.echo(f"{mark}  {finding.subject}: {finding.text}")
    return 0 if all(finding.is_well for finding in findings) else FOUND


def _examine(session: Session, config: Config) -> Iterator[Finding]:
    outside = [_key(config), *_rules(config), _table(config), _disk(config)]
    yield Finding("настройки", is_well=True, text=str(session.config_path))
    yield from outside
    if any(finding.blocks for finding in outside):
        return

    try:
        yield from _inside(session, config)
    except Exception as error:
        trouble = database_trouble(error, config) or _opening_trouble(error)
        if trouble is None:
            raise
        yield Finding("база", is_well=False, text=trouble.removeprefix("база "))


def _opening_trouble(error: Exception) -> str | None:
    """Why there is no place for the database's file."""
    return f"{error.filename}: {why_unreadable(error)}" if isinstance(error, OSError) and error.filename else None


def _inside(session: Session, config: Config) -> Iterator[Finding]:
    from hub.cli.upkeep import retention, silences

    with session.hub() as hub:
        yield _database(hub)
        yield _journal(hub)
        yield from (Finding(*line) for line in silences(hub))
        yield Finding(*retention(hub))
        for name in config.connections:
            yield from _connection(hub, name)
        for name in config.banks:
            yield _bank(hub, name)


def _bank(hub: Hub, name: str) -> Finding:
    from hub.composition.connections import NotConnected

    try:
        bank = hub.bank(name)
    except NotConnected as error:
        return Finding(name, is_well=False, text=str(error))
    try:
        accounts = bank.accounts()
    except ConnectorError as error:
        return Finding(name, is_well=False, text=error.for_person)
    finally:
        bank.close()
    missing = set(hub.config.banks[name].accounts) - {account.number for account in accounts}
    if missing:
        return Finding(name, is_well=False, text=f"токен не видит счетов: {', '.join(sorted(missing))}")
    return Finding(name, is_well=True, text=f"токен принят, счетов: {len(accounts)}")


def _key(config: Config) -> Finding:
    from hub.config import SecretKeyError, key_file_is_private, secret_keys

    try:
        secret_keys(config)
    except SecretKeyError as error:
        return Finding("ключ", is_well=False, text=str(error), blocks=True)
    if config.environment_key is None and not key_file_is_private(config.secret_key_file):
        return Finding("ключ", is_well=False, text=f"его могут прочитать другие: chmod 600 {config.secret_key_file}")
    return Finding("ключ", is_well=True, text="на месте")


def _disk(config: Config) -> Finding:
    folder = config.file.parent if config.sqlite_file is None else config.sqlite_file.parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"свободно {free / _LOW_BYTES:.1f} ГБ в {folder}"
    if free < _LOW_BYTES:
        return Finding("диск", is_well=False, text=f"{text}: освободите место, иначе выписки не сохранятся")
    return Finding("диск", is_well=True, text=text)


def _rules(config: Config) -> Iterator[Finding]:
    from hub.config import OneCConnection, rules_of
    from mappings import MappingError

    for name, connection in config.connections.items():
        if isinstance(connection, OneCConnection):
            continue  # accounting has no deals: there is nothing to move by rules
        try:
            count = len(rules_of(config, name).rules.pipelines)
        except MappingError as error:
            text = f"ошибок в файле: {len(error.faults)}; их назовёт sverka check"
            yield Finding(f"правила {name}", is_well=False, text=text, blocks=True)
            continue
        advice = "" if count else f"; впишите их в {config.rules_path(name)}"
        yield Finding(f"правила {name}", is_well=count > 0, text=f"воронок с правилами: {count}{advice}")


def _table(config: Config) -> Finding:
    from hub.config import table_of
    from mappings import MappingError

    own = config.matching.table
    try:
        version = table_of(config).version
    except MappingError as error:
        text = f"ошибок в файле {own}: {len(error.faults)}; их назовёт sverka check"
        return Finding("таблица решений", is_well=False, text=text, blocks=True)
    text = f"своя, {own}, версия {version}" if own is not None else f"таблица хаба, версия {version}"
    return Finding("таблица решений", is_well=True, text=text)


def _database(hub: Hub) -> Finding:
    hub.database.ping()
    file = hub.config.sqlite_file
    if file is None:
        return Finding("база", is_well=True, text="PostgreSQL отвечает, схема новейшая")
    trouble = _sqlite_trouble(file)
    if trouble is not None:
        return Finding("база", is_well=False, text=f"{file} повреждена ({trouble}): верните её из копии")
    return Finding("база", is_well=True, text=f"{file}: цела, схема новейшая")


def _sqlite_trouble(file: Path) -> str | None:
    """The first complaint of SQLite's own check (https://www.sqlite.org/pragma.html#pragma_integrity_check)."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            return str(error)
    return None if answer == "ok" else str(answer)


def _journal(hub: Hub) -> Finding:
    from hub.store.queries import JournalFilter

    with hub.rt.store.read() as uow:
        broken = uow.audit.verify()
    if broken is not None:
        text = f"его правили помимо хаба: первая негодная запись — {broken} (изменена, вставлена или удалена)"
        return Finding("журнал", is_well=False, text=text)
    with hub.queries.journal_export(JournalFilter()) as (head, _blocks):
        number, digest = head
    newest = f", последний блок {number} {digest[:16]}…" if number else ""
    return Finding("журнал", is_well=True, text=f"цепочка записей цела{newest}")


def _connection(hub: Hub, name: str) -> Iterator[Finding]:
    from hub.composition.connections import NotConnected

    try:
        crm = hub.crm(name)
    except NotConnected as error:
        yield Finding(name, is_well=False, text=str(error))
        return
    try:
        probe = crm.probe()
    except ConnectorError as error:
        yield Finding(name, is_well=False, text=error.for_person)
        return
    finally:
        crm.close()
    rights = f"не хватает прав: {', '.join(probe.missing_rights)}" if probe.missing_rights else "права есть"
    yield Finding(name, is_well=not probe.missing_rights, text=f"{probe.account}, {probe.user}: {rights}")
    for fault in probe.unfit_fields:
        yield Finding(f"поля {name}", is_well=False, text=fault)
    yield Finding(f"часы {name}", is_well=abs(probe.clock_skew_s) <= MAX_SKEW_S, text=f"{probe.clock_skew_s:+.0f} с")
