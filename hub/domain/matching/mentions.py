"""Numbers that merely stand in a purpose: no word says what they are («INV/2019/0001 thanks»), yet they may be ours.

They are looked up only where nothing else can be shown. Among invoices that fit by sum and client anyway, one whose
whole number stands in the text is meant; and where a number of the same make stands there, the payer meant another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from hub.domain.matching.numbers import folded
from hub.domain.matching.reading import PurposeReading
from hub.domain.models import ReferenceKind

_TOKEN: Final = re.compile(r"[^\W_]+(?:[-/\\][^\W_]+)*")
_MIXED: Final = re.compile(r"[^\W\d_]\d")
_DATE_OR_SUM: Final = re.compile(r"\d{1,4}[-/]\d{1,2}[-/]\d{2,4}|\d+-\d{2}")
_MOST_TOKENS: Final = 40
_LEAST_DIGITS: Final = 4
_LEAST_PLAIN_DIGITS: Final = 5
#: Plain digits of these lengths are БИК and КПП, tax ids and accounts.
_CODES: Final = frozenset({9, 10, 12, 13, 20})
_DIGITS: Final = re.compile(r"\d+")
_LAST_DIGITS: Final = 2


@lru_cache(maxsize=1024)
def mentions_of(purpose: str, reading: PurposeReading) -> Mapping[str, str]:
    """Folded number → as written, of everything number-like that the reader took for nothing else."""
    taken = _taken(reading)
    tokens = [match[0] for match in _TOKEN.finditer(purpose)][:_MOST_TOKENS]
    pairs = (f"{left} {right}" for left, right in pairwise(tokens) if right.isdigit() and _MIXED.search(left))
    found: dict[str, str] = {}
    for text in (*tokens, *pairs):
        number = folded(text) if _looks_like_a_number(text) else None
        if number is not None and number not in taken:
            found.setdefault(number, text)
    return MappingProxyType(found)


def _looks_like_a_number(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    if digits < _LEAST_DIGITS or _DATE_OR_SUM.fullmatch(text) is not None:
        return False
    return not text.isdigit() or (digits >= _LEAST_PLAIN_DIGITS and digits not in _CODES)


def _taken(reading: PurposeReading) -> frozenset[str | None]:
    """What stands in the text as something else: another document, a sum, a tax id."""
    documents = (item.number for item in reading.documents if item.kind is not ReferenceKind.INVOICE)
    sums = list(reading.amounts)
    if reading.vat is not None and reading.vat.amount is not None:
        sums.append(reading.vat.amount)
    wholes = (str(int(amount)) for amount in sums)
    return frozenset(folded(text) for text in (*documents, *wholes, *reading.tax_ids) if text)


def is_of_the_same_make(own: str, other: str) -> bool:
    """Two folded numbers differ only in their digits, as consecutive numbers of one series do."""
    if own == other or _DIGITS.sub("#", own) != _DIGITS.sub("#", other):
        return False
    if not own.isdigit():
        return True
    return len(own) == len(other) and own[:-_LAST_DIGITS] == other[:-_LAST_DIGITS]
