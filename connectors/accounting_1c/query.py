"""Addresses of the OData interface: literals, conditions, options. Spaces are `%20`: a `+` breaks the expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

#: Signs of expressions that servers take as they are.
_PLAIN: Final = "'(),:$*/"
JSON: Final = "application/json;odata=nometadata"


def guid(reference: str) -> str:
    """A reference in a condition."""
    return f"guid'{reference}'"


def cast(reference: str, object_name: str) -> str:
    """A reference as the value of a composite field: without the cast the server finds nothing and says no word."""
    return f"cast({guid(reference)},'{object_name}')"


def text(value: str) -> str:
    """A text in a condition."""
    return "'" + value.replace("'", "''") + "'"


def moment(value: datetime) -> str:
    """A moment by the server's clock in a condition."""
    return f"datetime'{value:%Y-%m-%dT%H:%M:%S}'"


def record_key(values: Mapping[str, str]) -> str:
    """The key of a record of an independent register, of all its dimensions."""
    return ",".join(f"{name}={value}" for name, value in values.items())


def address(resource: str, options: Mapping[str, str] | None = None, key: str = "") -> str:
    """Path and query beneath the root of the interface."""
    path = f"/{quote(resource, safe=_PLAIN)}" + (f"({quote(key, safe=_PLAIN + '=')})" if key else "")
    query = "&".join(f"{name}={quote(value, safe=_PLAIN)}" for name, value in (options or {}).items())
    return f"{path}?{query}" if query else path


def any_of(conditions: Sequence[str], most_bytes: int) -> Iterator[str]:
    """The conditions joined by `or`, as many together as fit into so many bytes.

    IIS refuses a query string of more than 2048 bytes, and a Cyrillic letter takes six of them.
    """
    batch: list[str] = []
    size = 0
    for condition in conditions:
        length = len(quote(f" or {condition}", safe=_PLAIN))
        if batch and size + length > most_bytes:
            yield " or ".join(batch)
            batch, size = [], 0
        batch.append(condition)
        size += length
    if batch:
        yield " or ".join(batch)


def listed(names: Iterable[str]) -> str:
    """Fields for `$select`, each once."""
    return ",".join(dict.fromkeys(names))
