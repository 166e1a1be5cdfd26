"""The portal's reply envelope: result or error, and the timing block that carries the `operating` budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from connectors.bitrix24.outcomes import plain
from connectors.shared.http import HttpReply
from connectors.shared.jsontypes import Json, JsonObject, parse_json
from connectors.shared.outcomes import Answer


@dataclass(frozen=True, slots=True)
class Timing:
    """When the portal ran the call, by its own clock, and how much of the method's budget is in use."""

    started: datetime | None = None
    operating_s: float | None = None
    reset_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A successful reply."""

    result: Json
    timing: Timing = Timing()


class BadReply(Exception):
    """The reply is no success: an error body, or no REST reply at all."""

    def __init__(self, answer: Answer, description: str) -> None:
        super().__init__(f"{answer.status} {answer.code or ''} {description}".strip())
        self.answer = answer
        self.description = description

    @property
    def is_redirect(self) -> bool:
        """Another place answered instead of the REST service."""
        return self.answer.status is not None and 300 <= self.answer.status < 400


def read_envelope(reply: HttpReply) -> Envelope:
    """Take a reply apart.

    Raises:
        BadReply: an `error` key under whatever status, not JSON, or neither result nor error.
    """
    try:
        document = parse_json(reply.body)
    except ValueError:
        raise BadReply(Answer(reply.status), f"not a REST reply: {_sample(reply.body)}") from None
    if not isinstance(document, dict):
        raise BadReply(Answer(reply.status), "not a REST envelope")
    if "error" in document:
        code, description = error_in(document)
        raise BadReply(Answer(reply.status, code), description)
    if reply.status != 200 or "result" not in document:
        raise BadReply(Answer(reply.status), "neither result nor error")
    return Envelope(document["result"], timing_in(document.get("time")))


def error_in(document: JsonObject) -> tuple[str, str]:
    """Code and text of an error body; the code may be a string, a number or empty."""
    error = document.get("error")
    if isinstance(error, dict):
        return str(error.get("code", "")), str(error.get("message", ""))
    return "" if error is None else str(error), str(document.get("error_description") or "")


def timing_in(value: Json) -> Timing:
    """The timing block; every part of it may be absent."""
    if not isinstance(value, dict):
        return Timing()
    operating = value.get("operating")
    return Timing(
        started=_moment(value.get("start")),
        operating_s=float(operating) if isinstance(operating, int | Decimal) else None,
        reset_at=_moment(value.get("operating_reset_at")),
    )


def as_map(value: Json) -> Mapping[str, Json]:
    """A PHP map: an object, `[]` when empty, or an array when its keys happened to be 0..n-1."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def rows_in(result: Json, key: str | None) -> Iterator[JsonObject]:
    """Rows of a list reply, under `key` or bare, as array or map."""
    if key is not None and isinstance(result, dict) and key in result:
        result = result[key]
    for row in as_map(result).values():
        if isinstance(row, dict):
            yield row


def object_in(result: Json, key: str) -> JsonObject:
    """One record of a reply, {} when it is not there."""
    value = result.get(key) if isinstance(result, dict) else None
    return value if isinstance(value, dict) else {}


def _moment(value: Json) -> datetime | None:
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or value <= 0:
        return None
    return datetime.fromtimestamp(float(value), UTC)


def _sample(body: bytes) -> str:
    return plain(body[:200].decode("utf-8", "replace"), 80)
