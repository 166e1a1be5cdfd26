"""Slips of the keyboard: the document noun behind one letter swapped, missing, doubled or hit wrong."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from hub.domain.matching.words import (
    CONTRACT,
    FACTURE,
    INVOICE_PLURAL,
    INVOICE_SINGLE,
    KIND_OF,
    MONTHS,
    ORDER,
    word_set,
)

_TYPO_TARGETS: Final = INVOICE_SINGLE | INVOICE_PLURAL | CONTRACT | ORDER | FACTURE | frozenset(MONTHS)
# Real words one slip away from a document noun.
_NOT_TYPOS: Final = word_set(
    "зачет зачета зачету учет учета учету отчет почет конт счеты фактор марка контакт контакты контакта контакту "
    "контактам контактов смета смету сметам сметов смет свет света свету светом светов светам слету слета скету "
    "скета счетч счетн счеты совету сонету сюжету расчет"
)


def _slips(word: str) -> set[str]:
    swaps = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    drops = {word[:i] + word[i + 1 :] for i in range(1, len(word))}
    return (swaps | drops) - {word}


# A slip that could come from two nouns is dropped, so that it never reads as the wrong one.
_TYPOS: Final[dict[str, str]] = {
    slip: word
    for word in sorted(_TYPO_TARGETS)
    if len(word) >= 5
    for slip in sorted(_slips(word))
    if len(slip) >= 4 and slip not in _TYPO_TARGETS and slip not in _NOT_TYPOS and slip not in KIND_OF
}


# One letter of «счету» hit wrong; no Russian word looks like this.
_WRONG_VOWEL: Final = re.compile("сч[а-я]т(у|а|ом|ам|ов)|сче[а-я](у|ом|ам)|с[а-я]ет(у|ам|ом)|[а-я]чет(ам|ов)")
_NOT_INVOICE: Final = word_set(
    "учетом учетам учетов сметам сметом свету светом светам слету слетам слетом скету скетам скетом сюжету сонету "
    "совету секту секту счеку сеету суету расчетам расчетов зачетам почетом чечетам учетам отчетам отчетов"
)


# One letter too many: «счетув», «сячету».
_STRUCK: Final = frozenset({"счету", "счета", "счетам", "счетов"})
_LONGEST: Final = max(map(len, _TYPO_TARGETS)) + 1


def mended(word: str) -> str:
    """The document noun behind one swapped, missing or doubled letter; the word itself otherwise."""
    # No noun is that long: an endless word costs neither time nor a place in the cache.
    return word if len(word) > _LONGEST else _mended(word)


@lru_cache(maxsize=8192)
def _mended(word: str) -> str:
    if word in _TYPOS:
        return _TYPOS[word]
    if 6 <= len(word) <= 7 and word not in _TYPO_TARGETS and word not in _NOT_INVOICE | _NOT_TYPOS:
        struck = next((word[:i] + word[i + 1 :] for i in range(len(word)) if word[:i] + word[i + 1 :] in _STRUCK), None)
        if struck is not None:
            return struck
    wrong = _WRONG_VOWEL.fullmatch(word)
    if wrong is not None and word not in _NOT_INVOICE | _NOT_TYPOS | _TYPO_TARGETS:
        return f"счет{next(ending for ending in wrong.groups() if ending)}"
    if len(word) < 6 or word in _TYPO_TARGETS:
        return word
    for index in range(1, len(word)):
        if word[index] == word[index - 1]:
            shorter = word[:index] + word[index + 1 :]
            if shorter in _TYPO_TARGETS:
                return shorter
    return word
