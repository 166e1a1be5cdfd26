"""Money: an exact Decimal with its currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

# ISO 4217 minor units; every other code that we meet has two digits.
_EXPONENTS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3, "TND": 3}
# RUR and the numeric codes 643/810 are what Russian banks print for the rouble.
_ALIASES: Final = {"RUR": "RUB", "643": "RUB", "810": "RUB", "840": "USD", "978": "EUR", "156": "CNY"} | {
    "398": "KZT",
    "933": "BYN",
    "974": "BYN",
}
_LIMIT: Final = Decimal(10) ** 15
_QUANTA: Final = {digits: Decimal(1).scaleb(-digits) for digits in (0, 2, 3)}


class MoneyError(ValueError):
    """The text is not an exact amount of money in that currency."""


def currency_code(text: str) -> str:
    """ISO 4217 letters of a currency as vendors spell it (`RUR`, `810` and `643` are RUB)."""
    if text == "RUB":
        return text
    code = text.strip().upper()
    code = _ALIASES.get(code, code)
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise MoneyError(f"not a currency code: {text!r}")
    return code


def exponent(currency: str) -> int:
    """Digits after the decimal point of a currency (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; sums of two currencies are an error, never a guess."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Money:
        """Read an exact amount: ASCII digits, at most the currency's digits after the point.

        Raises:
            MoneyError: not a number, not finite, too large, or finer than the currency's minor unit.
        """
        code = currency_code(currency)
        text = str(amount).strip()
        if not text.isascii() or "_" in text:  # Decimal reads both
            raise MoneyError(f"not an amount: {text!r}")
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise MoneyError(f"not an amount: {text!r}") from None
        if not value.is_finite() or abs(value) >= _LIMIT:
            raise MoneyError(f"not an amount of money: {text!r}")
        exact = value.quantize(_QUANTA[exponent(code)])
        if exact != value:
            raise MoneyError(f"{text!r} is finer than the minor unit of {code}")
        return cls(exact, code)

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        """From whole minor units (kopecks)."""
        return cls(Decimal(minor).scaleb(-exponent(currency)), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in a currency."""
        return _nothing(currency)

    @property
    def minor(self) -> int:
        """Whole minor units (kopecks)."""
        return int(self.amount.scaleb(exponent(self.currency)))

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise MoneyError(f"{self.currency} and {other.currency} cannot be counted together")

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        if self.currency != other.currency:
            self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.amount != 0

    @property
    def is_positive(self) -> bool:
        """More than nothing."""
        return self.amount > 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


@lru_cache(maxsize=256)
def _nothing(currency: str) -> Money:
    return Money.from_minor(0, currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Sum of amounts that must all be in `currency`."""
    result = Money.zero(currency)
    for item in amounts:
        result = result + item
    return result
