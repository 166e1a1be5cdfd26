"""Whom a purpose names: tax ids written in the text and «за ООО Пион» of a third-party payer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.domain.matching.reading import ThirdParty
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import INVOICE, KIND_OF, LEGAL_FORMS, TAX_ID_WORDS

_TAX_ID_LENGTHS: Final = frozenset({9, 10, 12})
_LONGEST_NAME: Final = 6
_END_OF_NAME: Final = frozenset(
    {"по", "согл", "согласно", "за", "от", "инн", "кпп", "в", "на", "сог", "оплата", "для", "без", "бин"}
)
_FORMS_LAST: Final = frozenset({"ооо", "ао", "пао", "оао", "зао", "нао", "ип", "тоо"})
# «от имени ООО …», «по поручению ООО …»: words before a company that say who the money is really from.
_ON_BEHALF: Final = frozenset(
    {"имени", "поручению", "просьбе", "письму", "расчетов", "расчетам", "плательщик", "плательщика", "плательщику"}
    | {"взаиморасчетов", "взаиморасчетам", "взаимозачету", "задолженности", "задолженность", "долга", "долг"}
    | {"контрагента", "контрагенту", "обязательств"}
)
_ROLES: Final = (
    ("контрагента",),
    ("клиента",),
    ("покупателя",),
    ("партнера",),
    ("компанию",),
    ("фирму",),
    ("организацию",),
    ("предприятие",),
    ("третье", "лицо"),
    ("третьих", "лиц"),
)
_PATRONYMICS: Final = ("вича", "вны", "вну", "вич", "вна", "ичны", "ьича")
_BOUNDARIES: Final = frozenset({",", ";", "(", ")", "№", "/", ":"})


@dataclass(frozen=True, slots=True)
class TaxIdHit:
    """Tax ids and the token after them."""

    values: tuple[str, ...]
    end: int


@dataclass(frozen=True, slots=True)
class NameHit:
    """A third party's name and the token after it."""

    party: ThirdParty
    end: int


def tax_id_at(tokens: Sequence[Token], index: int) -> TaxIdHit | None:
    """«ИНН 7700000016», «ИНН/КПП 7700000016/770001001», «БИН …»."""
    if tokens[index].norm not in TAX_ID_WORDS:
        return None
    at = index + 1
    while at < len(tokens) and (
        tokens[at].text in {"/", ":", "№", ".", "-", "="} or tokens[at].norm in {"кпп", "иин", "бин"}
    ):
        at += 1
    if at >= len(tokens) or not tokens[at].is_digits:
        return TaxIdHit((), at)
    value = tokens[at].text
    at += 1
    if at + 1 < len(tokens) and tokens[at].text in {"/", "\\"} and tokens[at + 1].is_digits:
        at += 2
    known = len(value) in _TAX_ID_LENGTHS and value.strip("0") != ""
    return TaxIdHit((value,) if known else (), at)


def third_party_at(tokens: Sequence[Token], text: str, index: int) -> NameHit | None:
    """«за ООО "Пион"», «за Пион ООО», «за ИП Иванов И.И.», «за Иванова И.И.», «по поручению ООО Пион»."""
    if tokens[index].norm in LEGAL_FORMS:
        asked = any(token.norm in _ON_BEHALF for token in tokens[max(0, index - 3) : index])
        return _company(tokens, text, index) if asked else None
    if tokens[index].norm not in {"за", "for"} or index + 1 >= len(tokens):
        return None
    at = index + 1
    if tokens[at].norm in LEGAL_FORMS:
        return _company(tokens, text, at)
    for role in _ROLES:
        if tuple(token.norm for token in tokens[at : at + len(role)]) == role:
            return _called(tokens, text, at + len(role))
    return _form_last(tokens, text, at) or _person(tokens, text, at)


def _company(tokens: Sequence[Token], text: str, start: int) -> NameHit | None:
    at = start
    while at < len(tokens) and (
        tokens[at].norm in LEGAL_FORMS or tokens[at].norm in {"с", "ограниченной", "ответственностью"}
    ):
        at += 1
    end = _quoted(tokens, at) or _words(tokens, at)
    if end == at:
        return None
    return NameHit(ThirdParty(text[tokens[start].start : tokens[end - 1].end]), end)


def _called(tokens: Sequence[Token], text: str, start: int) -> NameHit | None:
    """«за контрагента Пион»: the name needs no legal form here."""
    if start < len(tokens) and tokens[start].norm in LEGAL_FORMS:
        return _company(tokens, text, start)
    end = (_quoted(tokens, start) or _words(tokens, start)) if start < len(tokens) else start
    return NameHit(ThirdParty(text[tokens[start].start : tokens[end - 1].end]), end) if end > start else None


def _form_last(tokens: Sequence[Token], text: str, start: int) -> NameHit | None:
    """«за Пион ООО», «за "Пион", ООО»."""
    end = _quoted(tokens, start) or start
    if end == start:
        while end < len(tokens) and end - start < _LONGEST_NAME and not _ends_name(tokens, end):
            hyphen = tokens[end].text == "-" and tokens[end].glued and end > start
            if tokens[end].norm in LEGAL_FORMS or not (tokens[end].is_word or tokens[end].is_digits or hyphen):
                break
            end += 1
    if end < len(tokens) and tokens[end].text == "," and end > start:
        end += 1
    if end == start or end >= len(tokens) or tokens[end].norm not in _FORMS_LAST or _names_next(tokens, end + 1):
        return None
    return NameHit(ThirdParty(text[tokens[start].start : tokens[end].end]), end + 1)


def _ends_name(tokens: Sequence[Token], index: int) -> bool:
    """A document's noun ends a name, but «Ромашка Торг ООО» is a name with the form behind."""
    form_next = index + 1 < len(tokens) and tokens[index + 1].norm in _FORMS_LAST
    return _stops(tokens[index]) and not (form_next and tokens[index].norm in KIND_OF)


def _names_next(tokens: Sequence[Token], index: int) -> bool:
    """«за продукцию ООО «Керамика»»: the form belongs to the quoted name behind it, so the words before are goods."""
    return _quoted(tokens, index) is not None


def _stops(token: Token) -> bool:
    document = token.norm in INVOICE or token.norm in KIND_OF
    return token.norm in _END_OF_NAME or (document and not token.glued)


def _quoted(tokens: Sequence[Token], index: int) -> int | None:
    if index >= len(tokens) or tokens[index].text not in {'"', "'"}:
        return None
    for at in range(index + 1, min(len(tokens), index + 14)):
        if tokens[at].text == tokens[index].text:
            nested = at + 1 < len(tokens) and tokens[at + 1].text == tokens[index].text
            return at + 2 if nested else at + 1
    return None


def _words(tokens: Sequence[Token], index: int) -> int:
    at = index
    while at < len(tokens) and at - index < _LONGEST_NAME * 2:
        token = tokens[at]
        initial_dot = token.text == "." and at > index and len(tokens[at - 1].text) == 1
        run_on = token.norm in INVOICE and tokens[at - 1].text == "."  # «ИП Орлова А.А.сч.45»
        stops = _stops(token) or run_on or token.text in _BOUNDARIES
        if not initial_dot and (
            stops or token.is_digits or (token.text == "-" and not token.glued) or token.text == "."
        ):
            break
        at += 1
    return at


def _person(tokens: Sequence[Token], text: str, index: int) -> NameHit | None:
    """A surname with initials or a full name; a bare capitalised word is more often goods than a person."""
    full = tokens[index : index + 3]
    if len(full) == 3 and all(token.is_word for token in full) and full[2].norm.endswith(_PATRONYMICS):
        return NameHit(ThirdParty(text[full[0].start : full[2].end]), index + 3)
    if index + 4 >= len(tokens) or not tokens[index].is_word or not tokens[index].text[0].isupper():
        return None
    window = tokens[index + 1 : index + 5]
    initials = [token for token in window if token.is_word and len(token.text) == 1 and token.text.isupper()]
    dots = [token for token in window if token.text == "."]
    if tuple(token.norm for token in initials) == ("т", "ч"):
        return None  # «в т.ч.»
    if len(initials) != 2 or len(dots) != 2 or len(tokens[index].text) < 3:
        return None
    return NameHit(ThirdParty(text[tokens[index].start : window[-1].end]), index + 5)
