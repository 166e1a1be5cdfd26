"""JSON of a stranger: bounded in size and depth, no duplicate names, no floats, no text that a database refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from connectors.shared.jsontypes import Json, JsonObject
from hub.ports.claims import MalformedReport

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 12
_MAX_DIGITS: Final = 40


def parse_object(body: bytes) -> JsonObject:
    """The JSON object of a body.

    Raises:
        MalformedReport: too large, not UTF-8 (a byte order mark included), not JSON, NaN or Infinity, a name given
            twice, nested too deeply, NUL or half a character in a text, or not an object.
    """
    if len(body) > MAX_BYTES:
        raise MalformedReport(f"тело больше {MAX_BYTES // 1024} КиБ")
    value = _parse(_text(body))
    if not isinstance(value, dict):
        raise MalformedReport("тело — не объект JSON")
    _check(value)
    return value


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedReport("тело не в кодировке UTF-8") from None
    if text.startswith("\ufeff"):
        raise MalformedReport("тело начинается с метки порядка байтов (BOM): нужен UTF-8 без неё")
    return text


def _parse(text: str) -> Json:
    try:
        value: Json = json.loads(
            text, parse_float=_decimal, parse_int=_whole, parse_constant=_refuse, object_pairs_hook=_object
        )
    except RecursionError:
        raise MalformedReport("тело вложено слишком глубоко") from None
    except json.JSONDecodeError as error:
        raise MalformedReport(f"тело — не JSON: строка {error.lineno}, место {error.colno}") from None
    return value


def _decimal(token: str) -> Decimal:
    if len(token) > _MAX_DIGITS:
        raise MalformedReport("число длиннее, чем бывает")
    try:
        return Decimal(token)
    except InvalidOperation:
        raise MalformedReport("число больше, чем бывает") from None


def _whole(token: str) -> int:
    if len(token) > _MAX_DIGITS:
        raise MalformedReport("число длиннее, чем бывает")
    return int(token)


def _refuse(token: str) -> Json:
    raise MalformedReport(f"{token} — не JSON")


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedReport("имя поля повторяется")
    return found


def _check(value: Json) -> None:
    """Depth and texts, without recursion."""
    waiting: list[tuple[Json, int]] = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise MalformedReport(f"тело вложено глубже {MAX_DEPTH} уровней")
        if isinstance(item, str):
            _check_text(item)
        waiting.extend((inner, depth + 1) for inner in _inside(item))


def _inside(item: Json) -> Iterator[Json]:
    if isinstance(item, dict):
        yield from item
        yield from item.values()
    elif isinstance(item, list):
        yield from item


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise MalformedReport("в тексте есть знак с кодом 0")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise MalformedReport("в тексте есть половина знака (одиночный суррогат)")
