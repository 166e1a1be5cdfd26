"""1C's replies: documents, three families of errors, and a page of somebody's login under status 200."""

from __future__ import annotations

from xml.parsers import expat

from connectors.accounting_1c.outcomes import EXCEPTION, PAGE
from connectors.accounting_1c.values import text_of
from connectors.shared.http import HttpReply
from connectors.shared.jsontypes import JsonObject, parse_json
from connectors.shared.outcomes import Answer
from connectors.shared.safe_xml import NotXml, safe_parser

_BOM = b"\xef\xbb\xbf"
_SAID_MOST = 500


class BadReply(Exception):
    """The reply is no success; `said` is what 1C told, in its own words."""

    def __init__(self, answer: Answer, said: str) -> None:
        super().__init__(f"{answer.status} {answer.code or ''} {said}".strip())
        self.answer = answer
        self.said = said


def read_reply(reply: HttpReply) -> JsonObject:
    """What a successful reply holds; {} for an empty one (a posting answers with nothing).

    Raises:
        BadReply: not a success, or a success that is no document.
    """
    body = reply.body.removeprefix(_BOM)
    if not 200 <= reply.status < 300:
        raise _problem(reply.status, body)
    if not body.strip():
        return {}
    try:
        document = parse_json(body)
    except ValueError:
        raise BadReply(Answer(reply.status, PAGE), "not JSON") from None
    if not isinstance(document, dict):
        raise BadReply(Answer(reply.status, PAGE), "not an object")
    # An error under 200 is an error.
    code, said = _error(document)
    if code is not None:
        raise BadReply(Answer(reply.status, code), said)
    return document


def rows_of(document: JsonObject) -> list[JsonObject]:
    """Rows of a set.

    Raises:
        BadReply: the document is no set: without its rows nobody can tell how many there were.
    """
    found = document.get("value")
    if not isinstance(found, list):
        raise BadReply(Answer(200, PAGE), "a set without rows")
    return [row for row in found if isinstance(row, dict)]


def _problem(status: int, body: bytes) -> BadReply:
    try:
        document = parse_json(body)
    except ValueError:
        code, said = read_error(body)
        return BadReply(Answer(status, code or PAGE), said or "a page in place of an answer")
    code, said = _error(document if isinstance(document, dict) else {})
    return BadReply(Answer(status, code or PAGE), said)


def _error(document: JsonObject) -> tuple[str | None, str]:
    """Code and text of an error, if the document is one."""
    error = document.get("odata.error")
    if isinstance(error, dict):
        code, message = error.get("code"), error.get("message")
        said = message.get("value") if isinstance(message, dict) else message
        return str(code if code is not None else EXCEPTION), text_of(said)[:_SAID_MOST]
    exception = document.get("exception")
    if isinstance(exception, dict):
        return EXCEPTION, _described(exception)
    return None, ""


def read_error(body: bytes) -> tuple[str | None, str]:
    """Code and text of an error that came in Atom, if the document is one."""
    found: dict[str, list[str]] = {}
    path: list[str] = []
    parser = safe_parser()

    def text(data: str) -> None:
        if len(path) == 2 and path[0] == "error":
            found.setdefault(path[1], []).append(data)

    parser.StartElementHandler = lambda tag, _: path.append(tag.rpartition(":")[2])
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(body, True)
    except (NotXml, expat.ExpatError):
        return None, ""
    code = "".join(found.get("code", ())).strip()
    return code or None, text_of("".join(found.get("message", ())))[:_SAID_MOST]


def _described(exception: JsonObject) -> str:
    """The innermost description: outer ones say only where it happened."""
    said, inner = text_of(exception.get("descr")), exception.get("inner")
    deeper = _described(inner) if isinstance(inner, dict) else ""
    return (deeper or said)[:_SAID_MOST]
