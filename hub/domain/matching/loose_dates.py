"""Dates as hands write them behind «от»: `03,03.2026`, `27 02 26`, `01.032026`, `от третьего марта`, `18.02.2О26`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from hub.domain.matching.tokens import Token
from hub.domain.matching.words import FROM, LOOSE_FROM, UNITS

_FIRST_YEAR: Final = 2010
_LAST_YEAR: Final = 2035
_FIRST_SHORT: Final = 20
_LAST_SHORT: Final = 35
_ODD_SIGNS: Final = frozenset(".,-/:_~*\\'\"")
_MOST_SIGNS: Final = 2
_MOST_PIECES: Final = 10
_ORDINAL_ENDINGS: Final = frozenset(
    {"го", "ого", "его", "е", "ое", "th", "тн", "st", "nd", "rd"}
)  # «th» is folded to «тн»

_STEMS: Final = (
    *((1, "перв"), (2, "втор"), (3, "трет"), (4, "четверт"), (5, "пят"), (6, "шест")),
    *((7, "седьм"), (8, "восьм"), (9, "девят")),
    *((10, "десят"), (11, "одиннадцат"), (12, "двенадцат"), (13, "тринадцат"), (14, "четырнадцат")),
    *((15, "пятнадцат"), (16, "шестнадцат"), (17, "семнадцат"), (18, "восемнадцат"), (19, "девятнадцат")),
    *((20, "двадцат"), (30, "тридцат")),
)
_TENS: Final = {"двадцать": 20, "тридцать": 30}
_ENDINGS: Final = ("ого", "ое", "ому", "ый", "ье", "ьего", "ьему", "ий", "ой")
_ORDINALS: Final = {stem + ending: value for value, stem in _STEMS for ending in _ENDINGS}
#: Words that a day in words begins with.
SPOKEN: Final = _ORDINALS.keys() | _TENS.keys()
_YEAR_BEGINS: Final = ("две", "тысячи")

# A letter for a digit in something that is a date in every other respect.
_WITH_LETTERS: Final = re.compile(r"[\dОOоoЗ]{1,2}([.,/])[\dОOоoЗ]{1,2}[.,/](?:2[0ОOоo])?[23З][\dОOоo](?!\d|[.,/]\d)")
_DIGITS: Final = str.maketrans("ОOоoЗ", "00003")
#: What a date with letters for digits may begin with.
ZEROS: Final = frozenset({"О", "O", "о", "o"})


class Written(NamedTuple):
    """Day, month and year of a date and the index of the token after it."""

    day: int
    month: int
    year: int
    end: int


def lettered_date(tokens: Sequence[Token], index: int) -> Written | None:
    """`18.02.2О26`, `О1.03.26`: letters that stand for digits."""
    end = index + 1
    while end < len(tokens) and tokens[end].glued and end - index < _MOST_PIECES:
        end += 1
    found = _WITH_LETTERS.match("".join(token.text for token in tokens[index:end]))
    letters = 0 if found is None else sum(char.isalpha() for char in found[0])
    if found is None or not 0 < letters * 2 < len(found[0]):
        return None
    day, month, year = re.split("[.,/]", found[0].translate(_DIGITS))
    while tokens[end - 1].end > tokens[index].start + found.end():
        end -= 1
    return _written(int(day), int(month), _whole_year(year), end)


def odd_date(tokens: Sequence[Token], index: int) -> Written | None:
    """`03,03.2026`, `27 02 26`, `01/03-26`, `01.032026`: what stands behind «от» and can be nothing but a date."""
    parts, at = _parts(tokens, index)
    if len(parts) == 3:
        return _of_three(tokens, parts, at)
    return _of_two(tokens, parts, at) if len(parts) == 2 else None


def _parts(tokens: Sequence[Token], index: int) -> tuple[list[Token], int]:
    parts: list[Token] = []
    at = end = index
    while at < len(tokens) and tokens[at].is_digits and len(parts) < 3:
        parts.append(tokens[at])
        end = at = at + 1
        if len(parts) == 2 and len(parts[1].text) > 2:
            break
        while at < len(tokens) and tokens[at].text in _ODD_SIGNS and at - end < _MOST_SIGNS:
            at += 1
    return parts, end


def _of_three(tokens: Sequence[Token], parts: Sequence[Token], end: int) -> Written | None:
    day, month, year = (part.text for part in parts)
    if len(day) > 2 or len(month) > 2 or not _is_year(year) or not _may_end(tokens, end):
        return None
    if len(year) == 2 and parts[1].glued and not parts[2].glued:
        return None  # «от 01.03, 26»: the next number of a list
    return _written(int(day), int(month), _whole_year(year), end)


def _of_two(tokens: Sequence[Token], parts: Sequence[Token], end: int) -> Written | None:
    """`01.032026`, `01.0326`, `0103.2026`: a sign was left out."""
    first, second = (part.text for part in parts)
    if parts[1].start - parts[0].end != 1 or not _may_end(tokens, end):
        return None
    if len(first) <= 2 and len(second) in {4, 6} and _is_year(second[2:]) and not _is_year(second):
        return _written(int(first), int(second[:2]), _whole_year(second[2:]), end)
    if len(first) == 4 and len(second) == 4 and _is_year(second):
        return _written(int(first[:2]), int(first[2:]), int(second), end)
    return None


def _may_end(tokens: Sequence[Token], index: int) -> bool:
    """Digits that go on, a unit, or «от» behind show that the last part was no year."""
    if index >= len(tokens):
        return True
    behind = tokens[index]
    if behind.norm in FROM or behind.text == "%" or behind.is_digits:
        return False
    if behind.norm in UNITS and behind.norm not in LOOSE_FROM:
        return False
    goes_on = index + 1 < len(tokens) and tokens[index + 1].is_digits and tokens[index + 1].glued
    return not (goes_on and behind.glued and behind.text in {".", "-", "/"})


def _written(day: int, month: int, year: int, end: int) -> Written | None:
    return Written(day, month, year, end) if 1 <= day <= 31 and 1 <= month <= 12 else None


def _is_year(text: str) -> bool:
    if len(text) == 4:
        return _FIRST_YEAR <= int(text) <= _LAST_YEAR
    return len(text) == 2 and _FIRST_SHORT <= int(text) <= _LAST_SHORT


def _whole_year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def short_year(tokens: Sequence[Token], index: int) -> bool:
    """`26` of «от 1 марта 26»: no unit and no further sign say that it counts something."""
    token = tokens[index]
    return len(token.text) == 2 and token.is_digits and _is_year(token.text) and _may_end(tokens, index + 1)


def behind_ordinal(tokens: Sequence[Token], index: int) -> int:
    """The token after the ending of `1-го`, `05-го`, `1st`."""
    at = index + 1 if index < len(tokens) and tokens[index].text == "-" else index
    ended = at < len(tokens) and tokens[at].glued and tokens[at].norm in _ORDINAL_ENDINGS
    return at + 1 if ended else index


def spoken_day(tokens: Sequence[Token], index: int) -> tuple[int, int] | None:
    """«третьего», «двадцать третьего»: the day and the token after it."""
    norm = tokens[index].norm
    if norm in _ORDINALS:
        return _ORDINALS[norm], index + 1
    tens = _TENS.get(norm)
    units = _ORDINALS.get(tokens[index + 1].norm) if tens is not None and index + 1 < len(tokens) else None
    return None if tens is None or units is None or units > 9 else (tens + units, index + 2)


def spoken_year(tokens: Sequence[Token], index: int) -> tuple[int, int] | None:
    """«две тысячи двадцать шестого»: the year and the token after it."""
    if tuple(token.norm for token in tokens[index : index + 2]) != _YEAR_BEGINS or index + 2 >= len(tokens):
        return None
    found = spoken_day(tokens, index + 2)
    return None if found is None else (2000 + found[0], found[1])
