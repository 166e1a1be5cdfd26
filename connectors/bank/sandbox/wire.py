"""JSON with exact amounts: a Decimal becomes a number with the digits it has, never a float."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from connectors.sandbox_kit.jsontypes import Json

Wire: TypeAlias = "Decimal | bool | int | float | str | Sequence[Wire] | Mapping[str, Wire] | None"

_CENT = Decimal("0.01")


def dump(value: Wire) -> str:
    """The value as JSON text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{dump(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def iso_day(text: str) -> date:
    """A date as YYYY-MM-DD; ISO's other spellings are refused. Raises ValueError."""
    if len(text) != len("2026-02-15"):
        raise ValueError(text)
    return date.fromisoformat(text)


def kopecks(amount: Decimal) -> Decimal:
    """The amount with two digits after the point."""
    return amount.quantize(_CENT)


def short_text(amount: Decimal) -> str:
    """The amount as ``40.0`` or ``0.33``: no needless zeros, but at least one digit after the point."""
    whole, _, part = f"{kopecks(amount):f}".partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"


def filled(fields: Mapping[str, Wire]) -> dict[str, Wire]:
    """The fields without the empty ones: banks leave out what they do not know."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def plain(value: object) -> Json:
    """A value of a model for the write log: amounts, dates and moments as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
