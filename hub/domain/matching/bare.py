"""Numbers without a noun: where one may stand for an invoice, and where it is of goods, a room or a person."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from hub.domain.matching.lists import NumberList
from hub.domain.matching.reading import NamedNumber
from hub.domain.matching.scan import NumberHit
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import (
    AND,
    CURRENCIES,
    KIND_OF,
    KOPECKS,
    LEGAL_FORMS,
    PAYMENT_WORDS,
    STOPPERS,
    SUM_WORDS,
    UNITS,
    VAT,
    word_set,
)

_OPENING_SIGNS: Final = frozenset({"}", ")", ";", "("})
_SIGNED_AFTER: Final = PAYMENT_WORDS | word_set(
    "за к аванс авансом остаток остатка доплаты долг задолженность оплатить оплачиваем для төлем"
)
_GOODS_AFTER: Final = frozenset({"за", "для", "к"})
_ADJECTIVE_ENDINGS: Final = ("ый", "ой", "ий", "ая")
_REACH: Final = 10
_LONG_REACH: Final = 18
#: What has a day of its own.
_DATED_OTHERWISE: Final = (
    *("поставк", "отгруз", "достав", "отправ", "получ", "рейс", "перевоз", "поезд", "заезд", "решен", "аукцион"),
    *("конкурс", "торг", "прайс", "переч", "спис", "тариф", "выпис", "запрос", "редакц", "поступ", "дтп", "осмотр"),
    *("визит", "вх"),
)
_ENDS_PHRASE: Final = frozenset({"согл", "согласно", "по", "из", "до", "период", "с"})
_INSTEAD: Final = frozenset({"взамен", "вместо"})
_OF_SUMS: Final = frozenset(".,-=();:%/+")
_SUM_TALK: Final = (
    CURRENCIES | KOPECKS | VAT | SUM_WORDS | AND | word_set("в т ч тч том числе на с без включая вкл по ставке")
)


def word_before(tokens: Sequence[Token], index: int) -> Token | None:
    """The token before this one, the dot of an abbreviation and a colon left out."""
    at = index - 1
    while at > 0 and tokens[at].text in {".", ":"}:
        at -= 1
    return tokens[at] if at >= 0 else None


def begins(tokens: Sequence[Token], index: int) -> bool:
    """A number without a sign may stand here: at the start, after a word of payment, after a bracket."""
    before = word_before(tokens, index)
    return before is None or before.norm in PAYMENT_WORDS or before.text in _OPENING_SIGNS


def opens(tokens: Sequence[Token], index: int) -> bool:
    """A number with a sign may stand here."""
    before = word_before(tokens, index)
    if before is None or before.text in _OPENING_SIGNS:
        return True
    if before.norm == "платеж" and index > 1 and tokens[index - 2].norm.endswith(_ADJECTIVE_ENDINGS):
        return False  # «лизинговый платёж № 14» counts the payments
    if before.norm in _GOODS_AFTER and tokens[index].is_word and len(tokens[index].text) > 2:
        return False  # «за номер 305»
    return before.norm in _SIGNED_AFTER


def closes(tokens: Sequence[Token], index: int, hit: NumberHit) -> bool:
    """«За мебель 1159 от 9 февраля»: a dated number behind a word that names no document and no measure."""
    before = tokens[index - 1] if index > 0 else None
    if before is None or not before.is_word or len(before.text) <= 3 or before.glued:
        return False
    known = before.norm in KIND_OF or before.norm in UNITS or before.norm in LEGAL_FORMS or before.norm in STOPPERS
    return not known and before.text.islower() and sum(char.isdigit() for char in hit.text) > 1


def goes_on(
    tokens: Sequence[Token], index: int, list_end: int, found: NumberList, last: NamedNumber, *, many: bool = False
) -> bool:
    """«счёт № 45 за доставку, № 46 за монтаж»: the list of invoices goes on after a few words of goods.

    Args:
        many: the noun was plural, so that more words may stand between two dated numbers.
    """
    if tokens[index].text not in {"№", "#", "N"} or index == 0:
        return False
    number = found.numbers[0]
    both = number.on is not None and last.on is not None
    if both and _only_sums(tokens, list_end, index):
        return True
    if index - list_end > (_LONG_REACH if many and both else _REACH):
        return False
    before = tokens[index - 1]
    if before.text not in {",", ";"} and before.norm not in AND | _INSTEAD:
        return many and both and (tokens[list_end].text in {",", ";"} or tokens[list_end].norm in AND)
    alike = len(number.text) == len(last.text) and number.text[:1].isalpha() == last.text[:1].isalpha()
    alike = alike or (tokens[list_end].norm == "за" and found.end < len(tokens) and tokens[found.end].norm == "за")
    return (number.on is not None) == (last.on is not None) and (alike or number.on is not None)


def goes_on_unsigned(tokens: Sequence[Token], index: int, list_end: int, found: NumberList, last: NamedNumber) -> bool:
    """«45 от 01.03 аренда; 46 от 02.03 вода», «45 от 01.03 5000,00 46 от 02.03»: dated like the number before."""
    if not found.numbers or index - list_end > _REACH:
        return False
    parted = tokens[index - 1].text in {",", ";"} or tokens[index - 1].norm in AND
    if found.numbers[0].on is None or last.on is None:
        return parted and _for_each(tokens, list_end, found, last)
    return _only_sums(tokens, list_end, index) or (parted and index > list_end + 1)


def _for_each(tokens: Sequence[Token], list_end: int, found: NumberList, last: NamedNumber) -> bool:
    """«145 за краску, 146 за кисти»: undated, but each says what for and they are of one length."""
    number = found.numbers[0]
    alike = number.on is None and last.on is None and len(number.text) == len(last.text) > 2
    told = tokens[list_end].norm == "за" and found.end < len(tokens) and tokens[found.end].norm == "за"
    return alike and told and number.text.isdigit() == last.text.isdigit()


def _only_sums(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Nothing but a sum and its VAT stands between two numbers."""
    if not start < end <= start + _LONG_REACH:
        return False
    return all(token.is_digits or token.text in _OF_SUMS or token.norm in _SUM_TALK for token in tokens[start:end])


def late_date(tokens: Sequence[Token], index: int, list_end: int) -> bool:
    """«по счёту 45 за воду от 03.02»: only what was bought stands between the number and its date.

    A date straight behind a word of movement («за поставку от 03.02») is of the movement.
    """
    gap = tokens[list_end:index]
    if not 0 < len(gap) <= _REACH or gap[-1].norm.startswith(_DATED_OTHERWISE):
        return False
    if any(token.norm in _ENDS_PHRASE or token.text in {";", "№", "#"} for token in gap):
        return False
    brackets = [token.text for token in gap if token.text in {"(", ")"}]
    if brackets[:1] == [")"] or any(before.text == "." and behind.text.istitle() for before, behind in pairwise(gap)):
        return False
    return _only_sums(tokens, list_end, index) or not any(token.is_digits for token in gap)
