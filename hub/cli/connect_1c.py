"""`sverka connect 1c`: a base's OData publication, a user of 1C, and what is missing in the publication."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from hub.cli.asking import one_of
from hub.cli.base import CONNECTION_NAME, Command, session_options
from hub.cli.connecting import add_to_settings, first_read, note_connected, refuse_field, refuse_taken
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.config import Config, OneCConnection
    from hub.ports.crm import CrmPort

PASSWORD_VARIABLE: Final = "SVERKA_1C_PASSWORD"  # noqa: S105
CONFIGURATIONS: Final = ("bp30", "ut11")
_WHERE: Final = """\
Что нужно от администратора 1С (с рисунками — docs/connect-1c.md):
  1. База опубликована на веб-сервере, в публикации включён «Публиковать стандартный интерфейс OData», адрес — https.
  2. В «Настройке стандартного интерфейса OData» (иначе «…автоматического REST-сервиса») отмечены объекты: каких не
     хватит, назовёт эта же команда.
  3. Отдельный пользователь 1С с правом просмотра этих объектов; пароль — его.
"""


@click.command("1c", cls=Command)
@click.option(
    "--name", type=CONNECTION_NAME, default="buh", metavar="ИМЯ", help="Имя подключения в настройках (обычно buh)."
)
@click.option("--address", metavar="АДРЕС", help="Адрес OData: https://сервер/база/odata/standard.odata.")
@click.option("--configuration", type=click.Choice(CONFIGURATIONS), help="bp30 — Бухгалтерия 3.0, ut11 — УТ 11/КА/ERP.")
@click.option("--login", metavar="ИМЯ", help="Пользователь 1С, от имени которого читает хаб.")
@click.option("--password-stdin", "from_stdin", is_flag=True, help="Взять пароль из первой строки ввода.")
@click.option("--skip-read", is_flag=True, help="Не читать сейчас контрагентов и счета: это сделает sverka up.")
@session_options
@click.pass_obj
def one_c(
    session: Session,
    name: str,
    address: str | None,
    configuration: str | None,
    login: str | None,
    from_stdin: bool,
    skip_read: bool,
) -> int:
    """Подключить базу 1С через стандартный интерфейс OData, или подключить её заново.

    \b
    Пример:
      sverka connect 1c --address https://1c.company.ru/acc --configuration bp30 --login Сверка
      sverka connect 1c --name trade --address https://1c.company.ru/ut --configuration ut11 --login Сверка \\
        --password-stdin < пароль.txt

    Спрашивает пароль (он не виден на экране; для сценариев — --password-stdin или SVERKA_1C_PASSWORD), проверяет
    публикацию и называет каждый объект или право, которых не хватает, и что отметить в 1С. Только потом сохраняет:
    пароль — зашифрованным в базе хаба, остальное — в sverka.yaml. Читает счета, контрагентов и поступления; в 1С ничего
    не пишет, пока в подключении нет mark_paid: true и не выполнена sverka act.
    """
    from hub.composition.accounting import PASSWORD, probe_one_c
    from hub.config import secret_keys
    from mappings.propose import quoted

    config = session.config()
    refuse_taken(config, name, "banks", "payment_reports")
    known = _known(config, name)
    secret_keys(config)  # without the key nothing could be saved: said before a password is asked for
    given = {"address": address, "configuration": configuration, "login": login}
    fields = _fields(session, config, name, known, given, from_stdin=from_stdin)
    password = _password(session, from_stdin=from_stdin)
    tried: dict[str, object] = {**fields} if known is None else known.model_dump(exclude={"system", "password"})
    _try_out(session, probe_one_c(tried, password))
    with session.hub() as hub:
        hub.tokens.put(name, PASSWORD, password)
        note_connected(hub, name)
    session.say("Пароль сохранён в базе зашифрованным.", "The password is stored encrypted.")
    written = {"system": "accounting_1c", **fields, "login": quoted(fields["login"])}
    return add_to_settings(session, config, name, written) or (0 if skip_read else first_read(session, name))


def _known(config: Config, name: str) -> OneCConnection | None:
    from hub.config import OneCConnection

    connection = config.connections.get(name)
    if connection is not None and not isinstance(connection, OneCConnection):
        raise Problem(f"Подключение «{name}» уже занято: это не 1С. Возьмите другое имя: --name ИМЯ.")
    if connection is not None and connection.password is not None:
        refuse_field(config, name, "password", "пароль уже задан здесь: поправьте его или уберите поле и повторите")
    return connection


def _fields(
    session: Session,
    config: Config,
    name: str,
    known: OneCConnection | None,
    given: dict[str, str | None],
    *,
    from_stdin: bool,
) -> dict[str, str]:
    """Address, configuration and user: as the settings have them, else as given, else as typed."""
    if known is not None:
        kept = {"address": known.address, "configuration": known.configuration.value, "login": known.login}
        for field, value in given.items():
            if value is not None and value.rstrip("/") != kept[field]:
                refuse_field(config, name, field, "здесь записано другое: поправьте его и повторите")
        return kept
    absent = [f"--{field}" for field, value in given.items() if value is None]
    if absent and from_stdin:
        raise click.UsageError(f"с --password-stdin нужны и {', '.join(absent)}: ввод занят паролем")
    asked = {
        "address": ("Адрес OData базы", "OData address"),
        "configuration": ("Конфигурация (bp30 или ut11)", "Configuration (bp30 or ut11)"),
        "login": ("Пользователь 1С", "1C user"),
    }
    if absent:
        click.echo(_WHERE)
    found = {
        field: value if value is not None else _asked(session, field, asked[field]) for field, value in given.items()
    }
    return {**found, "address": _checked(found["address"]), "login": _plain(found["login"])}


def _asked(session: Session, field: str, words: tuple[str, str]) -> str:
    if field == "configuration":
        return one_of(session, *words, CONFIGURATIONS)
    return str(click.prompt(session.text(*words)))


def _checked(address: str) -> str:
    from hub.config.values import check_base_address

    try:
        return check_base_address(address)
    except ValueError as error:
        raise Problem(f"Адрес не подходит: {error}.") from None


def _plain(login: str) -> str:
    """A login that YAML reads as the text it is, and that Basic authentication can carry."""
    text = login.strip()
    if not text or ":" in text or not text.isprintable():
        raise Problem("Имя пользователя 1С не подходит: без двоеточия и не пустое.")
    return text


def _password(session: Session, *, from_stdin: bool) -> str:
    if from_stdin:
        text = sys.stdin.readline()
    elif PASSWORD_VARIABLE in os.environ:
        text = os.environ[PASSWORD_VARIABLE]
    else:
        text = click.prompt(session.text("Пароль пользователя 1С", "Password"), hide_input=True)
    password = text.rstrip("\r\n")
    if not password:
        raise Problem("Пароль пуст: пользователю 1С для хаба нужен пароль.")
    return password


def _try_out(session: Session, base: CrmPort) -> None:
    """Ask what is published and what may be read; closes the port. Nothing is saved where something is missing."""
    try:
        probe = base.probe()
    finally:
        base.close()
    if probe.missing_rights:
        rights = "\n".join(f"  - {right}" for right in probe.missing_rights)
        raise Problem(f"{probe.account} отвечает, но не хватает:\n{rights}\nНичего не сохранено.")
    session.say(f"Доступ есть: {probe.account}, {probe.user}.", f"Access works: {probe.account}, {probe.user}.")
