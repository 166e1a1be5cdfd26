"""Nouns that stand behind their number: «№ 45 шот бойынша», «№ 7 шарт, 10.01.2026», «№ 45 счёт от 03.02»."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.domain.matching.dates import date_at, skip_from
from hub.domain.matching.reading import NamedDate
from hub.domain.matching.scan import skip_sign
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import FACTURE, INVOICE_KAZAKH, INVOICE_SINGLE, KAZAKH_NOUNS, KIND_OF
from hub.domain.models import ReferenceKind

_BETWEEN: Final = frozenset({"төлем", "төлеу", "төлемге", "арналған", "ақы"})


@dataclass(frozen=True, slots=True)
class NounBehind:
    """The kind of the document, the date behind the noun and the token after it all."""

    kind: ReferenceKind
    on: NamedDate | None
    end: int


def noun_behind(tokens: Sequence[Token], index: int) -> NounBehind | None:
    """The noun that closes the number before; None where it opens a document of its own."""
    at = index
    if at < len(tokens) and tokens[at].norm in INVOICE_SINGLE:
        return _dated_noun(tokens, at + 1)
    while at < len(tokens) and tokens[at].norm in _BETWEEN:
        at += 1
    if at >= len(tokens) or tokens[at].norm not in KAZAKH_NOUNS or skip_sign(tokens, at + 1) is not None:
        return None
    kind = ReferenceKind.INVOICE if tokens[at].norm in INVOICE_KAZAKH else KIND_OF[tokens[at].norm]
    at += 1
    joined = at + 1 < len(tokens) and tokens[at].text == "-"
    if at < len(tokens) and tokens[at + 1 if joined else at].norm in FACTURE:
        kind, at = ReferenceKind.VAT_INVOICE, at + (2 if joined else 1)
    comma = at < len(tokens) and tokens[at].text == ","
    day = date_at(tokens, at + 1 if comma else at)
    return NounBehind(kind, day.named if day else None, day.end if day else at)


def _dated_noun(tokens: Sequence[Token], index: int) -> NounBehind | None:
    """«№ 45 счёт от 03.02.26»: the noun has a date and no number of its own."""
    at = index + 1 if index < len(tokens) and tokens[index].text == "." else index
    after = skip_from(tokens, at)
    day = date_at(tokens, after, after_from=True) if after is not None else None
    if day is None or skip_sign(tokens, day.end) is not None:
        return None
    numbered = day.end < len(tokens) and tokens[day.end].is_digits
    return None if numbered else NounBehind(ReferenceKind.INVOICE, day.named, day.end)
