"""What a person may type to find a payment or an invoice, kept folded beside the row."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import ColumnElement, or_

from hub.domain.money import Money

_AMOUNT: Final = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d{1,3})?|\d+(?:[.,]\d{1,3})?")
_SPACES: Final = re.compile(r"\s+")


def fold(text: str) -> str:
    """Lower case, `ё` as `е`, one space between words: SQLite's LIKE knows no Cyrillic case."""
    return _SPACES.sub(" ", text.casefold().replace("ё", "е")).strip()


def searchable(*parts: str | None) -> str:
    """Folded text of everything a row can be found by."""
    return fold(" ".join(part for part in parts if part))


def typed(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """The column of folded text contains what a person typed; a sum is found with or without its thousands' spaces."""
    plain = text.strip().rstrip(" ₽")
    spellings = {fold(text), _SPACES.sub("", plain)} if _AMOUNT.fullmatch(plain) else {fold(text)}
    return or_(*(column.like(holding(spelling), escape="\\") for spelling in sorted(spellings)))


def holding(folded: str) -> str:
    """For LIKE with a backslash to escape: texts that hold this one."""
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def amount_text(money: Money) -> str:
    """The sum as it is typed: `12500.50` and `12500,50`."""
    plain = str(money.amount)
    return f"{plain} {plain.replace('.', ',')}"
