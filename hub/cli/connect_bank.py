"""`sverka connect bank SYSTEM`: try a read-only token, then save it and read the first days."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import click

from hub.cli.base import CONNECTION_NAME, Command, session_options
from hub.cli.connecting import note_connected, refuse_field, refuse_taken, write_settings
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.config import Config
    from hub.config.banks import TbankBank, TochkaBank
    from hub.ports.bank import BankAccount

TOKEN_VARIABLE: Final = "SVERKA_BANK_TOKEN"  # noqa: S105  the name of a variable
_OPTIONS: Final = {
    "accounts": "--account",
    "api_url": "--api-url",
    "client_id": "--client-id",
    "customer_code": "--customer-code",
    "keys_url": "--keys-url",
}
_WHERE: Final = {
    "tochka": """\
Где взять токен Точки (нужен владелец или тот, кому он дал права):
  1. Интернет-банк Точки → «Интеграции и API» → «Подключить» → «Сгенерировать JWT-ключ».
  2. Права: только чтение счетов и выписок (ReadAccountsBasic, ReadAccountsDetail, ReadStatements, ReadCustomerData)
     и управление вебхуками (ManageWebhookData), если нужны вебхуки. Права на платежи не давайте.
  3. Скопируйте JWT-токен и client_id: банк показывает их один раз.
""",
    "tbank": """\
Где взять токен Т-Банка (нужен руководитель или сотрудник с правом подписи):
  1. Интернет-банк Т-Бизнес → «Интеграции» → «T-API» → «Выпустить токен».
  2. Права: только выписки и счета своей компании. Права на платежи не давайте.
  3. Впишите внешний IP-адрес этого компьютера: с других адресов банк токен не примет.
""",
}


@click.command("bank", cls=Command)
@click.argument("system", metavar="БАНК", type=click.Choice(["tochka", "tbank"]))
@click.option("--name", type=CONNECTION_NAME, metavar="ИМЯ", help="Имя подключения в настройках (обычно имя банка).")
@click.option("--client-id", metavar="ID", help="client_id Точки: нужен для вебхуков.")
@click.option("--customer-code", metavar="КОД", help="Код компании в Точке, если токен видит несколько.")
@click.option("--account", "accounts", multiple=True, metavar="СЧЁТ", help="Только этот счёт; можно повторять.")
@click.option("--token-stdin", "from_stdin", is_flag=True, help="Взять токен из первой строки ввода.")
@click.option("--api-url", metavar="АДРЕС", help="Другой адрес API: песочница или местный двойник банка.")
@click.option("--keys-url", metavar="АДРЕС", help="Другой адрес ключа вебхуков Точки (для двойника).")
@click.option("--skip-read", is_flag=True, help="Не читать выписки сейчас: это сделает sverka up.")
@session_options
@click.pass_obj
def bank(
    session: Session,
    system: str,
    name: str | None,
    client_id: str | None,
    customer_code: str | None,
    accounts: tuple[str, ...],
    from_stdin: bool,
    api_url: str | None,
    keys_url: str | None,
    skip_read: bool,
) -> int:
    """Подключить банк по его API: Точку (tochka) или Т-Банк (tbank). Только чтение.

    \b
    Пример:
      sverka connect bank tochka --client-id 0123abc
      sverka connect bank tbank --name tbank-ip --token-stdin < токен.txt

    Спрашивает токен (он не виден на экране; для сценариев — --token-stdin или переменная SVERKA_BANK_TOKEN), сразу
    читает список счетов и одну выписку и только потом сохраняет: токен — зашифрованным в базе, подключение — в
    sverka.yaml. В банк хаб ничего не пишет и платежей не создаёт. Новое подключение наблюдает: деньги, видимые только
    по нему, ничего не двигают до sverka act ИМЯ. Дальше: sverka check и sverka up.
    """
    from hub.config import secret_keys

    config = session.config()
    secret_keys(config)  # without the key nothing could be saved: said before a token is asked for
    name = name or system
    _refuse_taken(config, name, system)
    told = {"client_id": client_id, "customer_code": customer_code, "api_url": api_url, "keys_url": keys_url}
    fields = {"bank": system, **{key: value for key, value in told.items() if value}}
    settings = _settings(config, name, system, fields, accounts)
    token = _token(session, system, from_stdin=from_stdin)
    found = _try_out(settings, token, name)
    _show(session, config, found)
    _store(session, name, token)
    session.say("Токен сохранён в базе зашифрованным.", "The token is stored encrypted.")
    listed = fields | _quoted(fields, accounts) | {"hook_secret": f"file:{_hook_file(config, name)}"}
    if system == "tbank":
        listed["hook_token"] = f"file:{_hook_file(config, name, 'token')}"
    return _add_to_settings(session, config, name, listed) or (0 if skip_read else _first_read(session, name))


def _quoted(fields: dict[str, str], accounts: Iterable[str]) -> dict[str, str]:
    """Digits alone would read as a number."""
    quoted = {key: f'"{fields[key]}"' for key in ("client_id", "customer_code") if key in fields}
    listed = ", ".join(f'"{account}"' for account in accounts)
    return quoted | ({"accounts": f"[{listed}]"} if listed else {})


def _refuse_taken(config: Config, name: str, system: str) -> None:
    refuse_taken(config, name, "connections", "payment_reports")
    known = config.banks.get(name)
    if known is not None and known.bank != system:
        raise Problem(f"Под именем «{name}» в {config.file} подключён другой банк ({known.bank}): выберите другое имя.")
    if known is not None and known.token is not None:
        message = "токен уже задан здесь: поправьте его или уберите поле и повторите"
        refuse_field(config, name, "token", message, section="banks")


def _settings(
    config: Config, name: str, system: str, fields: dict[str, str], accounts: tuple[str, ...]
) -> TbankBank | TochkaBank:
    """What will stand in the settings, checked before anything is asked for."""
    from hub.config.banks import TbankBank, TochkaBank
    from mappings.validation import validate
    from mappings.yaml_reader import Document

    known = config.banks.get(name)
    if isinstance(known, TbankBank | TochkaBank):
        _refuse_other(config, name, known, {**fields, "accounts": accounts})
        return known
    model: type[TbankBank | TochkaBank] = TbankBank if system == "tbank" else TochkaBank
    alien = next((field for field in fields if field not in model.model_fields), None)
    if alien is not None:
        raise Problem(f"{_OPTIONS[alien]} — не для этого банка ({system}): уберите.")
    document = Document("", {**fields, "accounts": list(accounts)})
    found = validate(document, model)
    if found is None:
        fault = document.faults[0]
        raise Problem(f"{_OPTIONS[fault.field.partition('[')[0]]}: {fault.message}.")
    return found


def _refuse_other(
    config: Config, name: str, known: TbankBank | TochkaBank, given: Mapping[str, str | tuple[str, ...]]
) -> None:
    """End the command at a field that the settings have otherwise: the command gives a new token and no more."""
    for field, value in given.items():
        kept = getattr(known, field, None)
        same = set(map(_bare, value)) == set(kept or ()) if isinstance(value, tuple) else _bare(value) == kept
        if value and not same:
            said = "здесь записано другое: поправьте его" if kept else f"{field} здесь нет: впишите его"
            refuse_field(config, name, field, f"{said} и повторите", section="banks")


def _bare(value: str) -> str:
    return value.replace(" ", "").rstrip("/")


def _token(session: Session, system: str, *, from_stdin: bool) -> str:
    if from_stdin:
        text = sys.stdin.readline()
    elif TOKEN_VARIABLE in os.environ:
        text = os.environ[TOKEN_VARIABLE]
    else:
        click.echo(_WHERE[system])
        text = click.prompt(session.text("Токен", "Token"), hide_input=True)
    token = text.strip().removeprefix("Bearer ").strip()
    if not token or not token.isascii() or any(char.isspace() for char in token):
        raise Problem("Это не токен: нужен текст без пробелов, как его показал банк.")
    return token


def _try_out(settings: TbankBank | TochkaBank, token: str, name: str) -> tuple[BankAccount, ...]:
    """Accounts, after one of them was really read."""
    from datetime import UTC, datetime, timedelta

    from hub.composition.banks import probe_bank
    from hub.services.poll_bank import moscow_today

    port = probe_bank(settings, token, name)
    try:
        found = port.accounts()
        wanted = [item for item in found if item.number in settings.accounts or not settings.accounts]
        missing = set(settings.accounts) - {item.number for item in found}
        if missing or not wanted:
            raise Problem(f"Токен не видит счетов: {', '.join(sorted(missing)) or 'ни одного'}. Ничего не сохранено.")
        yesterday = moscow_today(datetime.now(UTC)) - timedelta(days=1)
        for answer in port.days(wanted[0].number, yesterday, yesterday):
            port.read(answer.body, (), ())
        return tuple(wanted)
    finally:
        port.close()


def _show(session: Session, config: Config, accounts: tuple[BankAccount, ...]) -> None:
    session.say(f"Доступ есть, счетов: {len(accounts)}.", f"Access works, accounts: {len(accounts)}.")
    for account in accounts:
        closed = "" if account.is_open else session.text(" (закрыт)", " (closed)")
        click.echo(f"  {account.number} {account.currency} {account.name}{closed}".rstrip())
    unknown = [item.number for item in accounts if item.number not in config.company.accounts]
    if unknown:
        session.say(
            f"Впишите их в company.accounts, чтобы свои переводы не считались расходом: {', '.join(unknown)}.",
            f"Add them to company.accounts so that own transfers are known as such: {', '.join(unknown)}.",
        )


def _store(session: Session, name: str, token: str) -> None:
    from hub.composition.banks import TOKEN

    with session.hub() as hub:
        hub.tokens.put(name, TOKEN, token)
        note_connected(hub, name)


def _hook_file(config: Config, name: str, kind: str = "hook") -> str:
    """A file with a fresh secret beside the key; one that is there stays."""
    folder = config.secret_key_file.parent
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.{kind}"
    if not path.exists():
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")
    base = config.file.absolute().parent
    return str(path.relative_to(base) if path.is_relative_to(base) else path)


def _add_to_settings(session: Session, config: Config, name: str, fields: dict[str, str]) -> int:
    """Write the connection into the settings; 1 when the person must do it."""
    from hub.config.editing import BANKS, connection_block, with_connection

    if name in config.banks:
        return 0
    with config.file.open(encoding="utf-8", newline="") as stream:
        text = stream.read()
    edited = with_connection(text, name, fields, BANKS)
    if edited is not None:
        write_settings(config, edited)
        session.say(f"Банк «{name}» добавлен в {config.file}.", f"“{name}” is added to {config.file}.")
        return 0
    click.echo(f"Впишите сами в {config.file}, под «banks:»:\n\n{connection_block(name, fields)}")
    session.say("Потом выполните sverka check и sverka up.", "Then run sverka check and sverka up.")
    return 1


def _first_read(session: Session, name: str) -> int:
    from hub.services.poll_bank import poll_bank

    session.say("Чтение выписок…", "Reading statements…")
    session.read_again()
    with session.hub(connect=True) as hub:
        result = poll_bank(hub.rt, name)
    if not result.complete:
        session.say("Прочитано не всё: sverka up продолжит с этого места.", "Not all was read: sverka up goes on.")
    session.say(
        f"Прочитано дней: {result.days}. Дальше: sverka check и sverka up (работающий хаб перезапустите). Банк пока "
        f"наблюдает: разрешить его деньгам двигать сделки — sverka act {name} --from ГГГГ-ММ-ДД.",
        f"Days read: {result.days}. Next: sverka check and sverka up (restart a running hub). The bank observes.",
    )
    return 0


@click.command("bank-hook", cls=Command)
@click.argument("name", metavar="ИМЯ")
@session_options
@click.pass_obj
def bank_hook(session: Session, name: str) -> None:
    """Попросить банк присылать вебхуки подключения на этот хаб.

    \b
    Пример:
      sverka connect bank-hook tochka

    Нужны: запущенный хаб (sverka up), desk.public_url с https в sverka.yaml и hook_secret у банка. Это единственный
    запрос хаба, который что-то меняет в банке: подписка на уведомления. Без вебхуков всё работает, но медленнее.
    """
    config = session.config()
    settings = config.banks.get(name)
    if settings is None:
        raise Problem(f"Банка «{name}» в {config.file} нет. Есть: {', '.join(config.banks) or 'ни одного'}.")
    public = config.desk.public_url
    if public is None or not public.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise Problem("Впишите desk.public_url: адрес хаба, начиная с https://, который виден банку.")
    if settings.hook_secret is None:
        raise Problem(f"Впишите banks.{name}.hook_secret: тайную часть адреса, который вызывает банк.")
    url = f"{public}/hooks/{name}/{settings.hook_secret.get_secret_value()}"
    from hub.domain.errors import ConnectorError

    with session.hub(connect=True) as hub:
        port = hub.bank(name)
        try:
            port.subscribe(url)
        except ConnectorError as error:
            raise Problem(error.for_person) from None
        finally:
            port.close()
    session.say("Банк будет присылать вебхуки.", "The bank will send its hooks.")
