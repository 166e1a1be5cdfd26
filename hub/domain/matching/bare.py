"""Numbers without a noun: where one may stand for an invoice, and where it is of goods, a room or a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.domain.matching.lists import NumberList
from hub.domain.matching.reading import NamedNumber
from hub.domain.matching.scan import NumberHit
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import AND, KIND_OF, LEGAL_FORMS, PAYMENT_WORDS, STOPPERS, UNITS, word_set

_OPENING_SIGNS: Final = frozenset({"}", ")", ";", "("})
_SIGNED_AFTER: Final = PAYMENT_WORDS | word_set(
    "за к аванс авансом остаток остатка доплаты долг задолженность оплатить оплачиваем для төлем"
)
_GOODS_AFTER: Final = frozenset({"за", "для", "к"})
_ADJECTIVE_ENDINGS: Final = ("ый", "ой", "ий", "ая")
_REACH: Final = 10


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


def goes_on(tokens: Sequence[Token], index: int, list_end: int, found: NumberList, last: NamedNumber) -> bool:
    """«счёт № 45 за доставку, № 46 за монтаж»: the list of invoices goes on after a few words of goods."""
    if index - list_end > _REACH or tokens[index].text not in {"№", "#"} or index == 0:
        return False
    before = tokens[index - 1]
    if before.text not in {",", ";"} and before.norm not in AND:
        return False
    number = found.numbers[0]
    alike = len(number.text) == len(last.text) and number.text[:1].isalpha() == last.text[:1].isalpha()
    return (number.on is not None) == (last.on is not None) and (alike or number.on is not None)
