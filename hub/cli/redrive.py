"""`sverka redrive`: what stopped is sent, or read, once more; first shown, then done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import click

from hub.cli.asking import require_agreement
from hub.cli.base import Command, actor, refuse_unknown, session_options
from hub.cli.failures import USAGE
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.ports.records import EffectRow

_MOST: Final = 100_000


@click.command(cls=Command)
@click.argument("effects", metavar="[НОМЕР]…", nargs=-1, type=int)
@click.option("--connection", metavar="ИМЯ", help="Остановленное в этом подключении.")
@click.option("--outcome", metavar="КОД", help="Остановленное с этим исходом (в показе он в скобках): refused, gone …")
@click.option("--reason", metavar="ТЕКСТ", help="Остановленное, в причине которого есть этот текст.")
@click.option("--all", "everything", is_flag=True, help="Всё остановленное.")
@click.option("--inbox", is_flag=True, help="Не действия в CRM, а файлы и события, которые не прочитались.")
@click.option("--apply", "applied", is_flag=True, help="Не только показать, но и отправить (спросит).")
@click.option("--yes", is_flag=True, help="Не спрашивать.")
@session_options
@click.pass_obj
def redrive(
    session: Session,
    effects: tuple[int, ...],
    connection: str | None,
    outcome: str | None,
    reason: str | None,
    everything: bool,
    inbox: bool,
    applied: bool,
    yes: bool,
) -> int:
    """Отправить ещё раз то, что остановилось; сначала показ.

    \b
    Пример:
      sverka redrive --all                                что остановлено и почему
      sverka redrive --connection main --reason "прав" --apply
      sverka redrive 41 42 --apply
      sverka redrive --inbox --apply                      прочитать ещё раз то, что не прочиталось

    Вслепую ничего не повторяется: каждое действие сначала читает сделку и решает, нужно ли оно ещё. Отправит
    работающий хаб.
    """
    with session.hub() as hub:
        if inbox:
            failed = [row.id for row in hub.queries.failed_inbox()]
            return read_again(session, hub, effects or failed, applied=applied, yes=yes)
        if not (effects or connection or outcome or reason or everything):
            raise Problem("Скажите, что отправить: номера, --connection, --outcome, --reason или --all.", USAGE)
        parked = _parked(hub)
        # What a connection left behind that is no longer in the settings can still be named.
        refuse_unknown(hub.config, connection, also={row.connection for row in parked})
        chosen = [row for row in parked if _fits(row, effects, connection, outcome, reason)]
        _show(session, effects, chosen)
        if not applied or not chosen:
            return 0
        if not yes:
            require_agreement(session, "Отправить ещё раз?", "Send again?")
        sent = _send(hub, chosen)
    session.say(f"Отправлено в очередь: {sent}.", f"Queued again: {sent}.")
    return 0


def _parked(hub: Hub) -> list[EffectRow]:
    from hub.ports.records import EffectState

    page = hub.queries.effects((EffectState.PARKED,), limit=_MOST)
    return sorted((line.effect for line in page.rows), key=lambda row: row.id)


def _fits(
    row: EffectRow, numbers: Sequence[int], connection: str | None, outcome: str | None, reason: str | None
) -> bool:
    return (
        (not numbers or row.id in numbers)
        and (connection is None or row.connection == connection)
        and (outcome is None or (row.result or {}).get("outcome") == outcome)
        and (reason is None or reason.casefold() in (row.reason or "").casefold())
    )


def _show(session: Session, numbers: Sequence[int], chosen: Sequence[EffectRow]) -> None:
    for row in chosen:
        outcome, payment = (row.result or {}).get("outcome", ""), row.payment_id or "—"
        click.echo(f"{row.id} {row.connection} {row.kind.value} {row.subject} {payment} ({outcome}): {row.reason}")
    absent = sorted(set(numbers) - {row.id for row in chosen})
    if absent:
        raise Problem(f"Не остановлены или не подходят: {', '.join(map(str, absent))}.")
    session.say(f"Остановлено: {len(chosen)}", f"Parked: {len(chosen)}")


def _send(hub: Hub, chosen: Iterable[EffectRow]) -> int:
    from hub.services.control import CannotSwitch, send_again

    sent = 0
    for row in chosen:
        try:
            send_again(hub.rt, row.id, actor())
        except CannotSwitch:
            # Settled by somebody since the list was made: theirs stands.
            continue
        sent += 1
    return sent


def read_again(session: Session, hub: Hub, inbox: Iterable[int], *, applied: bool, yes: bool) -> int:
    """Show inbound facts, and have them read once more: what they brought before is known and adds nothing."""
    rows = []
    with hub.rt.store.read() as uow:
        for number in inbox:
            row = uow.inbox.get(number)
            if row is None:
                raise Problem(f"Входящего с номером {number} нет.")
            rows.append(row)
    for row in rows:
        size = f"{len(row.raw)} {session.text('байт', 'bytes')}"
        click.echo(f"{row.id} {row.connection} {row.kind.value} {row.name} {size} {row.state.value}: {row.error or ''}")
    if not applied or not rows:
        session.say(f"Входящих: {len(rows)}", f"Inbound facts: {len(rows)}")
        return 0
    if not yes:
        require_agreement(session, "Прочитать ещё раз?", "Read again?")
    from hub.services.control import read_again as read_row_again

    done = sum(read_row_again(hub.rt, row.id, actor()) for row in rows)
    session.say(
        f"Прочитает работающий хаб: {done} из {len(rows)} (остальные ещё ждут или их содержимое удалено по сроку).",
        f"The running hub will read {done} of {len(rows)} (the others wait already, or their content is gone).",
    )
    return 0
