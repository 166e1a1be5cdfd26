"""`sverka connect SYSTEM`: try an access, then save it, propose the rules and read the first data."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from hub.cli.base import CONNECTION_NAME, Command, Group, session_options
from hub.cli.connect_1c import one_c
from hub.cli.connect_amocrm import amocrm
from hub.cli.connect_bank import bank, bank_hook
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
    from hub.config import Config

WEBHOOK_VARIABLE: Final = "SVERKA_WEBHOOK_URL"
_WHERE: Final = """\
Где взять адрес вебхука (нужны права администратора портала):
  1. Битрикс24 → «Разработчикам» → «Другое» → «Входящий вебхук».
  2. Отметьте права: CRM (crm) и Задачи (task), больше ничего не нужно.
  3. Сохраните и скопируйте «Вебхук для вызова rest api»: https://портал/rest/номер/код/
Вебхук действует от имени того, кто его создал: лучше отдельный сотрудник с доступом ко всем сделкам и счетам.
"""


@click.group(cls=Group)
def connect() -> None:
    """Подключить CRM, 1С или банк: проверить доступ, сохранить его и прочитать первое.

    \b
    Пример:
      sverka connect bitrix24
      sverka connect bank tochka
      sverka connect amocrm
      sverka connect 1c

    Новое подключение только наблюдает: в CRM ничего не пишется, пока вы не выполните sverka act.
    """


@connect.command("bitrix24", cls=Command)
@click.option(
    "--name", type=CONNECTION_NAME, default="main", metavar="ИМЯ", help="Имя подключения в настройках (обычно main)."
)
@click.option("--webhook-url-stdin", "from_stdin", is_flag=True, help="Взять адрес вебхука из первой строки ввода.")
@click.option("--skip-read", is_flag=True, help="Не читать сейчас клиентов, счета и сделки: это сделает sverka up.")
@session_options
@click.pass_obj
def bitrix24(session: Session, name: str, from_stdin: bool, skip_read: bool) -> int:
    """Подключить портал Битрикс24 через входящий вебхук.

    \b
    Пример:
      sverka connect bitrix24
      sverka connect bitrix24 --name opt --webhook-url-stdin < адрес.txt

    Спрашивает адрес вебхука (он не виден на экране; для сценариев — --webhook-url-stdin или переменная
    SVERKA_WEBHOOK_URL), сразу проверяет доступ и права и только потом сохраняет: адрес — зашифрованным в базе,
    подключение — в sverka.yaml, предложенные стадии — в mappings/ИМЯ.yaml. Дальше: прочитайте правила, выполните
    sverka check и sverka up.
    """
    from hub.composition.connections import WEBHOOK_URL, probe_crm
    from hub.config import secret_keys

    config = session.config()
    refuse_taken(config, name, "banks", "payment_reports")
    _refuse_settled(config, name)
    secret_keys(config)  # without the key nothing could be saved: said before an address is asked for
    url = _webhook_url(session, from_stdin=from_stdin)
    pipelines = try_out(session, probe_crm(url, config.connections.get(name)))
    write_rules(session, config.rules_path(name), pipelines, "bitrix24")
    with session.hub() as hub:
        hub.tokens.put(name, WEBHOOK_URL, url)
        note_connected(hub, name)
    session.say("Адрес вебхука сохранён в базе зашифрованным.", "The webhook is stored encrypted.")
    fields = {"system": "bitrix24", "rules": f"mappings/{name}.yaml"}
    return add_to_settings(session, config, name, fields) or (0 if skip_read else first_read(session, name))


def _refuse_settled(config: Config, name: str) -> None:
    from hub.config import Bitrix24Connection

    connection = config.connections.get(name)
    if connection is not None and not isinstance(connection, Bitrix24Connection):
        raise Problem(f"Подключение «{name}» уже занято: это не Битрикс24. Возьмите другое имя: --name ИМЯ.")
    if connection is not None and connection.webhook_url is not None:
        refuse_field(config, name, "webhook_url", "адрес уже задан здесь: поправьте его или уберите поле и повторите")


def _webhook_url(session: Session, *, from_stdin: bool) -> str:
    if from_stdin:
        text = sys.stdin.readline()
    elif WEBHOOK_VARIABLE in os.environ:
        text = os.environ[WEBHOOK_VARIABLE]
    else:
        click.echo(_WHERE)
        text = click.prompt(session.text("Адрес вебхука", "Webhook URL"), hide_input=True)
    return _checked(text.strip())


def _checked(url: str) -> str:
    from hub.config.values import check_webhook_url

    try:
        return check_webhook_url(url)
    except ValueError as error:
        raise Problem(f"Адрес не подходит: {error}.") from None


connect.add_command(one_c)
connect.add_command(amocrm)
connect.add_command(bank)
connect.add_command(bank_hook)
