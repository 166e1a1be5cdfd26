"""`sverka status`: what waits, what is done, whether the connections live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from hub.cli.base import Command, session_options
from hub.cli.session import Session
from hub.ports.records import ConnectionRow, EffectState, Health, InboxState

if TYPE_CHECKING:
    from hub.store.queries import Overview, PileTotals, Queue

_HEALTH: Final = {
    Health.UNKNOWN: ("ещё не проверено", "not checked yet"),
    Health.OK: ("отвечает", "answers"),
    Health.TROUBLE: ("сбоит", "in trouble"),
    Health.DEAD: ("отключено, подключите заново: sverka connect", "dead, reconnect: sverka connect"),
}
_PILES: Final = {
    "matched": ("найден счёт", "matched"),
    "needs_you": ("ждут вас", "need you"),
    "not_ours": ("не наши", "not ours"),
    "waiting": ("ещё не разобраны", "waiting"),
}
_EFFECTS: Final = {
    EffectState.PLANNED: ("только показаны", "only shown"),
    EffectState.QUEUED: ("в очереди", "queued"),
    EffectState.INTENT: ("выполняются", "under way"),
    EffectState.DONE: ("выполнены", "done"),
    EffectState.PARKED: ("ждут вас", "parked"),
    EffectState.CANCELLED: ("отменены", "cancelled"),
}


@click.command(cls=Command)
@session_options
@click.pass_obj
def status(session: Session) -> None:
    """Показать, что ждёт, что сделано и живы ли подключения.

    \b
    Пример:
      sverka status

    Работает и рядом с запущенным хабом, и без него; ничего не меняет. Подробно о здоровье самого хаба: sverka doctor.
    """
    with session.hub() as hub:
        overview, piles = hub.queries.overview(), hub.queries.piles()
        configured = set(hub.config.connections)
        now = hub.clock.now()
    if overview.paused_by is not None:
        who = overview.paused_by
        session.say(f"ОСТАНОВЛЕНО ({who}), продолжить: sverka resume", f"PAUSED by {who}, go on: sverka resume")
    counts = {pile.value: totals for pile, totals in piles.items()}
    click.echo(f"{session.text('Платежи', 'Payments')}: {_piles(session, counts)}")
    click.echo(f"{session.text('Действия в CRM', 'CRM actions')}: {_effects(session, overview)}")
    for line in _waiting(session, overview, now):
        click.echo(line)
    for row in overview.connections:
        if row.id in configured:
            click.echo(_connection(session, row))


def _piles(session: Session, totals: dict[str, PileTotals]) -> str:
    parts = (f"{session.text(*words)} {totals[name].count}" for name, words in _PILES.items() if name in totals)
    return ", ".join(parts)


def _effects(session: Session, overview: Overview) -> str:
    counts = overview.outbox.counts
    parts = [f"{session.text(*words)} {counts[state]}" for state, words in _EFFECTS.items() if counts.get(state)]
    return ", ".join(parts) or session.text("пока нет", "none yet")


def _waiting(session: Session, overview: Overview, now: datetime) -> Iterator[str]:
    failed = overview.inbox.counts.get(InboxState.FAILED, 0)
    if failed:
        yield session.text(
            f"Файлов и событий, которые не прочитались: {failed}", f"Unreadable files and events: {failed}"
        )
    queues: list[tuple[Queue, tuple[str, str]]] = [
        (overview.inbox, ("Старейшее непрочитанное входящее", "Oldest unread")),
        (overview.payments, ("Старейший неразобранный платёж", "Oldest undecided payment")),
        (overview.outbox, ("Старейшее невыполненное действие", "Oldest unfinished action")),
    ]
    for queue, words in queues:
        if queue.oldest_at is not None:
            yield f"{session.text(*words)}: {_age(session, now, queue.oldest_at)}"


def _age(session: Session, now: datetime, since: datetime) -> str:
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 120:
        return session.text(f"{minutes} мин", f"{minutes} min")
    return session.text(f"{minutes // 60} ч", f"{minutes // 60} h")


def _connection(session: Session, row: ConnectionRow) -> str:
    if row.acting and row.act_from is not None:
        mode = session.text(f"действует с {row.act_from:%d.%m.%Y}", f"acts from {row.act_from}")
    else:
        mode = session.text("наблюдает", "observes")
    parts = [mode, session.text(*_HEALTH[row.health])]
    if row.health_reason and row.health is not Health.OK:
        parts.append(row.health_reason)
    if row.capped:
        parts.append(
            session.text(
                f"остановлено по числу переходов в час: sverka resume --connection {row.id}",
                f"stopped by the hourly cap: sverka resume --connection {row.id}",
            )
        )
    if row.polled_at is not None:
        parts.append(
            session.text(f"прочитано {row.polled_at:%d.%m %H:%M} UTC", f"read {row.polled_at:%d.%m %H:%M} UTC")
        )
    return f"{row.id}: {'; '.join(parts)}"
