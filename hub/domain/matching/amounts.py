"""Sums inside a purpose: `1 234,56`, `1234-56`, `1234=56`, `1 234 руб. 56 коп.`; rates: `22%`, `22/122`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hub.domain.matching.tokens import Token
from hub.domain.matching.words import CURRENCIES, KOPECKS, UNITS

_DECIMAL_SIGNS: Final = frozenset({",", ".", "-", "="})
#: Codes that may stand before their sum.
_CODES: Final = frozenset({"usd", "eur", "rub", "rur", "kzt", "byn", "cny", "$", "€"})
_MOST_DIGITS: Final = 13
_LEAST_DIGITS: Final = 3
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class AmountHit:
    """A sum and the index of the token after it.

    Attributes:
        sure: a currency, or a thousands group with kopecks, leaves no doubt that it is money.
        has_kopecks: two digits stand behind a decimal sign.
    """

    value: Decimal
    end: int
    sure: bool
    has_kopecks: bool


@dataclass(frozen=True, slots=True)
class PercentHit:
    """A percentage and the index of the token after it."""

    value: Decimal
    end: int


def amount_at(tokens: Sequence[Token], index: int) -> AmountHit | None:
    """The sum that starts at a token; None where the digits cannot be one."""
    if index >= len(tokens) or not tokens[index].is_digits:
        return None
    whole, at, grouped = _whole(tokens, index)
    if len(whole) > _MOST_DIGITS:
        return None
    kopecks, at = _kopecks(tokens, at)
    after = _currency(tokens, at)
    if after is not None and kopecks is None:
        kopecks, after = _spoken_kopecks(tokens, after)
    value = Decimal(f"{int(whole)}.{kopecks or '00'}")
    sure = after is not None or (grouped and kopecks is not None)
    return AmountHit(value, at if after is None else after, sure, kopecks is not None)


def _whole(tokens: Sequence[Token], index: int) -> tuple[str, int, bool]:
    first = tokens[index].text
    digits, at = first, index + 1
    if len(first) > 3 or first == "0":
        return digits, at, False
    while at < len(tokens) and len(digits) <= _MOST_DIGITS:
        step = 2 if tokens[at].text in {"'", ".", ","} and at + 1 < len(tokens) and tokens[at + 1].glued else 1
        group = at + step - 1
        if not (group < len(tokens) and tokens[group].is_digits and len(tokens[group].text) == 3):
            break
        if tokens[at].text == "," and not _english_group(tokens, group):
            break
        if step == 1 and tokens[group].start != tokens[group - 1].end + 1:
            break
        digits += tokens[group].text
        at = group + 1
    return digits, at, at > index + 1


def _english_group(tokens: Sequence[Token], index: int) -> bool:
    """`14,500.00`: the comma parts thousands only where a dot with cents or one more group follows."""
    if index + 2 >= len(tokens) or not (tokens[index + 1].glued and tokens[index + 2].glued):
        return False
    digits = tokens[index + 2]
    longest = 2 if tokens[index + 1].text == "." else 3 if tokens[index + 1].text == "," else 0
    return digits.is_digits and len(digits.text) == longest


def stands_alone(tokens: Sequence[Token], index: int, hit: AmountHit) -> bool:
    """`1500-00`, `22000,00` without a currency: whole hundreds at least, kopecks in full, no measure behind."""
    first, sign, kopecks = tokens[index], tokens[hit.end - 2].text, tokens[hit.end - 1].text
    if not hit.has_kopecks or first.glued or len(first.text) < _LEAST_DIGITS or len(kopecks) != 2:
        return False
    if first.text.startswith("0") or (sign == "-" and kopecks != "00"):
        return False
    behind = tokens[hit.end] if hit.end < len(tokens) else None
    return behind is None or not (
        (behind.glued and behind.text in '-/"') or (behind.is_word and (behind.glued or behind.norm in UNITS))
    )


def _kopecks(tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    if at + 1 >= len(tokens) or tokens[at].text not in _DECIMAL_SIGNS or not tokens[at].glued:
        return None, at
    digits = tokens[at + 1]
    if not (digits.is_digits and digits.glued and len(digits.text) <= 2):
        return None, at
    if len(digits.text) == 1 and tokens[at].text in "-=":
        return None, at
    behind = tokens[at + 2] if at + 2 < len(tokens) else None
    if behind is not None and behind.glued and behind.text in "/-_" and at + 3 < len(tokens):
        follower = tokens[at + 3]
        if follower.glued and follower.is_digits:
            return None, at
    if behind is not None and behind.glued and behind.text == "." and at + 3 < len(tokens) and tokens[at + 3].is_digits:
        return None, at
    return digits.text.ljust(2, "0"), at + 2


def _currency(tokens: Sequence[Token], at: int) -> int | None:
    if at < len(tokens) and tokens[at].norm in CURRENCIES:
        if leads_sum(tokens, at):
            return None
        at += 1
        if at < len(tokens) and tokens[at].text == "." and tokens[at].glued:
            at += 1
        return at
    return None


def leads_sum(tokens: Sequence[Token], at: int) -> bool:
    """«invoice 118 USD 500.00»: the currency is of the sum behind it."""
    return tokens[at].norm in _CODES and at + 1 < len(tokens) and tokens[at + 1].is_digits


def _spoken_kopecks(tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    if at + 1 < len(tokens) and tokens[at].is_digits and len(tokens[at].text) <= 2 and tokens[at + 1].norm in KOPECKS:
        end = at + 2
        dotted = end < len(tokens) and tokens[end].text == "." and tokens[end].glued
        return tokens[at].text.rjust(2, "0"), end + 1 if dotted else end
    return None, at


def _glued_pair(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].glued and tokens[at + 1].glued and tokens[at + 1].is_digits


def percent_at(tokens: Sequence[Token], index: int) -> PercentHit | None:
    """`22%`, `22 %`, `7,5 %`, `22 процента`, and settlement rates `22/122` as their base rate."""
    if index >= len(tokens) or not tokens[index].is_digits or len(tokens[index].text) > 3:
        return None
    text, at = tokens[index].text, index + 1
    if at + 1 < len(tokens) and tokens[at].text in {",", "."} and _glued_pair(tokens, at):
        if int(text) > _WHOLE:
            return None  # «счёт 118,5 %»
        text, at = f"{text}.{tokens[at + 1].text}", at + 2
    if at < len(tokens) and (
        tokens[at].text == "%" or tokens[at].norm.startswith("процент") or tokens[at].norm == "проц"
    ):
        return PercentHit(Decimal(text), at + 1)
    settled = at + 1 < len(tokens) and tokens[at].text == "/" and tokens[at + 1].is_digits and "." not in text
    if settled and int(tokens[at + 1].text) == 100 + int(text):
        return PercentHit(Decimal(text), at + 2)
    return None
