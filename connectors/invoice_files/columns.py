"""Which column holds what: by the words of its heading, and a person sees the guess with the first rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from connectors.invoice_files.tables import Table, UnreadableTable

_LOOK_AT: Final = 40
_WORDS: Final = re.compile(r"[^\w№/]+")


class Column(StrEnum):
    """What a column may hold."""

    NUMBER = "number"
    DATE = "date"
    AMOUNT = "amount"
    CURRENCY = "currency"
    STATUS = "status"
    CLIENT = "client"
    INN = "inn"
    KPP = "kpp"
    ACCOUNT = "account"
    ORGANISATION_INN = "organisation_inn"
    CONTRACT = "contract"


TITLES: Final[Mapping[Column, str]] = {
    Column.NUMBER: "номер",
    Column.DATE: "дата",
    Column.AMOUNT: "сумма",
    Column.CURRENCY: "валюта",
    Column.STATUS: "оплата",
    Column.CLIENT: "покупатель",
    Column.INN: "ИНН",
    Column.KPP: "КПП",
    Column.ACCOUNT: "расчётный счёт",
    Column.ORGANISATION_INN: "ИНН организации",
    Column.CONTRACT: "договор",
}
#: Headings that programs give, the likeliest first; a heading is one of these as a whole.
_HEADINGS: Final[Mapping[Column, tuple[str, ...]]] = {
    Column.NUMBER: ("номер", "номер счета", "№ счета", "№", "счет №", "номер документа", "number", "invoice number"),
    Column.DATE: ("дата", "дата счета", "дата документа", "дата выставления", "date"),
    Column.AMOUNT: ("сумма", "сумма документа", "сумма счета", "всего", "итого", "сумма с ндс", "к оплате", "amount"),
    Column.CURRENCY: ("валюта", "валюта документа", "currency"),
    Column.STATUS: ("оплата", "статус оплаты", "состояние оплаты", "статус", "состояние", "оплачен", "status"),
    Column.CLIENT: ("контрагент", "покупатель", "клиент", "плательщик", "заказчик", "client", "customer"),
    Column.INN: ("инн", "инн контрагента", "инн покупателя", "инн клиента", "контрагент инн", "inn"),
    Column.KPP: ("кпп", "кпп контрагента", "кпп покупателя", "контрагент кпп", "kpp"),
    Column.ACCOUNT: ("расчетный счет", "р/с", "счет покупателя", "расчетный счет контрагента"),
    Column.ORGANISATION_INN: ("инн организации", "организация инн", "инн поставщика", "инн продавца"),
    Column.CONTRACT: ("договор", "номер договора", "договор контрагента"),
}
_NEEDED: Final = (Column.NUMBER, Column.AMOUNT)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the list is in its table.

    Attributes:
        header: place of the row of headings in the table.
        columns: column -> its place in a row.
        headings: column -> the heading as the file has it.
    """

    header: int
    columns: Mapping[Column, int]
    headings: Mapping[Column, str]


def guess_layout(table: Table, named: Mapping[Column, str]) -> Layout:
    """Find the row of headings and the columns: those that the person names, and the likeliest of the others.

    Raises:
        UnreadableTable: there is no number or no sum; the message tells the headings that there are.
    """
    best: Layout | None = None
    for number, row in enumerate(table[:_LOOK_AT]):
        layout = _layout(number, row.cells, named)
        if best is None or len(layout.columns) > len(best.columns):
            best = layout
    assert best is not None, "a table has a row"
    missing = [TITLES[column] for column in (*_NEEDED, *named) if column not in best.columns]
    if missing:
        raise UnreadableTable(_not_seen(missing, table, best))
    return best


def _not_seen(missing: list[str], table: Table, best: Layout) -> str:
    there = ", ".join(f"«{cell}»" for cell in table[best.header].cells if cell) or "пусто"
    ways = "назовите столбец: --column number=ЗАГОЛОВОК (amount, date, client, inn …)"
    broken = next((f"; в строке {row.number} {row.fault}" for row in table[:_LOOK_AT] if row.fault), "")
    return f"не видно столбца: {', '.join(dict.fromkeys(missing))}. Заголовки: {there}; {ways}{broken}"


def _layout(number: int, row: list[str], named: Mapping[Column, str]) -> Layout:
    words = [_plain(cell) for cell in row]
    columns: dict[Column, int] = {}
    for column, headings in _HEADINGS.items():
        wanted = (_plain(named[column]),) if column in named else headings
        place = next((words.index(heading) for heading in wanted if heading in words), None)
        if place is not None and place not in columns.values():
            columns[column] = place
    return Layout(number, columns, {column: row[place] for column, place in columns.items()})


def _plain(heading: str) -> str:
    return " ".join(_WORDS.sub(" ", heading.casefold().replace("ё", "е")).split())
