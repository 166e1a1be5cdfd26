"""Which document noun starts at a token: invoice for payment, VAT invoice, bank account, contract, order …"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from hub.domain.matching.dates import skip_from
from hub.domain.matching.scan import skip_sign
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import (
    ACCOUNT_ADJECTIVES,
    ACCOUNT_CARE,
    ACCOUNT_NOUNS,
    ACCOUNT_WORDS,
    COMPOUNDS,
    FACTURE,
    INVOICE,
    INVOICE_PLURAL,
    INVOICE_TAILS,
    KIND_OF,
    mended,
)
from hub.domain.models import ReferenceKind

_JOINTS: Final = frozenset({"-", "/", "\\"})
_ACCOUNT_DIGITS: Final = 16
_WAYBILL_FIRST: Final = frozenset(
    {"т", "товарная", "товарной", "транспортная", "транспортной", "расходная", "расходной"}
)
_PAYMENT_ORDER_FIRST: Final = frozenset({"платежное", "платежному", "плат", "платежного", "платежка", "платежке", "п"})


class NounKind(Enum):
    """How the reader goes on after the noun."""

    INVOICE = "invoice"
    ACCOUNT = "account"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Noun:
    """A document noun.

    Attributes:
        end: index of the token after it.
        doubtful: «на счёт», «в счёт»: an invoice only if a number sign and a short number follow.
    """

    kind: NounKind
    reference: ReferenceKind
    end: int
    plural: bool = False
    doubtful: bool = False


def noun_at(tokens: Sequence[Token], index: int) -> Noun | None:
    """The document noun that starts at a token, the longest reading first."""
    if not tokens[index].is_word:
        return None
    return (
        _account(tokens, index) or _vat_invoice_short(tokens, index) or _invoice(tokens, index) or _other(tokens, index)
    )


def _norm(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].norm if 0 <= index < len(tokens) else ""


def _account(tokens: Sequence[Token], index: int) -> Noun | None:
    word = tokens[index].norm
    if word in ACCOUNT_WORDS:
        return Noun(NounKind.ACCOUNT, ReferenceKind.OTHER, index + 1)
    if word not in ACCOUNT_ADJECTIVES:
        return None
    at = index + 1
    if word == "расчет" and not (at < len(tokens) and tokens[at].text in {"/", "\\", "."}):
        return None  # «окончательный расчёт сч. 45»
    short = len(word) == 1
    if short and not (at < len(tokens) and tokens[at].text in {"/", "\\", "."}):
        return None
    while at < len(tokens) and tokens[at].text in {"/", "\\", ".", "-"}:
        at += 1
    noun = _norm(tokens, at)
    if noun not in ACCOUNT_NOUNS or (short and not tokens[at].glued):
        return None
    if tokens[at + 1 : at + 2] and tokens[at + 1].text in _JOINTS and _norm(tokens, at + 2) in FACTURE:
        return None
    return Noun(NounKind.ACCOUNT, ReferenceKind.OTHER, _after_dot(tokens, at + 1))


def _after_dot(tokens: Sequence[Token], index: int) -> int:
    return index + 1 if index < len(tokens) and tokens[index].text == "." else index


def _vat_invoice_short(tokens: Sequence[Token], index: int) -> Noun | None:
    """«с/ф», «с-ф», «счф», «сф»."""
    word = tokens[index].norm
    if word in {"сф", "счф", "эсчф", "эсф", "счетфактура", "счетфактуре", "счетфактуры"}:
        return Noun(NounKind.DOCUMENT, ReferenceKind.VAT_INVOICE, index + 1)
    joined = word == "с" and index + 2 < len(tokens) and tokens[index + 1].text in {"/", "\\", "-", "."}
    if joined and tokens[index + 2].norm in FACTURE and tokens[index + 2].glued:
        return Noun(NounKind.DOCUMENT, ReferenceKind.VAT_INVOICE, index + 3)
    return None


def _invoice(tokens: Sequence[Token], index: int) -> Noun | None:
    word = mended(tokens[index].norm)
    if word not in INVOICE:
        return None
    at = _after_tail(tokens, index + 1)
    plural = word in INVOICE_PLURAL or (at > index + 1 and tokens[at - 1].norm in {"там", "тов", "тами", "тах"})
    facture = _facture(tokens, at)
    if facture is not None:
        return Noun(NounKind.DOCUMENT, ReferenceKind.VAT_INVOICE, facture, plural)
    at = _compound(tokens, at)
    at = _after_dot(tokens, at)
    before = _norm(tokens, index - 1)
    if index > 0 and len(before) == 1 and tokens[index - 1].glued:
        before = ""  # the last letter of a name («1С счёт 45»), not a preposition
    if before in ACCOUNT_CARE or _is_account_number(tokens, at):
        return Noun(NounKind.ACCOUNT, ReferenceKind.OTHER, at)
    if before in {"в", "на", "за"} and word not in INVOICE_PLURAL and word in {"счет", "счета"}:
        return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, at, plural, doubtful=True)
    return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, at, plural)


def _after_tail(tokens: Sequence[Token], index: int) -> int:
    """«сч-та», «сч-ту»."""
    joined = index + 1 < len(tokens) and tokens[index].text in {"-", "/"} and tokens[index].glued
    if joined and tokens[index + 1].glued and tokens[index + 1].norm in INVOICE_TAILS:
        return index + 2
    return index


def _facture(tokens: Sequence[Token], index: int) -> int | None:
    at = index
    joined = False
    while at < len(tokens) and tokens[at].text in {"-", "/", "\\", "."}:
        joined = True
        at += 1
    word = mended(_norm(tokens, at))
    if word not in FACTURE or (len(word) <= 1 and not (joined and tokens[at].glued)):
        return None
    return _after_dot(tokens, at + 1)


def _compound(tokens: Sequence[Token], index: int) -> int:
    """«счёт-договор», «сч/дог», «счету договору»: one invoice; a separate document has its own number in between."""
    at = index
    bracketed = [token.norm for token in tokens[at : at + 3]]
    if len(bracketed) == 3 and bracketed[0] == "(" and bracketed[1] in COMPOUNDS and bracketed[2] == ")":
        return at + 3
    if at + 1 < len(tokens) and tokens[at].text == "." and tokens[at + 1].text in _JOINTS:
        at += 1
    joined = at < len(tokens) and tokens[at].text in _JOINTS
    if joined:
        at += 1
    if mended(_norm(tokens, at)) not in COMPOUNDS:
        return index
    if not joined and not _same_case(tokens[index - 1].norm, tokens[at].norm):
        return index
    return at + 1


def _same_case(first: str, second: str) -> bool:
    return len(first) > 3 and len(second) > 3 and first[-1:] == second[-1:] and first[-1:] in "уам"


def _is_account_number(tokens: Sequence[Token], index: int) -> bool:
    sign = skip_sign(tokens, index)
    at = index if sign is None else sign
    return at < len(tokens) and tokens[at].is_digits and len(tokens[at].text) >= _ACCOUNT_DIGITS


def _other(tokens: Sequence[Token], index: int) -> Noun | None:
    word = tokens[index].norm
    if word in _WAYBILL_FIRST | _PAYMENT_ORDER_FIRST and index + 2 < len(tokens):
        slashed = tokens[index + 1].text in {"/", "\\", ".", "-"} and tokens[index + 2].glued
        if slashed and word in {"т", "п"} and tokens[index + 2].norm in {"н", "п"}:
            kind = ReferenceKind.WAYBILL if word == "т" else ReferenceKind.OTHER
            return Noun(NounKind.DOCUMENT, kind, index + 3)
    kind_found = KIND_OF.get(word) or KIND_OF.get(mended(word))
    if kind_found is None:
        return None
    at = index + 1
    if (
        kind_found is ReferenceKind.ORDER
        and _norm(tokens, at) == "-"
        and _norm(tokens, at + 1) in {"наряд", "наряду", "наряда"}
    ):
        at += 2
    if kind_found is ReferenceKind.CONTRACT and at + 1 < len(tokens) and tokens[at].text in _JOINTS:
        if mended(tokens[at + 1].norm) in INVOICE:
            return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, at + 2)
        if tokens[at + 1].norm in {"оферте", "оферта", "оферты", "заявка", "заявке", "заявки"}:
            at += 2
    if word == "торг" and at + 1 < len(tokens) and tokens[at].text == "-" and tokens[at + 1].text == "12":
        at += 2
    return Noun(NounKind.DOCUMENT, kind_found, _after_dot(tokens, at), _is_plural(word))


def _is_plural(word: str) -> bool:
    return word.endswith(("ам", "ам", "ами", "ов", "ым", "ям")) and len(word) > 3


def settles_doubt(tokens: Sequence[Token], index: int) -> bool:
    """After «на счёт», «за счёт»: a sign with a short number makes it an invoice, anything else does not."""
    sign = skip_sign(tokens, index)
    if sign is None:
        ahead = index
        return (
            ahead + 1 < len(tokens)
            and tokens[ahead].is_digits
            and len(tokens[ahead].text) < _ACCOUNT_DIGITS
            and skip_from(tokens, ahead + 1) is not None
        )
    return sign < len(tokens) and len(tokens[sign].text) < _ACCOUNT_DIGITS
