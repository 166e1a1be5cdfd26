"""The hooks' door: `POST /hooks/{connection}/{secret}`. Stores the raw body durably, then answers."""

from __future__ import annotations

import hmac
from typing import Final

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hub.ports.crm import HookRequest
from hub.services.receive_event import Reception, receive_event
from hub.web.context import WebContext

_log = structlog.get_logger(__name__)
_STATUS: Final = {Reception.STORED: 204, Reception.REFUSED: 401, Reception.UNKNOWN_CONNECTION: 404}
#: Sent back with 503, seconds.
_RETRY_AFTER: Final = "30"


async def receive_hook(request: Request) -> Response:
    """Take a hook in.

    204 stored, 401 not authentic, 404 no such address, 413 too large, 503 when it cannot be stored.
    """
    context: WebContext = request.app.state.site.context
    connection = request.path_params["connection"]
    if not _secret_fits(context, connection, request.path_params["secret"]):
        return Response(status_code=404)
    body = await request.body()
    hook = HookRequest("POST", dict(request.query_params), dict(request.headers), body)
    try:
        reception = await run_in_threadpool(receive_event, context.rt, connection, hook)
    except Exception:
        # Whatever went wrong, nothing durable may be claimed: the sender has to come again.
        _log.exception("hook.not_stored", connection=connection)
        return Response(status_code=503, headers={"Retry-After": _RETRY_AFTER})
    return Response(status_code=_STATUS[reception])


def _secret_fits(context: WebContext, connection: str, given: str) -> bool:
    """Constant-time; a connection without a secret has no door, and looks like one that does not exist."""
    known = context.hook_secrets.get(connection, "")
    fits = hmac.compare_digest(known.encode(), given.encode())
    return fits and bool(known)
