"""How a list of document numbers goes on: separators, ranges, one date for many, sums and notes in between."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hub.domain.matching.amounts import amount_at
from hub.domain.matching.dates import date_at, days_at, skip_from
from hub.domain.matching.issuers import behind_period
from hub.domain.matching.items import Item, behind_in_turn, behind_point, closing, dated, item_at, item_behind_date
from hub.domain.matching.nouns import NounKind, noun_at
from hub.domain.matching.ranges import LONGEST_RANGE, number_range, one_token_range, same_tail, split_number
from hub.domain.matching.reading import NamedDate, NamedNumber
from hub.domain.matching.scan import skip_sign
from hub.domain.matching.tokens import Token, normal_word
from hub.domain.matching.words import AND, CURRENCIES, INVOICE, KIND_OF, NOTES, STOPPERS, SUM_WORDS, TO, UNITS, VAT
from hub.domain.models import ReferenceKind

_SEPARATORS: Final = frozenset({",", ";", "+", "&", "•"})
#: Between two dated numbers these part them too: «45 от 01.02.26/46 от 02.02.26», «- № 45 от 01.02 - № 46 от 02.02».
_DATED_APART: Final = frozenset({"/", "\\", "-", "*", "|"})
_SPAN: Final = re.compile(r"\d{1,4}-\d{1,4}\Z")
_TIES: Final = frozenset({"-", "/", "_"})
_SHARE: Final = re.compile(r"1/\d{1,2}\Z")
_OF_SHARE: Final = SUM_WORDS | INVOICE | {"часть", "части", "доля", "доли", "от", "стоимости", "оплаты"}
_HEAD: Final = re.compile(r"\d{1,15}")
_MEASURE: Final = re.compile(r"\d[хxХX*]\d|\d[вВ]\Z|-я\Z|\A\d{1,2}/\d{1,2}\Z")
_COUNTS: Final = UNITS | {"%"}
_YEAR_DIGITS: Final = 4
_PADDED: Final = 3
_NEAR: Final = 10


@dataclass(frozen=True, slots=True)
class NumberList:
    """Numbers after a document noun, the date of a document without a number, and the token after it all."""

    numbers: tuple[NamedNumber, ...]
    lone_date: NamedDate | None
    end: int


def rest_of_list(tokens: Sequence[Token], text: str, first: Item, *, plural: bool, invoice: bool) -> NumberList:
    """The list that its first number opens, ranges spelled out."""
    return _walk(tokens, text, first, plural, invoice, _shared_date)


def rest_behind_date(tokens: Sequence[Token], text: str, first: Item, *, plural: bool, invoice: bool) -> NumberList:
    """The list whose date stands before its numbers: «от 03.02.26 № 45, 46; от 04.02.26 № 47»."""
    return _walk(tokens, text, first, plural, invoice, _carried_date)


def _walk(
    tokens: Sequence[Token],
    text: str,
    first: Item,
    plural: bool,
    invoice: bool,
    spread: Callable[[list[NamedNumber]], list[NamedNumber]],
) -> NumberList:
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
    at, items = _date_behind_all(tokens, at, items)
    at, items = _days_of_month(tokens, at, items) or _parallel_dates(tokens, at, items)
    numbers: list[NamedNumber] = []
    alike = same_tail([item.hit.text for group in items for item in group])
    for group in items:
        numbers.extend(_spelled(group, many and not alike))
    return NumberList(tuple(spread(numbers)), None, at)


def _date_behind_all(tokens: Sequence[Token], index: int, items: list[list[Item]]) -> tuple[int, list[list[Item]]]:
    """«(45, 46) от 03.02.26»: the bracket that closes the list hides its date."""
    last = items[-1][-1]
    if index >= len(tokens) or tokens[index].text not in {")", "]"} or last.on is not None or len(items) < 2:
        return index, items
    behind = index + 2 if index + 1 < len(tokens) and tokens[index + 1].text == "," else index + 1
    after = skip_from(tokens, behind)
    day = date_at(tokens, after, after_from=True) if after is not None else date_at(tokens, index + 1)
    opening = "(" if tokens[index].text == ")" else "["
    opened = any(token.text == opening for token in tokens[max(0, items[0][0].start - 2) : items[0][0].start])
    if day is None or not opened:
        return index, items
    return day.end, [*items[:-1], [*items[-1][:-1], replace(last, on=day.named)]]


def _shared_date(numbers: list[NamedNumber]) -> list[NamedNumber]:
    """«45, 46 от 03.02.26»: a date written once, behind the last of them, is of each before it that has none."""
    day: NamedDate | None = None
    shared: list[NamedNumber] = []
    for number in reversed(numbers):
        day = number.on or day
        shared.append(number if number.on is not None or day is None else replace(number, on=day))
    return shared[::-1]


def _carried_date(numbers: list[NamedNumber]) -> list[NamedNumber]:
    """«от 03.02.26 № 45, 46»: a date is of each number behind it until the next date."""
    day: NamedDate | None = None
    carried: list[NamedNumber] = []
    for number in numbers:
        day = number.on or day
        carried.append(replace(number, on=day))
    return carried


def _days_of_month(tokens: Sequence[Token], index: int, items: list[list[Item]]) -> tuple[int, list[list[Item]]] | None:
    """«№ 12 и 13 от 3 и 5 февраля», «от 03, 05.02.2026»: the month is written once, behind the last day."""
    last = items[-1][-1]
    after = skip_from(tokens, behind_in_turn(tokens, index)) if len(items) > 1 and last.on is None else None
    found = None if after is None else days_at(tokens, after)
    if found is None or any(item.on is not None for group in items for item in group):
        return None
    return found[1], _in_turn(items, found[0])


def _in_turn(items: list[list[Item]], days: Sequence[NamedDate]) -> list[list[Item]]:
    """As many dates as numbers belong to them in turn; else to none of them."""
    matching = len(days) == len(items) and all(len(group) == 1 for group in items)
    turn = days if matching else [None] * len(items)
    return [[replace(item, on=on) for item in group] for group, on in zip(items, turn, strict=True)]


def _parallel_dates(tokens: Sequence[Token], index: int, items: list[list[Item]]) -> tuple[int, list[list[Item]]]:
    """«№ 145, 146 от 10.02, 11.02.2026»: as many dates as numbers belong to them in turn; else to none of them."""
    dates = [item.on for group in items for item in group if item.on is not None]
    if len(items) == 1 and len(items[0]) == 1:
        return index, items  # «№ 145 от 10.02, 11.02 отгрузка»: the second day is of something else
    at, found = index, dates[-1:]
    while at < len(tokens) and (tokens[at].text in {",", ";"} or tokens[at].norm in AND):
        again = skip_from(tokens, at + 1)
        hit = date_at(tokens, at + 1 if again is None else again, after_from=True)
        if hit is None or len(dates) != 1 or items[-1][-1].on is None:
            break
        found.append(hit.named)
        at = hit.end
    return (index, items) if len(found) < 2 else (at, _in_turn(items, found))


def _next_item(
    tokens: Sequence[Token], text: str, index: int, before: Sequence[Item], invoice: bool, listed: bool
) -> tuple[bool, Item] | None:
    last = before[-1]
    start = _behind_note(tokens, index) if invoice else index
    at, separators = _behind_separators(tokens, start, last)
    spaced_range = False
    if not separators:
        at, spaced_range = _range_sign(tokens, index, last, listed)
    at = behind_period(tokens, at) if invoice and separators else at
    point = behind_point(tokens, text, at, len(before) + 1) if invoice else None
    at = at if point is None else point
    sign = skip_sign(tokens, at)
    if sign is None and separators and invoice:
        item = _date_before_number(tokens, text, at)
        if item is not None:
            return False, item
    if sign is None and not (separators or spaced_range or point):
        return _without_comma(tokens, text, at, last, listed) if invoice or listed else None
    item = _listed_item(tokens, text, at, before, separators, invoice)
    if item is not None and sign is None and invoice and not listed and _is_goods(tokens, item, last):
        return None
    if item is not None and not (separators or listed or item.on) and last.on is not None:
        return None  # «45 от 03.02.26 г.№ 5»
    if item is None or (spaced_range and number_range(last.hit.text, item.hit.text) is None):
        return None
    weak = separators > 0 and tokens[at - 1].text in _DATED_APART and sign is None
    return None if weak and item.on is None else (spaced_range, item)


def _range_sign(tokens: Sequence[Token], index: int, last: Item, listed: bool) -> tuple[int, bool]:
    """«45 - 47», «с 45 по 47», «45…47», «45...47», «45..47»."""
    if index >= len(tokens) or last.on is not None:
        return index, False
    dash = tokens[index].text == "-" and (
        not tokens[index].glued or (listed and skip_sign(tokens, index + 1) is not None)
    )
    if dash or (tokens[index].norm in TO and listed) or tokens[index].text in {"…", "÷"}:
        return index + 1, True
    at = index
    while at < len(tokens) and tokens[at].text == ".":
        at += 1
    dots = at - index in {2, 3} and at < len(tokens) and (tokens[at].is_digits or at - index == 3)
    return (at, True) if dots else (index, False)


def _listed_item(
    tokens: Sequence[Token], text: str, index: int, before: Sequence[Item], separators: int, invoice: bool
) -> Item | None:
    """The number behind a separator; None for money, goods, a share and another document."""
    last = before[-1]
    sign = skip_sign(tokens, index)
    start = index if sign is None else sign
    if not invoice and sign is None and not _goes_on(tokens, start, last):
        return None
    if sign is None and _looks_like_money(tokens, start, last, separators):
        return None
    leads_alike = start < len(tokens) and _repeats_prefix(tokens[start], last)
    if sign is None and not leads_alike and _opens_document(tokens, start, last):
        return None
    item = item_at(tokens, text, start, signed=sign is not None or leads_alike)
    if item is None or sign is not None:
        return item
    if _is_measured(tokens, item):
        return None
    if item.hit.plain:
        return None if _counts_goods(tokens, item, last) or _is_point(tokens, item) else item
    if _SHARE.match(item.hit.text) is not None and item.on is None and item.end < len(tokens):
        return None if tokens[item.end].norm in _OF_SHARE else item
    alike = tokens[start].is_digits or any(_same_shape(item.hit.text, other.hit.text) for other in before)
    return item if alike else None


def _opens_document(tokens: Sequence[Token], index: int, last: Item) -> bool:
    """A noun with its own number; behind a number with letters `ИП-14` is one more number."""
    noun = noun_at(tokens, index) if index < len(tokens) else None
    if noun is None or noun.kind is not NounKind.DOCUMENT or noun.reference is not ReferenceKind.OTHER:
        return noun is not None
    joined = index + 1 < len(tokens) and tokens[index + 1].text in _TIES and tokens[index + 1].glued
    return last.hit.plain or not joined or not tokens[index].text.isupper()


def _counts_goods(tokens: Sequence[Token], item: Item, last: Item) -> bool:
    """«сч 45, 2 поддона», «сч 45, 1 из 3», «сч 45, 2026»: a plain number that is a quantity or a year."""
    near = _is_near(item.hit.text, last.hit.text)
    if item.on is not None or _has_amount(tokens, item):
        return False
    if len(item.hit.text) == _YEAR_DIGITS and item.hit.text.startswith("202"):
        return not near
    behind = tokens[item.end] if item.end < len(tokens) else None
    if behind is not None and behind.is_digits and len(behind.text) == _PADDED and not behind.glued:
        return not near  # «сч 45, 15 000 км»
    closed = behind is None or behind.text in {".", '"', "/"}
    if closed and item.hit.text.endswith("00") and len(item.hit.text) > max(_PADDED, len(last.hit.text)):
        return True  # «сч 455, 12000»: a round sum closes the text
    if behind is None or not behind.is_word or behind.norm in INVOICE or _names_another(tokens, item.end):
        return False
    if behind.norm == "из":
        return True
    return behind.norm not in STOPPERS and behind.norm not in NOTES and not near


def _is_measured(tokens: Sequence[Token], item: Item) -> bool:
    """«сч 45, 50-60 кг», «сч 45, 12:45»: a range of some measure, the time of day."""
    if item.on is not None or item.end >= len(tokens):
        return False
    behind = tokens[item.end]
    if behind.text == ":" and behind.glued and item.end + 1 < len(tokens):
        return tokens[item.end + 1].is_digits and len(tokens[item.end + 1].text) == 2
    return behind.norm in UNITS and _SPAN.match(item.hit.text) is not None


def _has_amount(tokens: Sequence[Token], item: Item) -> bool:
    """A sum of its own; «… Сумма 5000-00» behind all of it is of the payment."""
    return item.amount is not None and tokens[item.hit.end].norm not in SUM_WORDS


def _is_goods(tokens: Sequence[Token], item: Item, last: Item) -> bool:
    """«сч 45, 220В», «сч 45, 3/4», «сч А-45, АИ-92»: not like the number before it, and nothing dates it."""
    text, other = item.hit.text, last.hit.text
    if item.on is not None or _has_amount(tokens, item) or item.hit.plain:
        return False
    if text[0].isdigit():
        head = _HEAD.match(text)
        if not last.hit.plain or head is None or _MEASURE.search(text) is None:
            return False
        return ("/" in text and not _is_near(head[0], other)) or not 0 < int(head[0]) - int(other) <= _NEAR
    tail, known = split_number(text), split_number(other)
    if tail is None or known is None or not other[0].isalpha():
        return False
    return normal_word(tail[0]) != normal_word(known[0]) and len(tail[1]) != len(known[1])


def _is_point(tokens: Sequence[Token], item: Item) -> bool:
    """«… 2) счёт № 46»: the point of a list before the next noun."""
    at = item.hit.end
    pointed = at + 1 < len(tokens) and tokens[at].text in {")", "."} and tokens[at].glued
    return pointed and tokens[at + 1].norm in INVOICE


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


def _behind_separators(tokens: Sequence[Token], index: int, last: Item) -> tuple[int, int]:
    at = start = _behind_quote(tokens, index, last)
    while at < len(tokens) and (tokens[at].text in _SEPARATORS or _joins(tokens, at)):
        at += 1
    apart = last.on is not None or last.amount is not None
    if apart and at < len(tokens) and tokens[at].text in _DATED_APART and _numbered(tokens, at + 1):
        at += 1
    separators = at - start
    if separators and start > index and at < len(tokens) and tokens[at].text == tokens[index].text:
        at += 1
    return at, separators


def _behind_quote(tokens: Sequence[Token], index: int, last: Item) -> int:
    """«"45", "46"»: each number between quotes of its own."""
    if index >= len(tokens) or tokens[index].text not in {'"', "'"} or index != last.hit.end:
        return index
    return index + 1 if last.start > 0 and tokens[last.start - 1].text == tokens[index].text else index


def _numbered(tokens: Sequence[Token], index: int) -> bool:
    return index < len(tokens) and (tokens[index].is_digits or skip_sign(tokens, index) is not None)


def _behind_note(tokens: Sequence[Token], index: int) -> int:
    """«45 (частично), 46», «45 полностью и 46»: a remark without digits between a number and the separator."""
    if index >= len(tokens):
        return index
    if tokens[index].text == "(":
        close = closing(tokens, index)
        return close if close is not None and _is_plain(tokens[index:close]) else index
    at = index + 1 if tokens[index].text == "-" and index + 1 < len(tokens) else index
    if tokens[at].is_digits and at + 1 < len(tokens) and tokens[at + 1].text == "%":
        return at + 2
    if tokens[at].norm not in NOTES:
        return index
    while at < len(tokens) and (tokens[at].norm in NOTES or tokens[at].text == "."):
        at += 1
    return at


def _is_plain(note: Sequence[Token]) -> bool:
    """«(частично)», «(10 уп.)», «(50 %)»: no document, no sum."""
    norms = {token.norm for token in note}
    if not norms.isdisjoint(INVOICE) or not norms.isdisjoint(KIND_OF):
        return False
    counted = not norms.isdisjoint(_COUNTS) and norms.isdisjoint(CURRENCIES | VAT)
    return counted or not any(token.is_digits for token in note)


def _without_comma(
    tokens: Sequence[Token], text: str, index: int, last: Item, listed: bool
) -> tuple[bool, Item] | None:
    """«45 от 01.02.26 46 от 02.02.26», «по счетам 145 146», «145 (вода) 146 (свет)»."""
    at = _behind_note(tokens, index) if listed else index
    if at >= len(tokens) or tokens[at].glued:
        return None
    alike = listed and tokens[at].is_word and not last.hit.plain and _repeats_prefix(tokens[at], last)
    item = item_at(tokens, text, at, signed=alike) if alike or tokens[at].is_digits else None
    if item is None or alike:
        return None if item is None else (False, item)  # «по счетам А-45 А-46»
    if last.on is not None:
        return (False, item) if item.on is not None and skip_from(tokens, item.hit.end) else None
    near = listed and item.hit.plain and last.hit.plain and _is_near(item.hit.text, last.hit.text)
    return (False, item) if near and not _looks_like_money(tokens, at, last, 1) else None


def _joins(tokens: Sequence[Token], index: int) -> bool:
    """«и», «а также»; not the prefix of `А-45`."""
    token = tokens[index]
    if token.norm not in AND:
        return False
    behind = tokens[index + 1] if index + 1 < len(tokens) else None
    leads = behind is not None and behind.glued and (behind.text in _TIES or (token.norm == "а" and behind.is_digits))
    return not (leads and len(token.text) == 1 and token.is_word)


def _repeats_prefix(token: Token, last: Item) -> bool:
    """`а-0296; а0297`: the letters that led the number before lead this one too."""
    return token.is_word and normal_word(last.hit.text[: len(token.text)]) == token.norm


def _date_before_number(tokens: Sequence[Token], text: str, index: int) -> Item | None:
    """«… и от 04.02 № 46»."""
    before = dated(tokens, index)
    colon = before is not None and before.end < len(tokens) and tokens[before.end].text == ":"
    sign = (before.end + 1 if colon else skip_sign(tokens, before.end)) if before is not None else None
    return item_behind_date(tokens, text, sign, before) if sign is not None and before is not None else None


def _looks_like_money(tokens: Sequence[Token], start: int, last: Item, separators: int) -> bool:
    hit = amount_at(tokens, start)
    if hit is None:
        return False
    if hit.sure:
        return True
    dated_here = skip_from(tokens, hit.end) is not None  # «118, 119-26 от 03.02»
    if not hit.has_kopecks or not separators or dated_here:
        return False
    whole = len(tokens[start].text)
    sign = tokens[start + 1].text
    if sign in {"=", "."}:
        return True
    if sign == "-":
        return whole >= 3 and not tokens[start].text.startswith("0") and last.hit.plain
    if last.on is not None and whole >= _PADDED and len(tokens[start + 2].text) == 2:
        return True  # «45 от 03.02, 5000,00»
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
