"""The ASGI application: the publication, with control under /__control__/."""

import asyncio

from starlette.types import Receive, Scope, Send

from connectors.accounting_1c.sandbox.base import Base, RequestRecord
from connectors.accounting_1c.sandbox.calls import Call, understand
from connectors.accounting_1c.sandbox.control import Control
from connectors.accounting_1c.sandbox.control_api import control_app
from connectors.accounting_1c.sandbox.dispatch import handle, log_call
from connectors.accounting_1c.sandbox.errors import ServerPage
from connectors.accounting_1c.sandbox.faults import WIRE_KINDS, BrokenJson
from connectors.accounting_1c.sandbox.replies import page
from connectors.accounting_1c.sandbox.requests import read_incoming
from connectors.sandbox_kit import faults as kit
from connectors.sandbox_kit.control import CONTROL_PREFIX
from connectors.sandbox_kit.faults import TransportAction
from connectors.sandbox_kit.replies import Reply, send_reply
from connectors.sandbox_kit.serving import Serving, serve


class SandboxApp:
    """Serves the base."""

    def __init__(self, base: Base, control: Control) -> None:
        self._base = base
        self._control = control_app(control)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(CONTROL_PREFIX):
            await self._control(scope, receive, send)
            return
        incoming = await read_incoming(self._base, scope, receive)
        if incoming is None:
            await send_reply(page(ServerPage(404, "Not Found")), send)
            return
        call = understand(self._base, incoming)
        rule = self._base.faults.take([kit.Call(call.name)], WIRE_KINDS)
        action = rule.action if rule else None
        broken = action if isinstance(action, BrokenJson) else None
        spoilt = action if isinstance(action, TransportAction) else None
        await serve(spoilt, self._serving(call, broken), scope, receive, send)

    def _serving(self, call: Call, broken: BrokenJson | None) -> Serving:
        async def run() -> Reply:
            # In a thread: a call may wait for a session or sleep, and others must be able to take theirs.
            reply = await asyncio.to_thread(handle, self._base, call)
            return reply if broken is None else _break(reply, broken.text)

        def later(after_s: float) -> None:
            self._base.timers.after(after_s, lambda: _carry_out(self._base, call))

        def lost(reason: str) -> None:
            log_call(self._base, call, reason)

        return Serving(run, lambda status: self._record(call, status), lost, later)

    def _record(self, call: Call, status: int) -> None:
        self._base.requests.append(RequestRecord(call.name, status, self._base.clock.now()))
        self._base.statuses[status] += 1


def _carry_out(base: Base, call: Call) -> None:
    handle(base, call, source="late")


def _break(reply: Reply, text: str | None) -> Reply:
    body = reply.body[: len(reply.body) // 2] if text is None else text.encode()
    return Reply(reply.status, body, reply.content_type, reply.headers)
