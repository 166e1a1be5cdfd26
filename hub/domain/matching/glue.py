"""Takes apart words that lost the space between them: `СЧЕТУТД00-001739`, `СЧЕТУN45`, `СЧЕТУОТ 01.01.26`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from hub.domain.matching.tokens import Token, TokenKind, normal_word
from hub.domain.matching.words import FROM, INVOICE_PLURAL, INVOICE_SINGLE, KIND_OF, NUMBER_SIGNS

_HEADS: Final = sorted((word for word in INVOICE_SINGLE | INVOICE_PLURAL if len(word) >= 4), key=len, reverse=True)
_WHOLE: Final = INVOICE_SINGLE | INVOICE_PLURAL
_LONGEST_PREFIX: Final = 4
_NOT_PREFIXES: Final = ("чик", "ов", "ам", "ах", "но")


def unglued(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens with an invoice noun parted from what was written straight behind it."""
    result: list[Token] = []
    for index, token in enumerate(tokens):
        cut = _cut(token.text, token.norm) if token.is_word and len(token.text) > _LONGEST_PREFIX else None
        if cut is None or not _number_follows(tokens, index, token.norm[cut:]):
            result.append(token)
            continue
        middle = token.start + cut
        head, tail = token.text[:cut], token.text[cut:]
        result.append(Token(TokenKind.WORD, head, normal_word(head), token.start, middle, token.glued))
        result.append(Token(TokenKind.WORD, tail, normal_word(tail), middle, token.end, True))
    return tuple(result)


@lru_cache(maxsize=16384)
def _cut(text: str, norm: str) -> int | None:
    """Where the noun ends, when a sign, «от» or a short prefix in capitals stands behind it."""
    if norm in _WHOLE or norm in KIND_OF:
        return None
    for head in _HEADS:
        tail = norm[len(head) :]
        if not norm.startswith(head) or not tail:
            continue
        written = text[len(head) :]
        prefix = len(tail) <= _LONGEST_PREFIX and written.isupper() and not tail.startswith(_NOT_PREFIXES)
        if tail in FROM or tail in NUMBER_SIGNS or prefix:
            return len(head)
    return None


def _number_follows(tokens: Sequence[Token], index: int, tail: str) -> bool:
    if index + 1 >= len(tokens):
        return False
    if tail in FROM:
        return tokens[index + 1].is_digits
    follower = tokens[index + 1]
    if follower.text in {"-", "/"} and follower.glued and index + 2 < len(tokens):
        follower = tokens[index + 2]
    return follower.is_digits and follower.glued
