"""`sverka events`: what is told to other systems, what they took, and sending it again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import click

from hub.cli.asking import require_agreement
from hub.cli.base import ISO_DATE, Command, Group, actor, refuse_backwards, session_options
from hub.cli.session import Problem, Session
from hub.ports.events import DeliveryRow, DeliveryState, EventFilter, EventNotTaken, EventRow, EventType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.composition.hub import Hub

_STATES: Final = {
    DeliveryState.QUEUED: ("ждёт", "waits"),
    DeliveryState.DONE: ("принято", "taken"),
    DeliveryState.FAILED: ("не принято", "failed"),
}
_TYPES: Final = click.Choice([item.value for item in EventType])
_STATE_NAMES: Final = click.Choice([item.value for item in DeliveryState])
_MANY: Final = 1_000


@click.group(cls=Group)
def events() -> None:
    """События для других систем: что ушло, что не принято, отправить ещё раз.

    \b
    Пример:
      sverka events list --state failed
      sverka events test buhgalteria

    Получатели задаются в sverka.yaml, раздел events. Отправляет работающий хаб (sverka up).
    """


@events.command("list", cls=Command)
@click.option("--type", "kind", type=_TYPES, help="Только события этого вида.")
@click.option("--since", type=ISO_DATE, help="С этого дня.")
@click.option("--until", type=ISO_DATE, help="По этот день включительно.")
@click.option("--endpoint", metavar="ПОЛУЧАТЕЛЬ", help="Только отправки этому получателю.")
@click.option("--state", type=_STATE_NAMES, help="queued — ждёт, done — принято, failed — не принято.")
@click.option("--limit", type=click.IntRange(1, _MANY), default=50, help="Сколько строк показать (обычно 50).")
@session_options
@click.pass_obj
def list_(
    session: Session,
    kind: str | None,
    since: date | None,
    until: date | None,
    endpoint: str | None,
    state: str | None,
    limit: int,
) -> None:
    """Показать события, новые сверху.

    \b
    Пример:
      sverka events list
      sverka events list --endpoint buhgalteria --state failed --since 2026-03-01
    """
    wanted = _filter(kind, since, until, endpoint, DeliveryState(state) if state else None)
    with session.hub() as hub:
        _check_endpoint(hub, endpoint)
        with hub.rt.store.read() as uow:
            found = uow.events.find(wanted, limit)
            deliveries = uow.events.deliveries([event.number for event in found])
    if not found:
        session.say("Таких событий нет.", "No such events.")
    for event in found:
        mine = [row for row in deliveries[event.number] if endpoint in (None, row.endpoint)]
        click.echo(_line(session, event, mine))


@events.command("show", cls=Command)
@click.argument("event_id", metavar="ID")
@session_options
@click.pass_obj
def show(session: Session, event_id: str) -> None:
    """Показать событие: что отправляется и кто его принял.

    \b
    Пример:
      sverka events show evt_4f1c2a9be0d37c5a1b2e3f40

    Печатает тело в том виде, в каком его получают, и каждого получателя с последним ответом.
    """
    from hub.services.send_events import payload

    with session.hub() as hub, hub.rt.store.read() as uow:
        event = uow.events.get(event_id)
        if event is None:
            raise Problem(f"События {event_id} нет: оно не записывалось или уже удалено по сроку хранения.")
        deliveries = uow.events.deliveries([event.number])[event.number]
    click.echo(payload(event).decode())
    for row in deliveries:
        click.echo(f"{row.endpoint}: {_delivery(session, row)}")


@events.command("send", cls=Command)
@click.argument("event_id", metavar="ID")
@click.option("--endpoint", metavar="ПОЛУЧАТЕЛЬ", help="Только этому получателю.")
@session_options
@click.pass_obj
def send(session: Session, event_id: str, endpoint: str | None) -> None:
    """Отправить одно событие ещё раз, под тем же номером.

    \b
    Пример:
      sverka events send evt_4f1c2a9be0d37c5a1b2e3f40 --endpoint buhgalteria

    Получатель, который уже принял событие, узнаёт его по webhook-id и пропускает.
    """
    from hub.services.replay_events import replay_events

    with session.hub() as hub:
        with hub.rt.store.read() as uow:
            known = uow.events.get(event_id)
        if known is None:
            raise Problem(f"События {event_id} нет: оно не записывалось или уже удалено по сроку хранения.")
        queued = replay_events(hub.rt, EventFilter(event_id=event_id, endpoint=endpoint), actor())
        off = _disabled(hub)
    if not queued:
        raise Problem(f"Никто из получателей не ждёт {known.type}: проверьте types в sverka.yaml.")
    _say_queued(session, queued, off)


@events.command("replay", cls=Command)
@click.option("--since", required=True, type=ISO_DATE, help="С этого дня.")
@click.option("--until", type=ISO_DATE, help="По этот день включительно (обычно по сегодня).")
@click.option("--type", "kind", type=_TYPES, help="Только события этого вида.")
@click.option("--endpoint", metavar="ПОЛУЧАТЕЛЬ", help="Только этому получателю.")
@click.option("--failed", is_flag=True, help="Только то, что получатель так и не принял.")
@click.option("--yes", is_flag=True, help="Не спрашивать.")
@session_options
@click.pass_obj
def replay(
    session: Session,
    since: date,
    until: date | None,
    kind: str | None,
    endpoint: str | None,
    failed: bool,
    yes: bool,
) -> None:
    """Отправить события за период ещё раз, под теми же номерами.

    \b
    Пример:
      sverka events replay --since 2026-03-01 --until 2026-03-31 --endpoint buhgalteria
      sverka events replay --since 2026-03-01 --failed --yes

    Сначала говорит, сколько событий уйдёт и кому, и спрашивает. Новому получателю так передают то, что было до него.
    """
    from hub.services.replay_events import plan_replay, replay_events

    wanted = _filter(kind, since, until, endpoint, DeliveryState.FAILED if failed else None)
    with session.hub() as hub:
        planned = plan_replay(hub.rt, wanted)
        if not planned:
            session.say("Отправлять нечего.", "Nothing to send.")
            return
        for name, count in planned.items():
            session.say(f"{name}: событий {count}", f"{name}: {count} events")
        if not yes:
            require_agreement(session, "Отправить?", "Send?")
        queued = replay_events(hub.rt, wanted, actor())
        off = _disabled(hub)
    _say_queued(session, queued, off)


@events.command("test", cls=Command)
@click.argument("endpoint", metavar="ПОЛУЧАТЕЛЬ")
@session_options
@click.pass_obj
def test(session: Session, endpoint: str) -> None:
    """Отправить получателю пробное событие ping и показать ответ.

    \b
    Пример:
      sverka events test buhgalteria

    Отправляется сразу, из этой команды, один раз и мимо очереди; подпись настоящая.
    """
    import secrets

    from hub.services.send_events import ping

    with session.hub() as hub:
        _check_endpoint(hub, endpoint)
        address = hub.rt.endpoints[endpoint].sender.address
        try:
            answer = ping(hub.rt, endpoint, f"evt_ping_{secrets.token_hex(8)}")
        except EventNotTaken as error:
            raise Problem(f"{endpoint} ({address}): {error}") from error
    if not 200 <= answer.status < 300:
        raise Problem(f"{endpoint} ({address}): получатель ответил {answer.status}, а нужно 2xx.")
    session.say(f"{endpoint} ({address}): принято, ответ {answer.status}.", f"{endpoint}: taken, {answer.status}.")


@events.command("enable", cls=Command)
@click.argument("endpoint", metavar="ПОЛУЧАТЕЛЬ")
@session_options
@click.pass_obj
def enable(session: Session, endpoint: str) -> None:
    """Снова отправлять получателю, который ответил 410.

    \b
    Пример:
      sverka events enable buhgalteria

    То, что накопилось за это время, уйдёт по порядку.
    """
    from hub.services.replay_events import enable_endpoint

    with session.hub() as hub:
        enabled = enable_endpoint(hub.rt, endpoint, actor())
    if enabled:
        session.say(f"«{endpoint}» снова получает события.", f"“{endpoint}” gets events again.")
    else:
        session.say(f"«{endpoint}» и не был отключён.", f"“{endpoint}” was not disabled.")


@events.command("secret", cls=Command)
def secret() -> None:
    """Напечатать новый секрет подписи для sverka.yaml и для получателя.

    \b
    Пример:
      sverka events secret > data/buhgalteria.secret

    32 случайных байта. Впишите его как secret: file:data/buhgalteria.secret и передайте получателю тайно.
    """
    import base64
    import secrets

    click.echo(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode('ascii')}")


def _filter(
    kind: str | None, since: date | None, until: date | None, endpoint: str | None, state: DeliveryState | None
) -> EventFilter:
    refuse_backwards(since, until)
    return EventFilter(
        type=EventType(kind) if kind else None,
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
        endpoint=endpoint,
        state=state,
    )


def _midnight(day: date) -> datetime:
    """The beginning of a day by this machine's own clock."""
    return datetime.combine(day, time.min).astimezone()


def _check_endpoint(hub: Hub, name: str | None) -> None:
    if name is not None and name not in hub.rt.endpoints:
        names = ", ".join(hub.rt.endpoints) or "ни одного"
        raise Problem(f"Получателя «{name}» в {hub.config.file} нет. Есть: {names}.")


def _disabled(hub: Hub) -> list[str]:
    with hub.rt.store.read() as uow:
        return [name for name in hub.rt.endpoints if uow.events.endpoint(name).disabled_because is not None]


def _say_queued(session: Session, queued: Mapping[str, int], off: list[str]) -> None:
    for name, count in queued.items():
        session.say(f"{name}: поставлено в очередь {count}.", f"{name}: {count} queued.")
        if name in off:
            session.say(
                f"{name} отключён и ждёт: sverka events enable {name}",
                f"{name} is disabled and waits: sverka events enable {name}",
            )
    session.say("Отправит работающий хаб (sverka up).", "The running hub sends them (sverka up).")


def _line(session: Session, event: EventRow, deliveries: list[DeliveryRow]) -> str:
    at = event.occurred_at.astimezone()
    told = "; ".join(f"{row.endpoint}: {_delivery(session, row)}" for row in deliveries)
    return f"{event.event_id}  {at:%d.%m.%Y %H:%M:%S}  {event.type}  {event.subject}  {told}".rstrip()


def _delivery(session: Session, row: DeliveryRow) -> str:
    word = session.text(*_STATES[row.state])
    if row.state is DeliveryState.DONE:
        return f"{word} ({row.status})"
    tried = session.text(f"попыток {row.attempts}", f"{row.attempts} attempts")
    parts = [word, *([tried] if row.attempts else []), *([row.error] if row.error else [])]
    if row.state is DeliveryState.QUEUED and row.attempts:
        at = row.next_attempt_at.astimezone()
        parts.append(session.text(f"следующая {at:%d.%m %H:%M}", f"next {at:%d.%m %H:%M}"))
    return ", ".join(parts)
