"""Documents in a purpose: which noun stands here, and the list of numbers and dates that follows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from hub.domain.matching.amounts import amount_at
from hub.domain.matching.dates import DateHit, date_at, skip_from
from hub.domain.matching.reading import NamedDate, NamedNumber
from hub.domain.matching.scan import LONGEST_DIGITS, NumberHit, number_at, skip_sign
from hub.domain.matching.tokens import Token, normal_word
from hub.domain.matching.words import AND, FILLERS, INVOICE, KIND_OF, OF_DOCUMENT, STOPPERS, SUM_WORDS, TO
from hub.domain.models import ReferenceKind

_SEPARATORS: Final = frozenset({",", ";", "+", "&"})
_LONGEST_RANGE: Final = 60
_LONGEST_KIND: Final = 4
# Registry numbers of state contracts have 19 digits (an account has 20).
_LONGEST_REGISTERED: Final = 19
_SIGNS: Final = frozenset({"№", "#", "N", "No"})
_SKIPPED_AFTER_NOUN: Final = frozenset({".", ":", "-", "=", '"', "("})


@dataclass(frozen=True, slots=True)
class NumberList:
    """Numbers after a document noun, the date of a document without a number, and the token after it all."""

    numbers: tuple[NamedNumber, ...]
    lone_date: NamedDate | None
    end: int


@dataclass(frozen=True, slots=True)
class _Item:
    hit: NumberHit
    on: NamedDate | None
    amount: Decimal | None
    end: int


def list_at(tokens: Sequence[Token], text: str, index: int, *, plural: bool, invoice: bool) -> NumberList:
    """Read what follows a document noun.

    Args:
        plural: the noun is plural, so `15-17` is a range.
        invoice: the noun is an invoice for payment; only its lists go on without a new sign.
    """
    at = _skip_words(tokens, index, FILLERS if invoice else OF_DOCUMENT | FILLERS)
    if at < len(tokens) and tokens[at].norm in {"с", "со"} and invoice and _opens_range(tokens, at + 1, plural):
        at += 1
    if not invoice:
        at = _behind_kind(tokens, at)
    before = _dated(tokens, at)
    if before is not None:
        signed = skip_sign(tokens, before.end)
        if signed is None:
            return NumberList((), before.named, before.end)
        item = _item(tokens, text, signed, signed=True)
        if item is None:
            return NumberList((), before.named, before.end)
        return _rest_of_list(
            tokens, text, _Item(item.hit, item.on or before.named, item.amount, item.end), plural, invoice
        )
    sign = skip_sign(tokens, at)
    longest = LONGEST_DIGITS if invoice or sign is None else _LONGEST_REGISTERED
    item = _item(tokens, text, at if sign is None else sign, signed=sign is not None, longest=longest)
    if item is None:
        dated = _dated(tokens, at if sign is None else _skip_nothing_words(tokens, sign))
        return NumberList((), dated.named if dated else None, dated.end if dated else index)
    return _rest_of_list(tokens, text, item, plural, invoice)


def _behind_kind(tokens: Sequence[Token], index: int) -> int:
    """«договор энергоснабжения № 5»: words that say what kind of contract, when a number sign closes them."""
    at = index
    while at < len(tokens) and at - index < _LONGEST_KIND and _is_plain_word(tokens[at]):
        at += 1
    return at if at > index and skip_sign(tokens, at) is not None and tokens[at].text in _SIGNS else index


def _is_plain_word(token: Token) -> bool:
    return token.is_word and len(token.text) > 3 and token.norm not in STOPPERS | INVOICE and not _names_document(token)


def _names_document(token: Token) -> bool:
    return KIND_OF.get(token.norm, ReferenceKind.OTHER) is not ReferenceKind.OTHER


def _opens_range(tokens: Sequence[Token], index: int, plural: bool) -> bool:
    """«с № 15 по № 17»."""
    sign = skip_sign(tokens, index)
    at = index if sign is None else sign
    digits = at < len(tokens) and tokens[at].is_digits
    return digits and (plural or sign is not None)


def _skip_words(tokens: Sequence[Token], index: int, words: frozenset[str]) -> int:
    at = index
    while at < len(tokens):
        token = tokens[at]
        if token.text in _SKIPPED_AFTER_NOUN or (token.norm in words and skip_from(tokens, at) is None):
            at += 1
            continue
        if token.norm in {"б", "бн"} or [word.norm for word in tokens[at : at + 2]] == ["без", "номера"]:
            return _skip_nothing_words(tokens, at)
        break
    return at


def _skip_nothing_words(tokens: Sequence[Token], index: int) -> int:
    """After «б/н» (no number)."""
    at = index
    while at < len(tokens) and tokens[at].norm in {"б", "н", "бн", "/", "\\", ".", "без", "номера"}:
        at += 1
    return at


def _dated(tokens: Sequence[Token], index: int) -> DateHit | None:
    """«от 10.02.26», «(10.02.26)» or a bare date."""
    after = skip_from(tokens, index)
    if after is not None:
        return date_at(tokens, after, after_from=True)
    if index < len(tokens) and tokens[index].text == "(":
        inner = skip_from(tokens, index + 1)
        hit = date_at(tokens, index + 1 if inner is None else inner, after_from=inner is not None)
        if hit is not None and hit.end < len(tokens) and tokens[hit.end].text == ")":
            return DateHit(hit.named, hit.end + 1)
        return hit
    return date_at(tokens, index)


def _item(
    tokens: Sequence[Token], text: str, index: int, *, signed: bool, longest: int = LONGEST_DIGITS
) -> _Item | None:
    hit = number_at(tokens, text, index, signed=signed, longest=longest)
    if hit is None:
        return None
    dated = _dated(tokens, hit.end)
    if dated is None and hit.end < len(tokens) and tokens[hit.end].text in {"/", ",", "-"}:
        behind = skip_from(tokens, hit.end + 1)
        dated = date_at(tokens, behind, after_from=True) if behind is not None else None
        if dated is None and tokens[hit.end].text == "/":
            dated = date_at(tokens, hit.end + 1)
    end = hit.end if dated is None else dated.end
    amount = _amount_of_item(tokens, end)
    return _Item(hit, dated.named if dated else None, amount[0] if amount else None, amount[1] if amount else end)


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


def _rest_of_list(tokens: Sequence[Token], text: str, first: _Item, plural: bool, invoice: bool) -> NumberList:
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
    same_tail = _same_tail([item.hit.text for group in items for item in group])
    for group in items:
        numbers.extend(_spelled(group, many and not same_tail))
    return NumberList(tuple(numbers), None, at)


def _parallel_dates(tokens: Sequence[Token], index: int, items: list[list[_Item]]) -> tuple[int, list[list[_Item]]]:
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
    dated = [[replace(item, on=on) for item in group] for group, on in zip(items, turn, strict=True)]
    return at, dated


def _next_item(
    tokens: Sequence[Token], text: str, index: int, before: Sequence[_Item], invoice: bool, listed: bool
) -> tuple[bool, _Item] | None:
    at, last = index, before[-1]
    separators = 0
    spaced_range = False
    while at < len(tokens) and (tokens[at].text in _SEPARATORS or _joins(tokens, at)):
        separators += 1
        at += 1
    if not separators and at < len(tokens) and last.on is None:
        dash = tokens[at].text == "-" and (not tokens[at].glued or (listed and skip_sign(tokens, at + 1) is not None))
        spaced_range = dash or (tokens[at].norm in TO and listed) or tokens[at].text == "…"
        at += 1 if spaced_range else 0
    sign = skip_sign(tokens, at)
    if sign is None and separators and invoice:
        dated = _date_before_number(tokens, text, at)
        if dated is not None:
            return False, dated
    if sign is None and not (separators or spaced_range):
        return None
    start = at if sign is None else sign
    if not invoice and sign is None and not (start < len(tokens) and tokens[start].is_digits):
        return None
    if sign is None and _looks_like_money(tokens, start, last, separators):
        return None
    leads_alike = start < len(tokens) and _repeats_prefix(tokens[start], last)
    item = _item(tokens, text, start, signed=sign is not None or leads_alike)
    if item is None or (spaced_range and not (item.hit.plain and last.hit.plain)):
        return None
    if (
        sign is None
        and not item.hit.plain
        and not tokens[start].is_digits
        and not any(_same_shape(item.hit.text, other.hit.text) for other in before)
    ):
        return None
    return spaced_range, item


def _joins(tokens: Sequence[Token], index: int) -> bool:
    """«и», «а также»; not the prefix of `А-45`."""
    token = tokens[index]
    if token.norm not in AND:
        return False
    behind = tokens[index + 1] if index + 1 < len(tokens) else None
    leads = behind is not None and behind.glued and (behind.text == "-" or (token.norm == "а" and behind.is_digits))
    return not (leads and len(token.text) == 1 and token.is_word)


def _repeats_prefix(token: Token, last: _Item) -> bool:
    """`а-0296; а0297`: the letters that led the number before lead this one too."""
    return token.is_word and normal_word(last.hit.text[: len(token.text)]) == token.norm


def _date_before_number(tokens: Sequence[Token], text: str, index: int) -> _Item | None:
    """«… и от 04.02 № 46»."""
    before = _dated(tokens, index)
    sign = skip_sign(tokens, before.end) if before is not None else None
    item = _item(tokens, text, sign, signed=True) if sign is not None else None
    if item is None or before is None:
        return None
    return replace(item, on=item.on or before.named)


def _looks_like_money(tokens: Sequence[Token], start: int, last: _Item, separators: int) -> bool:
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
    """`222 и УТ-223`: as many digits and close by, so the prefix was only left out of one of them."""
    tail = re.search(r"(?<!\d)(\d+)$", text)
    if tail is None or not other.isdigit() or len(tail[1]) != len(other):
        return False
    return 0 < abs(int(tail[1]) - int(other)) <= _LONGEST_RANGE


def _same_tail(numbers: list[str]) -> bool:
    """`15-26, 16-26`: the part after the hyphen repeats, so it is a year or a branch and not the end of a range."""
    tails = [number.rpartition("-")[2] for number in numbers if "-" in number]
    return len(tails) > 1 and len(set(tails)) == 1


def _spelled(group: list[_Item], ranges: bool) -> list[NamedNumber]:
    first, last = group[0], group[-1]
    if len(group) > 1:
        spelled = _range(first.hit.text, last.hit.text)
        if spelled is None:
            return [NamedNumber(item.hit.text, item.on, item.amount) for item in group]
        return [NamedNumber(text, last.on) for text in spelled]
    left, dash, right = first.hit.text.partition("-")
    spelled = _range(left, right) if ranges and dash else None
    if spelled is None:
        return [NamedNumber(first.hit.text, first.on, first.amount)]
    return [NamedNumber(text, first.on) for text in spelled]


def _range(left: str, right: str) -> list[str] | None:
    """Numbers from left to right, padded as written; None when the two are not a plausible range."""
    if not (left.isdigit() and right.isdigit() and left.isascii() and right.isascii()):
        return None
    if len(right) < len(left) or len(right) > len(left) + 1:
        return None
    low, high = int(left), int(right)
    if not 0 < high - low <= _LONGEST_RANGE:
        return None
    return [str(value).rjust(len(left), "0") for value in range(low, high + 1)]
