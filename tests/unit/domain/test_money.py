"""Money is exact, has a currency, and refuses what is neither."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.money import Money, MoneyError, currency_code, total

MINOR = st.integers(min_value=-(10**16), max_value=10**16)


@pytest.mark.parametrize("text", ["1e400", "NaN", "Infinity", "", "12,50", "١٢", "1 000", "0x10", "1e15"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        Money.of(text, "RUB")


def test_a_third_digit_of_kopecks_is_refused_rather_than_rounded() -> None:
    with pytest.raises(MoneyError, match="finer"):
        Money.of("0.005", "RUB")


def test_a_zero_beyond_the_kopecks_is_no_loss() -> None:
    assert Money.of("12.500", "RUB") == Money.of("12.5", "RUB")


@pytest.mark.parametrize(("printed", "code"), [("RUR", "RUB"), ("810", "RUB"), ("643", "RUB"), (" kzt ", "KZT")])
def test_the_currency_is_read_as_banks_print_it(printed: str, code: str) -> None:
    assert currency_code(printed) == code


@pytest.mark.parametrize("printed", ["", "РУБ", "12", "RUBL", "000"])
def test_an_unknown_currency_is_refused(printed: str) -> None:
    with pytest.raises(MoneyError):
        currency_code(printed)


def test_two_currencies_are_never_added_or_compared() -> None:
    rubles, tenge = Money.of("1", "RUB"), Money.of("1", "KZT")
    with pytest.raises(MoneyError):
        rubles + tenge
    with pytest.raises(MoneyError):
        _ = rubles < tenge
    with pytest.raises(MoneyError):
        total([rubles, tenge], "RUB")


def test_a_tenth_and_two_tenths_make_three_tenths() -> None:
    assert Money.of("0.1", "RUB") + Money.of("0.2", "RUB") == Money.of("0.3", "RUB")


@given(MINOR)
def test_minor_units_survive_the_way_there_and_back(minor: int) -> None:
    assert Money.from_minor(minor, "RUB").minor == minor


@given(MINOR, MINOR)
def test_adding_and_taking_away_is_exact(left: int, right: int) -> None:
    one, other = Money.from_minor(left, "RUB"), Money.from_minor(right, "RUB")
    assert (one + other) - other == one
    assert (one + other).minor == left + right


def test_a_currency_without_minor_units_has_none() -> None:
    assert Money.of("500", "JPY").minor == 500
    assert Money.of("500", "JPY").amount == Decimal(500)
