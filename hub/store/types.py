"""Column types: UTC time that refuses naive values, text and JSON that both databases accept, ids."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None

_REPLACEMENT: Final = "\ufffd"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite drops an offset without converting, so the conversion happens here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive value is an error of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone cannot be stored: {value.isoformat()}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable(text: str) -> str:
    """The text without what a database refuses: NUL (PostgreSQL) and lone surrogates (both)."""
    if "\x00" in text:
        text = text.replace("\x00", _REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_REPLACEMENT if "\ud800" <= char <= "\udfff" else char for char in text)
    return text


class StorableText(TypeDecorator[str]):
    """Text from outside: what the database cannot hold is replaced, so that no foreign byte stops a poll."""

    impl = Text()
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Replace what cannot be stored."""
        return None if value is None else storable(value)


def dump_json(value: object) -> str:
    """JSON text for the database; refuses NaN and types JSON has no word for."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if "\\u0000" not in text and storable(text) is text:
        return text
    return json.dumps(_clean(value), ensure_ascii=False, allow_nan=False)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key) if isinstance(key, str) else key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


#: Key of a table: 64 bits on PostgreSQL, SQLite's own rowid on SQLite.
BigId: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")

#: JSON document; `None` is SQL NULL.
Json: Final[TypeEngine[Any]] = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
