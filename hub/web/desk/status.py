"""Status page: pause, true state of connections, act and observe, queues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.ports.records import ConnectionRow, Health
from hub.services import control
from hub.services.watch import alarm_text, ringing
from hub.store.queries import Overview
from hub.web.desk.banks import bank_views
from hub.web.desk.effects import Badge, Tone
from hub.web.desk.endpoints import endpoint_views
from hub.web.locale import Words
from hub.web.rendering import age_text, parse_day
from hub.web.visit import Visit, see_other

_HEALTH: Final = {
    Health.UNKNOWN: Badge(Tone.CALM, "ещё не проверено"),
    Health.OK: Badge(Tone.GOOD, "работает"),
    Health.TROUBLE: Badge(Tone.WAIT, "есть сбои, повторяем"),
    Health.DEAD: Badge(Tone.STOP, "не работает: нужно переподключить"),
}


# What a queue's own age speaks of comes first.
_INBOX: Final = (("Файлы и сообщения ждут чтения", ("new",)), ("Файлы и сообщения с ошибкой", ("failed",)))
_PAYMENTS: Final = (("Платежи ждут рассмотрения", ("new", "recheck")),)
_OUTBOX: Final = (
    ("Действия в CRM в работе", ("queued", "intent")),
    ("Действия остановлены, нужен человек", ("parked",)),
)


@dataclass(frozen=True, slots=True)
class HubView:
    """The hub-wide switch."""

    paused: bool
    badge: Badge
    text: str


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection as the page shows it."""

    id: str
    health: Badge
    acting: bool
    act_from: date | None
    capped: bool
    mode_in_file: bool
    polled_at: datetime | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """A queue with its length and the age of its oldest item."""

    name: str
    count: int
    age: str


def show(visit: Visit) -> Response:
    """Show the status."""
    return _page(visit)


def _page(visit: Visit, problem: str = "", code: int = 200) -> Response:
    say, overview = visit.site.words, visit.site.context.queries.overview()
    known = {row.id: row for row in overview.connections}
    connections = [
        _connection(name, known.get(name), settings.mode_in_file, say)
        for name, settings in sorted(visit.site.context.rt.connections.items())
    ]
    health = {
        name: _connection(name, known.get(name), False, say).health for name in visit.site.context.rt.bank_sources
    }
    return visit.html(
        "status.html",
        "status",
        code,
        banks=bank_views(visit.site, overview.connections, health),
        hub=_hub(overview.paused_by, say),
        connections=connections,
        endpoints=endpoint_views(visit.site),
        queues=list(_queues(overview, visit.site.now(), say)),
        alarms=[(alarm_text(alarm, say.language), alarm.since) for alarm in ringing(visit.site.context.rt)],
        today=visit.site.now().astimezone(visit.site.context.zone).date().isoformat(),
        problem=problem,
    )


def _hub(paused_by: str | None, say: Words) -> HubView:
    if paused_by is None:
        text = say("Хаб пишет только туда, где запись включена. Остановка действует сразу на всё, чтение продолжается.")
        return HubView(False, Badge(Tone.GOOD, say("не остановлена")), text)
    text = say(
        "Остановил: {name}. Хаб читает и сопоставляет, но ничего не записывает; очередь сохранена.", name=paused_by
    )
    return HubView(True, Badge(Tone.STOP, say("остановлена")), text)


def _connection(name: str, row: ConnectionRow | None, in_file: bool, say: Words) -> ConnectionView:
    if row is None:
        unknown = _HEALTH[Health.UNKNOWN]
        return ConnectionView(name, Badge(unknown.tone, say(unknown.word)), False, None, False, in_file, None, None)
    health = _HEALTH[row.health]
    badge = Badge(health.tone, say(health.word), row.health_reason or "")
    return ConnectionView(name, badge, row.acting, row.act_from, row.capped, in_file, row.polled_at, row.checked_at)


def _queues(overview: Overview, now: datetime, say: Words) -> Iterator[QueueView]:
    for queue, rows in ((overview.inbox, _INBOX), (overview.payments, _PAYMENTS), (overview.outbox, _OUTBOX)):
        for place, (name, states) in enumerate(rows):
            oldest = queue.oldest_at if place == 0 else None
            age = age_text(oldest, now, say) if oldest is not None else ""
            yield QueueView(say(name), sum(queue.counts.get(state, 0) for state in states), age)


def pause_hub(visit: Visit) -> Response:
    """Stop writing everywhere."""
    control.pause(visit.site.context.rt, visit.user.login)
    return see_other("/status?done=paused")


def resume_hub(visit: Visit) -> Response:
    """Write again."""
    control.resume(visit.site.context.rt, visit.user.login)
    return see_other("/status?done=resumed")


def resume_connection(visit: Visit) -> Response:
    """Let the moves of a capped connection go on."""
    control.resume(visit.site.context.rt, visit.user.login, _known(visit))
    return see_other("/status?done=resumed")


def switch_mode(visit: Visit) -> Response:
    """Switch a connection to act from a date, or back to observe."""
    acting = visit.form.text("mode") == "act"
    act_from = parse_day(visit.form.text("act_from")) if acting else None
    if acting and act_from is None:
        text = "Укажите дату: деньги, пришедшие раньше неё, ничего не двигают."
        return _page(visit, visit.site.words(text), 400)
    try:
        control.set_acting(visit.site.context.rt, _known(visit), visit.user.login, act_from)
    except control.CannotSwitch as error:
        return _page(visit, str(error), 409)
    return see_other("/status?done=acting" if acting else "/status?done=observing")


def _known(visit: Visit) -> str:
    name = visit.path("connection")
    runtime = visit.site.context.rt
    if name not in runtime.connections and name not in runtime.bank_sources:
        raise HTTPException(404)
    return name
