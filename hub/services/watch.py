"""Silence is an alarm: looks whether every source, and the hub's own timer, still gives signs of life.

An alarm is told once when it begins (`source.silent`) and once when it ends (`source.back`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

import structlog

from hub.ports.records import AuditEntry
from hub.ports.store import UnitOfWork
from hub.ports.upkeep import TIMER, WAITING, Alarm, AlarmKind, Pulse, Signs, changes_pulse
from hub.services import announce
from hub.services.runtime import Runtime
from hub.services.upkeep import WatchSettings

_log = structlog.get_logger(__name__)
_JOB: Final = "watch"
_FRIDAY: Final = 4
#: Further back nothing is counted: a silence of two months is one of three.
_FAR: Final = timedelta(days=60)
#: What an alarm says, Russian and English; {source} is the connection's or the receiver's name.
TEXTS: Final[Mapping[AlarmKind, tuple[str, str]]] = {
    AlarmKind.POLL: ("«{source}» давно не читается до конца", "“{source}” has not been read to its end for long"),
    AlarmKind.STATEMENT: (
        "Новых выписок нет дольше обычного: загрузите выписку",
        "No new statement for longer than usual: upload one",
    ),
    AlarmKind.CREDIT: (
        "Поступлений нет дольше обычного: проверьте, за тот ли счёт и период выписки",
        "No incoming money for longer than usual: check the account and the period of the statements",
    ),
    AlarmKind.HOOKS: (
        "«{source}» перестало присылать события: изменения находит только опрос, проверьте исходящий вебхук",
        "“{source}” stopped sending events: only the poll finds changes, check the outgoing webhook",
    ),
    AlarmKind.TIMER: (
        "Таймер хаба молчит: опросы и повторы не идут, запустите хаб (sverka up)",
        "The hub's timer is silent: nothing is polled or retried, start the hub (sverka up)",
    ),
    AlarmKind.EVENTS: (
        "Получатель «{source}» не принимает исходящие события",
        "Receiver “{source}” does not take outgoing events",
    ),
}


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm that began or ended."""

    alarm: Alarm
    begins: bool


def alarm_text(alarm: Alarm, language: str = "ru") -> str:
    """What the alarm says to a person."""
    russian, english = TEXTS[alarm.kind]
    return (english if language == "en" else russian).format(source=alarm.source)


def tick(rt: Runtime, uow: UnitOfWork, now: datetime) -> list[Change]:
    """The timer's holder lives: beat, and now and then look at the sources. Part of the timed transaction."""
    changes = _gap(rt, uow, uow.watch.beat(TIMER, now), now)
    if uow.switches.due_run(_JOB, now, rt.upkeep.watch.every_s):
        changes += _look(rt, uow, now)
        if uow.payments.waiting_dates(1):
            uow.watch.beat(WAITING, now)
        else:
            uow.watch.still(WAITING)
    return changes


def report(changes: list[Change]) -> None:
    """Say in the log what began and what ended, once the transaction holds."""
    for change in changes:
        alarm = change.alarm
        say = _log.warning if change.begins else _log.info
        say(_event(change), kind=alarm.kind.value, source=alarm.source, since=alarm.since.isoformat())


def ringing(rt: Runtime) -> list[Alarm]:
    """What rings now, with the timer's own silence, which the timer itself cannot tell."""
    now = rt.clock.now()
    with rt.store.read() as uow:
        alarms, pulse = uow.watch.alarms(), uow.watch.pulse(TIMER)
    if pulse is not None and (now - pulse.at).total_seconds() > rt.upkeep.watch.timer_s:
        alarms.insert(0, Alarm(AlarmKind.TIMER, "", pulse.at, now))
    return alarms


def _event(change: Change) -> str:
    return "source.silent" if change.begins else "source.back"


def _gap(rt: Runtime, uow: UnitOfWork, before: Pulse | None, now: datetime) -> list[Change]:
    """A gap between two ticks began and is over at once: both are told."""
    if before is None or (now - before.at).total_seconds() <= rt.upkeep.watch.timer_s:
        return []
    alarm = Alarm(AlarmKind.TIMER, "", before.at, now)
    changes = [Change(alarm, begins=True), Change(alarm, begins=False)]
    for change in changes:
        _write(rt, uow, change, now)
    return changes


def _look(rt: Runtime, uow: UnitOfWork, now: datetime) -> list[Change]:
    silent = {alarm.name: alarm for alarm in _silences(rt, uow, now)}
    ending = [alarm for alarm in uow.watch.alarms() if alarm.name not in silent]
    changes = [Change(alarm, begins=False) for alarm in ending if uow.watch.hush(alarm.name)]
    changes += [Change(alarm, begins=True) for alarm in silent.values() if uow.watch.ring(alarm)]
    for change in changes:
        _write(rt, uow, change, now)
    return changes


def _write(rt: Runtime, uow: UnitOfWork, change: Change, now: datetime) -> None:
    alarm = change.alarm
    data = {"kind": alarm.kind.value, "since": alarm.since.isoformat(), "reason": alarm_text(alarm)}
    subject = alarm.source or alarm.kind.value
    # Written out twice: every event of the journal stands in the code as its own word.
    entry = (
        AuditEntry("source.silent", "hub", subject, data)
        if change.begins
        else AuditEntry("source.back", "hub", subject, data)
    )
    uow.audit.append(entry, now)
    if change.begins:
        announce.source_silent(rt, uow, alarm, data["reason"])


def _silences(rt: Runtime, uow: UnitOfWork, now: datetime) -> Iterator[Alarm]:
    settings, signs = rt.upkeep.watch, uow.watch.signs()
    yield from _polls(rt, uow, now)
    yield from _hooks(rt, uow, signs, now)
    yield from _statements(settings, signs, now)
    for endpoint, since in signs.untold.items():
        if (now - since).total_seconds() > settings.events_s:
            yield Alarm(AlarmKind.EVENTS, endpoint, since, now)


def _polls(rt: Runtime, uow: UnitOfWork, now: datetime) -> Iterator[Alarm]:
    watch = rt.upkeep.watch
    rows = {row.id: row.polled_at for row in uow.connections.all()}
    rhythm = {name: settings.poll_every_s for name, settings in rt.connections.items()}
    rhythm |= {name: source.poll_every_s for name, source in rt.bank_sources.items()}
    for name, every_s in rhythm.items():
        since = rows.get(name) or _first_seen(uow, name, now)
        if (now - since).total_seconds() > max(watch.poll_s, watch.polls * every_s):
            yield Alarm(AlarmKind.POLL, name, since, now)


def _first_seen(uow: UnitOfWork, connection: str, now: datetime) -> datetime:
    """A connection that was never read is silent since it was first looked for."""
    before = uow.watch.beat(f"unread:{connection}", now)
    return before.since if before is not None else now


def _hooks(rt: Runtime, uow: UnitOfWork, signs: Signs, now: datetime) -> Iterator[Alarm]:
    watch = rt.upkeep.watch
    for name in rt.connections.keys() & rt.doors.keys():
        found, hook = uow.watch.pulse(changes_pulse(name)), signs.hook_at.get(name)
        if found is None:
            continue
        if hook is not None and hook >= found.since:
            uow.watch.still(changes_pulse(name))
        elif found.beats >= watch.hooks_polls and (now - found.since).total_seconds() > watch.hooks_s:
            yield Alarm(AlarmKind.HOOKS, name, hook or found.since, now)


def _statements(settings: WatchSettings, signs: Signs, now: datetime) -> Iterator[Alarm]:
    """A company that never uploaded a file, or never got money, has no rhythm yet."""
    at = signs.statement_at
    if at is not None and (_beyond(at, now, settings.statement_h, settings.zone) or _missed_hour(at, now, settings)):
        yield Alarm(AlarmKind.STATEMENT, "", at, now)
    if signs.credit_at is not None and _beyond(signs.credit_at, now, settings.credit_h, settings.zone):
        yield Alarm(AlarmKind.CREDIT, "", signs.credit_at, now)


def _beyond(since: datetime, now: datetime, hours: float, zone: tzinfo | None) -> bool:
    return hours > 0 and working_time(since, now, zone) > timedelta(hours=hours)


def _missed_hour(at: datetime, now: datetime, settings: WatchSettings) -> bool:
    """Whether the newest file is older than the last working day whose hour has passed."""
    if settings.statement_by is None:
        return False
    here = now.astimezone(settings.zone)
    due = here.date() if here.time() >= settings.statement_by else here.date() - timedelta(days=1)
    while due.weekday() > _FRIDAY:
        due -= timedelta(days=1)
    return at.astimezone(settings.zone).date() < due


def working_time(start: datetime, end: datetime, zone: tzinfo | None) -> timedelta:
    """How much of a stretch of time, of its last 60 days at most, fell on working days by the calendar of `zone`."""
    total = timedelta()
    at = max(start, end - _FAR)
    while at < end:
        here = at.astimezone(zone)
        midnight = datetime.combine(here.date() + timedelta(days=1), time(), here.tzinfo)
        following = min(end, max(midnight.astimezone(UTC), at + timedelta(hours=1)))
        if here.weekday() <= _FRIDAY:
            total += following - at
        at = following
    return total
