"""The door as a bare ASGI callable: no routing, no middleware, nothing parsed before the secret fits."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.ports.crm import HookRequest
from hub.ports.hooks import Arrival, HookWriter
from hub.services.receive_event import Refusal, admit_event
from hub.services.runtime import Runtime
from hub.web.intake.counters import UNKNOWN, IntakeCounters
from hub.web.intake.deposit import Deposit
from hub.web.intake.limits import IntakeLimits
from hub.web.intake.reading import Refused, check_claims, query_of, read_body
from hub.web.intake.refusals import Refusals
from hub.web.security.express import Reply, Taker, headers_by_name

_log = structlog.get_logger(__name__)
PREFIX: Final = "/hooks/"
_PREFIX: Final = PREFIX.encode()
_STORED: Final = 204
_NOT_STORED: Final = 503
_BASE_HEADERS: Final = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
_REFUSALS: Final[Mapping[Refusal, int]] = {Refusal.NOT_AUTHENTIC: 401, Refusal.UNKNOWN_CONNECTION: 404}
#: Statuses that say nothing about who is asking: they do not count against a peer.
_OUR_OWN: Final = frozenset({_STORED, _NOT_STORED})


class Front:
    """Sends `/hooks/…` to the door and everything else to the desk.

    Attributes:
        shortcut: the door, for connections that can ask it by a call (`hub.web.security.express`).
    """

    def __init__(self, desk: ASGIApp, intake: Intake) -> None:
        self.shortcut = intake
        self._desk = desk

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request."""
        is_hook = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        return (self.shortcut if is_hook else self._desk)(scope, receive, send)


class Intake:
    """Answers hooks.

    204 durable, 400 cut off, 401 not authentic, 404 no such address, 405 not a POST, 408 too slow, 413 too large, 415
    compressed, 429 too many wrong secrets, 503 not stored. Never 2xx without a durable row.

    Args:
        hook_secrets: connection id to the secret part of its address; absent or empty closes the address.
        answers: connection id to the status that its sender takes for «received», where it is not 204.
    """

    def __init__(
        self,
        rt: Runtime,
        hook_secrets: Mapping[str, str],
        writer: HookWriter,
        counters: IntakeCounters,
        limits: IntakeLimits,
        answers: Mapping[str, int] | None = None,
    ) -> None:
        self._rt = rt
        self._answers = dict(answers or {})
        self._secrets = {name: _digest(secret) for name, secret in hook_secrets.items() if secret}
        self._nobody = secrets.token_bytes(32)
        self._deposit = Deposit(writer, limits)
        self._counters = counters
        self._refusals = Refusals(limits.refusals, limits.refusals_s)
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        connection, secret = _address(scope["path"])
        known = connection if connection in self._secrets else UNKNOWN
        try:
            await self._take(connection, secret, scope, receive)
            status = self._stored(connection)
        except Refused as refused:
            status = refused.status
        except Exception:
            # Whatever went wrong, nothing durable may be claimed: the sender has to come again.
            _log.exception("hook.failed", connection=known)
            status = _NOT_STORED
        self._counters.count(known, status)
        if status not in _OUR_OWN and status != self._stored(connection):
            self._refusals.add(_peer(scope), time.monotonic())
        reply = self._reply(status)
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body})

    @property
    def prefix(self) -> bytes:
        """How the addresses of hooks begin."""
        return _PREFIX

    def enter(self, path: str, headers: Mapping[str, str]) -> Taker | None:
        """As `hub.web.security.express.Shortcut`: the way in for whole requests, where the address and the head fit."""
        connection, secret = _address(path)
        if not self._fits(connection, secret):
            return None
        try:
            check_claims(headers, self._limits.body_bytes)
        except Refused:
            return None
        return partial(self._take_whole, connection, headers)

    def _stored(self, connection: str) -> int:
        return self._answers.get(connection, _STORED)

    def _take_whole(
        self, connection: str, headers: Mapping[str, str], body: bytes, answer: Callable[[Reply], None]
    ) -> bool:
        try:
            arrival = self._admitted(connection, {}, headers, body)
        except Exception:
            # Asked again the long way, it fails in the same manner, and there that is counted, logged and answered.
            return False

        def told(durable: bool) -> None:
            status = self._stored(connection) if durable else _NOT_STORED
            self._counters.count(connection, status)
            answer(self._reply(status))

        self._deposit.put(arrival, told)
        return True

    async def _take(self, connection: str, secret: str, scope: Scope, receive: Receive) -> None:
        if scope["method"] != "POST":
            raise Refused(405)
        if not self._fits(connection, secret):
            raise Refused(429 if self._refusals.too_many(_peer(scope), time.monotonic()) else 404)
        headers = headers_by_name(scope["headers"])
        body = await read_body(headers, receive, self._limits.body_bytes, self._limits.body_s)
        arrival = self._admitted(connection, query_of(scope), headers, body)
        if not await self._deposit.stored(arrival):
            raise Refused(_NOT_STORED)

    def _admitted(self, connection: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Arrival:
        arrival = admit_event(self._rt, connection, HookRequest("POST", query, headers, body))
        if not isinstance(arrival, Arrival):
            raise Refused(_REFUSALS[arrival])
        return arrival

    def _fits(self, connection: str, secret: str) -> bool:
        """Digests of one length are compared: the time says neither how much fits nor whether the name exists."""
        known = self._secrets.get(connection, self._nobody)
        return hmac.compare_digest(known, _digest(secret))

    def _reply(self, status: int) -> Reply:
        if status == _STORED:
            return Reply(status)
        body = b"%d\n" % status
        headers = [*_BASE_HEADERS, (b"content-length", b"%d" % len(body))]
        if status in (_NOT_STORED, 429):
            headers.append((b"retry-after", b"%d" % self._limits.retry_after_s))
        if status == 405:
            headers.append((b"allow", b"POST"))
        return Reply(status, headers, body)


def _address(path: str) -> tuple[str, str]:
    """Connection and secret of `/hooks/<connection>/<secret>`; of any other shape an address that nobody has."""
    parts = path.split("/")
    return (parts[2], parts[3]) if len(parts) == 4 else ("", "")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
