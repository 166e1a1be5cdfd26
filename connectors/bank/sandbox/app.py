"""The ASGI application: both banks under their prefixes, control under /__control__/."""

import asyncio
from collections.abc import Mapping

from starlette.types import Receive, Scope, Send

from connectors.bank.sandbox.banks import Banks, RequestRecord
from connectors.bank.sandbox.calls import BankApi
from connectors.bank.sandbox.control import Control
from connectors.bank.sandbox.control_api import CONTROL_PREFIX, control_app
from connectors.bank.sandbox.dispatch import Routed, handle, log_call, route
from connectors.bank.sandbox.faults import BrokenJson, FaultRule
from connectors.bank.sandbox.requests import parse_path, read_incoming
from connectors.bank.sandbox.seed import Bank
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
_KINDS = TRANSPORT_KINDS | {"broken_json"}
_GATEWAY_TIMEOUT = "<html><head><title>504 Gateway Time-out</title></head><body>nginx</body></html>"


class SandboxApp:
    """Serves both banks."""

    def __init__(self, banks: Banks, apis: Mapping[Bank, BankApi], control: Control) -> None:
        self._banks = banks
        self._apis = apis
        self._control = control_app(control)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(CONTROL_PREFIX):
            await self._control(scope, receive, send)
            return
        target = parse_path(scope["raw_path"])
        if target is None:
            await send_reply(html_reply(404, "<html><body>404 Not Found</body></html>"), send)
            return
        incoming = await read_incoming(target, self._banks.next_request_id(), scope, receive)
        routed = route(self._apis[target.bank], incoming)
        rule = self._banks.faults.take([routed.call], _KINDS)
        if rule is None:
            await self._send(routed, await self._run(routed), send)
        else:
            await self._spoil(rule, routed, scope, receive, send)

    async def _spoil(self, rule: FaultRule, routed: Routed, scope: Scope, receive: Receive, send: Send) -> None:
        match rule.action:
            case Redirect() | Html() | LoseReply() | LateApply() as action:
                await self._replace(action, routed, scope, receive, send)
            case Delay() | HalfReply() | SlowDrip() | EndlessBody() | GzipBomb() as action:
                reply = await self._run(routed)
                self._record(routed, reply.status)
                await send_spoilt(reply, action, scope, receive, send)
            case BrokenJson(text=text):
                reply = await self._run(routed)
                body = reply.body[: len(reply.body) // 2] if text is None else text.encode()
                await self._send(routed, Reply(reply.status, body, reply.content_type), send)

    async def _replace(
        self, action: ReplacingAction, routed: Routed, scope: Scope, receive: Receive, send: Send
    ) -> None:
        reply: Reply | None = None
        match action:
            case Redirect(location=location, status=status):
                log_call(self._banks, routed, str(status))
                path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
                reply = Reply(status, b"", "text/html", {"location": location.replace("{path}", path)})
            case Html(status=status, body=body, applied=applied):
                await self._apply_or_log(routed, str(status), applied=applied)
                reply = html_reply(status, body)
            case LoseReply(applied=applied):
                await self._apply_or_log(routed, "lost", applied=applied)
            case LateApply(after_s=after_s, reply=kind):
                log_call(self._banks, routed, "late")
                self._apply_later(routed, after_s)
                reply = html_reply(504, _GATEWAY_TIMEOUT) if kind == "504" else None
        if reply is None:
            self._record(routed, _DROPPED)
            await drop_connection(scope, receive)
        else:
            await self._send(routed, reply, send)

    async def _apply_or_log(self, routed: Routed, error: str, *, applied: bool) -> None:
        if applied:
            await self._run(routed)
        else:
            log_call(self._banks, routed, error)

    def _apply_later(self, routed: Routed, after_s: float) -> None:
        def apply() -> None:
            handle(self._banks, routed, source="late")

        self._banks.timers.after(after_s, apply)

    async def _run(self, routed: Routed) -> Reply:
        # In a thread: a test webhook makes its receiver ask this very server for the public key.
        reply = await asyncio.to_thread(handle, self._banks, routed)
        if self._banks.settings.latency_s:
            await asyncio.sleep(self._banks.settings.latency_s)
        return reply

    async def _send(self, routed: Routed, reply: Reply, send: Send) -> None:
        self._record(routed, reply.status)
        await send_reply(reply, send)

    def _record(self, routed: Routed, status: int) -> None:
        self._banks.requests.append(RequestRecord(routed.name, status, self._banks.clock.now()))
        self._banks.statuses[status] += 1
