"""JSON as the stand-ins see it, with the few safe readers they share."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def as_map(value: Json) -> Mapping[str, Json]:
    """The mapping itself, or an empty one when the value is anything else."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: Json) -> list[Json]:
    """A list from a JSON array, from a mapping's values, or from one lone scalar; None gives an empty list."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [value]
    return list(value)


def as_text(value: Json) -> str:
    """A scalar as text: None is empty, True is ``1``; containers are empty."""
    if value is None or isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value)


def as_int(value: Json, default: int | None = None) -> int | None:
    """An integer from a number or its text, else the default."""
    text = as_text(value).strip()
    try:
        return int(text)
    except ValueError:
        return default
