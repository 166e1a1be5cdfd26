"""Digits that count something: quantities, days, years; and what only looks so behind the number of a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.domain.matching.amounts import leads_sum
from hub.domain.matching.dates import skip_from
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import MONTHS, UNITS, YEAR_WORDS

_PHONE_DIGITS: Final = 6
_LAST_DAY: Final = 31


def is_quantity(tokens: Sequence[Token], end: int, written: str, signed: bool) -> bool:
    """What stands behind plain digits makes them a quantity, a rate, a day of a month or a year.

    Args:
        end: the token after the digits.
        signed: a number sign stands before them, so that only a rate, a date or a year is none.
    """
    if end >= len(tokens):
        return False
    follower = tokens[end]
    if follower.text == "%" or (follower.norm in MONTHS and (not signed or int(written) <= _LAST_DAY)):
        return True
    if follower.norm in YEAR_WORDS:
        return len(written) == 4 and written.startswith(("19", "20"))
    if follower.norm in UNITS and not signed:
        return not (
            leads_sum(tokens, end) or _is_part(tokens, end) or _lost_from(tokens, end) or _is_phone(tokens, end)
        )
    return follower.text == "-" and follower.glued and end + 1 < len(tokens) and tokens[end + 1].norm in YEAR_WORDS


def _is_part(tokens: Sequence[Token], index: int) -> bool:
    """«45 ч.1», «45 ч/б картридж»: no hours."""
    if tokens[index].norm != "ч" or index + 2 >= len(tokens):
        return False
    return tokens[index + 1].text == "/" or (tokens[index + 1].text == "." and tokens[index + 2].is_digits)


def _lost_from(tokens: Sequence[Token], index: int) -> bool:
    """«45т01.02.2026», «45 т01.02.2026»: no tonnes but the rest of «от»."""
    tied = index + 1 < len(tokens) and (tokens[index].glued or tokens[index + 1].glued)
    return tied and tokens[index].norm == "т" and skip_from(tokens, index) is not None


def _is_phone(tokens: Sequence[Token], index: int) -> bool:
    """«счёт 45 т. 89185550145»."""
    three = tokens[index : index + 3]
    return len(three) == 3 and three[0].norm == "т" and three[1].text == "." and len(three[2].text) >= _PHONE_DIGITS
