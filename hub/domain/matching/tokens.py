"""Splits the text of a payment purpose into words, digit runs and signs, keeping where each stood."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

# One character for one character, so that offsets into the source text stay true.
_CHARACTERS: Final = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\ufeff": " ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "º": "o",
        "°": "o",
        "«": '"',
        "»": '"',
        "“": '"',
        "”": '"',
        "„": '"',
        "\u200b": " ",
        "\u00ad": "-",
        "\u2043": "-",
        "\u2044": "/",
        "\u2215": "/",
        "`": "'",
        "’": "'",
        "＃": "#",
    }
)
_LATIN_TWINS: Final = str.maketrans("abcehkmoptxyi3", "авсенкмортхуі3")
# Words typed without switching the keyboard over: «cxtne» is «счету».
_KEYS: Final = str.maketrans("йцукенгшщзфывапролджэячсмить", "qwertyuiopasdfghjkl;'zxcvbnm")
_RETYPED: Final = ("счет", "счета", "счету", "счетом", "счетам", "счетов", "договор", "договора", "договору", "оплата")
_WRONG_LAYOUT: Final = {word.translate(_KEYS): word for word in _RETYPED}
_TOKEN: Final = re.compile(r"[^\W\d_]+|[0-9]+|[^\s]")
_HUMP: Final = re.compile(r"(?<=[а-яё])(?=[А-ЯЁ][а-яё])")


class Token(NamedTuple):
    """A run of letters, a run of ASCII digits or one other character.

    Attributes:
        norm: letters in lower case with ё = е and Latin twins as Cyrillic, for look-up in word lists.
        glued: nothing but this token's start separates it from the token before.
    """

    text: str
    norm: str
    start: int
    end: int
    glued: bool
    is_word: bool = False
    is_digits: bool = False


def word_token(text: str, start: int, glued: bool) -> Token:
    """A token of letters."""
    return Token(text, normal_word(text), start, start + len(text), glued, is_word=True)


def clean(text: str) -> str:
    """The text with typographic spaces, dashes and quotes made plain; length and offsets stay the same."""
    return text.translate(_CHARACTERS)


@lru_cache(maxsize=8192)
def normal_word(word: str) -> str:
    """Spelling for look-up; Latin twins count as Cyrillic only where the whole word can be read so."""
    lowered = word.lower().replace("ё", "е")
    if lowered.isascii():
        if lowered in _WRONG_LAYOUT:
            return _WRONG_LAYOUT[lowered]
        folded = lowered.translate(_LATIN_TWINS)
        return folded if not folded.isascii() and not any(char.isascii() for char in folded) else lowered
    return lowered.translate(_LATIN_TWINS)


def tokenise(text: str) -> tuple[Token, ...]:
    """Tokens of a cleaned text; `услугиСумма` becomes two words because purposes often lose their spaces."""
    tokens: list[Token] = []
    before = -1
    for found in _TOKEN.finditer(text):
        start, written = found.start(), found[0]
        if not written[0].isalpha():
            end = start + len(written)
            tokens.append(Token(written, written, start, end, start == before, False, "0" <= written[0] <= "9"))
            before = end
            continue
        for piece in (written,) if written[1:].islower() or written.isupper() else _HUMP.split(written):
            end = start + len(piece)
            tokens.append(Token(piece, normal_word(piece), start, end, start == before, True, False))
            before = start = end
    return tuple(tokens)
