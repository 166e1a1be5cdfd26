"""A sum as people write it in a list, with its currency or without; whatever else stands beside it makes it unreadable.

A sum that is read by leaving out what is not understood is another sum: `12 500,00 (в т.ч. НДС 20%)` is no million.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from connectors.shared.amounts import money_of
from hub.domain.money import Money, MoneyError, currency_code

_SHOWN: Final = 40
_LONGEST: Final = 100
_RUB: Final = "RUB"
# Plain, narrow, figure and thin spaces and apostrophes set thousands apart.
_GAPS: Final = re.compile("[\\s'’`]+")
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "RUB": (
        *("₽", "р", "руб", "рубль", "рубля", "рублей", "рубли", "руб рф", "rub", "rur"),
        *("российский рубль", "российских рублей", "российские рубли"),
    ),
    "USD": ("$", "us$", "долл", "доллар", "доллара", "долларов", "доллары", "долл сша", "доллар сша", "долларов сша"),
    "EUR": ("€", "евро"),
    "CNY": ("юань", "юаня", "юаней", "юани"),
    "KZT": ("₸", "тенге", "тг"),
    "BYN": ("бел руб", "белорусский рубль", "белорусских рублей"),
    "GBP": ("£", "фунт стерлингов", "фунтов стерлингов"),
    "TRY": ("₺", "турецкая лира", "турецких лир"),
    "AMD": ("֏", "драм", "драмов"),
    "GEL": ("₾", "лари"),
    "AED": ("дирхам", "дирхамов"),
}
_CODES: Final = (
    *("USD", "EUR", "CNY", "KZT", "BYN", "GBP", "TRY", "AMD", "GEL", "AED", "CHF", "JPY", "INR", "KGS", "UZS", "AZN"),
    *("TJS", "TMT", "MDL", "UAH", "PLN", "CZK", "SEK", "NOK", "DKK", "HKD", "SGD", "KRW", "THB", "VND", "CAD", "AUD"),
    *("RSD", "HUF", "BGN", "ILS", "MNT", "IRR", "BHD", "KWD", "TND"),
)
_CURRENCIES: Final = {name: code for code, names in _NAMES.items() for name in names} | {
    code.casefold(): code for code in _CODES
}
_WORD: Final = r"[^\d\s.,=+−-][^\d=+−-]*"
# Groups of three by one sign, or none; then kopecks: «48 800,00», «4710-00», «4710=», the 15 digits of a book's number.
_SUM: Final = re.compile(
    rf"(?P<before>{_WORD})?(?P<sign>[+−-])? ?"
    r"(?P<whole>\d{1,3}(?: \d{3})+|[1-9]\d{0,2}(?:\.\d{3})+(?!\d)|[1-9]\d{0,2}(?:,\d{3})+(?!\d)|\d+)"
    r"(?:(?P<mark>[.,])(?P<minor>\d*)|[=-](?P<kopecks>\d{2})|=)?"
    rf" ?(?P<after>{_WORD})?",
    re.ASCII,
)
_IN_WORDS: Final = re.compile(
    r"(?P<roubles>[^=-]*?[^\d\s.,]\.?) ?(?P<kopecks>\d{1,2}) ?(?:коп|копеек|копейка|копейки|к)\.?"
)
#: A point or a comma of kopecks: behind one of thousands there are three digits.
_HAS_KOPECKS: Final = re.compile(r"[0-9][.,](?![0-9]{3}(?![0-9]))")


def amount_of(text: str, column: str) -> Money:
    """The sum of a cell, in the currency that stands in it or in the column of currencies; roubles where neither says.

    Raises:
        ValueError: it is no sum, or its two currencies differ (Russian).
    """
    plain = _GAPS.sub(" ", text).strip()
    if not plain:
        raise ValueError("сумма не указана")
    if len(plain) > _LONGEST:
        raise _unreadable(text)
    in_words = _IN_WORDS.fullmatch(plain.casefold())
    value, written = _roubles_and_kopecks(text, in_words) if in_words else _number(text, plain)
    code = _currency(text, written, column)
    try:
        found = money_of(value, code)
    except MoneyError:
        raise ValueError(f"сумма «{text[:_SHOWN]}» слишком большая") from None
    if not found.is_positive:
        raise ValueError(f"сумма «{text[:_SHOWN]}» не больше нуля")
    return found


def _roubles_and_kopecks(text: str, found: re.Match[str]) -> tuple[Decimal, str]:
    """«1000 руб. 50 коп.»: roubles are whole there, or kopecks would be told twice."""
    value, written = _number(text, found["roubles"])
    if _HAS_KOPECKS.search(found["roubles"]) or _code_of(written) != _RUB:
        raise _unreadable(text)
    return value + Decimal(found["kopecks"]).scaleb(-2), written


def _number(text: str, plain: str) -> tuple[Decimal, str]:
    found = _SUM.fullmatch(plain)
    if found is None or (found["before"] and found["after"]):
        raise _unreadable(text)
    if found["mark"] and found["mark"] in found["whole"]:
        raise _unreadable(text)
    minor = found["minor"] if found["mark"] else found["kopecks"]
    if len(minor or "") == 3:
        raise ValueError(f"сумма «{text[:_SHOWN]}» не читается: три знака после запятой")
    value = Decimal(f"{re.sub('[ .,]', '', found['whole'])}.{minor or '0'}")
    return (-value if found["sign"] in ("-", "−") else value), found["before"] or found["after"] or ""


def _currency(text: str, written: str, column: str) -> str:
    beside = _code_of(written)
    if written and beside is None:
        raise _unreadable(text)
    named = _of_column(column)
    if beside and named and beside != named:
        raise ValueError(
            f"валюта в сумме «{text[:_SHOWN]}» и в столбце «{column[:20]}» разная: {beside} и {named}; исправьте одну"
        )
    return beside or named or _RUB


def _of_column(text: str) -> str | None:
    if not text.strip():
        return None
    known = _code_of(text)
    try:
        return known or currency_code(text)
    except MoneyError:
        raise ValueError(f"валюта «{text[:20]}» не читается: нужен код, например RUB, USD, KZT") from None


def _code_of(word: str) -> str | None:
    return _CURRENCIES.get(" ".join(word.casefold().replace(".", " ").split()))


def _unreadable(text: str) -> ValueError:
    return ValueError(
        f"сумма «{text[:_SHOWN]}» не читается: нужно одно число вида 48 800,00, рядом может стоять только валюта"
    )
