"""`sverka check`: every fault of settings and rules, and what the live systems say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from hub.cli.base import Command, session_options
from hub.cli.database_trouble import database_trouble
from hub.cli.failures import FOUND, USAGE
from hub.cli.session import Session

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.config import Config
    from mappings import Fault

_ACCESS_FIELDS: Final = {"accounting_1c": "login", "amocrm": "token", "bitrix24": "webhook_url"}


@click.command(cls=Command)
@click.option("--offline", is_flag=True, help="Только файлы: ни базы, ни сети.")
@session_options
@click.pass_obj
def check(session: Session, offline: bool) -> int:
    """Найти все ошибки настроек и правил, проверить доступ и стадии.

    \b
    Пример:
      sverka check
      sverka check --offline

    Печатает каждую ошибку строкой «файл:строка: поле: что исправить», все сразу. Без --offline ещё спрашивает CRM и
    банки: принят ли доступ, хватает ли прав, есть ли стадии из правил и счета. Никуда ничего не пишет. Код выхода:
    0 — всё в порядке, 1 — нашлось, что исправить, 2 — настройки нельзя прочитать.
    """
    from mappings import errors_of

    config, faults = _files(session)
    if config is not None and not offline and not errors_of(faults):
        faults += _live(session)
    for fault in faults:
        click.echo(str(fault))
    errors = errors_of(faults)
    _say_total(session, len(errors), len(faults) - len(errors))
    if config is None:
        return USAGE
    return FOUND if errors else 0


def _files(session: Session) -> tuple[Config | None, list[Fault]]:
    from hub.config import inspect_config, rules_of, table_of
    from mappings import MappingError

    config, faults = inspect_config(session.config_path)
    if config is None:
        return None, faults
    for name in config.connections:
        try:
            rules_of(config, name)
        except MappingError as error:
            faults += error.faults
    faults += _maps(config)
    try:
        table_of(config)
    except MappingError as error:
        faults += error.faults
    return config, faults


def _maps(config: Config) -> list[Fault]:
    """Faults of the companies' own maps of accounting configurations."""
    from hub.composition.accounting import names_of
    from hub.config import OneCConnection
    from mappings import MappingError

    faults: list[Fault] = []
    for connection in config.connections.values():
        try:
            if isinstance(connection, OneCConnection):
                names_of(connection)
        except MappingError as error:
            faults += error.faults
    return faults


def _live(session: Session) -> list[Fault]:
    from hub.config import database_fault

    try:
        return _asked(session)
    except Exception as error:
        trouble = database_trouble(error, session.config())
        if trouble is None:
            raise
        return [database_fault(session.config(), trouble)]


def _asked(session: Session) -> list[Fault]:
    with session.hub() as hub:
        found = [fault for name in hub.config.connections for fault in _connection(hub, name)]
        return [*found, *(fault for name in hub.config.banks for fault in _bank(hub, name))]


def _bank(hub: Hub, name: str) -> list[Fault]:
    from hub.composition.connections import NotConnected
    from hub.domain.errors import ConnectorError
    from mappings.yaml_reader import read_file

    document, at = read_file(hub.config.file), ("banks", name)
    try:
        bank = hub.bank(name)
    except NotConnected as error:
        return [document.fault(at, str(error))]
    try:
        seen = {account.number for account in bank.accounts()}
    except ConnectorError as error:
        return [document.fault(at, error.for_person)]
    finally:
        bank.close()
    missing = [account for account in hub.config.banks[name].accounts if account not in seen]
    return [document.fault((*at, "accounts"), f"токен не видит счёт {account}") for account in missing]


def _connection(hub: Hub, name: str) -> list[Fault]:
    from hub.cli.live import ACCESS, live_faults
    from hub.composition.connections import NotConnected
    from hub.config import rules_of
    from mappings.yaml_reader import read_file

    config = hub.config
    document = read_file(config.file)

    def fault_at(field: str, message: str) -> Fault:
        field = _ACCESS_FIELDS[config.connections[name].system] if field == ACCESS else field
        path = ("connections", name, *field.split(".")) if field else ("connections", name)
        return document.fault(path, message)

    try:
        crm = hub.crm(name)
    except NotConnected as error:
        return [fault_at("", str(error))]
    try:
        return live_faults(crm, rules_of(config, name), config.connections[name].pipelines, fault_at)
    finally:
        crm.close()


def _say_total(session: Session, errors: int, warnings: int) -> None:
    if errors or warnings:
        session.say(f"Ошибок: {errors}, предупреждений: {warnings}.", f"Errors: {errors}, warnings: {warnings}.")
    else:
        session.say("Ошибок нет.", "No faults.")
