"""What the title of an invoice says, in systems that have no field of their own for it."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_NUMBER_IN_TITLE: Final = re.compile(
    r"(?:сч[её]т\w*|invoice|№|#)\s*(?:на\s+оплату\s*)?(?:№|#|N\b|No\.?)?\s*(?!\d\d\.\d\d\.\d{4})((?=[\w/.-]*\d)\w[\w/.-]*)",
    re.IGNORECASE,
)
_DATE_IN_TITLE: Final = re.compile(r"\bот\s+(\d{1,2})\.(\d{1,2})\.(\d{4})\b", re.IGNORECASE)


def number_in_title(title: str) -> str | None:
    """An invoice's number out of its title, where the system gives none apart."""
    match = _NUMBER_IN_TITLE.search(title)
    if match is not None:
        return match.group(1).rstrip(".-/")
    text = title.strip()
    return text if text and " " not in text and any(char.isdigit() for char in text) else None


def date_in_title(title: str) -> date | None:
    """The day that a title names («… от 15.01.2026»)."""
    match = _DATE_IN_TITLE.search(title)
    if match is None:
        return None
    day, month, year = map(int, match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
