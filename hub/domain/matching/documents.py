"""Documents in a purpose: from the noun to the numbers and dates that follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hub.domain.matching.dates import DateHit, date_at, skip_from
from hub.domain.matching.lists import Item, NumberList, dated, item_at, rest_of_list
from hub.domain.matching.ranges import number_range
from hub.domain.matching.scan import LONGEST_DIGITS, plural_sign, skip_sign
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import (
    FILLERS,
    INVOICE,
    KIND_OF,
    LEGAL_FORMS,
    MONTHS,
    OF_DOCUMENT,
    STOPPERS,
    TO,
    YEAR_WORDS,
)
from hub.domain.models import ReferenceKind

_LONGEST_KIND: Final = 5
_LONGEST_NAME: Final = 8
_SHORT_RANGE: Final = 10
_RANGE_DIGITS: Final = 3
# Registry numbers of state contracts have 19 digits (an account has 20).
_LONGEST_REGISTERED: Final = 19
_SIGNS: Final = frozenset({"№", "#", "N", "No"})
_SKIPPED_AFTER_NOUN: Final = frozenset({".", ":", "-", "=", '"', "("})
_OF_GOODS: Final = frozenset({"товар", "услуги", "работы", "материалы", "в", "для", "на", "и", "с"})
_ABOUT: Final = frozenset({"о", "об", "на"})


def list_at(
    tokens: Sequence[Token], text: str, index: int, *, plural: bool, invoice: bool, short: bool = False
) -> NumberList:
    """Read what follows a document noun.

    Args:
        plural: the noun is plural, so `15-17` is a range.
        invoice: the noun is an invoice for payment; only its lists go on without a new sign.
        short: the noun is an abbreviation («сч.») that has no number of its own, so `301-303` may be a range.
    """
    at = _skip_words(tokens, index, FILLERS if invoice else OF_DOCUMENT | FILLERS)
    first = at < len(tokens) and tokens[at].norm in {"с", "со"}
    ranged = invoice and first and _opens_range(tokens, text, at + 1, plural)
    at += 1 if ranged else 0
    at = _behind_period(tokens, at) if invoice else at
    at = _behind_colon(tokens, at) if plural or (invoice and tokens[index - 1].norm == "счета") else at
    at = _behind_issuer(tokens, at) if invoice else _behind_kind(tokens, text, at)
    before = _document_date(tokens, at)
    if before is not None:
        return _number_behind_date(tokens, text, before, plural, invoice)
    sign = skip_sign(tokens, at)
    longest = LONGEST_DIGITS if invoice or sign is None else _LONGEST_REGISTERED
    item = item_at(tokens, text, at if sign is None else sign, signed=sign is not None, longest=longest)
    if item is None or (sign is None and item.on is None and item.hit.plain and tokens[at - 1].norm == "на"):
        lone = dated(tokens, at if sign is None else _skip_nothing_words(tokens, sign))
        return NumberList((), lone.named if lone else None, lone.end if lone else index)
    if not invoice and sign is None and item.on is None:
        item = _behind_form(tokens, text, item)
    many = plural or ranged or plural_sign(tokens, at) or (short and _is_short_range(item))
    return rest_of_list(tokens, text, item, plural=many, invoice=invoice)


def _behind_form(tokens: Sequence[Token], text: str, item: Item) -> Item:
    """«накладная З-2 № 47»: the first number is of the printed form."""
    sign = skip_sign(tokens, item.end)
    return (item_at(tokens, text, sign, signed=True) if sign is not None else None) or item


def _document_date(tokens: Sequence[Token], index: int) -> DateHit | None:
    hit = dated(tokens, index)
    if hit is None and skip_from(tokens, index) is None and index < len(tokens) and tokens[index].norm == "за":
        return date_at(tokens, index + 1)  # «по реестру за 03.03.2026»
    return hit


def _number_behind_date(tokens: Sequence[Token], text: str, before: DateHit, plural: bool, invoice: bool) -> NumberList:
    signed = skip_sign(tokens, before.end)
    item = item_at(tokens, text, signed, signed=True) if signed is not None else None
    if item is None:
        return NumberList((), before.named, before.end)
    return rest_of_list(tokens, text, replace(item, on=item.on or before.named), plural=plural, invoice=invoice)


def _is_short_range(item: Item) -> bool:
    """«сч 301-303»: three digits and more on both sides, close by, no date that would be of one invoice."""
    low, dash, high = item.hit.text.partition("-")
    digits = dash and low.isdigit() and high.isdigit() and len(low) == len(high) >= _RANGE_DIGITS
    return bool(digits) and item.on is None and 0 < int(high) - int(low) <= _SHORT_RANGE


def _behind_period(tokens: Sequence[Token], index: int) -> int:
    """«счета за февраль 2026: 61 и 74»: a colon or a sign closes the period."""
    at = index
    if at + 2 >= len(tokens) or tokens[at].norm != "за":
        return index
    at += 1
    month = False
    while at < len(tokens) and (
        tokens[at].norm in MONTHS
        or tokens[at].norm in YEAR_WORDS
        or tokens[at].text in {".", "-", ",", "и"}
        or _is_year(tokens[at])
    ):
        month = month or tokens[at].norm in MONTHS
        at += 1
    if not month or at >= len(tokens):
        return index
    if tokens[at].text == ":":
        return at + 1
    return at if skip_sign(tokens, at) is not None else index


def _behind_colon(tokens: Sequence[Token], index: int) -> int:
    """«по счетам, выставленным в феврале: 45, 46»: words without a number up to the colon."""
    for at in range(index, min(len(tokens), index + _LONGEST_NAME)):
        token = tokens[at]
        if token.text == ":" and at > index:
            follows = at + 1 < len(tokens) and (tokens[at + 1].is_digits or skip_sign(tokens, at + 1) is not None)
            return at + 1 if follows else index
        if not (token.is_word or token.text in {",", ".", "-"} or _is_year(token)):
            return index
        if token.norm in INVOICE or token.norm in KIND_OF:
            return index
    return index


def _is_year(token: Token) -> bool:
    return token.is_digits and len(token.text) == 4 and token.text.startswith("20")


def _behind_issuer(tokens: Sequence[Token], index: int) -> int:
    """«счёт ООО «Пион» за воду № 45 от 03.02»: a few words, then a signed number with a date."""
    at = index
    while at < len(tokens) and at - index < _LONGEST_NAME and _may_describe(tokens, at, index):
        at += 1
    if at == index or at >= len(tokens) or tokens[at].text not in _SIGNS:
        return index
    sign = skip_sign(tokens, at)
    end = len(tokens) if sign is None else min(len(tokens), sign + _LONGEST_NAME)
    day = next((here for here in range(at + 1, end) if skip_from(tokens, here) is not None), None)
    closed = day is not None and all(token.glued or token.text == "№" for token in tokens[at + 2 : day])
    return at if day is not None and closed and dated(tokens, day) is not None else index


def _may_describe(tokens: Sequence[Token], index: int, start: int) -> bool:
    token = tokens[index]
    if token.text == '"' or token.norm in LEGAL_FORMS or (token.text == "." and index > start):
        return True
    if not token.is_word or token.norm in INVOICE or token.norm in KIND_OF:
        return False
    return token.norm not in STOPPERS or token.norm in _OF_GOODS or (token.norm in {"за", "от"} and index == start)


def _behind_kind(tokens: Sequence[Token], text: str, index: int) -> int:
    """«договор энергоснабжения № 5», «соглашение о переводе долга № 2»: words that say what kind of document it is.

    A number sign closes them, or a number with a date.
    """
    at = index
    while at < len(tokens) and at - index < _LONGEST_KIND and _is_plain_word(tokens, at):
        at += 1
    if at == index or at >= len(tokens):
        return index
    if skip_sign(tokens, at) is not None and tokens[at].text in _SIGNS:
        return at
    if skip_from(tokens, at) is not None and dated(tokens, at) is not None:
        return at
    item = item_at(tokens, text, at, signed=False) if tokens[at].is_digits else None
    return at if item is not None and item.on is not None else index


def _is_plain_word(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.text == "." and index > 0 and tokens[index - 1].is_word:
        return True
    if not token.is_word or token.norm in INVOICE or _names_document(token):
        return False
    if token.norm in _ABOUT:
        return True
    leads = index + 1 < len(tokens) and tokens[index + 1].glued and tokens[index + 1].text not in {".", "№"}
    return token.norm not in STOPPERS and (len(token.text) > 3 or token.text.isupper()) and not leads


def _names_document(token: Token) -> bool:
    return KIND_OF.get(token.norm, ReferenceKind.OTHER) is not ReferenceKind.OTHER


def _opens_range(tokens: Sequence[Token], text: str, index: int, plural: bool) -> bool:
    """«с № 15 по № 17», «с УТ-15 по УТ-17»."""
    sign = skip_sign(tokens, index)
    at = index if sign is None else sign
    if at < len(tokens) and tokens[at].is_digits and (plural or sign is not None):
        return True
    item = item_at(tokens, text, at, signed=sign is not None)
    if item is None or item.end + 1 >= len(tokens) or tokens[item.end].norm not in TO:
        return False
    behind = skip_sign(tokens, item.end + 1)
    last = item_at(tokens, text, item.end + 1 if behind is None else behind, signed=behind is not None)
    return last is not None and number_range(item.hit.text, last.hit.text) is not None


def _skip_words(tokens: Sequence[Token], index: int, words: frozenset[str]) -> int:
    at = index
    while at < len(tokens):
        token = tokens[at]
        skipped = token.norm in words and skip_from(tokens, at) is None and not _leads(tokens, at)
        if token.text in _SKIPPED_AFTER_NOUN or skipped:
            at += 1
            continue
        if token.text in {"/", "_"} and _leads_number(tokens, at + 1):
            at += 1
            continue
        if token.norm in {"б", "бн"} or [word.norm for word in tokens[at : at + 2]] == ["без", "номера"]:
            return _skip_nothing_words(tokens, at)
        break
    return at


def _leads(tokens: Sequence[Token], index: int) -> bool:
    """`ДМС-77/26`: the word is a prefix here."""
    pair = tokens[index + 1 : index + 3]
    joined = len(pair) == 2 and pair[0].text in {"-", "/"} and pair[0].glued and pair[1].glued and pair[1].is_digits
    return joined and tokens[index].text.isupper()


def _leads_number(tokens: Sequence[Token], index: int) -> bool:
    """`INV/7781`, `сч/№45`, `счет_45`: the sign only parts the noun from its number."""
    if index >= len(tokens) or not tokens[index].glued:
        return False
    return tokens[index].is_digits or tokens[index].text in {"№", "#"}


def _skip_nothing_words(tokens: Sequence[Token], index: int) -> int:
    """After «б/н» (no number)."""
    at = index
    while at < len(tokens) and tokens[at].norm in {"б", "н", "бн", "/", "\\", ".", "без", "номера"}:
        at += 1
    return at
