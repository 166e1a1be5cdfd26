"""What differs between two invoices, and what speaks for a deal, in the accountant's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from hub.domain.deal_of_sale import DealTrait
from hub.domain.one_sale import Trait
from hub.services.one_sale import BOTH_PAID, PAID_MORE, SEVERAL

#: Every trait that the law of one sale knows, and what the hub adds to it.
DIFFERENCES: Final[Mapping[str, str]] = {
    Trait.NUMBER_SHORT: "Номер в одной системе короче: без префикса или без нулей впереди.",
    Trait.NUMBER_ABSENT: "В одной из систем у счёта нет номера.",
    Trait.NUMBER_OTHER: "Номера разные.",
    Trait.DATE_NEAR: "Даты расходятся на несколько дней.",
    Trait.DATE_ABSENT: "В одной из систем у счёта нет даты.",
    Trait.DATE_OTHER: "Даты расходятся больше чем на четыре дня.",
    Trait.DATE_FAR: "Между датами больше полутора месяцев.",
    Trait.CLIENT_BY_NAME: "Клиент совпал только по названию: ИНН есть не в обеих системах.",
    Trait.CLIENT_ABSENT: "В одной из систем клиент не указан.",
    Trait.CLIENT_NAME_OTHER: "Клиент назван по-разному, а ИНН есть не в обеих системах.",
    Trait.CLIENT_OTHER: "У клиентов разные ИНН.",
    Trait.BRANCH_OTHER: "ИНН один, а КПП разные: может быть, это другой филиал.",
    Trait.SUM_NEAR: "Суммы расходятся на копейки.",
    Trait.SUM_OTHER: "Суммы разные.",
    Trait.ORGANISATION_OTHER: "Счета выставили разные наши юрлица.",
    Trait.CURRENCY_OTHER: "Счета в разных валютах.",
    Trait.GUID_OTHER: "В CRM записана ссылка на другой документ 1С.",
    SEVERAL: "Подходит не один счёт: сам хаб между ними не выбирает.",
    BOTH_PAID: "По обоим счетам уже сопоставлены деньги: прежде чем объединить, отмените одно из сопоставлений.",
    PAID_MORE: "По одному из счетов уже сопоставлено больше, чем сумма документа: сначала отмените сопоставление.",
}
#: By what a deal was found.
FOR_DEAL: Final[Mapping[str, str]] = {
    DealTrait.NAMED: "В сделке назван номер этого счёта.",
    DealTrait.CONTRACT: "В сделке назван договор этого счёта.",
    DealTrait.SUM: "Сумма сделки та же.",
    DealTrait.SUM_WHOLE: "Сумма сделки та же, но без копеек.",
    DealTrait.CLIENT: "Клиент сделки тот же.",
}
#: Which row of a side a trait speaks of.
_ROWS: Final = {
    "number": "number",
    "date": "date",
    "client": "client",
    "branch": "client",
    "sum": "sum",
    "currency": "sum",
    "organisation": "organisation",
}


def rows_that_differ(traits: Iterable[str]) -> frozenset[str]:
    """Which rows of the two sides differ: `number`, `date`, `client`, `sum`, `organisation`."""
    heads = (trait.partition("_")[0] for trait in traits)
    return frozenset(_ROWS[head] for head in heads if head in _ROWS)
