"""The words of 1CClientBankExchange: markers, keys, and the spellings under which they are met.

The vocabulary is the exchange standard's (v8.1c.ru/edi/edi_stnd/100/101.htm); version 2.0 of Kazakh banks names the
same things otherwise and is folded onto the same keys.
"""

from __future__ import annotations

from typing import Final

MAGIC: Final = "1CClientBankExchange"
ACCOUNT_SECTION: Final = "СекцияРасчСчет"
ACCOUNT_END: Final = "КонецРасчСчет"
DOCUMENT_SECTION: Final = "СекцияДокумент"
DOCUMENT_END: Final = "КонецДокумента"
FILE_END: Final = "КонецФайла"
MARKERS: Final = frozenset({ACCOUNT_SECTION, ACCOUNT_END, DOCUMENT_SECTION, DOCUMENT_END, FILE_END})

PAYER: Final = "Плательщик"
PAYEE: Final = "Получатель"
PURPOSE: Final = "НазначениеПлатежа"
OWN_ACCOUNT: Final = "РасчСчет"

_HEADER: Final = (
    "ВерсияФормата", "Кодировка", "Отправитель", "Получатель", "ДатаСоздания", "ВремяСоздания", "ДатаНачала",
    "ДатаКонца", OWN_ACCOUNT, "Документ",
)  # fmt: skip
_BALANCE: Final = ("НачальныйОстаток", "ВсегоПоступило", "ВсегоСписано", "КонечныйОстаток")
_DOCUMENT: Final = (
    "Номер", "Дата", "Сумма", "КвитанцияДата", "КвитанцияВремя", "КвитанцияСодержание", "ДатаСписано",
    "ДатаПоступило", "ВидПлатежа", "ВидОплаты", "КодНазПлатежа", "Код", "Очередность", PURPOSE, "СтатусСоставителя",
    "ПоказательКБК", "ОКАТО", "ПоказательОснования", "ПоказательПериода", "ПоказательНомера", "ПоказательДаты",
    "ПоказательТипа", "СрокАкцепта", "ВидАккредитива", "СрокПлатежа", "УсловиеОплаты1", "УсловиеОплаты2",
    "УсловиеОплаты3", "ПлатежПоПредст", "ДополнУсловия", "НомерСчетаПоставщика", "ДатаОтсылкиДок", "Валюта",
    "ВидДокумента", "ДатаОперации", "СуммаПриход", "СуммаРасход", "КодНазначенияПлатежа", "ДатаВалютирования",
)  # fmt: skip
_SIDE: Final = ("", "1", "2", "3", "4", "Счет", "РасчСчет", "ИНН", "КПП", "Банк1", "Банк2", "БИК", "Корсчет", "КБЕ")
_ALIASES: Final = {"НомерДокумента": "Номер", "ДатаДокумента": "Дата"} | {
    f"{side}{alias}": f"{side}{standard}"
    for side in (PAYER, PAYEE)
    for alias, standard in (
        ("Наименование", "1"),
        ("БИН_ИИН", "ИНН"),
        ("ИИК", "Счет"),
        ("БанкБИК", "БИК"),
        ("БанкНаименование", "Банк1"),
    )
}


def _canonical_names() -> dict[str, str]:
    names = {*MARKERS, *_HEADER, *_BALANCE, *_DOCUMENT}
    names |= {f"{side}{suffix}" for side in (PAYER, PAYEE) for suffix in _SIDE}
    names |= {f"{PURPOSE}{index}" for index in range(1, 7)}
    return {name: name for name in names} | _ALIASES


CANONICAL: Final = _canonical_names()
"""Every known spelling of a key to its one name."""

CONTINUED: Final = frozenset(
    name for name in CANONICAL.values() if name.startswith((PURPOSE, "КвитанцияСодержание", "УсловиеОплаты"))
) | {f"{side}{suffix}" for side in (PAYER, PAYEE) for suffix in ("", "1")}
"""Keys of free text that banks wrap onto further lines."""


def fold(text: str) -> str:
    """A key or kind without the differences that do not count: case, ё, spaces."""
    return "".join(text.split()).casefold().replace("ё", "е")


FOLDED: Final = {fold(spelling): name for spelling, name in CANONICAL.items()}
