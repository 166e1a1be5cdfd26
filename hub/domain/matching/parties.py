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
    """«за ООО "Пион"», «за ИП Иванов И.И.», «за Иванова И.И.»."""
    if tokens[index].norm not in {"за", "for"} or index + 1 >= len(tokens):
        return None
    at = index + 1
    if tokens[at].norm not in LEGAL_FORMS:
        return _person(tokens, text, at)
    start = at
    while at < len(tokens) and (
        tokens[at].norm in LEGAL_FORMS or tokens[at].norm in {"с", "ограниченной", "ответственностью"}
    ):
        at += 1
    end = _quoted(tokens, at) or _words(tokens, at)
    if end == at:
        return None
    return NameHit(ThirdParty(text[tokens[start].start : tokens[end - 1].end]), end)


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
        stops = (
            token.norm in _END_OF_NAME or token.norm in INVOICE or token.norm in KIND_OF or token.text in _BOUNDARIES
        )
        if not initial_dot and (
            stops or token.is_digits or (token.text == "-" and not token.glued) or token.text == "."
        ):
            break
        at += 1
    return at


def _person(tokens: Sequence[Token], text: str, index: int) -> NameHit | None:
    """A surname with two initials; a bare capitalised word is more often goods than a person."""
    if index + 4 >= len(tokens) or not tokens[index].is_word or not tokens[index].text[0].isupper():
        return None
    window = tokens[index + 1 : index + 5]
    initials = [token for token in window if token.is_word and len(token.text) == 1 and token.text.isupper()]
    dots = [token for token in window if token.text == "."]
    if len(initials) != 2 or len(dots) != 2 or len(tokens[index].text) < 3:
        return None
    return NameHit(ThirdParty(text[tokens[index].start : window[-1].end]), index + 5)
