"""Amounts of money as systems keep them, made exact."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hub.domain.money import Money, MoneyError, currency_code, exponent


def money_of(value: Decimal, currency: str) -> Money:
    """An amount of a CRM in its currency.

    CRMs store doubles and print them rounded half up to the minor unit; so does the paper that the client pays by,
    so that figure is taken, whether the rest is noise (0.30000000000000004) or a third digit typed by hand.

    Raises:
        MoneyError: no currency, or no amount of money.
    """
    code = currency_code(currency)
    if not value.is_finite() or abs(value) >= 10**15:
        raise MoneyError(f"not an amount of money: {value}")
    return Money.of(value.quantize(Decimal(1).scaleb(-exponent(code)), ROUND_HALF_UP), code)
