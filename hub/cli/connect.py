"""`sverka connect SYSTEM`: try an access, then save it, propose the rules and read the first data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hub.cli.base import Command, Group, actor, session_options
from hub.cli.connect_bank import bank, bank_hook
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.config import Config
    from hub.domain.models import Pipeline
    from hub.ports.crm import Probe

WEBHOOK_VARIABLE: Final = "SVERKA_WEBHOOK_URL"
_WHERE: Final = """\
Где взять адрес вебхука (нужны права администратора портала):
  1. Битрикс24 → «Разработчикам» → «Другое» → «Входящий вебхук».
  2. Отметьте права: CRM (crm), Задачи (task), Пользователи — минимальные данные (user_brief).
  3. Сохраните и скопируйте «Вебхук для вызова rest api»: https://портал/rest/номер/код/
Вебхук действует от имени того, кто его создал: лучше отдельный сотрудник с доступом ко всем сделкам и счетам.
"""


@click.group(cls=Group)
def connect() -> None:
    """Подключить CRM или банк: проверить доступ, сохранить его и прочитать первое.

    \b
    Пример:
      sverka connect bitrix24
      sverka connect bank tochka

    Новое подключение только наблюдает: в CRM ничего не пишется, пока вы не выполните sverka act.
    """


@connect.command("bitrix24", cls=Command)
@click.option("--name", default="main", metavar="ИМЯ", help="Имя подключения в настройках (обычно main).")
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
    from hub.config import secret_keys

    config = session.config()
    _refuse_settled(config, name)
    secret_keys(config)  # without the key nothing could be saved: said before an address is asked for
    url = _webhook_url(session, from_stdin=from_stdin)
    probe, pipelines = _try_out(url)
    session.say(f"Доступ есть: {probe.account}, {probe.user}.", f"Access works: {probe.account}, {probe.user}.")
    _show_pipelines(session, pipelines)
    _write_rules(session, config.rules_path(name), pipelines)
    _store(session, name, url)
    session.say("Адрес вебхука сохранён в базе зашифрованным.", "The webhook is stored encrypted.")
    return _add_to_settings(session, config, name) or (0 if skip_read else _first_read(session, name))


def _refuse_settled(config: Config, name: str) -> None:
    from mappings.yaml_reader import read_file

    connection = config.connections.get(name)
    if connection is not None and connection.webhook_url is not None:
        fault = read_file(config.file).fault(
            ("connections", name, "webhook_url"), "адрес уже задан здесь: поправьте его или уберите поле и повторите"
        )
        raise Problem(str(fault))


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


def _try_out(url: str) -> tuple[Probe, tuple[Pipeline, ...]]:
    from hub.composition.connections import probe_crm

    crm = probe_crm(url)
    try:
        probe = crm.probe()
        if probe.missing_rights:
            rights = "\n".join(f"  - {right}" for right in probe.missing_rights)
            raise Problem(f"Портал {probe.account} отвечает, но не хватает прав:\n{rights}\nНичего не сохранено.")
        return probe, crm.pipelines()
    finally:
        crm.close()


def _show_pipelines(session: Session, pipelines: tuple[Pipeline, ...]) -> None:
    session.say(f"Воронки: {len(pipelines)}.", f"Pipelines: {len(pipelines)}.")
    for pipeline in pipelines:
        click.echo(f"  {pipeline.id}  {pipeline.name}: {' → '.join(stage.name for stage in pipeline.stages)}")


def _write_rules(session: Session, path: Path, pipelines: tuple[Pipeline, ...]) -> None:
    from mappings import propose

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(propose(pipelines, "bitrix24"))
    except FileExistsError:
        session.say(f"Правила {path} уже есть, они остались как были.", f"The rules {path} are kept as they were.")
        return
    session.say(f"Предложены правила: {path}. Прочитайте их.", f"Rules proposed: {path}. Read them.")


def _store(session: Session, name: str, url: str) -> None:
    from hub.composition.connections import WEBHOOK_URL
    from hub.ports.records import AuditEntry

    with session.hub() as hub:
        hub.tokens.put(name, WEBHOOK_URL, url)
        with hub.rt.store.write() as uow:
            uow.audit.append(AuditEntry("connection.connected", actor(), name), hub.clock.now())


def _add_to_settings(session: Session, config: Config, name: str) -> int:
    """Write the connection into the settings; 1 when the person must do it."""
    from hub.config.editing import connection_block, replace_file, with_connection

    if name in config.connections:
        return 0
    fields = {"system": "bitrix24", "rules": f"mappings/{name}.yaml"}
    with config.file.open(encoding="utf-8", newline="") as stream:
        text = stream.read()
    edited = with_connection(text, name, fields)
    if edited is not None:
        replace_file(config.file, edited)
        session.say(f"Подключение «{name}» добавлено в {config.file}.", f"“{name}” is added to {config.file}.")
        return 0
    click.echo(f"Впишите сами в {config.file}, под «connections:»:\n\n{connection_block(name, fields)}")
    session.say("Потом выполните sverka check и sverka up.", "Then run sverka check and sverka up.")
    return 1


def _first_read(session: Session, name: str) -> int:
    from hub.services.poll_source import poll_source
    from hub.store.queries.payers import recognised_payers

    session.say("Чтение клиентов, счетов и сделок…", "Reading clients, invoices and deals…")
    session.read_again()
    with session.hub(connect=True) as hub:
        result = poll_source(hub.rt, name)
        payers = recognised_payers(hub.database)
    if not result.complete:
        session.say("Прочитано не всё: sverka up продолжит с этого места.", "Not all was read: sverka up goes on.")
    if payers.total:
        session.say(
            f"Узнано {payers.known} из последних {payers.total} плательщиков.",
            f"Recognised {payers.known} of the last {payers.total} payers.",
        )
    session.say(
        "Дальше: sverka check и sverka up (работающий хаб перезапустите). Подключение только наблюдает.",
        "Next: sverka check and sverka up (restart a running hub). The connection only observes.",
    )
    return 0


connect.add_command(bank)
connect.add_command(bank_hook)
