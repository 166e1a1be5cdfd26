"""`sverka act`, `observe`, `pause`, `resume`: who may write to the CRM, and when not."""

from __future__ import annotations

from datetime import date

import click

from hub.cli.base import ISO_DATE, Command, actor, refuse_unknown, session_options
from hub.cli.session import Problem, Session


@click.command(cls=Command)
@click.argument("connection", metavar="ПОДКЛЮЧЕНИЕ")
@click.option("--from", "act_from", required=True, type=ISO_DATE, help="Деньги раньше этой даты ничего не двигают.")
@session_options
@click.pass_obj
def act(session: Session, connection: str, act_from: date) -> None:
    """Разрешить подключению двигать сделки с указанной даты.

    \b
    Пример:
      sverka act main --from 2026-03-01

    Платежи с этой даты двигают сделки по правилам; более ранние только показаны. То, что было лишь показано в
    наблюдении, задним числом не выполняется. Если mode задан в sverka.yaml, решает файл и команда откажет.
    """
    _switch(session, connection, act_from)
    session.say(
        f"«{connection}» действует для денег с {act_from:%d.%m.%Y}. Остановить сразу: sverka pause",
        f"“{connection}” acts on money booked from {act_from} on. To stop at once: sverka pause",
    )


@click.command(cls=Command)
@click.argument("connection", metavar="ПОДКЛЮЧЕНИЕ")
@session_options
@click.pass_obj
def observe(session: Session, connection: str) -> None:
    """Вернуть подключение в наблюдение: ничего не писать в CRM.

    \b
    Пример:
      sverka observe main

    Хаб продолжает читать и сопоставлять и показывает, что сделал бы.
    """
    _switch(session, connection, None)
    session.say(f"«{connection}» наблюдает: в CRM ничего не пишется.", f"“{connection}” observes: nothing is written.")


def _switch(session: Session, connection: str, act_from: date | None) -> None:
    config = session.config()
    section = "banks" if connection in config.banks else "connections"
    known = config.banks.get(connection) or config.connections.get(connection)
    if known is None:
        names = ", ".join((*config.connections, *config.banks)) or "ни одного"
        raise Problem(f"Подключения «{connection}» в {config.file} нет. Есть: {names}.")
    if known.mode is not None:
        from mappings.yaml_reader import read_file

        message = f"режим задан здесь ({known.mode}): поправьте его или уберите строку и повторите"
        raise Problem(str(read_file(config.file).fault((section, connection, "mode"), message)))
    from hub.services.control import set_acting

    with session.hub() as hub:
        set_acting(hub.rt, connection, actor(), act_from)


@click.command(cls=Command)
@session_options
@click.pass_obj
def pause(session: Session) -> None:
    """Сразу остановить все записи в CRM; очередь сохраняется.

    \b
    Пример:
      sverka pause

    Хаб продолжает читать и сопоставлять. Работающий хаб видит остановку сам, перезапуск не нужен. Продолжить:
    sverka resume.
    """
    from hub.services.control import pause as pause_hub

    with session.hub() as hub:
        pause_hub(hub.rt, actor())
    session.say("Остановлено: в CRM ничего не пишется, пока не sverka resume.", "Paused until: sverka resume")


@click.command(cls=Command)
@click.option("--connection", metavar="ИМЯ", help="Только подключение, остановленное по числу переходов в час.")
@session_options
@click.pass_obj
def resume(session: Session, connection: str | None) -> None:
    """Снова разрешить записи в CRM.

    \b
    Пример:
      sverka resume                      после sverka pause
      sverka resume --connection main    после остановки по moves_per_hour

    Накопленная очередь выполняется по порядку, каждое действие — после проверки, что сделка не изменилась.
    """
    from hub.services.control import resume as resume_hub

    config = session.config()
    refuse_unknown(config, connection)
    with session.hub() as hub:
        resume_hub(hub.rt, actor(), connection)
    session.say("Продолжаем.", "Resumed.")
