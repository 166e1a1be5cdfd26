"""The noun written apart: «с чету 45», «сче ту № 45», «счет у 45», «с ч е т у 45», «сче-» at the end of a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.domain.matching.dates import skip_from
from hub.domain.matching.scan import skip_sign
from hub.domain.matching.tokens import Token

_WHOLE: Final = frozenset({"счет", "счета", "счету", "счетам", "счетов"})
_PLURAL: Final = frozenset({"счетам", "счетов"})
#: What the noun may begin with, apart from its end.
BEGINNINGS: Final = frozenset({"с", "сч", "сче", "счет"})
_PIECES: Final = frozenset({whole[start:end] for whole in _WHOLE for start in range(1, 6) for end in range(2, 7)}) - {
    ""
}
_MOST_PIECES: Final = 6


def drawn_out(tokens: Sequence[Token], index: int) -> tuple[int, bool] | None:
    """The token after the pieces and whether the noun is plural; a number must follow them."""
    word, at = tokens[index].norm, index + 1
    found: tuple[int, bool] | None = None
    while at < len(tokens) and at - index <= _MOST_PIECES:
        if tokens[at].text == "-" and tokens[at].glued and at + 1 < len(tokens) and not tokens[at + 1].glued:
            at += 1
        if tokens[at].glued or tokens[at].norm not in _PIECES or not _one_case(tokens[index], tokens[at], word):
            break
        word, at = word + tokens[at].norm, at + 1
        led = word == "счета" and at < len(tokens) and tokens[at].glued  # `а118` of «счет а118»
        if word in _WHOLE and not led and _number_follows(tokens, at):
            found = at, word in _PLURAL
    return found


def _one_case(first: Token, piece: Token, word: str) -> bool:
    """`А` of «счет А 45» leads the number; small letters behind small letters do not."""
    return piece.text.islower() or (first.text.isupper() and word != "счет")


def _number_follows(tokens: Sequence[Token], index: int) -> bool:
    if index >= len(tokens):
        return False
    return tokens[index].is_digits or skip_sign(tokens, index) is not None or skip_from(tokens, index) is not None
