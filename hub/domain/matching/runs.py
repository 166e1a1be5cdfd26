"""Where a run of digits and signs ceases to be one number: dates, periods and sums written straight behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.domain.matching.amounts import amount_at
from hub.domain.matching.dates import date_at
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import CURRENCIES

_PADDED: Final = 4
_LEAST_SUM: Final = 3


def ends_number(tokens: Sequence[Token], index: int) -> bool:
    """What follows the joint is a date (`45/03.02.2026`) or a sum (`840-10000,00`)."""
    if dotted_date(tokens, index):
        return True
    money = amount_at(tokens, index)
    if money is None or len(tokens[index].text) < _LEAST_SUM:
        return False
    if len(tokens[index].text) == _LEAST_SUM:
        return _closes_sum(tokens, index)
    behind = tokens[index + 1] if index + 1 < len(tokens) else None
    if behind is None or behind.norm in CURRENCIES:
        return behind is not None
    padded = tokens[index].text.startswith("0") and behind.text == "."  # `МП-00118.2`
    return money.has_kopecks and behind.text in {",", "."} and not padded


def _closes_sum(tokens: Sequence[Token], index: int) -> bool:
    """`350,50` in `120-350,50`: two digits behind the comma and the end of the item behind them."""
    four = tokens[index : index + 4]
    if len(four) < 3 or four[1].text != "," or not (four[2].glued and tokens[index - 2].is_digits):
        return False
    ends = len(four) == 3 or not four[3].glued or four[3].text in {";", ",", ")", ".", '"'}
    return len(four[2].text) == 2 and ends


def dotted_date(tokens: Sequence[Token], index: int) -> bool:
    """`45/03.02.2026`: what follows the slash is the date of the document."""
    if index + 1 >= len(tokens) or tokens[index + 1].text != ".":
        return False
    whole = index + 3 < len(tokens) and tokens[index + 3].text == "."
    return date_at(tokens, index, after_from=whole) is not None


def month_and_year(tokens: Sequence[Token], index: int) -> bool:
    """`02.2026`."""
    three = tokens[index : index + 3]
    if len(three) < 3 or not (three[0].is_digits and three[2].is_digits and three[2].glued) or three[1].text != ".":
        return False
    year = three[2].text
    return len(three[0].text) <= 2 and 1 <= int(three[0].text) <= 12 and len(year) == 4 and year.startswith("20")


def opens_period(tokens: Sequence[Token], index: int) -> bool:
    """`02.03.26-05.03.26`: two dates with a hyphen are no number."""
    five = tokens[index : index + 5]
    if len(five) < 5 or not all(token.glued for token in five[1:]) or five[1].text != "." or five[3].text != ".":
        return False
    behind = index + 5
    hyphen = behind + 1 < len(tokens) and tokens[behind].text == "-"
    return hyphen and five[4].is_digits and date_at(tokens, behind + 1) is not None


def is_dotted(tokens: Sequence[Token], index: int) -> bool:
    """`2026.15`: a dot between digits of one number; never a date, never kopecks before a currency."""
    if index + 1 >= len(tokens) or not (tokens[index + 1].glued and tokens[index + 1].is_digits):
        return False
    return date_at(tokens, index + 1) is None and date_at(tokens, index - 1) is None


def is_money(tokens: Sequence[Token], index: int) -> bool:
    """A currency or kopecks make the digits a sum."""
    money = amount_at(tokens, index)
    return money is not None and (money.sure or money.has_kopecks)
