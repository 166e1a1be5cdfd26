"""Money and dates in the accountant's spelling."""

from __future__ import annotations

from datetime import date
from typing import Final

from hub.domain.money import Money, exponent

_SIGNS: Final = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸", "BYN": "Br", "CNY": "¥"}
_NBSP: Final = "\u00a0"


def money_text(money: Money) -> str:
    """`1 234,56 ₽` with non-breaking spaces."""
    digits = f"{money.amount:,.{exponent(money.currency)}f}".replace(",", _NBSP).replace(".", ",")
    return f"{digits}{_NBSP}{_SIGNS.get(money.currency, money.currency)}"


def date_text(day: date) -> str:
    """`05.03.2026`."""
    return f"{day.day:02}.{day.month:02}.{day.year}"
