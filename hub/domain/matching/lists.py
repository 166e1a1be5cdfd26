"""How a list of document numbers goes on: separators, ranges, one date for many, sums and notes in between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from hub.domain.matching.amounts import amount_at
from hub.domain.matching.dates import DateHit, date_at, skip_from
from hub.domain.matching.nouns import noun_at
from hub.domain.matching.ranges import LONGEST_RANGE, number_range, one_token_range, same_tail, split_number
from hub.domain.matching.reading import NamedDate, NamedNumber
from hub.domain.matching.scan import LONGEST_DIGITS, NumberHit, number_at, skip_sign
from hub.domain.matching.tokens import Token, normal_word
from hub.domain.matching.words import AND, INVOICE, KIND_OF, NOTES, STOPPERS, SUM_WORDS, TO, YEAR_WORDS

_SEPARATORS: Final = frozenset({",", ";", "+", "&"})
_LONGEST_NOTE: Final = 16
_YEAR_DIGITS: Final = 4
_PADDED: Final = 3
_NEAR: Final = 10


@dataclass(frozen=True, slots=True)
class NumberList:
    """Numbers after a document noun, the date of a document without a number, and the token after it all."""

    numbers: tuple[NamedNumber, ...]
    lone_date: NamedDate | None
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """One number of a list with what is written beside it."""

    hit: NumberHit
    on: NamedDate | None
    amount: Decimal | None
    end: int


def dated(tokens: Sequence[Token], index: int) -> DateHit | None:
    """«от 10.02.26», «(10.02.26)» or a bare date."""
    after = skip_from(tokens, index)
    if after is not None:
        return date_at(tokens, after, after_from=True)
    if index < len(tokens) and tokens[index].text == "(":
        inner = skip_from(tokens, index + 1)
        hit = date_at(tokens, index + 1 if inner is None else inner, after_from=inner is not None)
        if hit is not None and hit.end < len(tokens) and tokens[hit.end].text == ")":
            return DateHit(hit.named, hit.end + 1)
        return hit if hit is not None else _behind_brackets(tokens, index)
    return date_at(tokens, index)


def _behind_brackets(tokens: Sequence[Token], index: int) -> DateHit | None:
    """«№ 12/ЕП (п.4 ч.1 ст.93) от 09.02.2026»: the remark in brackets names no document of its own."""
    close = _closing(tokens, index)
    if close is None or any(token.norm in INVOICE or token.norm in KIND_OF for token in tokens[index:close]):
        return None
    after = skip_from(tokens, close)
    return date_at(tokens, after, after_from=True) if after is not None else None


def _closing(tokens: Sequence[Token], index: int) -> int | None:
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
    day = dated(tokens, hit.end)
    if day is None and hit.end < len(tokens) and tokens[hit.end].text in {"/", ",", "-"}:
        day = _behind_joint(tokens, hit.end)
    end = hit.end if day is None else day.end
    amount = _amount_of_item(tokens, end)
    return Item(hit, day.named if day else None, amount[0] if amount else None, amount[1] if amount else end)


def _behind_joint(tokens: Sequence[Token], index: int) -> DateHit | None:
    """`45/03.02.2026`, `45, от 03.02`, `(№ 45, 03.02.26)`."""
    behind = skip_from(tokens, index + 1)
    if behind is not None:
        return date_at(tokens, behind, after_from=True)
    day = date_at(tokens, index + 1)
    if day is None or tokens[index].text == "/":
        return day
    closed = day.end < len(tokens) and tokens[day.end].text == ")"
    told = tokens[day.end - 1].norm in YEAR_WORDS or tokens[day.end - 2].norm in YEAR_WORDS
    return day if tokens[index].text == "," and day.named.value is not None and (closed or told) else None


def _amount_of_item(tokens: Sequence[Token], index: int) -> tuple[Decimal, int] | None:
    """«№ 45 на сумму 1000-00», «№ 45 - 1000 руб.», «№ 45 (1000,00)»."""
    at = index
    explicit = False
    while at < len(tokens) and (tokens[at].text in {"-", "(", ":", "="} or tokens[at].norm in SUM_WORDS | {"на", "в"}):
        explicit = explicit or tokens[at].norm in SUM_WORDS
        at += 1
    if at == index:
        return None
    hit = amount_at(tokens, at)
    if hit is None or not (hit.sure or explicit or (hit.has_kopecks and tokens[index].text in {"(", "-", "=", ":"})):
        return None
    end = hit.end
    if end < len(tokens) and tokens[end].text == ")":
        end += 1
    return hit.value, end


def rest_of_list(tokens: Sequence[Token], text: str, first: Item, *, plural: bool, invoice: bool) -> NumberList:
    """The list that its first number opens, ranges spelled out."""
    items = [[first]]
    at = first.end
    listed = plural
    while True:
        step = _next_item(tokens, text, at, [item for group in items for item in group], invoice, listed)
        if step is None:
            break
        is_range, item = step
        if is_range:
            items[-1].append(item)
        else:
            items.append([item])
        listed = True
        at = item.end
    many = listed and invoice
    at, items = _parallel_dates(tokens, at, items)
    numbers: list[NamedNumber] = []
    alike = same_tail([item.hit.text for group in items for item in group])
    for group in items:
        numbers.extend(_spelled(group, many and not alike))
    return NumberList(tuple(_shared_date(numbers)), None, at)


def _shared_date(numbers: list[NamedNumber]) -> list[NamedNumber]:
    """«45, 46 от 03.02.26»: a date written once, behind the last of them, is of each before it that has none."""
    day: NamedDate | None = None
    shared: list[NamedNumber] = []
    for number in reversed(numbers):
        day = number.on or day
        shared.append(number if number.on is not None or day is None else replace(number, on=day))
    return shared[::-1]


def _parallel_dates(tokens: Sequence[Token], index: int, items: list[list[Item]]) -> tuple[int, list[list[Item]]]:
    """«№ 145, 146 от 10.02, 11.02.2026»: as many dates as numbers belong to them in turn; else to none of them."""
    dates = [item.on for group in items for item in group if item.on is not None]
    at, found = index, dates[-1:]
    while at < len(tokens) and (tokens[at].text == "," or tokens[at].norm in AND):
        hit = date_at(tokens, at + 1, after_from=True)
        if hit is None or len(dates) != 1 or items[-1][-1].on is None:
            break
        found.append(hit.named)
        at = hit.end
    if len(found) < 2:
        return index, items
    matching = len(found) == len(items) and all(len(group) == 1 for group in items)
    turn = found if matching else [None] * len(items)
    return at, [[replace(item, on=on) for item in group] for group, on in zip(items, turn, strict=True)]


def _next_item(
    tokens: Sequence[Token], text: str, index: int, before: Sequence[Item], invoice: bool, listed: bool
) -> tuple[bool, Item] | None:
    last = before[-1]
    start = _behind_note(tokens, index) if invoice else index
    at, separators = _behind_separators(tokens, start)
    if not separators:
        at = index
    spaced_range = False
    if not separators and at < len(tokens) and last.on is None:
        dash = tokens[at].text == "-" and (not tokens[at].glued or (listed and skip_sign(tokens, at + 1) is not None))
        spaced_range = dash or (tokens[at].norm in TO and listed) or tokens[at].text == "…"
        dots = [token.text for token in tokens[at : at + 3]] == [".", ".", "."]
        at += 3 if dots else 1 if spaced_range else 0
        spaced_range = spaced_range or dots
    sign = skip_sign(tokens, at)
    if sign is None and separators and invoice:
        item = _date_before_number(tokens, text, at)
        if item is not None:
            return False, item
    if sign is None and not (separators or spaced_range):
        return _dated_again(tokens, text, at, last) if invoice else None
    start = at if sign is None else sign
    if not invoice and sign is None and not _goes_on(tokens, start, last):
        return None
    if sign is None and _looks_like_money(tokens, start, last, separators):
        return None
    leads_alike = start < len(tokens) and _repeats_prefix(tokens[start], last)
    if sign is None and not leads_alike and start < len(tokens) and noun_at(tokens, start) is not None:
        return None
    item = item_at(tokens, text, start, signed=sign is not None or leads_alike)
    if item is None or (spaced_range and number_range(last.hit.text, item.hit.text) is None):
        return None
    if sign is None and item.hit.plain and _counts_goods(tokens, item, last):
        return None
    if (
        sign is None
        and not item.hit.plain
        and not tokens[start].is_digits
        and not any(_same_shape(item.hit.text, other.hit.text) for other in before)
    ):
        return None
    return spaced_range, item


def _counts_goods(tokens: Sequence[Token], item: Item, last: Item) -> bool:
    """«сч 45, 2 поддона», «сч 45, 1 из 3», «сч 45, 2026»: a plain number that is a quantity or a year."""
    near = _is_near(item.hit.text, last.hit.text)
    if item.on is not None or item.amount is not None:
        return False
    if len(item.hit.text) == _YEAR_DIGITS and item.hit.text.startswith("202"):
        return not near
    behind = tokens[item.end] if item.end < len(tokens) else None
    if behind is None or not behind.is_word or behind.norm in INVOICE or _names_another(tokens, item.end):
        return False
    if behind.norm == "из":
        return True
    return behind.norm not in STOPPERS and behind.norm not in NOTES and not near


def _names_another(tokens: Sequence[Token], index: int) -> bool:
    """A document with its own number; «1 этап», «2 билета» are none."""
    if tokens[index].norm not in KIND_OF or index + 1 >= len(tokens):
        return False
    return tokens[index + 1].text == "." or tokens[index + 1].is_digits or skip_sign(tokens, index + 1) is not None


def _is_near(text: str, last: str) -> bool:
    """The next number of a list is as long as the one before and close above it."""
    tail = split_number(last)
    if tail is None or len(tail[1]) != len(text):
        return False
    return len(text) >= _PADDED or 0 < int(text) - int(tail[1]) <= _NEAR


def _goes_on(tokens: Sequence[Token], index: int, last: Item) -> bool:
    if index >= len(tokens):
        return False
    return tokens[index].is_digits or (tokens[index].is_word and _repeats_prefix(tokens[index], last))


def _behind_separators(tokens: Sequence[Token], index: int) -> tuple[int, int]:
    at = index
    while at < len(tokens) and (tokens[at].text in _SEPARATORS or _joins(tokens, at)):
        at += 1
    return at, at - index


def _behind_note(tokens: Sequence[Token], index: int) -> int:
    """«45 (частично), 46», «45 полностью и 46»: a remark without digits between a number and the separator."""
    if index >= len(tokens):
        return index
    if tokens[index].text == "(":
        close = _closing(tokens, index)
        plain = close is not None and not any(
            token.is_digits or token.norm in INVOICE or token.norm in KIND_OF for token in tokens[index:close]
        )
        return close if close is not None and plain else index
    at = index
    while at < len(tokens) and tokens[at].norm in NOTES:
        at += 1
    return at


def _dated_again(tokens: Sequence[Token], text: str, index: int, last: Item) -> tuple[bool, Item] | None:
    """«45 от 01.02.26 46 от 02.02.26»: no comma, but the next number is dated as the last one was."""
    if last.on is None or index >= len(tokens) or not tokens[index].is_digits or tokens[index].glued:
        return None
    item = item_at(tokens, text, index, signed=False)
    return (False, item) if item is not None and item.on is not None and skip_from(tokens, item.hit.end) else None


def _joins(tokens: Sequence[Token], index: int) -> bool:
    """«и», «а также»; not the prefix of `А-45`."""
    token = tokens[index]
    if token.norm not in AND:
        return False
    behind = tokens[index + 1] if index + 1 < len(tokens) else None
    leads = behind is not None and behind.glued and (behind.text == "-" or (token.norm == "а" and behind.is_digits))
    return not (leads and len(token.text) == 1 and token.is_word)


def _repeats_prefix(token: Token, last: Item) -> bool:
    """`а-0296; а0297`: the letters that led the number before lead this one too."""
    return token.is_word and normal_word(last.hit.text[: len(token.text)]) == token.norm


def _date_before_number(tokens: Sequence[Token], text: str, index: int) -> Item | None:
    """«… и от 04.02 № 46»."""
    before = dated(tokens, index)
    sign = skip_sign(tokens, before.end) if before is not None else None
    item = item_at(tokens, text, sign, signed=True) if sign is not None else None
    if item is None or before is None:
        return None
    return replace(item, on=item.on or before.named)


def _looks_like_money(tokens: Sequence[Token], start: int, last: Item, separators: int) -> bool:
    hit = amount_at(tokens, start)
    if hit is None:
        return False
    if hit.sure:
        return True
    if not hit.has_kopecks or not separators:
        return False
    whole = len(tokens[start].text)
    sign = tokens[start + 1].text
    if sign in {"=", "."}:
        return True
    if sign == "-":
        return whole >= 3 and not tokens[start].text.startswith("0") and last.hit.plain
    return not tokens[start].glued and whole >= 3 and abs(whole - len(last.hit.text)) >= 2


def _same_shape(text: str, other: str) -> bool:
    """Letters lead both numbers, so a list of prefixed numbers goes on and a stray word does not join it."""
    padded = re.search(r"0\d{4,}$", text) is not None
    return (
        padded
        or _next_to(text, other)
        or text[:1].isalpha() == other[:1].isalpha()
        or any(not char.isdigit() for char in other)
    )


def _next_to(text: str, other: str) -> bool:
    """`222 и УТ-223`: as many digits and close by, so the prefix was only left out of one of them.

    `1113 и А-1627`, `194, А-0689`: of different numberings, but so long or padded that it is no brand of goods.
    """
    tail = re.search(r"(?<!\d)(\d+)$", text)
    if tail is None or not other.isdigit():
        return False
    if len(tail[1]) >= _YEAR_DIGITS and (tail[1].startswith("0") or len(tail[1]) == len(other)):
        return True
    return len(tail[1]) == len(other) and 0 < abs(int(tail[1]) - int(other)) <= LONGEST_RANGE


def _spelled(group: list[Item], ranges: bool) -> list[NamedNumber]:
    first, last = group[0], group[-1]
    if len(group) > 1:
        spelled = number_range(first.hit.text, last.hit.text)
        if spelled is None:
            return [NamedNumber(item.hit.text, item.on, item.amount) for item in group]
        return [NamedNumber(text, last.on) for text in spelled]
    spelled = one_token_range(first.hit.text, listed=ranges)
    if spelled is None:
        return [NamedNumber(first.hit.text, first.on, first.amount)]
    return [NamedNumber(text, first.on) for text in spelled]
