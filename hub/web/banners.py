"""What every page says on top while something is not as usual: paused, capped, observing, a dead connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.ports.claims import ClaimState
from hub.ports.events import EndpointRow
from hub.ports.records import ConnectionRow, Health
from hub.ports.upkeep import AlarmKind
from hub.services.watch import alarm_text, ringing
from hub.web.site import Site


@dataclass(frozen=True, slots=True)
class Banner:
    """A strip with a sentence and where to go."""

    kind: str
    tone: str
    text: str
    href: str = ""
    link: str = ""


def banners(site: Site, path: str) -> tuple[Banner, ...]:
    """Banners for a page; a page is not sent to itself."""
    runtime = site.context.rt
    stopped, taken_back = site.context.queries.stopped(), len(site.context.queries.taken_back())
    with runtime.store.read() as uow:
        paused_by = uow.switches.paused_by()
        known = uow.connections.all()
        rows = [row for row in known if row.id in runtime.connections]
        banks = [row for row in known if row.id in runtime.bank_sources]
        receivers = [uow.events.endpoint(name) for name in runtime.endpoints]
    usual = (*_all(site, paused_by, rows, path), *_silent(site, path))
    waiting = (*_taken_back(site, taken_back, path), *_stopped(site, stopped, path), *_overdue(site, path))
    return (*usual, *_banks(site, banks, path), *_gone(site, receivers, path), *waiting)


def _banks(site: Site, rows: list[ConnectionRow], path: str) -> Iterator[Banner]:
    """A bank that lets us in no more, and days that do not add up."""
    say, status = site.words, "" if path == "/status" else "/status"
    for row in rows:
        if row.health is Health.DEAD:
            text = say("Банк «{name}» не читается: {reason}", name=row.id, reason=row.health_reason or "—")
            yield Banner("bank-dead", "stop", text, status, say("Подробнее"))
    if rows and (gaps := site.context.queries.bank_gaps()):
        text = say("Дней, которые не сходятся с остатками банка: {count}.", count=str(len(gaps)))
        yield Banner("gap", "stop", text, status, say("Подробнее"))


def _taken_back(site: Site, count: int, path: str) -> Iterator[Banner]:
    if count and path != "/stopped":
        text = site.words(
            "Банк отменил деньги, которые уже сопоставлены: {count}. Отменить сопоставление и вернуть сделку?",
            count=str(count),
        )
        yield Banner("taken-back", "stop", text, "/stopped", site.words("Решить"))


def _silent(site: Site, path: str) -> Iterator[Banner]:
    """What is silent beyond its rhythm; an unread connection has a banner of its own."""
    for alarm in ringing(site.context.rt):
        if alarm.kind is not AlarmKind.POLL or alarm.source in site.context.rt.bank_sources:
            tone = "stop" if alarm.kind is AlarmKind.TIMER else "wait"
            text = alarm_text(alarm, site.words.language)
            yield Banner("silent", tone, text, "" if path == "/status" else "/status", site.words("Подробнее"))


def _gone(site: Site, receivers: list[EndpointRow], path: str) -> Iterator[Banner]:
    for row in receivers:
        if row.disabled_because is not None:
            text = site.words("Получатель событий «{name}» отключён: события для него копятся.", name=row.name)
            yield Banner("gone", "stop", text, "" if path == "/status" else "/status", site.words("Подробнее"))


def _overdue(site: Site, path: str) -> Iterator[Banner]:
    count = site.context.queries.claim_counts().get(ClaimState.OVERDUE, 0)
    if count and path != "/claims":
        text = site.words("Сообщений об оплате, которых выписка так и не подтвердила: {count}.", count=str(count))
        yield Banner("overdue", "wait", text, "/claims", site.words("Посмотреть"))


def _stopped(site: Site, count: int, path: str) -> Iterator[Banner]:
    if count and path != "/stopped":
        text = site.words(
            "Действий в CRM остановлено: {count}. Деньги найдены, но дальше нужен человек.", count=str(count)
        )
        yield Banner("stopped", "wait", text, "/stopped", site.words("Посмотреть причины"))


def _all(site: Site, paused_by: str | None, rows: list[ConnectionRow], path: str) -> Iterator[Banner]:
    say = site.words
    status = "" if path == "/status" else "/status"
    if paused_by is not None:
        text = say(
            "Запись во все системы остановлена ({name}). Хаб только читает, очередь сохраняется.", name=paused_by
        )
        yield Banner("paused", "stop", text, status, say("Возобновить"))
    for row in rows:
        if row.health is Health.DEAD:
            text = say("Подключение «{name}» не работает: {reason}", name=row.id, reason=row.health_reason or "—")
            yield Banner("dead", "stop", text, status, say("Подробнее"))
        elif (unread := _unread(site, row)) is not None:
            yield Banner("unread", "wait", unread, status, say("Подробнее"))
        if row.capped:
            text = say("Переходы сделок по «{name}» остановлены: за час их слишком много.", name=row.id)
            yield Banner("capped", "wait", text, status, say("Проверить и продолжить"))
    observing = [row.id for row in rows if not row.acting]
    if observing and paused_by is None:
        names = ", ".join(f"«{name}»" for name in observing)
        text = say("{names}: режим наблюдения. В CRM ничего не записывается.", names=names)
        yield Banner("observe", "plan", text, "" if path == "/planned" else "/planned", say("Что хаб сделал бы"))


def _unread(site: Site, row: ConnectionRow) -> str | None:
    """Why payments wait for this connection: an invoice that the hub has not seen may be a second answer."""
    if row.polled_at is None:
        return site.words("«{name}» ещё не прочитано до конца: платежи ждут, чтобы хаб не решал вслепую.", name=row.id)
    if site.now() - row.polled_at > site.context.rt.connections[row.id].stale_after:
        text = (
            "«{name}» давно не отвечает: пока его счета не прочитаны, хаб решает сам, только если сошлись и номер, и "
            "сумма, и клиент, остальное ждёт."
        )
        return site.words(text, name=row.id)
    return None
