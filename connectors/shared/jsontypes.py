"""JSON as typed values: numbers with a point are Decimal, never float."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

Json: TypeAlias = "bool | int | Decimal | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]
#: What we send: no fractions, so that no amount is ever written as a float.
Param: TypeAlias = "bool | int | str | Sequence[Param] | Mapping[str, Param] | None"
Params: TypeAlias = Mapping[str, Param]


def _refuse(token: str) -> Json:
    raise ValueError(f"{token} is not JSON")


def parse_json(body: bytes) -> Json:
    """Read a JSON document.

    Raises:
        ValueError: not JSON, cut off, NaN or Infinity inside, or nested too deeply.
    """
    try:
        value: Json = json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def dump_json(value: Param) -> bytes:
    """Write parameters as compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
