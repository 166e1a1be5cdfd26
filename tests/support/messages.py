"""Messages of EnterpriseData as 1C writes them, and as other programs do."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

SPACE: Final = "http://v8.1c.ru/edi/edi_stnd/EnterpriseData"
MARK: Final = "\ufeff"
ORDER: Final = "Документ.ЗаказКлиента"
INVOICE_REF: Final = "1b7e0c52-0d4a-11f1-9a01-0050560000a1"
CLIENT_REF: Final = "c3f2a7d0-0d4a-11f1-9a01-0050560000c3"
RUB_REF: Final = "48f480a0-0001-4000-9000-000000000643"

Content = str | int | list[tuple[str, "Content"]]
Node = tuple[str, Content]


def element(name: str, content: Content) -> str:
    """An element with text or with elements inside; where one comes twice, it is written twice."""
    inner = "".join(element(*item) for item in content) if isinstance(content, list) else escape(str(content))
    return f"<{name}>{inner}</{name}>"


def message(*objects: Node | str, version: str = "1.17", extra: str = "") -> str:
    """A whole message; a text among the objects is written as it is."""
    body = "\n".join(item if isinstance(item, str) else element(*item) for item in objects)
    return (
        f'{MARK}<?xml version="1.0" encoding="utf-8"?>\n{extra}'
        '<Message xmlns:msg="http://www.1c.ru/SSL/Exchange/Message" xmlns:xs="http://www.w3.org/2001/XMLSchema">\n'
        f"<msg:Header><msg:Format>{SPACE}/{version}</msg:Format>"
        "<msg:CreationDate>2026-03-02T18:00:00</msg:CreationDate></msg:Header>\n"
        f'<Body xmlns="{SPACE}/{version}">\n{body}\n</Body>\n</Message>\n'
    )


def currency(code: str = "643") -> list[Node]:
    """A currency as the format has it since 1.8."""
    return [("Ссылка", RUB_REF), ("ДанныеКлассификатора", [("Код", code), ("Наименование", "руб.")])]


def client(**other: str) -> list[Node]:
    """Keys of a client; `other` stands in place of its own or adds to it."""
    known: dict[str, str] = {
        "Ссылка": CLIENT_REF,
        "Наименование": "ООО Ель",
        "НаименованиеПолное": "Общество с ограниченной ответственностью «Ель»",
        "ИНН": "7707083893",
        "КПП": "770701001",
    }
    return [(name, text) for name, text in (known | other).items() if text]


def order(
    *,
    kind: str = ORDER,
    reference: str = INVOICE_REF,
    number: str = "АБ00-000117",
    day: str = "2026-03-02T11:40:05",
    amount: str = "48800",
    **other: Content,
) -> Node:
    """An invoice; `other` stands in place of a part of it, and an empty one leaves it out."""
    keys: list[Node] = [
        ("Ссылка", reference),
        ("Дата", day),
        ("Номер", number),
        ("Организация", [("Наименование", "ООО Мы"), ("ИНН", "7701234567"), ("КПП", "770101001")]),
    ]
    parts: dict[str, Content] = {
        "КлючевыеСвойства": [item for item in keys if item[1]],
        "Валюта": currency(),
        "Сумма": amount,
        "Контрагент": client(),
        "ДанныеВзаиморасчетов": [
            ("Договор", [("ВидДоговора", "СПокупателем"), ("Наименование", "Основной"), ("Номер", "7/УЕ")]),
            ("ВалютаВзаиморасчетов", currency()),
        ],
        "СуммаВключаетНДС": "true",
        "Товары": [
            ("Строка", [("Номенклатура", [("Наименование", "Вафли")]), ("Сумма", "100"), ("Цена", "50")]),
            ("Строка", [("Номенклатура", [("Наименование", "Печенье")]), ("Сумма", "48700"), ("Цена", "48700")]),
        ],
    }
    return kind, [(name, content) for name, content in (parts | other).items() if content != ""]


def state(word: str, reference: str = INVOICE_REF) -> Node:
    """What the base says of an invoice's payment."""
    keys: list[Node] = [("Заказ", [("Ссылка", reference), ("Номер", "АБ00-000117")])]
    return "Справочник.СостояниеОплатыЗаказа", [("КлючевыеСвойства", keys), ("СостояниеОплаты", word)]


def account(number: str, owner: str = CLIENT_REF, whose: str = "КонтрагентыСсылка") -> Node:
    """A bank account and whose it is."""
    keys: list[Node] = [("НомерСчета", number), ("Владелец", [(whose, [("Ссылка", owner)])])]
    return "Справочник.БанковскиеСчета", [("КлючевыеСвойства", keys)]


def thing(kind: str, keys: list[Node]) -> Node:
    """An item of a catalogue."""
    return f"Справочник.{kind}", [("КлючевыеСвойства", keys), ("Описание", "не нужно")]


def deletion(reference: str, kind: str = "ЗаказКлиентаСсылка") -> Node:
    """The base has deleted something."""
    return "УдалениеОбъекта", [("СсылкаНаОбъект", [("СсылкаНаОбъект", [(kind, reference)])])]
