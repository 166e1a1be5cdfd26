"""Russian sentences and clauses: why a payment was settled, or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from hub.domain.decision import Aspect, Evidence, Stand
from hub.domain.matching.judge import Question
from hub.domain.matching.rows import Row
from hub.domain.matching.verdicts import (
    AmountVerdict,
    Answer,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdict,
)
from hub.domain.models import Client, Invoice
from hub.domain.money import Money, total
from hub.domain.wording import date_text, money_text

_N, _A, _C = NumberVerdict, AmountVerdict, ClientVerdict
_FOR, _AGAINST, _SILENT, _WARNING = Stand.FOR, Stand.AGAINST, Stand.SILENT, Stand.WARNING

# Keyed by aspect too: words of different aspects may be the same («agrees»), and such enum members are equal.
_CLAUSES: Final[Mapping[tuple[Aspect, Verdict], tuple[Stand, str]]] = {
    (Aspect.NUMBER, _N.AGREES): (_FOR, "номер «{quoted}» совпал"),
    (Aspect.NUMBER, _N.AGREES_SHORT): (_FOR, "номер «{quoted}» совпал без приставки"),
    (Aspect.NUMBER, _N.AGREES_FEW_DIGITS): (_FOR, "от номера назван только короткий хвост «{quoted}»"),
    (Aspect.NUMBER, _N.AGREES_LOOSELY): (_WARNING, "номер «{quoted}» похож, но совпал не полностью"),
    (Aspect.NUMBER, _N.AGREES_FOR_SEVERAL): (_FOR, "названы все эти счета: {quoted}"),
    (Aspect.NUMBER, _N.ONE_OF_NAMED): (_WARNING, "назван вместе с другими номерами"),
    (Aspect.NUMBER, _N.OTHER_NAMED): (_AGAINST, "в назначении назван другой счёт: {named}"),
    (Aspect.NUMBER, _N.OTHER_CLIENTS): (_AGAINST, "в назначении назван счёт другого клиента: {named}"),
    (Aspect.NUMBER, _N.UNKNOWN_NAMED): (_AGAINST, "в назначении назван номер, которого нет среди счетов: {named}"),
    (Aspect.NUMBER, _N.ABSENT): (_SILENT, "номер счёта в назначении не назван"),
    (Aspect.REFERENCE, ReferenceVerdict.AGREES): (_FOR, "договор, заказ или другой документ совпал"),
    (Aspect.REFERENCE, ReferenceVerdict.ABSENT): (_SILENT, "общих документов не названо"),
    (Aspect.REFERENCE, ReferenceVerdict.CONTRADICTS): (_AGAINST, "договор или заказ в назначении другой"),
    (Aspect.AMOUNT, _A.EQUAL): (_FOR, "сумма равна: {sum}"),
    (Aspect.AMOUNT, _A.REST): (_FOR, "сумма равна остатку по счёту: {sum}"),
    (Aspect.AMOUNT, _A.SUM_OF_NAMED): (_FOR, "сумма названных счетов равна платежу: {sum}"),
    (Aspect.AMOUNT, _A.AS_WRITTEN): (_FOR, "суммы по счетам названы и вместе равны платежу"),
    (Aspect.AMOUNT, _A.STATED_SHARE): (_FOR, "сумма равна названной доле счёта: {sum} из {amount}"),
    (Aspect.AMOUNT, _A.SUM_OF_UNNAMED): (_FOR, "эти счета вместе дают ровно сумму платежа: {sum}"),
    (Aspect.AMOUNT, _A.PART): (_WARNING, "платёж {sum} меньше открытых {open}"),
    (Aspect.AMOUNT, _A.OVER): (_AGAINST, "платёж {sum} больше открытых {open}"),
    (Aspect.AMOUNT, _A.NONE): (_AGAINST, "зачесть платёж {sum} в этот счёт некуда"),
    (Aspect.CLIENT, _C.TAX_ID): (_FOR, "ИНН плательщика — ИНН клиента {client}"),
    (Aspect.CLIENT, _C.ACCOUNT): (_FOR, "расчётный счёт плательщика — счёт клиента {client}"),
    (Aspect.CLIENT, _C.ALIAS): (_FOR, "за клиента {client} этот плательщик платит по вашему правилу"),
    (Aspect.CLIENT, _C.TAX_ID_IN_TEXT): (_FOR, "ИНН клиента {client} написан в назначении"),
    (Aspect.CLIENT, _C.BRANCH): (_WARNING, "ИНН клиента {client} совпал, КПП другой"),
    (Aspect.CLIENT, _C.NAME): (_FOR, "название плательщика похоже на клиента {client}"),
    (Aspect.CLIENT, _C.UNKNOWN): (_SILENT, "плательщика и клиента сверить не по чему"),
    (Aspect.CLIENT, _C.THIRD_PARTY): (_WARNING, "платит другой плательщик, но в назначении назван клиент {client}"),
    (Aspect.CLIENT, _C.PAYS_FOR_OTHER): (_AGAINST, "в назначении сказано, что платёж за другого"),
    (Aspect.CLIENT, _C.NAME_DIFFERS): (_AGAINST, "название плательщика не похоже на клиента {client}"),
    (Aspect.CLIENT, _C.CONTRADICTS): (_AGAINST, "ИНН плательщика не тот: счёт выставлен клиенту {client}"),
    (Aspect.ORGANISATION, OrganisationVerdict.SAME): (_FOR, "наше юрлицо то же"),
    (Aspect.ORGANISATION, OrganisationVerdict.UNKNOWN): (_SILENT, "наше юрлицо сверить не по чему"),
    (Aspect.ORGANISATION, OrganisationVerdict.OTHER): (_AGAINST, "счёт выставлен от другого нашего юрлица"),
    (Aspect.CURRENCY, CurrencyVerdict.SAME): (_FOR, "валюта та же"),
    (Aspect.CURRENCY, CurrencyVerdict.OTHER): (_AGAINST, "валюта другая"),
    (Aspect.STATUS, StatusVerdict.OPEN): (_FOR, "счёт открыт"),
    (Aspect.STATUS, StatusVerdict.PAID): (_AGAINST, "счёт уже оплачен"),
    (Aspect.STATUS, StatusVerdict.CANCELLED): (_AGAINST, "счёт отменён"),
    (Aspect.STATUS, StatusVerdict.ISSUED_AFTER): (_AGAINST, "счёт выставлен позже платежа"),
    (Aspect.DATE, DateVerdict.AGREES): (_FOR, "дата счёта совпала"),
    (Aspect.DATE, DateVerdict.WITHIN_TOLERANCE): (
        _WARNING,
        "дата счёта в пределах разрешённых {tolerance} дн.",
    ),
    (Aspect.DATE, DateVerdict.ABSENT): (_SILENT, "дату счёта сверить не по чему"),
    (Aspect.DATE, DateVerdict.CONTRADICTS): (_AGAINST, "дата счёта в назначении другая"),
}


def evidence_of(question: Question, answer: Answer) -> tuple[Evidence, ...]:
    """One item for each aspect of an answer."""
    values = _values(question, answer)
    verdicts = answer.verdicts
    pairs: tuple[tuple[Aspect, Verdict], ...] = (
        (Aspect.NUMBER, verdicts.number),
        (Aspect.REFERENCE, verdicts.reference),
        (Aspect.AMOUNT, verdicts.amount),
        (Aspect.CLIENT, verdicts.client),
        (Aspect.ORGANISATION, verdicts.organisation),
        (Aspect.CURRENCY, verdicts.currency),
        (Aspect.STATUS, verdicts.status),
        (Aspect.DATE, verdicts.date),
    )
    items: list[Evidence] = []
    for aspect, verdict in pairs:
        stand, text = _CLAUSES[aspect, verdict]
        items.append(Evidence(aspect, verdict.value, stand, text.format_map(values)))
    return tuple(items)


def sentence(row: Row, question: Question, answer: Answer) -> str:
    """The row's sentence about an answer."""
    text = row.text.format_map(_values(question, answer))
    return text[:1].upper() + text[1:]


def tie_sentence(question: Question, first: Answer, second: Answer) -> str:
    """Two answers are as good; what would settle it."""
    texts = [
        f"{invoices_text(answer.invoices, 'счёт', 'счета')} ({client_text(answer.invoices[0].client)})"
        for answer in (first, second)
    ]
    if first.verdicts.number is NumberVerdict.ABSENT:
        help_text = "Номер счёта в назначении решил бы вопрос."
    else:
        help_text = "Дата счёта в назначении или ИНН клиента решили бы вопрос."
    money = money_text(question.payment.amount)
    return f"Подходит не один ответ: {texts[0]} и {texts[1]}; сумма {money}. {help_text}"


def nothing_sentence(question: Question) -> tuple[str, str]:
    """Code and sentence of a payment for which nothing is found."""
    money = money_text(question.payment.amount)
    name = question.payment.counterparty.name
    payer = f"плательщика «{name}»" if name else "плательщика, который не назван,"
    if question.named:
        numbers = ", ".join(named.text for named in question.named)
        payer = payer.removesuffix(",")
        text = f"Счёт № {numbers} из назначения не найден, и по сумме {money} от {payer} ничего не подходит."
        return "number_not_found", text
    if question.payer.shared:
        text = f"Платёж пришёл через банк или казначейство без номера счёта; по сумме {money} клиента не определить."
        return "nothing_fits", text
    return "nothing_fits", f"Номера счёта в назначении нет, и у {payer} нет открытого счёта на {money}."


def _values(question: Question, answer: Answer) -> dict[str, str]:
    first = answer.invoices[0]
    amounts = [invoice.amount for invoice in answer.invoices]
    rooms = [invoice.open_amount for invoice in answer.invoices]
    return {
        "invoice": invoices_text(answer.invoices, "счёт", "счета"),
        "invoice_dative": invoices_text(answer.invoices, "счёту", "счетам"),
        "invoice_instrumental": invoices_text(answer.invoices, "счётом", "счетами"),
        "quoted": answer.quoted or "",
        "named": ", ".join(named.text for named in question.named),
        "quoted_date": _quoted_date(question, answer),
        "sum": money_text(question.payment.amount),
        "amount": money_text(_sum(amounts)),
        "open": money_text(_sum(rooms)),
        "client": client_text(first.client),
        "payer": question.payment.counterparty.name or "без названия",
        "issuer": first.organisation_tax_id or "не указан",
        "ours": question.own_tax_id or "не указан",
        "tolerance": str(question.context.date_tolerance_days),
    }


def _sum(parts: Sequence[Money]) -> Money:
    return total(parts, parts[0].currency)


def invoices_text(invoices: Sequence[Invoice], one: str, many: str) -> str:
    """«счёт № 45 от 03.02.2026», «счета № 45, № 46»."""
    if len(invoices) > 1:
        return f"{many} " + ", ".join(f"№ {invoice.number or 'без номера'}" for invoice in invoices)
    invoice = invoices[0]
    number = f"{one} № {invoice.number}" if invoice.number else f"{one} без номера"
    return number if invoice.issued_on is None else f"{number} от {date_text(invoice.issued_on)}"


def client_text(client: Client | None) -> str:
    """Name of a client, or its ИНН, for a sentence."""
    if client is None:
        return "не указан"
    return next(iter(client.names), None) or (f"с ИНН {client.main_tax_id}" if client.main_tax_id else "без названия")


def _quoted_date(question: Question, answer: Answer) -> str:
    for named in question.named:
        if named.text == answer.quoted and named.on is not None:
            if named.on.value is not None:
                return date_text(named.on.value)
            if named.on.day_month is not None:
                return f"{named.on.day_month[0]:02}.{named.on.day_month[1]:02}"
    return "дата не та"
