"""Addresses under the root of the interface: which set, which key, what follows it."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from connectors.accounting_1c.sandbox.errors import bad_url, bad_value, missing_key
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.store import Key
from connectors.accounting_1c.sandbox.values import as_date, as_guid

_SEGMENT = re.compile(r"([^()]*)(?:\((.*)\))?", re.DOTALL)
_NAMED = re.compile(r"(?:^|,)\s*(\w+)=")
_TYPED = re.compile(r"(guid|datetime)'([^']*)'")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of an address between slashes; `inside` is the text of its parentheses, None when it has none."""

    name: str
    inside: str | None = None


def segments(path: str) -> tuple[Segment, ...]:
    """The parts of a decoded path. A slash inside parentheses is none. Raises ODataError 6."""
    return tuple(_segment(part, path) for part in _parts(path.strip("/"))) if path.strip("/") else ()


def decoded(raw: bytes) -> str:
    """A path as it was meant: percent signs and plain UTF-8 alike."""
    return unquote(raw.decode("utf-8", "replace"))


def read_key(table: Table, inside: str) -> Key:
    """The key that parentheses hold, in the order of the set. Raises ODataError 4 or 7."""
    named = arguments(inside)
    if not named and len(table.key) == 1:
        named = {table.key[0]: inside.strip()}
    for name in table.key:
        if name not in named:
            raise missing_key(name)
    return tuple(_canonical(table, name, named[name]) for name in table.key)


def arguments(inside: str) -> dict[str, str]:
    """`Name=literal` pairs, the literals as they are written."""
    found: dict[str, str] = {}
    starts = [match for match in _NAMED.finditer(inside) if _outside(inside, match.start())]
    for place, match in enumerate(starts):
        end = starts[place + 1].start() if place + 1 < len(starts) else len(inside)
        found[match.group(1)] = inside[match.end() : end].strip()
    return found


def text_of(literal: str) -> str:
    """The text inside quotes; inner quotes may be doubled, or left alone as the manual's own examples leave them."""
    inner = literal[1:-1] if len(literal) > 1 and literal[0] == literal[-1] == "'" else literal
    return inner.replace("''", "'")


def date_of(literal: str) -> str | None:
    """The date of `datetime'…'`, or None."""
    match = _TYPED.fullmatch(literal)
    return as_date(match.group(2)) if match and match.group(1) == "datetime" else None


def _outside(text: str, at: int) -> bool:
    """True when the place is not inside quotes. A condition may hold quotes that are not doubled: they pair up."""
    return text.count("'", 0, at) % 2 == 0


def _canonical(table: Table, name: str, literal: str) -> str:
    known = table.properties[name]
    match = _TYPED.fullmatch(literal)
    value: str | None = None
    if known.edm == "Edm.Guid":
        value = as_guid(match.group(2)) if match and match.group(1) == "guid" else None
    elif known.edm == "Edm.DateTime":
        value = date_of(literal)
    elif known.edm == "Edm.Int64":
        value = literal.strip("'") if literal.strip("'").isdigit() else None
    elif literal[:1] == "'" == literal[-1:]:
        value = text_of(literal)
    if value is None:
        raise bad_value(name)
    return value


def _parts(path: str) -> list[str]:
    found, depth, start = [], 0, 0
    for at, sign in enumerate(path):
        depth += (sign == "(") - (sign == ")")
        if sign == "/" and depth <= 0:
            found.append(path[start:at])
            start = at + 1
    return [*found, path[start:]]


def _segment(part: str, path: str) -> Segment:
    match = _SEGMENT.fullmatch(part)
    if match is None or not match.group(1):
        raise bad_url(path)
    return Segment(match.group(1), match.group(2))
