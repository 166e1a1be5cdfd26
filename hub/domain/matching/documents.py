"""Documents in a purpose: from the noun to the numbers and dates that follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hub.domain.matching.amounts import amount_at
from hub.domain.matching.dates import DateHit, date_at, skip_from
from hub.domain.matching.issuers import behind_issuer, behind_period, is_year, widened
from hub.domain.matching.items import Item, behind_point, dated, item_at, item_behind_date
from hub.domain.matching.lists import NumberList, rest_behind_date, rest_of_list
from hub.domain.matching.ranges import number_range
from hub.domain.matching.reading import NamedNumber
from hub.domain.matching.scan import LONGEST_DIGITS, is_sure_sign, number_at, plural_sign, skip_sign
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import (
    AND,
    FILLERS,
    FROM,
    INVOICE,
    KIND_OF,
    OF_DOCUMENT,
    STOPPERS,
    SUM_WORDS,
    TO,
    VAT,
)
from hub.domain.models import ReferenceKind

_LONGEST_KIND: Final = 5
_LONGEST_NAME: Final = 8
_SHORT_RANGE: Final = 10
_RANGE_DIGITS: Final = 3
_SERIAL_DIGITS: Final = 7
# Registry numbers of state contracts have 19 digits (an account has 20).
_LONGEST_REGISTERED: Final = 19
_SKIPPED_AFTER_NOUN: Final = frozenset({".", ":", "-", "=", '"', "'", "(", "[", "<", "{", "•", "*"})
_NOTHING_BEGINS: Final = frozenset({"б", "бн", "без"})
_MARKS: Final = frozenset({",", ")", "]", ":", "-", ";"})
_UNDER: Final = frozenset({"за", "под"})
_MOST_MARKS: Final = 2
_BEHIND_NUMBER: Final = VAT | SUM_WORDS | {"за", "в"}
_ABOUT: Final = frozenset({"о", "об", "на"})


def list_at(
    tokens: Sequence[Token],
    text: str,
    index: int,
    *,
    plural: bool,
    invoice: bool,
    short: bool = False,
    single: bool = False,
) -> NumberList:
    """Read what follows a document noun.

    Args:
        plural: the noun is plural, so `15-17` is a range.
        invoice: the noun is an invoice for payment; only its lists go on without a new sign.
        short: the noun is an abbreviation («сч.») that has no number of its own, so `301-303` may be a range.
        single: an invoice still waits for its number, so only the first number is of this document.
    """
    at = _skip_words(tokens, index, FILLERS if invoice else OF_DOCUMENT | FILLERS)
    opening = _range_opening(tokens, text, at, plural) if invoice else None
    ranged = opening is not None
    at = at if opening is None else opening
    at = behind_period(tokens, at) if invoice else at
    at = _behind_colon(tokens, text, at) if plural or (invoice and tokens[index - 1].norm == "счета") else at
    at = behind_issuer(tokens, text, at, plural) if invoice else _behind_kind(tokens, text, at)
    at = (behind_point(tokens, text, at, 1) if invoice else None) or at
    before = _document_date(tokens, at)
    if before is not None:
        return _number_behind_date(tokens, text, before, plural, invoice)
    sign = skip_sign(tokens, at)
    longest = LONGEST_DIGITS if invoice or sign is None else _LONGEST_REGISTERED
    item = item_at(tokens, text, at if sign is None else sign, signed=sign is not None, longest=longest)
    if item is None or (sign is None and item.on is None and item.hit.plain and tokens[at - 1].norm == "на"):
        lone = dated(tokens, at if sign is None else _skip_nothing_words(tokens, sign))
        return NumberList((), lone.named if lone else None, lone.end if lone else index)
    if single and not invoice:
        return NumberList((NamedNumber(item.hit.text, item.on, item.amount),), None, item.end)
    if not invoice and sign is None and item.on is None:
        item = _behind_form(tokens, text, item)
    if invoice and not plural and item.on is None:
        item = widened(tokens, item)
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
    at = _behind_marks(tokens, before.end) if invoice else before.end
    signed = skip_sign(tokens, at)
    item = item_behind_date(tokens, text, signed, before) if signed is not None else None
    if item is None and invoice and signed is None:
        item = _unsigned_behind_date(tokens, text, before, at)
    if item is None:
        return NumberList((), before.named, before.end)
    return rest_behind_date(tokens, text, item, plural=plural or plural_sign(tokens, at), invoice=invoice)


def _behind_marks(tokens: Sequence[Token], index: int) -> int:
    """«от 03.02, № 45», «(от 03.02) № 45», «от 03.02 за № 45», «от 03.02: 45»."""
    at = index
    while at < len(tokens) and at - index < _MOST_MARKS and (tokens[at].text in _MARKS or tokens[at].norm in _UNDER):
        at += 1
    signed = skip_sign(tokens, at) is not None
    return at if signed or (at > index and at < len(tokens) and tokens[at - 1].text == ":") else index


def _unsigned_behind_date(tokens: Sequence[Token], text: str, before: DateHit, index: int) -> Item | None:
    """«от 03.02: 45, 46», «от 03.02 А-45 за доски»: no sum and no goods, for the phrase ends behind it."""
    item = item_at(tokens, text, index, signed=False)
    money = amount_at(tokens, index)
    if item is None or item.on is not None or (money is not None and money.has_kopecks):
        return None
    colon = tokens[index - 1].text == ":"
    closed = item.end >= len(tokens) or tokens[item.end].norm in _BEHIND_NUMBER or _listed(tokens, item.end)
    closed = closed or (not item.hit.plain and tokens[item.end].text in {".", '"', ")", "/"})
    told = len(item.hit.text) > 1 and not (item.hit.plain and item.hit.text.endswith("00"))
    year = item.hit.plain and len(item.hit.text) == 4 and item.hit.text.startswith("20")
    return replace(item, on=before.named) if colon or (closed and told and not year) else None


def _listed(tokens: Sequence[Token], index: int) -> bool:
    """One more number stands behind a comma or «и»."""
    parted = tokens[index].text in {",", ";"} or tokens[index].norm in AND
    return parted and index + 1 < len(tokens) and tokens[index + 1].is_digits


def _is_short_range(item: Item) -> bool:
    """«сч 301-303»: three digits and more on both sides, close by, no date that would be of one invoice."""
    low, dash, high = item.hit.text.partition("-")
    digits = dash and low.isdigit() and high.isdigit() and len(low) == len(high) >= _RANGE_DIGITS
    return bool(digits) and item.on is None and 0 < int(high) - int(low) <= _SHORT_RANGE


def _behind_colon(tokens: Sequence[Token], text: str, index: int) -> int:
    """«по счетам, выставленным в феврале: 45, 46»: words without a number up to the colon."""
    for at in range(index, min(len(tokens), index + _LONGEST_NAME)):
        token = tokens[at]
        if token.text == ":" and at > index:
            behind = at + 1
            follows = behind < len(tokens) and (tokens[behind].is_digits or skip_sign(tokens, behind) is not None)
            return behind if follows or number_at(tokens, text, behind) is not None else index
        program = (
            token.is_digits and at + 1 < len(tokens) and tokens[at + 1].is_word and tokens[at + 1].glued
        )  # «из 1С»
        if not (token.is_word or token.text in {",", ".", "-"} or is_year(token) or program):
            return index
        if token.norm in INVOICE or token.norm in KIND_OF:
            return index
    return index


def _behind_kind(tokens: Sequence[Token], text: str, index: int) -> int:
    """«договор энергоснабжения № 5», «соглашение о переводе долга № 2»: words that say what kind of document it is.

    A number sign closes them, or a number with a date.
    """
    at = index
    while at < len(tokens) and at - index < _LONGEST_KIND and _is_plain_word(tokens, at):
        at += 1
    if at == index or at >= len(tokens):
        return index
    if skip_sign(tokens, at) is not None and is_sure_sign(tokens[at]):
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
    leads = leads or (token.text.isupper() and _dot_and_digits(tokens, index + 1))  # `ЕП.26-45`
    leads = leads or _is_series(tokens, index)
    return token.norm not in STOPPERS and (len(token.text) > 3 or token.text.isupper()) and not leads


def _is_series(tokens: Sequence[Token], index: int) -> bool:
    """`ВА 1182045`: the two letters and seven digits of a waybill in Belarus."""
    pair = tokens[index : index + 2]
    numbered = len(pair) == 2 and pair[1].is_digits and len(pair[1].text) == _SERIAL_DIGITS
    return numbered and len(pair[0].text) == 2 and pair[0].text.isupper()


def _dot_and_digits(tokens: Sequence[Token], index: int) -> bool:
    pair = tokens[index : index + 2]
    return len(pair) == 2 and pair[0].text == "." and pair[0].glued and pair[1].glued and pair[1].is_digits


def _names_document(token: Token) -> bool:
    return KIND_OF.get(token.norm, ReferenceKind.OTHER) is not ReferenceKind.OTHER


def _range_opening(tokens: Sequence[Token], text: str, index: int, plural: bool) -> int | None:
    """The token behind «с» of «с № 15 по № 17», «№№ с 15 по 17»."""
    sign = skip_sign(tokens, index)
    at = index if sign is None else sign
    if at >= len(tokens) or tokens[at].norm not in {"с", "со"} or (sign is not None and tokens[at].glued):
        return None
    many = plural or plural_sign(tokens, index)
    return at + 1 if _opens_range(tokens, text, at + 1, many) else None


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
        if token.norm in _NOTHING_BEGINS and _says_nothing(tokens, at):
            return _skip_nothing_words(tokens, at)
        signed = _behind_sign_word(tokens, at)
        if signed is None:
            break
        at = signed
    return at


def _says_nothing(tokens: Sequence[Token], index: int) -> bool:
    """«б/н», «бн», «без номера»; not the prefix of `Б-3012345`."""
    norms = [word.norm for word in tokens[index : index + 3]]
    slashed = len(norms) == 3 and norms[0] == "б" and norms[1] in {"/", "\\", ".", "-"} and norms[2] == "н"
    return norms[:1] == ["бн"] or norms[:2] in (["без", "номера"], ["б", "н"]) or slashed


def _behind_sign_word(tokens: Sequence[Token], index: int) -> int | None:
    """«счёту, № 45», «под номером 45», «сч. н-р 45»: what stands before the sign or for it."""
    token = tokens[index]
    if token.text == "," and index + 1 < len(tokens) and tokens[index + 1].norm.startswith("выстав"):
        return index + 1
    if token.text == "," and index + 1 < len(tokens) and tokens[index + 1].norm in FROM:
        return index + 1  # «счёту, от 03.02 № 45»
    if token.text == "," or token.norm in {"за", "под"}:
        return index + 1 if skip_sign(tokens, index + 1) is not None else None
    if token.norm not in {"н", "нр"} or token.text.isupper():
        return None
    at = index + 1
    while at < len(tokens) and (tokens[at].text in {".", "-"} or (tokens[at].norm == "р" and tokens[at].glued)):
        at += 1
    apart = at < len(tokens) and tokens[at].is_digits and (at > index + 1 or not tokens[at].glued)
    return at if apart else None


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
