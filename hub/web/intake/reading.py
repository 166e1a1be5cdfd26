"""Reads one request of the hooks' door within its bounds; a body is never decompressed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

_MOST_QUERY_FIELDS: Final = 100
_LONGEST_NUMBER: Final = 12


class Refused(Exception):
    """The request gets this status and nothing of it is stored."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def query_of(scope: Scope) -> dict[str, str]:
    """Fields of the query, the last of equal names.

    Raises:
        Refused: 400, too many fields.
    """
    raw: bytes = scope["query_string"]
    if not raw:
        return {}
    try:
        return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_QUERY_FIELDS))
    except ValueError:
        raise Refused(400) from None


async def read_body(headers: Mapping[str, str], receive: Receive, most_bytes: int, within_s: float) -> bytes:
    """The whole body.

    Raises:
        Refused: 413 larger than the cap (at once when Content-Length says so), 415 compressed, 408 too slow, 400 the
            sender went away in the middle.
    """
    check_claims(headers, most_bytes)
    # The first piece mostly is the whole and is there already; when it does not come the connection's guard hangs up.
    message = await receive()
    if message["type"] != "http.request":
        raise Refused(400)
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        try:
            async with asyncio.timeout(within_s):
                body = await _rest(body, receive, most_bytes)
        except TimeoutError:
            raise Refused(408) from None
    if len(body) > most_bytes:
        raise Refused(413)
    return body


def check_claims(headers: Mapping[str, str], most_bytes: int) -> None:
    """See what the headers say of the body.

    Raises:
        Refused: 413, 415 as `read_body`.
    """
    # No sender we know compresses; inflating would only open the door to bombs.
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415)
    claimed = headers.get("content-length", "0")
    if not claimed.isdigit() or len(claimed) > _LONGEST_NUMBER or int(claimed) > most_bytes:
        raise Refused(413)


async def _rest(first: bytes, receive: Receive, most_bytes: int) -> bytes:
    body = bytearray(first)
    more = True
    while more and len(body) <= most_bytes:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400)
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)
