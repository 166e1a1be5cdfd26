"""`sverka status`: what waits, what is done, whether the connections live."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from hub.cli.base import Command, session_options
from hub.cli.proofs import proof_lines
from hub.cli.session import Session
from hub.ports.records import ConnectionRow, EffectState, Health, InboxState, PaymentState

if TYPE_CHECKING:
    from hub.store.queries import Figures, Overview, Queue

#: A poll older than so many of its intervals is called late.
_LATE_POLLS: Final = 3

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
@click.option("--json", "as_json", is_flag=True, help="То же для программ: один объект JSON.")
@session_options
@click.pass_obj
def status(session: Session, as_json: bool) -> None:
    """Показать, что ждёт, что сделано и живы ли подключения.

    \b
    Пример:
      sverka status
      sverka status --json

    Работает и рядом с запущенным хабом, и без него; ничего не меняет. Подробно о здоровье самого хаба: sverka doctor.
    """
    from hub.services.watch import ringing

    with session.hub() as hub:
        # The timer cannot tell its own silence: it is looked for here.
        figures = replace(hub.queries.figures(), alarms=tuple(ringing(hub.rt)))
        piles = hub.queries.piles()
        counts = {pile.value: totals.count for pile, totals in piles.items()}
        rhythm = {name: settings.poll_every_s for name, settings in hub.rt.connections.items()}
        rhythm |= {name: source.poll_every_s for name, source in hub.rt.bank_sources.items()}
        proofs = (hub.queries.newest_bank_days(), hub.queries.bank_gaps())
        taken_back = len(hub.queries.taken_back())
        asked_sales = hub.queries.asked_sales() or 0
        now = hub.clock.now()
    if as_json:
        from hub.cli.status_json import status_document

        click.echo(
            json.dumps(
                status_document(figures, counts, rhythm, now, proofs, taken_back, asked_sales),
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    _say(session, figures, counts, rhythm, now)
    if taken_back:
        session.say(
            f"Банк отменил сопоставленные деньги: {taken_back}. Отменить сопоставление — на странице «Остановлено».",
            f"Money that the bank took back and that is matched: {taken_back}. See the page “Stopped”.",
        )
    if asked_sales:
        session.say(
            f"Вопросов «Один ли это счёт?»: {asked_sales}. Ответить — на одноимённой странице рабочего места.",
            f"Questions “Is it one invoice?”: {asked_sales}. Answer them on the desk's page of that name.",
        )
    for line in proof_lines(session, *proofs):
        click.echo(line)


def _say(
    session: Session, figures: Figures, piles: Mapping[str, int], rhythm: Mapping[str, float], now: datetime
) -> None:
    from hub.services.watch import alarm_text

    overview = figures.overview
    if overview.paused_by is not None:
        who = overview.paused_by
        session.say(f"ОСТАНОВЛЕНО ({who}), продолжить: sverka resume", f"PAUSED by {who}, go on: sverka resume")
    click.echo(f"{session.text('Платежи', 'Payments')}: {_piles(session, piles)}")
    click.echo(f"{session.text('Действия в CRM', 'CRM actions')}: {_effects(session, overview)}")
    for line in _waiting(session, overview, now):
        click.echo(line)
    for alarm in figures.alarms:
        click.echo(f"{session.text('ТИШИНА', 'SILENCE')}: {alarm_text(alarm, session.text('ru', 'en'))}")
    for row in overview.connections:
        if row.id in rhythm:
            click.echo(_connection(session, row, rhythm[row.id], now))


def _piles(session: Session, counts: Mapping[str, int]) -> str:
    parts = (f"{session.text(*words)} {counts[name]}" for name, words in _PILES.items() if name in counts)
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
    persons = (
        (
            overview.payments,
            PaymentState.NEEDS_YOU,
            ("Дольше всех ждёт вас платёж", "Longest waiting for you, payment"),
        ),
        (overview.outbox, EffectState.PARKED, ("Дольше всех ждёт вас действие", "Longest waiting for you, action")),
    )
    for queue, state, words in persons:
        if state in queue.oldest:
            yield f"{session.text(*words)}: {_age(session, now, queue.oldest[state])}"


def _age(session: Session, now: datetime, since: datetime) -> str:
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 120:
        return session.text(f"{minutes} мин", f"{minutes} min")
    return session.text(f"{minutes // 60} ч", f"{minutes // 60} h")


def _connection(session: Session, row: ConnectionRow, every_s: float, now: datetime) -> str:
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
    parts.append(_polled(session, row, every_s, now))
    return f"{row.id}: {'; '.join(parts)}"


def _polled(session: Session, row: ConnectionRow, every_s: float, now: datetime) -> str:
    if row.polled_at is None:
        return session.text("ещё не прочитано", "not read yet")
    at, age = f"{row.polled_at:%d.%m %H:%M} UTC", _age(session, now, row.polled_at)
    late = (now - row.polled_at).total_seconds() > _LATE_POLLS * every_s
    return session.text(
        f"прочитано {at}, {age} назад{f' при опросе раз в {every_s:.0f} с' * late}",
        f"read {at}, {age} ago{f' though polled every {every_s:.0f} s' * late}",
    )
