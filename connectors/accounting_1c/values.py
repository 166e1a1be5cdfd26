"""Values as 1C's OData writes them: empty ones, naive local dates, Int64 as text, doubles of money, stray signs."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from connectors.shared.amounts import money_of
from connectors.shared.jsontypes import Json, JsonObject
from hub.domain.money import Money, MoneyError

#: How an empty reference is written.
NO_REFERENCE: Final = "00000000-0000-0000-0000-000000000000"
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAMESPACE: Final = "StandardODATA."
_NO_TYPES: Final = frozenset({"", "StandardODATA.Undefined"})
_EMPTY_YEAR: Final = 1


def text_of(value: Json) -> str:
    """Text on one line: control signs and non-breaking spaces come with pasted requisites and mean nothing."""
    if not isinstance(value, str):
        return ""
    kept = ("" if unicodedata.category(char) in ("Cc", "Cf") and char not in "\t\n\r" else char for char in value)
    return " ".join("".join(kept).split())


def reference_of(value: Json) -> str | None:
    """The guid of a reference, in small letters; None for an empty one and for anything else."""
    found = value.strip().lower() if isinstance(value, str) else ""
    return found if found != NO_REFERENCE and _GUID.fullmatch(found) else None


def type_of(value: Json) -> str | None:
    """The object that a composite reference leads to (`Catalog_Контрагенты`).

    None for an empty one and for what the publication hides (`UnavailableEntities…`).
    """
    if not isinstance(value, str) or value in _NO_TYPES or not value.startswith(_NAMESPACE):
        return None
    return value.removeprefix(_NAMESPACE)


def wire_type(name: str) -> str:
    """How a composite reference names its object."""
    return f"{_NAMESPACE}{name}"


def moment_of(value: Json) -> datetime | None:
    """A moment by the server's own clock, without a zone as it came; None for the empty date of the year 1."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if found.year <= _EMPTY_YEAR else found.replace(tzinfo=None)


def day_of(value: Json) -> date | None:
    """The day that people see on the document. It never passes through UTC, which would move it."""
    found = moment_of(value)
    return found.date() if found is not None else None


def number_of(value: Json) -> Decimal | None:
    """A number; Int64 comes as text."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def whole_of(value: Json) -> int:
    """A whole number (`LineNumber`, `ReceivedNo`), 0 where there is none."""
    found = number_of(value)
    return int(found) if found is not None else 0


def money(value: Json, currency: str) -> Money:
    """A sum of a document.

    Raises:
        MoneyError: there is none.
    """
    found = number_of(value)
    if found is None:
        raise MoneyError(f"not a sum: {value!r}")
    return money_of(found, currency)


def objects_of(value: Json) -> list[JsonObject]:
    """Rows of a table of a document; anything else holds none."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
