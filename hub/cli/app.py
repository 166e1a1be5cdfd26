"""The root command: knows every command's name and purpose without importing it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from hub.cli.base import RussianHelp
from hub.cli.session import Session

#: name -> ("module:attribute", purpose in one line); the order is that of the help page.
COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "init": ("hub.cli.init:init", "Создать файл настроек sverka.yaml, ключ и папки."),
    "connect": (
        "hub.cli.connect:connect",
        "Подключить CRM, 1С или банк: проверить доступ, сохранить его и прочитать первое.",
    ),
    "check": ("hub.cli.check:check", "Найти все ошибки настроек и правил, проверить доступ и стадии."),
    "up": ("hub.cli.up:up", "Запустить хаб: всё в одном процессе."),
    "demo": ("hub.cli.up:demo", "Показать всю работу на местных CRM (Битрикс24, amoCRM), 1С и банках (Точка, Т-Банк)."),
    "import": ("hub.cli.statements:import_", "Загрузить файлы выписок банка или список счетов."),
    "status": ("hub.cli.status:status", "Показать, что ждёт, что сделано и живы ли подключения."),
    "aliases": ("hub.cli.aliases:aliases", "Показать, кто за кого платит: правила, которые записали люди."),
    "act": ("hub.cli.switches:act", "Разрешить подключению двигать сделки с указанной даты."),
    "observe": ("hub.cli.switches:observe", "Вернуть подключение в наблюдение: ничего не писать в CRM."),
    "pause": ("hub.cli.switches:pause", "Сразу остановить все записи в CRM; очередь сохраняется."),
    "resume": ("hub.cli.switches:resume", "Снова разрешить записи в CRM."),
    "table": ("hub.cli.table:table", "Показать таблицу решений словами, проверить свою, скопировать для правки."),
    "replay": ("hub.cli.replay:replay", "Решить платежи заново или перечитать входящее; сначала показ."),
    "redrive": ("hub.cli.redrive:redrive", "Отправить ещё раз то, что остановилось; сначала показ."),
    "backup": ("hub.cli.backup:backup", "Сделать резервную копию базы, не останавливая хаб."),
    "restore": ("hub.cli.backup:restore", "Вернуть базу из резервной копии; хаб должен быть остановлен."),
    "export-audit": ("hub.cli.export_audit:export_audit", "Выгрузить журнал для аудитора или проверить выгруженное."),
    "events": ("hub.cli.events:events", "События для других систем: что ушло, что не принято, отправить ещё раз."),
    "user": ("hub.cli.users:user", "Люди, которые входят на страницу бухгалтера."),
    "doctor": ("hub.cli.doctor:doctor", "Проверить базу, ключ, журнал, часы, место на диске и подключения."),
    "match": ("hub.cli.matching:match", "Найти счета для платежей из файлов, ничего не сохраняя."),
    "purpose": ("hub.cli.matching:purpose", "Разобрать назначения платежей: номера, документы, даты, суммы."),
    "sandbox": ("hub.cli.sandbox:sandbox", "Запустить местную копию внешней системы для проб."),
}

_HELP: Final = """Сверка находит счёт, который оплачен платёжкой из выписки, и двигает сделку в вашей CRM.

\b
С чего начать:
  sverka demo                посмотреть на готовом примере, ничего не настраивая
  sverka init                создать sverka.yaml в этой папке
  sverka connect bitrix24    подключить свой портал (сначала он только наблюдает); ещё есть amocrm, 1c, bank
  sverka up                  запустить хаб и страницу бухгалтера

Подробнее о команде: sverka КОМАНДА --help
"""


class Root(RussianHelp, click.Group):
    """Imports a command when it is called; turns every failure into one sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Names in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table: nothing is imported for `--help`."""
        with formatter.section("Команды"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in COMMANDS.items()])

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run and exit: 0 well, 1 something was found, 2 wrong call or settings."""
        session = Session()
        settings: dict[str, Any] = {"obj": session} | extra | {"prog_name": "sverka", "standalone_mode": False}
        try:
            code: object = super().main(*args, **settings)
        except Exception as error:
            from hub.cli.failures import report

            sys.exit(report(error, session))
        sys.exit(code if isinstance(code, int) else 0)


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"sverka {version('sverka')}")
    except PackageNotFoundError:
        click.echo("sverka (из папки с исходниками)")
    ctx.exit()


@click.group(cls=Root, help=_HELP)
@click.option("--config", "config", type=click.Path(path_type=Path), help="Файл настроек (обычно ./sverka.yaml).")
@click.option("--lang", type=click.Choice(["ru", "en"]), help="Язык сообщений: ru или en.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Версия.")
@click.pass_obj
def cli(session: Session, config: Path | None, lang: str | None) -> None:
    """The root command."""
    session.choose(config, lang)
