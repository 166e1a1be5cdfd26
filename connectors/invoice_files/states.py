"""What a list calls a state of payment: whole words that programs write, never a part of one.

«Ожидает оплаты» and «Не полностью оплачен» hold the word for paid too; an invoice that is wrongly paid finds no money,
so only a state known as a whole is believed, and every other one is open and told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hub.domain.models import InvoiceStatus

#: Spaces and signs that programs put between the same words: «НеОплачен», «Не оплачен», «Ожидается оплата (…)».
_BETWEEN: Final = re.compile(r"[\s.,;:()\[\]«»\"'_–—-]+")
# 1C БП: the status of a document; УТ, КА and ERP: states of invoices and orders; Bitrix24 and amoCRM: stages and
# BILL_STATUS; the rest is what people type, and how tables write a yes.
_WORDS: Final[Mapping[InvoiceStatus, tuple[str, ...]]] = {
    InvoiceStatus.PAID: (
        *("оплачен", "оплачена", "оплачено", "оплаченный", "оплачен полностью", "оплачена полностью"),
        *("оплачено полностью", "полностью оплачен", "полностью оплачена", "полностью оплачено", "оплачен 100%"),
        *("оплачено 100%", "оплачен в аванс", "да", "истина"),
        *("paid", "fully paid", "paid in full", "yes", "true"),
    ),
    InvoiceStatus.OPEN: (
        *("", "нет", "ложь", "не оплачен", "не оплачена", "не оплачено", "неоплаченный", "не оплачен полностью"),
        *("не полностью оплачен", "не полностью оплачена", "не полностью оплачено", "оплачен не полностью"),
        *("оплачена не полностью", "оплачено не полностью", "частично", "оплачен частично", "оплачена частично"),
        *("оплачено частично", "частично оплачен", "частично оплачена", "частично оплачено", "частичная оплата"),
        *("ожидает оплаты", "ждет оплаты", "ожидание оплаты", "ожидается оплата", "ожидается оплата после отгрузки"),
        *("ожидается оплата до отгрузки", "ожидается оплата до обеспечения", "просрочена оплата", "оплата просрочена"),
        *("ожидается аванс до обеспечения", "ожидается предоплата до отгрузки", "ожидается предоплата"),
        *("ожидается аванс", "ожидается согласование", "ожидается обеспечение", "готов к обеспечению"),
        *("готов к отгрузке", "в процессе отгрузки", "на согласовании", "не согласован", "согласован", "к оплате"),
        *("на оплате", "в работе", "действует", "к выполнению", "к обеспечению", "к отгрузке", "просрочен"),
        *("просрочена", "просрочено", "не оплачен просрочен", "новый", "новая", "черновик", "создан", "выписан"),
        *("выставлен", "проведен", "отправлен", "отправлен клиенту", "передан клиенту", "подтвержден"),
        *("unpaid", "not paid", "partly paid", "partially paid", "partial", "pending", "overdue", "open", "new"),
        *("draft", "sent", "issued", "no", "false"),
    ),
    InvoiceStatus.CANCELLED: (
        *("отменен", "отменена", "отменено", "отмена", "аннулирован", "аннулирована", "аннулировано", "удален"),
        *("удалена", "удалено", "помечен на удаление", "отклонен", "отклонена", "отклонено"),
        *("cancelled", "canceled", "void", "voided", "deleted", "declined", "rejected"),
    ),
}


def _plain(text: str) -> str:
    return _BETWEEN.sub("", text.casefold().replace("ё", "е"))


_STATES: Final = {_plain(word): status for status, words in _WORDS.items() for word in words}


def state_of(text: str) -> InvoiceStatus | None:
    """The state that a word means; None where it is known to no program."""
    return _STATES.get(_plain(text))
