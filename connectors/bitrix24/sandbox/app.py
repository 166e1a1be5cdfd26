"""The ASGI application: REST under /rest/, control under /__control__/."""

import asyncio

from starlette.types import Receive, Scope, Send

from connectors.bitrix24.sandbox.control import Control
from connectors.bitrix24.sandbox.control_api import CONTROL_PREFIX, control_app
from connectors.bitrix24.sandbox.dispatch import (
    GATEWAY_TIMEOUT,
    Handled,
    Incoming,
    admit,
    calls_of,
    handle,
    log_lost,
)
from connectors.bitrix24.sandbox.faults import FaultRule
from connectors.bitrix24.sandbox.portal import Portal, RequestRecord
from connectors.bitrix24.sandbox.requests import parse_path, read_incoming
from connectors.sandbox_kit.faults import (
    TRANSPORT_KINDS,
    Delay,
    EndlessBody,
    GzipBomb,
    HalfReply,
    Html,
    LateApply,
    LoseReply,
    Redirect,
    SlowDrip,
)
from connectors.sandbox_kit.replies import Reply, html_reply, send_reply, send_spoilt
from connectors.sandbox_kit.server import drop_connection

ReplacingAction = Redirect | Html | LoseReply | LateApply

_DROPPED = 0


class SandboxApp:
    """Serves one portal."""

    def __init__(self, portal: Portal, control: Control) -> None:
        self._portal = portal
        self._control = control_app(control)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(CONTROL_PREFIX):
            await self._control(scope, receive, send)
            return
        target = parse_path(scope["path"])
        if target is None:
            await send_reply(html_reply(404, "<html><body>404 Not Found</body></html>"), send)
            return
        incoming = await read_incoming(target, self._portal.next_request_id(), scope, receive)
        refusal = admit(self._portal, incoming)
        if refusal is not None:
            await self._send(incoming, refusal, send)
            return
        rule = self._portal.faults.take(calls_of(incoming), TRANSPORT_KINDS)
        if rule is None:
            await self._send(incoming, await self._run(incoming), send)
        else:
            await self._spoil(rule, incoming, scope, receive, send)

    async def _spoil(self, rule: FaultRule, incoming: Incoming, scope: Scope, receive: Receive, send: Send) -> None:
        match rule.action:
            case Redirect() | Html() | LoseReply() | LateApply() as action:
                await self._replace(action, incoming, scope, receive, send)
            case Delay() | HalfReply() | SlowDrip() | EndlessBody() | GzipBomb() as action:
                reply = await self._run(incoming)
                self._record(incoming, reply.status)
                await send_spoilt(reply, action, scope, receive, send)

    async def _replace(
        self, action: ReplacingAction, incoming: Incoming, scope: Scope, receive: Receive, send: Send
    ) -> None:
        reply: Reply | None = None
        match action:
            case Redirect(location=location, status=status):
                log_lost(self._portal, incoming, str(status))
                path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
                reply = Reply(status, b"", "text/html", {"location": location.replace("{path}", path)})
            case Html(status=status, body=body, applied=applied):
                await self._apply_or_log(incoming, str(status), applied=applied)
                reply = html_reply(status, body)
            case LoseReply(applied=applied):
                await self._apply_or_log(incoming, "lost", applied=applied)
            case LateApply(after_s=after_s, reply=kind):
                log_lost(self._portal, incoming, "late")
                self._apply_later(incoming, after_s)
                reply = html_reply(504, GATEWAY_TIMEOUT) if kind == "504" else None
        if reply is None:
            self._record(incoming, _DROPPED)
            await drop_connection(scope, receive)
        else:
            await self._send(incoming, reply, send)

    async def _apply_or_log(self, incoming: Incoming, error: str, *, applied: bool) -> None:
        if applied:
            await self._run(incoming)
        else:
            log_lost(self._portal, incoming, error)

    def _apply_later(self, incoming: Incoming, after_s: float) -> None:
        def apply() -> None:
            handle(self._portal, incoming, source="late")

        self._portal.timers.after(after_s, apply)

    async def _run(self, incoming: Incoming) -> Reply:
        handled: Handled = handle(self._portal, incoming)
        settings = self._portal.settings
        pause = settings.latency_s + (handled.cost_s if settings.sleep_costs else 0)
        if pause:
            await asyncio.sleep(pause)
        return handled.reply

    async def _send(self, incoming: Incoming, reply: Reply, send: Send) -> None:
        self._record(incoming, reply.status)
        await send_reply(reply, send)

    def _record(self, incoming: Incoming, status: int) -> None:
        commands = tuple(call.method for call in calls_of(incoming)[1:])
        record = RequestRecord(incoming.method, commands, status, self._portal.clock.now())
        self._portal.requests.append(record)
        self._portal.statuses[status] += 1
