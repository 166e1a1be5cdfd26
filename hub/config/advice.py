"""What is allowed in the settings but looks like a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hub.config.accounting import OneCConnection
from hub.config.connection import Mode
from hub.config.models import Bitrix24Connection, Config, Connection
from hub.config.secret_key import SecretKeyError, key_file_is_private, secret_keys
from hub.config.values import is_loopback
from mappings.faults import Fault, Severity
from mappings.yaml_reader import Document

_INN_10: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12: Final = ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))


def inn_fits(digits: str) -> bool:
    """Whether the check digits of a ten or twelve digit ИНН fit (Приказ ФНС ЕД-7-14/559@, the control number)."""
    weights = (_INN_10,) if len(digits) == 10 else _INN_12
    return all(_control(digits, row) == int(digits[len(row)]) for row in weights)


def _control(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10


def advise(config: Config, document: Document) -> list[Fault]:
    """Faults of the key, and warnings about usable settings; `document` gives their lines."""
    found = [
        *_company(config),
        *_key_rights(config),
        *_desk(config),
        *_connections(config),
        *_banks(config),
        *_reports(config),
    ]
    warnings = [replace(document.fault(path, message), severity=Severity.WARNING) for path, message in found]
    return [*(document.fault(path, message) for path, message in _key(config)), *warnings]


_Found = Iterator[tuple[tuple[str, ...], str]]


def _company(config: Config) -> _Found:
    if not config.company.tax_ids:
        yield ("company", "tax_ids"), "впишите ИНН компании: без них свои переводы не отличить от денег клиентов"
    if not config.company.accounts:
        yield ("company", "accounts"), "впишите свои счета: по ним видно, пришли деньги или ушли"
    for value in config.company.tax_ids:
        if len(value) == 10 and not inn_fits(value):
            yield ("company", "tax_ids"), f"в ИНН {value} не сходится контрольная цифра: проверьте его"


def _key(config: Config) -> _Found:
    try:
        secret_keys(config)
    except SecretKeyError as error:
        yield ("secret_key_file",), str(error)


def _key_rights(config: Config) -> _Found:
    if not config.secret_key_file.is_file():
        return
    if config.environment_key is None and not key_file_is_private(config.secret_key_file):
        yield ("secret_key_file",), f"ключ могут прочитать другие: chmod 600 {config.secret_key_file}"


def _desk(config: Config) -> _Found:
    url = config.desk.public_url
    if url is None and not is_loopback(config.desk.host):
        yield ("desk", "host"), "страница открыта сети без https: поставьте перед хабом https и впишите public_url"
    if url is not None and url.startswith("http://") and not is_loopback(url.removeprefix("http://").split(":")[0]):
        yield ("desk", "public_url"), "страница без https: пароли видны в сети"


def _connections(config: Config) -> _Found:
    for name, connection in config.connections.items():
        at = ("connections", name)
        has_deals = not isinstance(connection, OneCConnection)
        if has_deals and connection.rules is None and not config.rules_path(name).exists():
            yield at, f"правил нет ({config.rules_path(name)}): найденная оплата ничего не двинет"
        if connection.act_from is not None and connection.mode is Mode.OBSERVE:
            yield (*at, "act_from"), "при mode: observe дата не действует"
        yield from ((at, message) for message in _hooks(config, connection))


def _hooks(config: Config, connection: Connection) -> Iterator[str]:
    if isinstance(connection, Bitrix24Connection):
        if connection.application_token is not None and connection.hook_secret is None:
            yield "application_token есть, а hook_secret нет: адрес для вызовов портала закрыт"
    elif connection.hook_secret is not None and config.desk.public_url is None:
        yield "hook_secret есть, а desk.public_url нет: хаб не может подписать аккаунт на вызовы сам"


def _banks(config: Config) -> _Found:
    for name, bank in config.banks.items():
        at = ("banks", name)
        if bank.act_from is not None and bank.mode == "observe":
            yield (*at, "act_from"), "при mode: observe дата не действует"
        if bank.bank == "tbank" and bank.hook_secret is not None and bank.hook_token is None:
            yield at, "hook_secret есть, а hook_token нет: вебхукам банка не верят"
        for account in bank.accounts:
            if account not in config.company.accounts:
                yield (*at, "accounts"), f"впишите счёт {account} и в company.accounts: по ним видны свои переводы"


def _reports(config: Config) -> _Found:
    for name, system in config.payment_reports.items():
        if system.act:
            yield ("payment_reports", name, "act"), "этим сообщениям верят до выписки: сделки движутся без денег"
