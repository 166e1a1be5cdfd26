"""Which document noun starts at a token: invoice for payment, VAT invoice, bank account, contract, order …"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from hub.domain.matching.dates import date_at, skip_from
from hub.domain.matching.drawn_out import BEGINNINGS, drawn_out
from hub.domain.matching.scan import skip_sign
from hub.domain.matching.slips import mended
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import (
    ACCOUNT_ADJECTIVES,
    ACCOUNT_BEHIND,
    ACCOUNT_CARE,
    ACCOUNT_NOUNS,
    ACCOUNT_WORDS,
    BRACKETED_TAILS,
    COMPOUNDS,
    FACTURE,
    INVOICE,
    INVOICE_PLURAL,
    INVOICE_TAILS,
    KIND_OF,
    PAYMENT_WORDS,
    PROFORMA,
    VAT_INVOICE,
)
from hub.domain.models import ReferenceKind

_JOINTS: Final = frozenset({"-", "/", "\\"})
_DATED_REACH: Final = 8
# «реестр счетов № 5»: what is listed, not an invoice.
_REGISTERED: Final = frozenset({"счетов", "платежей", "актов", "накладных", "документов", "упд"})
_DOTTED_TAILS: Final = frozenset({"та", "ту", "тов", "чета", "чету", "ета", "ету"})
_TO_PAY: Final = frozenset({"опл", "оплату"})
_SHORT_TAILS: Final = frozenset({"в", "ов", "а", "у", "е", "ам"})
_FOREIGN_PLURAL: Final = frozenset({"orders", "bestellungen"})
_PLURAL_TAILS: Final = frozenset({"там", "тов", "тами", "тах", "в", "ов"})
_ORDER_TAILS: Final = frozenset({"наряд", "наряду", "наряда"})
_MANY: Final = frozenset({"ы", "ам", "ов", "ами"})
_SHORT_KINDS: Final = {
    ("з", "н"): ReferenceKind.ORDER,
    ("п", "мо"): ReferenceKind.LETTER,
    ("п", "му"): ReferenceKind.LETTER,
    ("п", "ма"): ReferenceKind.LETTER,
    ("р", "о"): ReferenceKind.ORDER,
    ("дог", "р"): ReferenceKind.CONTRACT,
    ("дог", "ра"): ReferenceKind.CONTRACT,
    ("дог", "ру"): ReferenceKind.CONTRACT,
    ("к", "т"): ReferenceKind.CONTRACT,
    ("г", "к"): ReferenceKind.CONTRACT,
    ("с", "пр"): ReferenceKind.OTHER,
    ("и", "п"): ReferenceKind.OTHER,
    ("и", "л"): ReferenceKind.OTHER,
}
_SHORT_INVOICE: Final = frozenset({"ч", "т", "ту", "та", "чет", "чету", "чета", "четам"})
_SHORT_SURE: Final = _SHORT_INVOICE - {"т"}
_SHORTENED: Final = frozenset({"с", "инв", "re", "рі"} | {first for first, _ in _SHORT_KINDS})
_ACCOUNT_DIGITS: Final = 16
_WHOLE_ACCOUNT: Final = 20
_SHORT_NUMBER: Final = 6
# Numbers of printed forms: ТОРГ-12, КС-2.
_PRINTED_FORMS: Final = {
    "торг": frozenset({"12"}),
    "кс": frozenset({"2", "3", "11", "14"}),
    "тн": frozenset({"2"}),
    "ттн": frozenset({"1"}),
}
_WAYBILL_FIRST: Final = frozenset(
    {"т", "товарная", "товарной", "транспортная", "транспортной", "расходная", "расходной"}
)
_PAYMENT_ORDER_FIRST: Final = frozenset({"платежное", "платежному", "плат", "платежного", "платежка", "платежке", "п"})
_OPENERS: Final = (
    ACCOUNT_WORDS | ACCOUNT_ADJECTIVES | _SHORTENED | VAT_INVOICE | _WAYBILL_FIRST | _PAYMENT_ORDER_FIRST | {"сче"}
)


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
    word = tokens[index].norm
    if not tokens[index].is_word or not _may_open(word):
        return None
    apart = drawn_out(tokens, index) if word in BEGINNINGS else None
    if apart is not None:
        return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, apart[0], apart[1])
    shortened = word in _SHORTENED and index + 2 < len(tokens)
    return (
        _account(tokens, index)
        or _vat_invoice_short(tokens, index)
        or (_shortened(tokens, index) if shortened else None)
        or _invoice(tokens, index)
        or _other(tokens, index)
    )


@lru_cache(maxsize=8192)
def _may_open(word: str) -> bool:
    """Most words of a purpose open no document at all."""
    known = word in _OPENERS or word.startswith("передаточн") or word == "согл"
    return known or mended(word) in INVOICE or word in KIND_OF or mended(word) in KIND_OF


def _shortened(tokens: Sequence[Token], index: int) -> Noun | None:
    """«с-т № 45», «с.ч. 45», «инв. 45 от 03.02», «з/н 45», «п-мо № 9», «P.O. 45», «RE-Nr. 45», «PI 45»."""
    word, joint, tail = tokens[index].norm, tokens[index + 1], tokens[index + 2]
    if word == "инв":
        at = _after_dot(tokens, index + 1)
        meant = _is_paid(tokens, index) or _is_dated(tokens, at)
        return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, at) if meant else None
    if word == "рі":
        named = joint.norm in {"no", "nо", "nr", "№", "#", "number"} or (joint.is_digits and not joint.glued)
        return (
            Noun(NounKind.INVOICE, ReferenceKind.INVOICE, index + 1) if named and tokens[index].text == "PI" else None
        )
    if word == "re":
        at = index + 1
        while at < len(tokens) and tokens[at].text in {".", "-"}:
            at += 1
        named = _norm(tokens, at) == "nr"
        return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, _after_dot(tokens, at + 1)) if named else None
    if joint.text not in {".", "-", "/", "\\"} or not (joint.glued and tail.glued and tail.is_word):
        return None
    at = _after_dot(tokens, index + 3)
    kind = _SHORT_KINDS.get((word, tail.norm))
    if kind is not None:
        # «к-т» is a set of things too, «г/к» hot-rolled.
        told = kind is not ReferenceKind.CONTRACT or len(word) > 1
        told = told or skip_sign(tokens, at) is not None or _is_dated(tokens, at)
        return Noun(NounKind.DOCUMENT, kind, at) if told else None
    if word != "с" or tail.norm not in _SHORT_INVOICE:
        return None
    # «с/т», «с.ч.» stand for other things too: a number must follow, and «с-т» must be paid or dated.
    numbered = skip_sign(tokens, at) is not None or (at < len(tokens) and tokens[at].is_digits)
    sure = tail.norm in _SHORT_SURE or _is_paid(tokens, index) or _is_dated(tokens, at)
    return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, at) if numbered and sure else None


def _is_paid(tokens: Sequence[Token], index: int) -> bool:
    """«оплата», «опл. по» straight before."""
    at = index - 1
    while at >= 0 and tokens[at].text in {".", "/"}:
        at -= 1
    return _norm(tokens, at) in PAYMENT_WORDS


def _is_dated(tokens: Sequence[Token], index: int) -> bool:
    """A number with «от …» behind it follows, in a few glued pieces."""
    for at in range(index, min(len(tokens), index + _DATED_REACH)):
        after = skip_from(tokens, at)
        if after is not None:
            return at > index and date_at(tokens, after, after_from=True) is not None
        word = tokens[at].is_word and at > index
        if word and (tokens[at].norm in KIND_OF or not (tokens[at].glued or tokens[at].text.isupper())):
            return False
    return False


def _norm(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].norm if 0 <= index < len(tokens) else ""


def _account(tokens: Sequence[Token], index: int) -> Noun | None:
    word = tokens[index].norm
    if word in ACCOUNT_WORDS and not (word == "кс" and _printed_form(tokens, index)):
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
    if word in VAT_INVOICE:
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
    if word in PROFORMA:
        at = _after_proforma(tokens, at)
    plural = word in INVOICE_PLURAL or (
        at > index + 1 and tokens[at - 1].norm in {"там", "тов", "тами", "тах", "в", "ов"}
    )
    facture = _facture(tokens, at)
    if facture is not None:
        return Noun(NounKind.DOCUMENT, ReferenceKind.VAT_INVOICE, facture, plural)
    at = _compound(tokens, at)
    at = _after_dot(tokens, at)
    before = _norm(tokens, index - 1)
    if index > 0 and len(before) == 1 and tokens[index - 1].glued:
        before = ""  # the last letter of a name («1С счёт 45»), not a preposition
    if before in ACCOUNT_CARE or _norm(tokens, at) in ACCOUNT_BEHIND or _is_account_number(tokens, at):
        return Noun(NounKind.ACCOUNT, ReferenceKind.OTHER, at)
    doubtful = before in {"в", "на", "за"} and word in {"счет", "счета"}
    if doubtful and not (before != "на" and _closes_with_number(tokens, at)):
        return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, at, plural, doubtful=True)
    return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, at, plural)


def _closes_with_number(tokens: Sequence[Token], index: int) -> bool:
    """«за счёт 45», «в счёт 45, 46»: nothing but an invoice has a short number and no word behind it."""
    if index >= len(tokens) or not tokens[index].is_digits or len(tokens[index].text) > _SHORT_NUMBER:
        return False
    return index + 1 == len(tokens) or tokens[index + 1].text in {",", ";", ")"}


def _after_tail(tokens: Sequence[Token], index: int) -> int:
    """«сч-та», «сч-ту», «сч.ту», «сч.-ту»."""
    if _norm(tokens, index) == "." and index + 1 < len(tokens) and tokens[index + 1].glued:
        if tokens[index + 1].norm in _DOTTED_TAILS:
            return index + 2
        index += 1 if tokens[index + 1].text == "-" else 0
    joined = index + 1 < len(tokens) and tokens[index].text in {"-", "/"} and tokens[index].glued
    if joined and tokens[index + 1].glued and tokens[index + 1].norm in INVOICE_TAILS:
        return index + 2
    if joined and tokens[index + 1].glued and tokens[index + 1].norm in _TO_PAY:
        return _after_dot(tokens, index + 2)  # «сч/опл 45», «сч-опл. 45»
    tail = tokens[index + 1] if joined else None
    alike = tail is not None and tail.text.islower() == tokens[index - 1].text.islower()
    if tail is not None and tail.norm in _SHORT_TAILS and alike and index + 2 < len(tokens):
        return index if tokens[index + 2].glued else index + 2  # «сч-в 45, 46», «сч-у 45»
    bracketed = index + 2 < len(tokens) and tokens[index].text == "(" and tokens[index + 2].text == ")"
    if bracketed and tokens[index].glued and tokens[index + 1].norm in BRACKETED_TAILS:
        return index + 3
    return index


def _after_proforma(tokens: Sequence[Token], index: int) -> int:
    """«проформа-инвойс»: one document."""
    at = index + 1 if index < len(tokens) and tokens[index].text == "-" else index
    return at + 1 if _norm(tokens, at) in INVOICE else index


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
    if not joined and not (_same_case(tokens[index - 1].norm, tokens[at].norm) or _lost_hyphen(tokens, index)):
        return index
    bracketed = [token.norm for token in tokens[at + 1 : at + 4]]
    closed = len(bracketed) == 3 and bracketed[0] == "(" and bracketed[1] in COMPOUNDS and bracketed[2] == ")"
    return at + 4 if closed else at + 1


def _lost_hyphen(tokens: Sequence[Token], index: int) -> bool:
    """«по счет договору 45»: only the second word is declined."""
    return tokens[index - 1].norm == "счет" and _norm(tokens, index - 2) in {"по", "согласно"}


def _same_case(first: str, second: str) -> bool:
    return len(first) > 3 and len(second) > 3 and first[-1:] == second[-1:] and first[-1:] in "уам"


def _is_account_number(tokens: Sequence[Token], index: int) -> bool:
    sign = skip_sign(tokens, index)
    at = index if sign is None else sign
    if at >= len(tokens) or not tokens[at].is_digits:
        return False
    return len(tokens[at].text) >= _ACCOUNT_DIGITS or spaced_account(tokens, at) is not None


def spaced_account(tokens: Sequence[Token], index: int) -> int | None:
    """`40702 810 9 0000 0000045`: twenty digits in groups; the token after them."""
    at, digits = index, 0
    while at < len(tokens) and tokens[at].is_digits and digits < _WHOLE_ACCOUNT:
        digits += len(tokens[at].text)
        at += 1
    return at if digits == _WHOLE_ACCOUNT else None


def _other(tokens: Sequence[Token], index: int) -> Noun | None:
    word = tokens[index].norm
    special = _slashed(tokens, index) or _spelled_out(tokens, index)
    if special is not None:
        return special
    kind = KIND_OF.get(word) or KIND_OF.get(mended(word))
    if kind is None or (word == "кс" and not _printed_form(tokens, index)) or _is_person(tokens, index):
        return None
    if kind is ReferenceKind.CONTRACT:
        return _contract(tokens, index)
    at = index + 1
    tail = kind is ReferenceKind.ORDER and _norm(tokens, at) == "-" and _norm(tokens, at + 1) in _ORDER_TAILS
    if tail or (word in _PRINTED_FORMS and _printed_form(tokens, index)):
        at += 2
    elif kind is ReferenceKind.REGISTER and _norm(tokens, at) in _REGISTERED:
        at += 1
    elif kind is ReferenceKind.REGISTER:
        at = _behind_form(tokens, at)
    return Noun(NounKind.DOCUMENT, kind, _after_dot(tokens, at), _is_plural(word))


def _is_person(tokens: Sequence[Token], index: int) -> bool:
    """«ИП Орлова», `ИП-104`: a surname in mixed case or the prefix of a number, so no enforcement proceedings."""
    behind = tokens[index + 1] if tokens[index].norm == "ип" and index + 1 < len(tokens) else None
    if behind is not None and behind.text == "-" and behind.glued and tokens[index].text.isupper():
        return _is_dated(tokens, index + 2)
    return behind is not None and behind.is_word and behind.text.istitle() and len(behind.text) > 2


def _behind_form(tokens: Sequence[Token], index: int) -> int:
    """«реестр Ф.103 № 45»: the form that the register is made in."""
    three = [token.text for token in tokens[index : index + 3]]
    formed = len(three) == 3 and three[0].lower() in {"ф", "форма"} and three[1] == "." and three[2].isdigit()
    return index + 3 if formed and skip_sign(tokens, index + 3) is not None else index


def _slashed(tokens: Sequence[Token], index: int) -> Noun | None:
    """«т/н», «п/п»."""
    word = tokens[index].norm
    if word not in _WAYBILL_FIRST | _PAYMENT_ORDER_FIRST or index + 2 >= len(tokens):
        return None
    slashed = tokens[index + 1].text in {"/", "\\", ".", "-"} and tokens[index + 2].glued
    if not (slashed and word in {"т", "п"} and tokens[index + 2].norm in {"н", "п"}):
        return None
    kind = ReferenceKind.WAYBILL if word == "т" else ReferenceKind.OTHER
    return Noun(NounKind.DOCUMENT, kind, index + 3)


def _spelled_out(tokens: Sequence[Token], index: int) -> Noun | None:
    """«передаточный документ», «доп. согл.»."""
    word, behind = tokens[index].norm, _norm(tokens, index + 1)
    if word.startswith("передаточн") and behind.startswith("документ"):
        return Noun(NounKind.DOCUMENT, ReferenceKind.UPD, index + 2, behind[8:] in _MANY)
    if word == "согл" and _is_additional(tokens, index):
        return Noun(NounKind.DOCUMENT, ReferenceKind.OTHER, _after_dot(tokens, index + 1))
    return None


def _contract(tokens: Sequence[Token], index: int) -> Noun:
    word, at = tokens[index].norm, index + 1
    kind = ReferenceKind.CONTRACT
    if at + 1 < len(tokens) and tokens[at].text in _JOINTS:
        if mended(tokens[at + 1].norm) in INVOICE:
            return Noun(NounKind.INVOICE, ReferenceKind.INVOICE, _compound(tokens, at + 2))
        if tokens[at + 1].norm in {"оферте", "оферта", "оферты", "заявка", "заявке", "заявки"}:
            at += 2
    if word.startswith("соглаш") and _is_additional(tokens, index):
        kind = ReferenceKind.OTHER
    return Noun(NounKind.DOCUMENT, kind, _after_dot(tokens, at), _is_plural(word))


def _printed_form(tokens: Sequence[Token], index: int) -> bool:
    """«ТОРГ-12», «КС-2»: the number belongs to the form."""
    joined = index + 2 < len(tokens) and tokens[index + 1].text == "-" and tokens[index + 1].glued
    return joined and tokens[index + 2].text in _PRINTED_FORMS[tokens[index].norm]


def _is_additional(tokens: Sequence[Token], index: int) -> bool:
    """«доп. соглашение № 2 к договору»: an addition is no contract of its own."""
    before = _norm(tokens, index - 2) if _norm(tokens, index - 1) == "." else _norm(tokens, index - 1)
    return before == "доп" or before.startswith("дополнит")


def _is_plural(word: str) -> bool:
    return (word.endswith(("ам", "ами", "ов", "ым", "ям")) and len(word) > 3) or word in _FOREIGN_PLURAL


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
