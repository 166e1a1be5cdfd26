"""What a page says after a form: the redirect carries a code, never a text."""

from __future__ import annotations

from typing import Final

from hub.web.locale import Words

_NOTICES: Final = {
    "confirmed": "Готово: платёж сопоставлен.",
    "remembered": "Готово: платёж сопоставлен, а кто за кого платит — записано.",
    "alias_added": "Правило записано. Платежи этого плательщика, которые ждали вас, хаб рассматривает заново.",
    "alias_changed": "Правило изменено: прежнее прекращено и осталось в истории.",
    "alias_ended": "Правило прекращено. Сопоставленное по нему остаётся как есть.",
    "chosen": "Готово: платёж разнесён на выбранные счета.",
    "rejected": "Платёж отложен: не наш.",
    "put_back": "Платёж снова в стопке «Нужны вы».",
    "undone": "Сопоставление отменено. Что стало со сделкой — в блоке «В CRM».",
    "sent_again": "Действие снова в очереди.",
    "claim_dismissed": "Сообщение убрано: строку выписки для него хаб больше не ищет.",
    "put_aside": "Действие отмечено разобранным.",
    "received": "Файлы приняты и сохранены. Читаем: итог появится здесь же.",
    "already": "Этот файл уже загружали: новых платежей он не добавит.",
    "paused": "Запись остановлена: хаб только читает.",
    "resumed": "Запись возобновлена.",
    "acting": "Подключение теперь записывает в CRM.",
    "observing": "Подключение теперь только наблюдает.",
}


def notice_text(code: str, say: Words) -> str:
    """The sentence of a code; nothing for a code nobody knows."""
    return say(_NOTICES[code]) if code in _NOTICES else ""
