"""Caps request bodies by path while they stream in, whatever Content-Length claims."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyTooLarge(HTTPException):
    """The body passed its cap (413)."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"body is larger than {limit} bytes")
        self.limit = limit


class BodyLimit:
    """ASGI middleware; `limits` maps path prefixes to bytes, the first that fits counts, else `default`."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, int], default: int) -> None:
        self._app = app
        self._limits = limits
        self._default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting `receive`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((size for prefix, size in self._limits.items() if scope["path"].startswith(prefix)), self._default)
        await self._app(scope, _counted(scope, receive, limit), send)


def _counted(scope: Scope, receive: Receive, limit: int) -> Receive:
    seen = 0
    claimed = dict(scope["headers"]).get(b"content-length", b"0")

    async def counting() -> Message:
        nonlocal seen
        if claimed.isdigit() and int(claimed) > limit:
            raise BodyTooLarge(limit)
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLarge(limit)
        return message

    return counting
