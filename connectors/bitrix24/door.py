"""The portal's hook door: decides as `webhook.verify` does, for a small part of its time when hooks look as usual."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from pydantic import SecretStr

from connectors.bitrix24 import webhook
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind

_AUTH: Final = b"&auth%5B"
#: What stands before the group `auth` in every hook of a portal: few plain fields, none of them anywhere near `auth`.
_USUAL_START: Final = re.compile(
    rb"event=\w{1,64}(?:&event_handler_id=\d{1,20})?(?:&data%5BFIELDS%5D%5B[A-Z_]{1,40}%5D=\w{0,40}){0,8}&ts=\d{1,20}"
)
_USUAL_END: Final = re.compile(rb"(?:&auth%5B[a-z_]{1,40}%5D=[\w.%-]{0,500}){1,20}")


class Door:
    """Admits hooks of one portal (`hub.ports.hooks.HookDoor`).

    All hooks of a portal end alike: the group `auth` holds its address and the token. The end of the last hook that was
    read in full and believed is remembered; a hook with the very same end and a usual start would be believed as well,
    because nothing in such a start can change what `auth` holds.
    """

    def __init__(self, token: SecretStr) -> None:
        self._token = token
        self._secret = token.get_secret_value().encode()
        self._end = b""

    def admit(self, request: HookRequest) -> Admission | None:
        """What the inbox keeps of an authentic hook: exactly of those that `webhook.verify` believes."""
        kind = request.headers.get("content-type", "")
        start, end = _split(request.body)
        known = hmac.compare_digest(end, self._end) and bool(end)
        if known and kind == webhook.FORM and request.method == "POST" and self._is_usual(start):
            return _admission(kind, request.body, start)
        if webhook.verify(request, self._token) is None:
            return None
        if self._is_usual(start) and _USUAL_END.fullmatch(end):
            self._end = end
        kept = webhook.without_proof(request.body, self._secret)
        return _admission(webhook.content_type(request), request.body, kept)

    def _is_usual(self, start: bytes) -> bool:
        return _USUAL_START.fullmatch(start) is not None and self._secret not in start


def _split(body: bytes) -> tuple[bytes, bytes]:
    at = body.find(_AUTH)
    return (body, b"") if at < 0 else (body[:at], body[at:])


def _admission(kind: str, body: bytes, kept: bytes) -> Admission:
    return Admission(InboxKind.HOOK, kind, hashlib.sha256(body).hexdigest(), kept)
