"""`sverka connect amocrm`: a long-lived token, or an integration of the account with tokens that renew themselves."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from hub.cli.base import CONNECTION_NAME, Command, session_options
from hub.cli.connecting import (
    add_to_settings,
    first_read,
    note_connected,
    refuse_field,
    refuse_taken,
    try_out,
    write_rules,
)
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.composition.amocrm import Integration, NewAccess
    from hub.config import Config

TOKEN_VARIABLE: Final = "SVERKA_AMO_TOKEN"  # noqa: S105
CODE_VARIABLE: Final = "SVERKA_AMO_CODE"
_INTEGRATION: Final = ("SVERKA_AMO_CLIENT_ID", "SVERKA_AMO_CLIENT_SECRET", "SVERKA_AMO_REDIRECT_URI")
_WHERE: Final = """\
Где взять долгосрочный токен (нужны права администратора аккаунта):
  1. amoМаркет → меню «⋮» → «Создать интеграцию» → «Внешняя интеграция».
  2. Отметьте «Предоставить доступ: все» и сохраните.
  3. Вкладка «Ключи и доступы» → «Сгенерировать долгосрочный токен», выберите срок и скопируйте его: он виден один раз.
"""
_WHERE_CODE: Final = """\
Код авторизации — на вкладке «Ключи и доступы» вашей интеграции. Он действует 20 минут и годится один раз.
"""


@click.command("amocrm", cls=Command)
@click.option(
    "--name", type=CONNECTION_NAME, default="main", metavar="ИМЯ", help="Имя подключения в настройках (обычно main)."
)
@click.option("--address", metavar="АДРЕС", help="Адрес аккаунта: https://компания.amocrm.ru или …kommo.com.")
@click.option("--token-stdin", "from_stdin", is_flag=True, help="Взять долгосрочный токен из первой строки ввода.")
@click.option("--oauth", is_flag=True, help="Подключить через интеграцию: токены обновляет сам хаб.")
@click.option("--skip-read", is_flag=True, help="Не читать сейчас клиентов, счета и сделки: это сделает sverka up.")
@session_options
@click.pass_obj
def amocrm(session: Session, name: str, address: str | None, from_stdin: bool, oauth: bool, skip_read: bool) -> int:
    """Подключить аккаунт amoCRM или Kommo, или подключить его заново.

    \b
    Пример:
      sverka connect amocrm --address https://company.amocrm.ru
      sverka connect amocrm --name opt --address https://company.amocrm.ru --token-stdin < токен.txt
      sverka connect amocrm --oauth

    Спрашивает долгосрочный токен (он не виден на экране; для сценариев — --token-stdin или SVERKA_AMO_TOKEN), с --oauth
    — ключи интеграции и код авторизации. Сразу проверяет доступ и только потом сохраняет его зашифрованным в базе.
    У подключения, которое уже есть, заменяет доступ: хаб берёт новый сразу, без перезапуска.
    """
    from hub.composition.amocrm import probe_amocrm, store_access
    from hub.config import secret_keys

    config = session.config()
    refuse_taken(config, name, "banks", "payment_reports")
    if from_stdin and address is None and name not in config.connections:
        raise click.UsageError("с --token-stdin нужен и --address: ввод занят токеном")
    account = _account(session, config, name, address)
    secret_keys(config)  # without the key nothing could be saved: said before an access is asked for
    access = _by_code(session, name, account) if oauth else _by_token(session, from_stdin=from_stdin)
    with session.hub() as hub:
        pipelines = try_out(session, probe_amocrm(account, access, hub.quota, name, config.connections.get(name)))
        write_rules(session, config.rules_path(name), pipelines, "amocrm")
        store_access(hub.tokens, name, access)
        note_connected(hub, name)
    session.say("Доступ сохранён в базе зашифрованным.", "The access is stored encrypted.")
    fields = {"system": "amocrm", "address": account, "rules": f"mappings/{name}.yaml"}
    return add_to_settings(session, config, name, fields) or (0 if skip_read else first_read(session, name))


def _account(session: Session, config: Config, name: str, given: str | None) -> str:
    """The account's address: as the settings have it, else as given, else as typed."""
    from hub.config import AmoConnection
    from hub.config.values import check_account_address

    connection = config.connections.get(name)
    if connection is not None and not isinstance(connection, AmoConnection):
        raise Problem(f"Подключение «{name}» уже занято: это не amoCRM. Возьмите другое имя: --name ИМЯ.")
    if connection is not None and connection.token is not None:
        refuse_field(config, name, "token", "токен уже задан здесь: поправьте его или уберите поле и повторите")
    if connection is None and given is None:
        given = click.prompt(session.text("Адрес аккаунта", "Account address"))
    try:
        address = check_account_address(given) if given is not None else ""
    except ValueError as error:
        raise Problem(f"Адрес не подходит: {error}.") from None
    if connection is not None and address not in ("", connection.address):
        refuse_field(config, name, "address", "адрес здесь другой: поправьте его и повторите")
    return connection.address if connection is not None else address


def _by_token(session: Session, *, from_stdin: bool) -> NewAccess:
    from hub.composition.amocrm import long_lived

    if from_stdin:
        text = sys.stdin.readline()
    elif TOKEN_VARIABLE in os.environ:
        text = os.environ[TOKEN_VARIABLE]
    else:
        click.echo(_WHERE)
        text = click.prompt(session.text("Долгосрочный токен", "Long-lived token"), hide_input=True)
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Problem("Токен не подходит: нужна одна строка латинских букв, цифр и знаков, как её показала amoCRM.")
    return long_lived(token)


def _by_code(session: Session, name: str, address: str) -> NewAccess:
    from hub.composition.amocrm import exchange, known_integration

    with session.hub(connect=False) as hub:
        known = known_integration(hub.tokens, name)
    integration = known or _integration(session)
    code = os.environ.get(CODE_VARIABLE)
    if code is None:
        click.echo(_WHERE_CODE)
        code = click.prompt(session.text("Код авторизации", "Authorisation code"), hide_input=True)
    return exchange(address, integration, code.strip())


def _integration(session: Session) -> Integration:
    from hub.composition.amocrm import Integration

    labels = (
        ("ID интеграции", "Client id"),
        ("Секретный ключ", "Client secret"),
        ("Ссылка для перенаправления", "URL"),
    )
    values = []
    for variable, label in zip(_INTEGRATION, labels, strict=True):
        text = os.environ.get(variable)
        if text is None:
            text = click.prompt(session.text(*label), hide_input=variable.endswith("SECRET"))
        values.append(text.strip())
    return Integration(*values)
