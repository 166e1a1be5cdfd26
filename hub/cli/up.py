"""`sverka up` and `sverka demo`: the hub at work."""

from __future__ import annotations

from pathlib import Path

import click

from hub.cli.base import Command, session_options
from hub.cli.paths import FOLDER
from hub.cli.session import Session


@click.command(cls=Command)
@session_options
@click.pass_obj
def up(session: Session) -> None:
    """Запустить хаб: всё в одном процессе.

    \b
    Пример:
      sverka up --config /srv/sverka/sverka.yaml

    Открывает страницу бухгалтера и начинает работать: опрашивает подключения, читает выписки, находит счета, двигает
    сделки там, где это разрешено. Остановить: Ctrl+C — начатое доводится до конца или продолжится при следующем
    запуске. Первого человека заводит sverka user add.
    """
    from hub.composition.serve import serve

    def ready(address: str) -> None:
        session.say(f"Страница бухгалтера: {address}", f"The desk: {address}")

    serve(session.config(), ready)
    session.say("Остановлено.", "Stopped.")


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="Показать, сверить итог с журналами записей и выйти (0 — всё сошлось).")
@click.option(
    "--statements",
    type=FOLDER,
    help="Взять выписки из этой папки вместо готовых.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Порт страницы; 0 — любой свободный.")
def demo(once: bool, statements: Path | None, port: int) -> int:
    """Показать всю работу на местных CRM (Битрикс24, amoCRM), 1С и банках (Точка, Т-Банк).

    \b
    Пример:
      sverka demo            работает, пока не остановите; печатает, что открыть, и вход
      sverka demo --once     один проход с проверкой итога

    Две компании в одном хабе, деньги из выписок, API и вебхуков. Настройки не нужны, наружу ничего не посылается, ваши
    файлы не меняются.
    """
    from hub.demo.run import run

    return run(once=once, statements=statements, port=port)
