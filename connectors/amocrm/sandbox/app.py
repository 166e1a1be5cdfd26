"""The ASGI application: the API and OAuth on the account's host, control under /__control__/."""

import asyncio

from starlette.types import Receive, Scope, Send

from connectors.amocrm.sandbox.account import Account, RequestRecord
from connectors.amocrm.sandbox.control import Control
from connectors.amocrm.sandbox.control_api import control_app
from connectors.amocrm.sandbox.dispatch import admit, call_of, handle, log_lost
from connectors.amocrm.sandbox.faults import FaultRule
from connectors.amocrm.sandbox.replies import nginx
from connectors.amocrm.sandbox.requests import Incoming, read_incoming
from connectors.sandbox_kit.control import CONTROL_PREFIX
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
    """Serves one account."""

    def __init__(self, account: Account, control: Control) -> None:
        self._account = account
        self._control = control_app(control)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(CONTROL_PREFIX):
            await self._control(scope, receive, send)
            return
        incoming = await read_incoming(self._account.next_request_id(), scope, receive)
        refusal = admit(self._account, incoming)
        if refusal is not None:
            await self._send(incoming, refusal, send)
            return
        rule = self._account.faults.take([call_of(incoming)], TRANSPORT_KINDS)
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
                await send_spoilt(_named(reply, incoming), action, scope, receive, send)

    async def _replace(
        self, action: ReplacingAction, incoming: Incoming, scope: Scope, receive: Receive, send: Send
    ) -> None:
        reply: Reply | None = None
        match action:
            case Redirect(location=location, status=status):
                log_lost(self._account, incoming, str(status))
                path = scope["path"] + (f"?{incoming.query_text}" if incoming.query_text else "")
                reply = Reply(status, b"", "text/html", {"location": location.replace("{path}", path)})
            case Html(status=status, body=body, applied=applied):
                await self._apply_or_log(incoming, str(status), applied=applied)
                reply = html_reply(status, body)
            case LoseReply(applied=applied):
                await self._apply_or_log(incoming, "lost", applied=applied)
            case LateApply(after_s=after_s, reply=kind):
                log_lost(self._account, incoming, "late")
                self._apply_later(incoming, after_s)
                reply = nginx(504, "Gateway Time-out") if kind == "504" else None
        if reply is None:
            self._record(incoming, _DROPPED)
            await drop_connection(scope, receive)
        else:
            await self._send(incoming, reply, send)

    async def _apply_or_log(self, incoming: Incoming, error: str, *, applied: bool) -> None:
        if applied:
            await self._run(incoming)
        else:
            log_lost(self._account, incoming, error)

    def _apply_later(self, incoming: Incoming, after_s: float) -> None:
        def apply() -> None:
            handle(self._account, incoming, source="late")

        self._account.timers.after(after_s, apply)

    async def _run(self, incoming: Incoming) -> Reply:
        reply = handle(self._account, incoming)
        if self._account.settings.latency_s:
            await asyncio.sleep(self._account.settings.latency_s)
        return reply

    async def _send(self, incoming: Incoming, reply: Reply, send: Send) -> None:
        self._record(incoming, reply.status)
        await send_reply(_named(reply, incoming), send)

    def _record(self, incoming: Incoming, status: int) -> None:
        record = RequestRecord(incoming.method, status, self._account.clock.now())
        self._account.requests.append(record)
        self._account.statuses[status] += 1


def _named(reply: Reply, incoming: Incoming) -> Reply:
    """The reply with the request's id, which real replies carry for the vendor's support."""
    headers = {"x-request-id": incoming.request_id, **reply.headers}
    return Reply(reply.status, reply.body, reply.content_type, headers)
