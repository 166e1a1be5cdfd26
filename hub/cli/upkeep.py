"""Lines of `sverka doctor` about silence, lateness and what is forgotten when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hub.composition.hub import Hub

#: Subject, whether it is well, what to know or to do.
Line = tuple[str, bool, str]
_KEPT: Final = "хранится без срока"


def silences(hub: Hub) -> Iterator[Line]:
    """What is silent beyond its rhythm, the hub's own timer included, and what waits too long."""
    from hub.services.watch import alarm_text, ringing

    now = hub.clock.now()
    alarms = ringing(hub.rt)
    for alarm in alarms:
        hours = (now - alarm.since).total_seconds() / 3600
        yield "тишина", False, f"{alarm_text(alarm)}; последний признак жизни {hours:.0f} ч назад"
    if not alarms:
        yield "тишина", True, "все источники дают знать о себе в срок"
    limits = hub.rt.upkeep.ready
    late = hub.queries.backlog(now, {"inbox": limits.inbox_s, "payments": limits.payments_s, "outbox": limits.outbox_s})
    names = {"входящие": late.inbox, "платежи": late.payments, "действия в CRM": late.outbox}
    waiting = [f"{name} {lag.late}" for name, lag in names.items() if lag.late]
    text = f"ждут дольше предела: {', '.join(waiting)}; работает ли хаб (sverka up)?" if waiting else "в срок"
    yield "очереди", not waiting, text


def retention(hub: Hub) -> Line:
    """After how long what is forgotten."""
    kept = hub.config.retention
    spans = {
        "тела событий": kept.hooks_days,
        "файлы выписок": kept.raw_days,
        "данные плательщиков": kept.payments_days,
        "исходящие события": kept.events_days,
    }
    said = (f"{name} — {f'{days} дн.' if days is not None else _KEPT}" for name, days in spans.items())
    return "сроки хранения", True, "; ".join(said)
