"""The ASGI application: REST under /rest/, control under /__control__/."""

import asyncio

from starlette.types import Receive, Scope, Send

from connectors.bitrix24.sandbox.control import Control
from connectors.bitrix24.sandbox.control_api import control_app
from connectors.bitrix24.sandbox.dispatch import (
    Handled,
    Incoming,
    admit,
    calls_of,
    handle,
    log_lost,
)
from connectors.bitrix24.sandbox.portal import Portal, RequestRecord
from connectors.bitrix24.sandbox.requests import parse_path, read_incoming
from connectors.sandbox_kit.control import CONTROL_PREFIX
from connectors.sandbox_kit.faults import TRANSPORT_KINDS, TransportAction
from connectors.sandbox_kit.replies import Reply, html_reply, send_reply
from connectors.sandbox_kit.serving import Serving, serve


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
        serving = self._serving(incoming)
        refusal = admit(self._portal, incoming)
        if refusal is not None:
            serving.note(refusal.status)
            await send_reply(refusal, send)
            return
        rule = self._portal.faults.take(calls_of(incoming), TRANSPORT_KINDS)
        action = rule.action if rule is not None else None
        spoilt = action if isinstance(action, TransportAction) else None
        await serve(spoilt, serving, scope, receive, send)

    def _serving(self, incoming: Incoming) -> Serving:
        def carry_out() -> None:
            handle(self._portal, incoming, source="late")

        return Serving(
            run=lambda: self._run(incoming),
            note=lambda status: self._record(incoming, status),
            lost=lambda reason: log_lost(self._portal, incoming, reason),
            later=lambda after_s: self._portal.timers.after(after_s, carry_out),
        )

    async def _run(self, incoming: Incoming) -> Reply:
        handled: Handled = handle(self._portal, incoming)
        settings = self._portal.settings
        pause = settings.latency_s + (handled.cost_s if settings.sleep_costs else 0)
        if pause:
            await asyncio.sleep(pause)
        return handled.reply

    def _record(self, incoming: Incoming, status: int) -> None:
        commands = tuple(call.method for call in calls_of(incoming)[1:])
        record = RequestRecord(incoming.method, commands, status, self._portal.clock.now())
        self._portal.requests.append(record)
        self._portal.statuses[status] += 1
