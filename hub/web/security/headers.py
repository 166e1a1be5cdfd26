"""Security headers on every answer, a request id, and the last net for errors nobody expected."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger(__name__)

_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the style sheet draws its arrows and ticks as data: pictures
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_HSTS: Final = "max-age=31536000"


class Shield:
    """Outermost ASGI middleware: headers, `request.state.request_id`, and `on_error` for what nobody caught."""

    def __init__(self, app: ASGIApp, secure: bool, on_error: Callable[[Request, str], Response]) -> None:
        self._app = app
        self._headers = _HEADERS | ({"Strict-Transport-Security": _HSTS} if secure else {})
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(6)
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception:
            _log.exception("request.failed", request_id=request_id, method=scope["method"])
            if started:
                raise
            await self._on_error(Request(scope), request_id)(scope, receive, guarded)

    def _dress(self, headers: MutableHeaders, request_id: str) -> None:
        for name, value in self._headers.items():
            headers[name] = value
        headers["X-Request-Id"] = request_id
        headers.setdefault("Cache-Control", "no-store")
