"""Serves one request of a stand-in, properly or the way a transport fault asks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from connectors.sandbox_kit.faults import Html, LateApply, LoseReply, Redirect, TransportAction
from connectors.sandbox_kit.replies import Reply, SpoilingAction, html_reply, send_reply, send_spoilt
from connectors.sandbox_kit.server import drop_connection

_DROPPED = 0
_GATEWAY_TIMEOUT = (
    "<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1></body></html>"
)


@dataclass(frozen=True, slots=True)
class Serving:
    """What a stand-in does with one request.

    Attributes:
        run: carries it out and builds the reply.
        note: writes down the status it was answered with; 0 means that the connection was dropped.
        lost: writes down that it was received and never ran, with the reason.
        later: carries it out so many seconds later on the sandbox clock.
    """

    run: Callable[[], Awaitable[Reply]]
    note: Callable[[int], None]
    lost: Callable[[str], None]
    later: Callable[[float], None]


async def serve(action: TransportAction | None, one: Serving, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the request; without an action, as it deserves."""
    match action:
        case None:
            await _send(one, await one.run(), send)
        case Redirect() | Html() | LoseReply() | LateApply():
            await _replace(action, one, scope, receive, send)
        case _:
            await _spoil(action, one, scope, receive, send)


async def _spoil(action: SpoilingAction, one: Serving, scope: Scope, receive: Receive, send: Send) -> None:
    reply = await one.run()
    one.note(reply.status)
    await send_spoilt(reply, action, scope, receive, send)


async def _replace(
    action: Redirect | Html | LoseReply | LateApply, one: Serving, scope: Scope, receive: Receive, send: Send
) -> None:
    reply: Reply | None = None
    match action:
        case Redirect(location=location, status=status):
            one.lost(str(status))
            reply = Reply(status, b"", "text/html", {"location": location.replace("{path}", _path(scope))})
        case Html(status=status, body=body, applied=applied):
            await _run_or_lose(one, str(status), applied=applied)
            reply = html_reply(status, body)
        case LoseReply(applied=applied):
            await _run_or_lose(one, "lost", applied=applied)
        case LateApply(after_s=after_s, reply=kind):
            one.lost("late")
            one.later(after_s)
            reply = html_reply(504, _GATEWAY_TIMEOUT) if kind == "504" else None
    if reply is None:
        one.note(_DROPPED)
        await drop_connection(scope, receive)
    else:
        await _send(one, reply, send)


async def _run_or_lose(one: Serving, reason: str, *, applied: bool) -> None:
    if applied:
        await one.run()
    else:
        one.lost(reason)


async def _send(one: Serving, reply: Reply, send: Send) -> None:
    one.note(reply.status)
    await send_reply(reply, send)


def _path(scope: Scope) -> str:
    query = scope["query_string"].decode()
    return f"{scope['path']}?{query}" if query else str(scope["path"])
