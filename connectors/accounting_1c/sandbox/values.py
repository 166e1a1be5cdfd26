"""Values as the base keeps them, and the few forms that 1C gives them: empties, versions, the order of references."""

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

#: Text, guid and date alike are text: an ISO date without an offset sorts as it reads.
Scalar: TypeAlias = str | bool | int | Decimal

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
ZERO_DATE = "0001-01-01T00:00:00"
UNDEFINED = "StandardODATA.Undefined"

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")


@dataclass(slots=True)
class Row:
    """An object, a record of a register or a row of a tabular part. What `values` leaves out is empty."""

    values: dict[str, Scalar]
    parts: "dict[str, list[Row]]" = field(default_factory=dict)

    def copy(self) -> "Row":
        """Another row with the same values, rows of tabular parts included."""
        return Row(dict(self.values), {name: [row.copy() for row in rows] for name, rows in self.parts.items()})

    def text(self, name: str) -> str:
        """A value as text; empty when it is not there."""
        return str(self.values.get(name, ""))

    def number(self, name: str) -> Decimal:
        """A value as a number; zero when it is not there."""
        value = self.values.get(name, 0)
        return value if isinstance(value, Decimal) else Decimal(value)

    def flag(self, name: str) -> bool:
        """A value as a yes or no."""
        return self.values.get(name) is True


def version_text(number: int) -> str:
    """DataVersion: base64 of eight bytes."""
    return base64.b64encode(number.to_bytes(8, "big")).decode()


def version_number(text: str) -> int:
    """The number inside a DataVersion; zero when there is none."""
    return int.from_bytes(base64.b64decode(text), "big") if text else 0


def guid_order(guid: str) -> str:
    """What references are sorted by: 1C stores the groups of a guid the other way round, so text order is not kept."""
    return f"{guid[19:23]}{guid[24:]}{guid[14:18]}{guid[9:13]}{guid[:8]}"


def as_guid(text: str) -> str | None:
    """A guid in lower case, or None when the text is none."""
    return text.lower() if _GUID.fullmatch(text) else None


def as_date(text: str) -> str | None:
    """A date as the base keeps it, with seconds and without an offset, or None when the text is none."""
    if not _DATE.fullmatch(text):
        return None
    try:
        # 1C's own dates know no offset.
        return datetime.fromisoformat(text).isoformat(timespec="seconds")
    except ValueError:
        return None
