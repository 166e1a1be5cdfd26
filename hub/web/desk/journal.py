"""Journal lines in the accountant's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hub.ports.records import AuditRow
from hub.web.locale import Words


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of the journal as the page shows it; `who` is empty for the machine."""

    at: datetime
    who: str
    what: str
    details: str


#: Every event that services write, in words.
EVENTS: Final[Mapping[str, str]] = {
    "statement.received": "Выписка получена",
    "statement.read": "Выписка прочитана",
    "statement.refused": "Выписка не прочитана",
    "payment.received": "Платёж прочитан из выписки",
    "payment.reported": "Платёж учтён по сообщению другой системы",
    "payment.decided": "Хаб рассмотрел платёж",
    "payment.matched": "Платёж сопоставлен",
    "payment.unmatched": "Сопоставление отменено",
    "payment.dismissed": "Отложен: не наш платёж",
    "payment.put_back": "Возвращён в работу",
    "alias.added": "Записано, кто за кого платит",
    "alias.removed": "Правило «платит за» прекращено",
    "claim.received": "Другая система сообщила об оплате",
    "claim.refused": "Сообщение об оплате не прочитано",
    "claim.covered": "Строка выписки подтвердила сообщение об оплате",
    "claim.uncovered": "Строка выписки больше не подтверждает сообщение",
    "claim.counted": "Сообщение об оплате учтено как платёж",
    "claim.not_counted": "Сообщение об оплате только показано",
    "claim.overdue": "Строки выписки нет дольше обычного",
    "claim.dismissed": "Сообщение об оплате убрано",
    "deal.moved": "Сделка перенесена",
    "deal.left": "Сделка оставлена на своей стадии",
    "deal.stepped_back": "Сделка возвращена на прежнюю стадию",
    "deal.filled": "Поля сделки заполнены по счетам из учёта",
    "deal.fields_left": "Поля сделки оставлены как есть",
    "comment.left": "Комментарий оставлен",
    "task.set": "Задача поставлена",
    "invoice.marked_paid": "Счёт отмечен оплаченным",
    "invoice.unmarked_paid": "Отметка об оплате снята",
    "invoices.imported": "Список счетов загружен",
    "sale.joined": "Счета двух систем объединены в одну продажу",
    "sale.asked": "Хаб спросил, один ли это счёт",
    "sale.parted": "Счета больше не одна продажа",
    "sale.deal_found": "Сделка счёта найдена",
    "sale.told_apart": "Сказано: это разные счета или не та сделка",
    "sale.answer_taken_back": "Ответ о счёте отменён",
    "payment.linked": "Поступление в учёте отнесено к счёту",
    "effect.parked": "Действие в CRM остановлено",
    "effect.withdrawn": "Действие в CRM отозвано",
    "effect.put_aside": "Остановленное действие разобрано",
    "effect.requeued": "Действие отправлено ещё раз",
    "hub.paused": "Запись в CRM остановлена",
    "hub.resumed": "Запись в CRM возобновлена",
    "rule.paused": "Правило остановлено: слишком много переходов за час",
    "connection.switched": "Режим подключения изменён",
    "connection.changed": "Состояние подключения изменилось",
    "hooks.subscribed": "Подписка на вебхуки оформлена",
    "event.failed": "Получатель так и не принял событие",
    "events.replayed": "События поставлены в очередь ещё раз",
    "endpoint.disabled": "Получатель событий отключён",
    "endpoint.enabled": "Получатель событий снова включён",
    "source.silent": "Источник молчит дольше обычного",
    "source.back": "Источник снова даёт знать о себе",
    "payment.corrected": "Банк исправил операцию",
    "payment.superseded": "Банк исправил операцию, по которой хаб уже действовал",
    "payment.vanished": "Платёж исчез из новой выписки",
    "payment.reappeared": "Платёж снова есть в выписке",
    "payment.replayed": "Платёж рассмотрен заново",
    "inbox.replayed": "Входящее прочитано заново",
    "hook.given_up": "Событие не удалось прочитать, изменение найдёт опрос",
    "table.changed": "Решает другая таблица решений",
    "hub.restored": "База возвращена из резервной копии",
}
_MACHINES: Final = frozenset({"hub", "auto"})


def journal_line(row: AuditRow, say: Words) -> JournalLine:
    """One line; an event without a wording shows its own name."""
    actor = row.actor.removeprefix("person:")
    return JournalLine(
        at=row.at,
        who="" if actor in _MACHINES else actor,
        what=say(EVENTS.get(row.event, row.event)),
        details=_details(row.data),
    )


def _details(data: Mapping[str, Any]) -> str:
    for name in ("reason", "note"):
        if data.get(name):
            return str(data[name])
    return ""
