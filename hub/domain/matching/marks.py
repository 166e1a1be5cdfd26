"""Words that tell what kind of money a payment is: advance, refund, loan, salary, acquirer's register …"""

from __future__ import annotations

import re
from typing import Final

from hub.domain.matching.mark_words import ASIDE, RULES
from hub.domain.matching.reading import Mark
from hub.domain.matching.tokens import normal_word

_COMPILED: Final = tuple((mark, re.compile("|".join(patterns))) for mark, _, patterns in RULES)
_STEM: Final = 4


def _rules_by_stem() -> dict[str, tuple[int, ...]]:
    """Which rules a word may wake, by its first letters: most purposes wake none."""
    found: dict[str, list[int]] = {}
    for index, (_, stems, _) in enumerate(RULES):
        for stem in stems.split():
            known = found.setdefault(stem[:_STEM], [])
            if index not in known:
                known.append(index)
    return {stem: tuple(indexes) for stem, indexes in found.items()}


_BY_STEM: Final = _rules_by_stem()
_ASIDE: Final = re.compile(ASIDE)
_LATIN: Final = re.compile(r"[a-z]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_JUNK: Final = re.compile(r"[^\w%№]+")

#: Money that no customer's invoice stands behind.
NOT_CUSTOMER: Final = frozenset(
    {
        Mark.REGISTER,
        Mark.MARKETPLACE,
        Mark.OWN_TRANSFER,
        Mark.TAX,
        Mark.LOAN,
        Mark.SALARY,
        Mark.INTEREST,
        Mark.BANK_FEE,
        Mark.CASH,
        Mark.COURT,
        Mark.GRANT,
        Mark.INSURANCE,
        Mark.SECURITY,
        Mark.CAPITAL,
        Mark.PENALTY,
    }
)


def plain_words(text: str) -> str:
    """A purpose as words in lower case, each in the letters of one alphabet: what looks alike reads alike."""
    plain = _JUNK.sub(" ", text.lower().replace("ё", "е"))
    if _LATIN.search(plain) is not None:
        plain = _WORD.sub(lambda word: normal_word(word[0]), plain)
    return plain


def marks_of(text: str) -> frozenset[Mark]:
    """Marks found in a purpose."""
    plain = plain_words(text)
    woken = {rule for word in plain.split() for rule in _BY_STEM.get(word[:_STEM], ())}
    if not woken:
        return frozenset()
    plain = _ASIDE.sub(" ", plain)
    return frozenset(_COMPILED[rule][0] for rule in woken if _COMPILED[rule][1].search(plain))
