"""Russian words of the demo's summary: kinds of case, decisions, piles, directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CRM_TITLES: Final[Mapping[str, str]] = {"bitrix24": "Битрикс24", "amocrm": "amoCRM", "accounting_1c": "1С"}
CASES: Final[Mapping[str, str]] = {
    "full": "номер, сумма и клиент сошлись",
    "amo_by_file": "выписка: сделка в amoCRM",
    "tochka_hook": "вебхук Точки: сделка в amoCRM",
    "tbank_api": "API Т-Банка: сделка в Битрикс24",
    "api_and_file": "API банка и файл: один платёж",
    "three_sources": "файл, вебхук и API: один платёж",
    "same_number": "один номер счёта в двух CRM",
    "amount_and_client": "без номера: сумма и клиент",
    "part": "часть счёта",
    "advance": "аванс 30 %",
    "rest_after_advance": "остаток после аванса",
    "several_invoices": "несколько счетов одним платежом",
    "several_payments": "один счёт несколькими платежами",
    "glued": "слипшиеся слова, коды, латиница",
    "masked_account": "счёт плательщика скрыт",
    "known_account": "нет ИНН, известен счёт",
    "treasury": "школы через казначейство",
    "equal_twins": "два равных платежа в день",
    "older_than_act_from": "раньше даты начала работы",
    "rest_after_older": "остаток после старого аванса",
    "overpaid": "переплата",
    "deal_ahead": "сделка уже дальше",
    "deal_lost": "сделка проиграна",
    "deal_without_sum": "у сделки нет суммы",
    "wrong_number": "такого номера нет",
    "number_of_another": "номер чужого клиента",
    "tie": "два одинаковых счёта",
    "third_party": "платит третье лицо",
    "other_currency": "другая валюта",
    "other_entity": "деньги другому нашему юрлицу",
    "paid_already": "счёт уже оплачен",
    "cancelled_invoice": "счёт отменён",
    "books_key": "1С и Битрикс24: одна ссылка",
    "books_number": "1С и CRM: один номер",
    "books_disagree": "1С и CRM: копейки, день, нет ИНН",
    "books_part": "1С и CRM: по частям",
    "books_named": "только в 1С: сделка называет счёт",
    "books_contract": "только в 1С: сделка по договору",
    "books_client": "только в 1С: клиент и сумма сделки",
    "books_no_deal": "только в 1С: сделки нет",
    "books_hook": "1С и amoCRM: вебхук Точки",
    "books_api": "1С и Битрикс24: API Т-Банка",
    "books_received": "деньги уже и в 1С, и в банке",
    "books_asked": "1С и CRM: спросить человека",
    "supplier": "платим поставщику",
    "refund": "возврат клиенту",
    "supplier_refund": "возврат от поставщика",
    "own_transfer": "перевод между своими счетами",
    "bank_fee": "комиссия банка",
    "tax": "налоги и взносы",
    "wages": "зарплата",
    "loan": "заём учредителя",
    "interest": "проценты банка",
    "acquirer": "эквайринг",
    "nothing_to_pay": "платить не за что",
}
DECISIONS: Final[Mapping[str, str]] = {
    "auto": "автоматически",
    "suggest": "предложить человеку",
    "none": "ничего не подходит",
}
PILES: Final[Mapping[str, str]] = {
    "matched": "сопоставлено",
    "needs_you": "ждёт человека",
    "not_ours": "не наши",
    "new": "не решено",
    "recheck": "не решено",
    "dismissed": "отложено",
}
DIRECTIONS: Final[Mapping[str, str]] = {
    "in": "поступление",
    "out": "списание",
    "self": "перевод между своими счетами",
    "unknown": "неизвестно",
}


def times(count: int) -> str:
    """`1 раз`, `2 раза`, `5 раз`."""
    few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
    return f"{count} раза" if few else f"{count} раз"
