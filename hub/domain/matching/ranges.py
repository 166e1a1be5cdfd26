"""Ranges of document numbers: `15-17`, `ЦБ-88 - ЦБ-90`, spelled out number by number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from hub.domain.matching.tokens import normal_word

LONGEST_RANGE: Final = 60
_YEAR: Final = re.compile(r"20(?:19|2\d|3[0-5])")
_SPLIT: Final = re.compile(r"(.*?)(\d+)\Z", re.DOTALL)
_REPEATED: Final = re.compile(r"(?P<prefix>[^\W\d_].*?)(?P<low>\d+)-(?P=prefix)(?P<high>\d+)\Z", re.DOTALL)


def split_number(text: str) -> tuple[str, str] | None:
    """The digits that end a number and what stands before them."""
    found = _SPLIT.match(text)
    return None if found is None else (found[1], found[2])


def same_tail(numbers: Sequence[str]) -> bool:
    """`15-26, 16-26`: the part after the hyphen repeats, so it is a year or a branch and not the end of a range."""
    tails = [number.rpartition("-")[2] for number in numbers if "-" in number]
    return len(tails) > 1 and len(set(tails)) == 1


def one_token_range(text: str, *, listed: bool) -> list[str] | None:
    """`15-17` in a list, `УТ-15-УТ-17` anywhere; `2026-2062` is number 2062 of that year."""
    left, dash, right = text.partition("-")
    spelled = _digits_range(left, right) if listed and dash and not _YEAR.fullmatch(left) else None
    repeated = _REPEATED.match(text) if spelled is None else None
    if repeated is None:
        return spelled
    return number_range(repeated["prefix"] + repeated["low"], repeated["prefix"] + repeated["high"])


def number_range(left: str, right: str) -> list[str] | None:
    """Numbers from left to right, `ЦБ-88 - ЦБ-90` and `ЦБ-88 - 90` too; None when the two are not a plausible range."""
    low, high = split_number(left), split_number(right)
    if low is None or high is None or (high[0] and normal_word(high[0]) != normal_word(low[0])):
        return None
    spelled = _digits_range(low[1], high[1])
    return None if spelled is None else [low[0] + digits for digits in spelled]


def _digits_range(left: str, right: str) -> list[str] | None:
    if not (left.isdigit() and right.isdigit() and left.isascii() and right.isascii()):
        return None
    if len(right) < len(left) or len(right) > len(left) + 1:
        return None
    low, high = int(left), int(right)
    if not 0 < high - low <= LONGEST_RANGE:
        return None
    return [str(value).rjust(len(left), "0") for value in range(low, high + 1)]
