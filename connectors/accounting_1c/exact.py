"""JSON with exact numbers: a table of a document is sent back whole, and its sums must not pass through a float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from connectors.shared.jsontypes import Json


def dump_exact(value: Mapping[str, Json]) -> bytes:
    """Write an object as compact UTF-8 JSON."""
    return _text(dict(value)).encode()


def _text(value: Json) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(name)}:{_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
