"""One number of a document with what stands beside it: its date, its sum, brackets and quotes around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from hub.domain.matching.amounts import amount_at
from hub.domain.matching.dates import DateHit, date_at, skip_from
from hub.domain.matching.reading import NamedDate
from hub.domain.matching.scan import LONGEST_DIGITS, NumberHit, number_at, skip_sign
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import AND, INVOICE, KIND_OF, NUMBER_SIGNS, SUM_WORDS, TO, VAT, YEAR_WORDS

_BRACKETS: Final = {"(": ")", "[": "]"}
#: What may stand between a number and the date of the same document.
_JOINTS: Final = frozenset({"/", ",", "-", ".", ";", ":", "|", "_"})
_CLOSING: Final = {")": "(", "]": "[", ">": "<", '"': '"', "'": "'"}
_MOST_JOINTS: Final = 2
_BEHIND_DATE: Final = VAT | SUM_WORDS | {"за", "без", "на", "в"}
_DAY: Final = re.compile(r"\d{1,2}\.\d{1,2}\Z")
_ENDS: Final = frozenset({",", ";", ")", "]", ".", '"', "/"})
_LONGEST_NOTE: Final = 16
_BEFORE_AMOUNT: Final = frozenset({"-", "(", ":", "=", "/"})
_POINTS: Final = "абвгдеж"


@dataclass(frozen=True, slots=True)
class Item:
    """One number of a list with what is written beside it."""

    hit: NumberHit
    on: NamedDate | None
    amount: Decimal | None
    end: int
    start: int = 0


def dated(tokens: Sequence[Token], index: int) -> DateHit | None:
    """«от 10.02.26», «(10.02.26)» or a bare date."""
    after = skip_from(tokens, index)
    if after is not None:
        return date_at(tokens, after, after_from=True)
    if index < len(tokens) and tokens[index].text in _BRACKETS:
        inner = skip_from(tokens, index + 1)
        told = inner is not None or _is_day_month(tokens, index + 1)
        hit = date_at(tokens, index + 1 if inner is None else inner, after_from=told)
        if hit is not None and hit.end < len(tokens) and tokens[hit.end].text == _BRACKETS[tokens[index].text]:
            return DateHit(hit.named, hit.end + 1)
        return hit if hit is not None else _behind_brackets(tokens, index)
    return date_at(tokens, index)


def _is_day_month(tokens: Sequence[Token], index: int) -> bool:
    """`16.02` alone between brackets: a day, for no invoice is of sixteen roubles."""
    four = [token.text for token in tokens[index : index + 4]]
    return len(four) == 4 and four[1] == "." and four[3] == ")" and len(four[0]) <= 2 and len(four[2]) == 2


def _behind_brackets(tokens: Sequence[Token], index: int) -> DateHit | None:
    """«№ 12/ЕП (п.4 ч.1 ст.93) от 09.02.2026»: the remark in brackets names no document of its own."""
    close = closing(tokens, index)
    if close is None or any(token.norm in INVOICE or token.norm in KIND_OF for token in tokens[index:close]):
        return None
    after = skip_from(tokens, close + 1 if close < len(tokens) and tokens[close].text == "," else close)
    return date_at(tokens, after, after_from=True) if after is not None else None


def closing(tokens: Sequence[Token], index: int) -> int | None:
    """The token after the bracket that closes a short remark."""
    for at in range(index + 1, min(len(tokens), index + _LONGEST_NOTE)):
        if tokens[at].text == ")":
            return at + 1
    return None


def item_at(
    tokens: Sequence[Token], text: str, index: int, *, signed: bool, longest: int = LONGEST_DIGITS
) -> Item | None:
    """The number at a token with its date and sum."""
    hit = number_at(tokens, text, index, signed=signed, longest=longest)
    if hit is None:
        return None
    day = dated(tokens, behind_in_turn(tokens, hit.end))
    if day is None:
        day = _behind_joint(tokens, _behind_closing(tokens, index, hit.end), hit.end)
        span = _DAY.match(hit.text) is not None and _is_dash(tokens, hit.end)
        day = None if span else day  # «01.02-28.02.2026», a period
    end = hit.end if day is None else day.end
    amount = _amount_of_item(tokens, end)
    on, value = day.named if day else None, None
    if amount is not None:
        value, end = amount
        late = _date_behind_amount(tokens, end) if on is None else None
        on, end = (late.named, late.end) if late is not None else (on, end)
    return Item(hit, on, value, end, index)


def behind_in_turn(tokens: Sequence[Token], index: int) -> int:
    """«45 и 46 соответственно от 03.02 и 05.02»: the token after the word."""
    if index >= len(tokens) or not tokens[index].norm.startswith("соотв"):
        return index
    return index + 2 if index + 1 < len(tokens) and tokens[index + 1].text == "." else index + 1


def _date_behind_amount(tokens: Sequence[Token], index: int) -> DateHit | None:
    """«45 на 2 100,00 от 05.03.2026»."""
    after = skip_from(tokens, index)
    return date_at(tokens, after, after_from=True) if after is not None else None


def item_behind_date(tokens: Sequence[Token], text: str, index: int, before: DateHit) -> Item | None:
    """«от 03.02 № 45»; in «от 03.02 № 45, от 04.02 № 46» the second date is of the second number."""
    item = item_at(tokens, text, index, signed=True)
    if item is None or item.on is None:
        return None if item is None else replace(item, on=before.named)
    return (
        item if skip_sign(tokens, item.end) is None else replace(item, on=before.named, amount=None, end=item.hit.end)
    )


def behind_point(tokens: Sequence[Token], text: str, index: int, position: int) -> int | None:
    """«1) № 45», «2. № 46 от 03.02», «б) 47»: the number behind the point of a list that has reached this position."""
    if index + 2 >= len(tokens) or tokens[index + 1].text not in {")", "."} or not tokens[index + 1].glued:
        return None
    counted = tokens[index].text == str(position)
    lettered = position <= len(_POINTS) and tokens[index].norm == _POINTS[position - 1]
    if not counted and not lettered:
        return None
    day = dated(tokens, index + 2)
    if skip_sign(tokens, index + 2 if day is None else day.end) is not None:
        return index + 2
    item = item_at(tokens, text, index + 2, signed=False)
    if item is None or (tokens[index + 1].text == "." and (item.on is None or tokens[index + 2].glued)):
        return None
    return index + 2


def _is_dash(tokens: Sequence[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].text == "-"


def _behind_closing(tokens: Sequence[Token], start: int, end: int) -> int:
    """«"118" от», «(№ 118) от»: the token after what was opened straight before the number."""
    opening = _CLOSING.get(tokens[end].text) if end < len(tokens) else None
    at = start - 1
    while opening is not None and at >= 0 and tokens[at].norm in NUMBER_SIGNS | {".", "исх"}:
        at -= 1
    return end + 1 if opening is not None and at >= 0 and tokens[at].text == opening else end


def _behind_joint(tokens: Sequence[Token], index: int, end: int) -> DateHit | None:
    """`45/03.02.2026`, `45, от 03.02`, `45.от 03.02`, `(№ 45, 03.02.26)`, `"45" от 03.02`, `45 - 03.02.2026`."""
    at = index
    while at < len(tokens) and tokens[at].text in _JOINTS and at - index < _MOST_JOINTS:
        at += 1
    if at == end:
        return None
    behind = skip_from(tokens, at)
    if behind is not None:
        day = date_at(tokens, behind, after_from=True)
        return None if day is not None and _opens_next(tokens, at - 1, day.end) else day
    day = date_at(tokens, at, after_from=tokens[at - 1].text == "/" and _is_dotted(tokens, at))
    if day is None or tokens[at - 1].text == "/" or at == index:
        return day
    told = tokens[day.end - 1].norm in YEAR_WORDS or tokens[day.end - 2].norm in YEAR_WORDS
    told = told or (tokens[at - 1].text == "-" and not _opens_span(tokens, day.end))
    full = at == index + 1 and day.named.value is not None
    return day if full and (told or _ends_here(tokens, day.end)) else None


def _opens_span(tokens: Sequence[Token], index: int) -> bool:
    """«45 - 03.02.26 - 05.02.26», «45 - 03.02.26 по 05.02.26», «45 - 03.02.26/…»: no date of the number alone."""
    if index >= len(tokens) or not (tokens[index].text in {"-", "/"} or tokens[index].norm in TO):
        return False
    return date_at(tokens, index + 1, after_from=True) is not None


def _opens_next(tokens: Sequence[Token], joint: int, end: int) -> bool:
    """«45; от 04.02: 46», «45, от 04.02 № 46»: the date belongs to what follows it."""
    if tokens[joint].text not in {",", ";"} or end >= len(tokens):
        return False
    colon = tokens[end].text == ":" and end + 1 < len(tokens) and tokens[end + 1].is_digits
    return colon or skip_sign(tokens, end) is not None


def _is_dotted(tokens: Sequence[Token], index: int) -> bool:
    return index + 3 < len(tokens) and tokens[index + 1].text == tokens[index + 3].text == "."


def _ends_here(tokens: Sequence[Token], index: int) -> bool:
    """Nothing behind the date makes it a day of something else: «счёт 45, 03.02.26 рейс», «45, 03.02.26 - 05.02.26»."""
    return index >= len(tokens) or tokens[index].text in _ENDS or tokens[index].norm in _BEHIND_DATE


def _amount_of_item(tokens: Sequence[Token], index: int) -> tuple[Decimal, int] | None:
    """«№ 45 на сумму 1000-00», «№ 45 - 1000 руб.», «№ 45 (1000,00)»."""
    at = index
    explicit = False
    while at < len(tokens) and (tokens[at].text in _BEFORE_AMOUNT or tokens[at].norm in SUM_WORDS | {"на", "в"}):
        explicit = explicit or tokens[at].norm in SUM_WORDS
        at += 1
    if at == index:
        return None
    hit = amount_at(tokens, at)
    explicit = explicit or (hit is not None and tokens[at - 1].norm == "на" and _round_sum(tokens, at, hit.end))
    if hit is None or not (hit.sure or explicit or (hit.has_kopecks and tokens[index].text in _BEFORE_AMOUNT)):
        return None
    end = hit.end
    if end < len(tokens) and tokens[end].text == ")":
        end += 1
    return hit.value, end


def _round_sum(tokens: Sequence[Token], index: int, end: int) -> bool:
    """«45 на 5000, 46 на 7500»: digits alone between «на» and the end of the item; no year."""
    digits = tokens[index].text
    closed = end >= len(tokens) or tokens[end].text in {",", ";", ")"} or tokens[end].norm in AND
    return closed and end == index + 1 and len(digits) > 2 and not (len(digits) == 4 and digits.startswith("20"))
