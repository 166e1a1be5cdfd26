"""Dates inside a purpose: `10.02.2026`, `10/02/26`, `2026-02-10`, `10 февраля 2026 г.`, `100226`, `30.11`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from hub.domain.matching.loose_dates import (
    SPOKEN,
    ZEROS,
    behind_ordinal,
    lettered_date,
    odd_date,
    short_year,
    spoken_day,
    spoken_year,
)
from hub.domain.matching.reading import NamedDate
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import AND, FROM, LOOSE_FROM, MONTHS, YEAR_WORDS

_SEPARATORS: Final = frozenset(".-/")
_AFTER_FROM: Final = frozenset(".:\"(/-,_['")
_WORDS_OF_DATES: Final = SPOKEN | MONTHS.keys()
#: «дата счёта 03.02.2026»: what the date is of.
_DATE_OF: Final = frozenset({"счета", "счет", "сч", "документа", "док", "выставления", "of"})
_LOOSE_SEPARATORS: Final = frozenset(".-/,")
#: Field 24 of a payment order; banks cut longer texts (Bank of Russia Regulation 762-P).
PURPOSE_LIMIT: Final = 210
_FIRST_YEAR: Final = 1990
_LAST_YEAR: Final = 2099


@dataclass(frozen=True, slots=True)
class DateHit:
    """A date and the index of the token after it."""

    named: NamedDate
    end: int


def date_at(tokens: Sequence[Token], index: int, *, after_from: bool = False) -> DateHit | None:
    """The date that starts at a token, if one does.

    Args:
        after_from: the word «от» stands before, so `100226`, `30.11` and odd spacing are dates too.
    """
    if index >= len(tokens):
        return None
    if tokens[index].is_word:
        spoken = after_from or tokens[index].norm in _WORDS_OF_DATES
        hit = _in_words(tokens, index, after_from) if spoken else None
        return None if hit is None else DateHit(hit.named, _skip_year_word(tokens, hit.end))
    if not tokens[index].is_digits and tokens[index].text != '"':
        return None
    hit = (
        _numeric(tokens, index, after_from) or _with_month_name(tokens, index, after_from) or _year_first(tokens, index)
    )
    if hit is None and after_from:
        hit = _solid(tokens, index) or _odd(tokens, index) or _day_month(tokens, index)
    return None if hit is None else DateHit(hit.named, _skip_year_word(tokens, hit.end))


def days_at(tokens: Sequence[Token], index: int) -> tuple[list[NamedDate], int] | None:
    """«3 и 5 февраля 2026», «03, 05.02.26»: days of one month, which is written behind the last; the token after it."""
    days: list[int] = []
    at = index
    while at + 1 < len(tokens) and tokens[at].is_digits and len(tokens[at].text) <= 2:
        if tokens[at + 1].text != "," and tokens[at + 1].norm not in AND:
            break
        days.append(int(tokens[at].text))
        at += 2
    last = date_at(tokens, at, after_from=True) if days else None
    if last is None or last.named.day_month is None or not all(1 <= day <= 31 for day in days):
        return None
    month, year = last.named.day_month[1], last.named.value.year if last.named.value else None
    return [_of_month(day, month, year) for day in days] + [last.named], last.end


def _of_month(day: int, month: int, year: int | None) -> NamedDate:
    return NamedDate(None, (day, month)) if year is None else _hit(day, month, year, 0).named


def skip_from(tokens: Sequence[Token], index: int) -> int | None:
    """Index after «от» (and a dot or quote behind it); None when the word is not there.

    A word that only may mean «от» («дт», «dd», «ом») counts where a full date follows.
    """
    if index >= len(tokens):
        return None
    word = tokens[index].norm
    if word in FROM:
        after = _skip_signs(tokens, index + 1)
        again = after < len(tokens) and tokens[after].norm in FROM
        return _skip_signs(tokens, after + 1) if again else after
    if word in LOOSE_FROM:
        after = index + 1
        after += 1 if after < len(tokens) and tokens[after].norm in _DATE_OF else 0
        after = _skip_signs(tokens, after)
        if date_at(tokens, after) is not None:
            return after
    if word == "о" and index + 1 < len(tokens) and tokens[index + 1].norm == "т":
        after = _skip_signs(tokens, index + 2)
        return after if date_at(tokens, after) is not None else None
    if word == "0" and index + 1 < len(tokens) and tokens[index + 1].norm == "т" and tokens[index + 1].glued:
        after = _skip_signs(tokens, index + 2)
        return after if date_at(tokens, after) is not None else None
    return None


def _skip_signs(tokens: Sequence[Token], index: int) -> int:
    while index < len(tokens) and tokens[index].text in _AFTER_FROM:
        index += 1
    return index


def _numeric(tokens: Sequence[Token], index: int, loose: bool) -> DateHit | None:
    parts: list[str] = []
    separators: list[str] = []
    at = index
    while at < len(tokens) and tokens[at].is_digits and len(parts) < 3:
        parts.append(tokens[at].text)
        at += 1
        if len(parts) < 3:
            if at >= len(tokens) or tokens[at].text not in (_LOOSE_SEPARATORS if loose else _SEPARATORS):
                break
            if not loose and not (tokens[at].glued and at + 1 < len(tokens) and tokens[at + 1].glued):
                break
            separators.append(tokens[at].text)
            at += 1
    if len(parts) < 3 or len(separators) < 2 or separators[0] != separators[1]:
        return None
    if separators[0] == "," and _month_follows(tokens, at):
        return None  # «от 03, 05, 06 февраля»
    return (
        None if _goes_on(tokens, at, loose and separators[0] == ".") else _three_parts(tokens, parts, at, separators[0])
    )


def _month_follows(tokens: Sequence[Token], index: int) -> bool:
    dotted = index + 1 < len(tokens) and tokens[index].text == "." and _glued_digits(tokens, index + 1)
    return dotted or (index < len(tokens) and tokens[index].norm in MONTHS)


def _goes_on(tokens: Sequence[Token], end: int, dotted: bool) -> bool:
    """More digits of the same run; behind «от» and dots a stroke only parts the date from the next number."""
    if end >= len(tokens) or not tokens[end].glued:
        return False
    joined = tokens[end].text in "-/" and _glued_digits(tokens, end + 1)
    return tokens[end].is_digits or (joined and not dotted)


def _three_parts(tokens: Sequence[Token], parts: list[str], end: int, separator: str) -> DateHit | None:
    lengths = tuple(len(part) for part in parts)
    if lengths[0] == 4 and lengths[1] <= 2 and lengths[2] <= 2:
        return _hit(int(parts[2]), int(parts[1]), int(parts[0]), end)
    if lengths[0] <= 2 and lengths[1] <= 2 and parts[2] == "20" and _at_the_limit(tokens, end):
        return DateHit(NamedDate(None, (int(parts[0]), int(parts[1]))), end)  # «03.02.20» of «03.02.2026»
    if lengths[0] <= 2 and lengths[1] <= 2 and lengths[2] in {2, 4}:
        if separator != "." and not (1 <= int(parts[0]) <= 31 and 1 <= int(parts[1]) <= 12):
            return None
        return _hit(int(parts[0]), int(parts[1]), _year(parts[2]), end)
    return None


def _at_the_limit(tokens: Sequence[Token], end: int) -> bool:
    """The text ends here because the field is full: the last digits may be cut."""
    return end == len(tokens) and tokens[-1].end >= PURPOSE_LIMIT


def _glued_digits(tokens: Sequence[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].glued and tokens[index].is_digits


def _with_month_name(tokens: Sequence[Token], index: int, loose: bool) -> DateHit | None:
    at = index
    if tokens[at].text == '"':
        at += 1
    if at >= len(tokens) or not tokens[at].is_digits or len(tokens[at].text) > 2:
        return None
    return _month_behind(tokens, behind_ordinal(tokens, at + 1), int(tokens[at].text), loose)


def _in_words(tokens: Sequence[Token], index: int, after_from: bool) -> DateHit | None:
    """`February 10, 2026`, «третьего марта 2026 года», `О1.03.26` with a letter for the zero."""
    norm = tokens[index].norm
    if norm in SPOKEN:
        found = spoken_day(tokens, index)
        return None if found is None else _month_behind(tokens, found[1], found[0], loose=True)
    if norm in MONTHS:
        return _month_first(tokens, index)
    written = lettered_date(tokens, index) if after_from and tokens[index].text in ZEROS else None
    return None if written is None else _hit(*written)


def _month_behind(tokens: Sequence[Token], index: int, day: int, loose: bool) -> DateHit | None:
    at = index
    while at < len(tokens) and (tokens[at].text in {'"', ".", "-"} or (loose and tokens[at].text == "/")):
        at += 1
    month = MONTHS.get(tokens[at].norm) if at < len(tokens) else None
    if month is None or not 1 <= day <= 31:
        return None
    at += 1
    after_dot = at + 1 if at < len(tokens) and tokens[at].text in {".", "-", "/", '"'} else at
    if after_dot < len(tokens) and (_is_year(tokens, after_dot) or (loose and short_year(tokens, after_dot))):
        return _hit(day, month, _year(tokens[after_dot].text), after_dot + 1)
    year = spoken_year(tokens, at) if loose else None
    return DateHit(NamedDate(None, (day, month)), at) if year is None else _hit(day, month, *year)


def _month_first(tokens: Sequence[Token], index: int) -> DateHit | None:
    """`February 10, 2026`."""
    month = MONTHS[tokens[index].norm]
    at = index + 1
    if at + 1 >= len(tokens) or not tokens[at].is_digits or len(tokens[at].text) > 2:
        return None
    day, at = int(tokens[at].text), at + 1
    if tokens[at].text == ",":
        at += 1
    full = at < len(tokens) and tokens[at].is_digits and len(tokens[at].text) == 4 and _is_year(tokens, at)
    return _hit(day, month, int(tokens[at].text), at + 1) if full and 1 <= day <= 31 else None


def _year_first(tokens: Sequence[Token], index: int) -> DateHit | None:
    """`2026 жылғы 17 наурыздағы`."""
    if len(tokens[index].text) != 4 or not _is_year(tokens, index) or index + 2 >= len(tokens):
        return None
    at = index + 1
    if not (tokens[at].norm.startswith("жыл") or tokens[at].norm == "ж"):
        return None
    at += 2 if tokens[at + 1].text == "." else 1
    spoken = at + 1 < len(tokens) and tokens[at].is_digits and len(tokens[at].text) <= 2
    month = MONTHS.get(tokens[at + 1].norm) if spoken else None
    return None if month is None else _hit(int(tokens[at].text), month, int(tokens[index].text), at + 2)


def _is_year(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if not token.is_digits:
        return False
    if len(token.text) == 4:
        return _FIRST_YEAR <= int(token.text) <= _LAST_YEAR
    follows = tokens[index + 1].norm if index + 1 < len(tokens) else ""
    return len(token.text) == 2 and (follows in YEAR_WORDS or tokens[index].glued)


def _solid(tokens: Sequence[Token], index: int) -> DateHit | None:
    text = tokens[index].text
    if not tokens[index].is_digits or len(text) not in {6, 8}:
        return None
    day, month, year = int(text[:2]), int(text[2:4]), _year(text[4:])
    if 1 <= day <= 31 and 1 <= month <= 12 and _FIRST_YEAR <= year <= _LAST_YEAR:
        return _hit(day, month, year, index + 1)
    if len(text) == 8 and 1 <= int(text[4:6]) <= 12:
        return _hit(int(text[6:]), int(text[4:6]), int(text[:4]), index + 1)
    return None


def _odd(tokens: Sequence[Token], index: int) -> DateHit | None:
    start = index if tokens[index].is_digits else index + 1
    written = odd_date(tokens, start) or (lettered_date(tokens, start) if start < len(tokens) else None)
    return None if written is None else _hit(*written)


def _day_month(tokens: Sequence[Token], index: int) -> DateHit | None:
    if index + 2 >= len(tokens) or not (tokens[index].is_digits and tokens[index + 2].is_digits):
        return None
    if tokens[index + 1].text not in {".", "/", "-"} or not tokens[index + 2].glued:
        return None
    if tokens[index + 1].text == "-" and not _closed(tokens, index + 3):
        return None
    first, second = tokens[index].text, tokens[index + 2].text
    if len(second) == 1 and _at_the_limit(tokens, index + 3):
        return None
    if len(first) > 2 or len(second) > 2 or not (1 <= int(first) <= 31 and 1 <= int(second) <= 12):
        return None
    return DateHit(NamedDate(None, (int(first), int(second))), index + 3)


def _closed(tokens: Sequence[Token], index: int) -> bool:
    """«от 12-02» is a day, «от 12-02/3» goes on."""
    return index >= len(tokens) or not tokens[index].glued or tokens[index].text in {",", ";", ")", ".", '"'}


def _year(text: str) -> int:
    return int(text) + 2000 if len(text) <= 2 else int(text)


def _hit(day: int, month: int, year: int, end: int) -> DateHit:
    try:
        value = date(year, month, day) if _FIRST_YEAR <= year <= _LAST_YEAR else None
    except ValueError:
        value = None
    return DateHit(NamedDate(value, (value.day, value.month) if value else None), end)


def _skip_year_word(tokens: Sequence[Token], index: int) -> int:
    at = index
    if at < len(tokens) and tokens[at].text == '"':
        at += 1
    if at < len(tokens) and tokens[at].norm in YEAR_WORDS:
        at += 1
        if at < len(tokens) and tokens[at].text == ".":
            at += 1
        return at
    return index
