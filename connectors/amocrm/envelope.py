"""amoCRM's replies: HAL documents, empty ones for "nothing", problem documents, pages of its front."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connectors.amocrm.outcomes import HTML, REVOKED, plain
from connectors.shared.http import HttpReply
from connectors.shared.jsontypes import Json, JsonObject, parse_json
from connectors.shared.outcomes import Answer

#: Every document of the interface is a list or a record with its links (HAL), or a record by its number.
_MARKS: Final = frozenset({"_links", "_embedded", "id"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One complaint about a field of what we sent."""

    code: str
    path: str
    detail: str


class BadReply(Exception):
    """The reply is no success.

    Attributes:
        retry_after_s: what the body asks us to wait.
        faults: complaints about fields.
    """

    def __init__(
        self, answer: Answer, description: str, retry_after_s: float | None = None, faults: tuple[Fault, ...] = ()
    ) -> None:
        super().__init__(f"{answer.status} {answer.code or ''} {description}".strip())
        self.answer = answer
        self.description = description
        self.retry_after_s = retry_after_s
        self.faults = faults


def read_reply(reply: HttpReply) -> Json:
    """What a successful reply holds; None for an empty one (204: there is nothing to show).

    Raises:
        BadReply: not a success, or a success that cannot be read.
    """
    if 200 <= reply.status < 300:
        # 202 is an acceptance: its body may be anything.
        if reply.status == 204 or not reply.body.strip():
            return None
        try:
            return parse_json(reply.body)
        except ValueError:
            if reply.status == 202:
                return None
            raise BadReply(Answer(reply.status, HTML), f"not JSON: {_sample(reply.body)}") from None
    raise _problem(reply)


def read_answer(reply: HttpReply) -> Json:
    """What a call of the interface was answered with; None for an empty answer.

    Raises:
        BadReply: not a success, or a success with something else in it: an error under 200 is no empty list, and no
            record that is gone.
    """
    document = read_reply(reply)
    if document is None or reply.status == 202 or (isinstance(document, dict) and not _MARKS.isdisjoint(document)):
        return document
    raise BadReply(Answer(reply.status), f"no answer of the interface: {_sample(reply.body)}")


def _problem(reply: HttpReply) -> BadReply:
    try:
        document = parse_json(reply.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return BadReply(Answer(reply.status, HTML), f"a page: {_sample(reply.body)}")
    faults = tuple(_faults(document))
    hint = str(document.get("hint") or "")
    detail = "; ".join(dict.fromkeys(f"{fault.path}: {fault.detail}" for fault in faults))
    description = detail or hint or str(document.get("detail") or document.get("title") or "")
    if reply.status == 401 and "revoked" in hint.casefold():
        code = REVOKED
    else:
        code = faults[0].code if faults else str(document.get("title") or "")
    return BadReply(Answer(reply.status, code), description, _seconds(document.get("retry_after")), faults)


def _faults(document: JsonObject) -> Iterator[Fault]:
    for item in objects(document.get("validation-errors")):
        for error in objects(item.get("errors")):
            yield Fault(str(error.get("code", "")), str(error.get("path", "")), str(error.get("detail", "")))


def _seconds(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        return None
    return min(float(value), 86_400.0)


def objects(value: Json) -> Iterator[JsonObject]:
    """Objects of a list; anything else holds none."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def object_at(value: Json, *path: str) -> JsonObject:
    """The object under a path, {} where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def embedded(document: Json, key: str) -> list[JsonObject]:
    """Rows of a list reply."""
    return list(objects(object_at(document, "_embedded").get(key)))


def has_next(document: Json) -> bool:
    """The list goes on; the next page may turn out empty."""
    return bool(object_at(document, "_links", "next").get("href"))


def _sample(body: bytes) -> str:
    return plain(body[:200].decode("utf-8", "replace"), 80)
