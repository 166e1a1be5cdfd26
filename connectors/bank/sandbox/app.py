"""The ASGI application: both banks under their prefixes, control under /__control__/."""

import asyncio
from collections.abc import Mapping

from starlette.types import Receive, Scope, Send

from connectors.bank.sandbox.banks import Banks, RequestRecord
from connectors.bank.sandbox.calls import BankApi
from connectors.bank.sandbox.control import Control
from connectors.bank.sandbox.control_api import control_app
from connectors.bank.sandbox.dispatch import Routed, handle, log_call, route
from connectors.bank.sandbox.faults import WIRE_KINDS, BrokenJson
from connectors.bank.sandbox.requests import parse_path, read_incoming
from connectors.bank.sandbox.seed import Bank
from connectors.sandbox_kit.control import CONTROL_PREFIX
from connectors.sandbox_kit.faults import TransportAction
from connectors.sandbox_kit.replies import Reply, html_reply, send_reply
from connectors.sandbox_kit.serving import Serving, serve


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
        target = parse_path(scope["raw_path"], plain_slash=self._banks.settings.tochka.account_slash == "any")
        if target is None:
            await send_reply(html_reply(404, "<html><body>404 Not Found</body></html>"), send)
            return
        incoming = await read_incoming(target, self._banks.next_request_id(), scope, receive)
        routed = route(self._apis[target.bank], incoming)
        rule = self._banks.faults.take([routed.call], WIRE_KINDS)
        action = rule.action if rule else None
        broken = action if isinstance(action, BrokenJson) else None
        spoilt = action if isinstance(action, TransportAction) else None
        await serve(spoilt, self._serving(routed, broken), scope, receive, send)

    def _serving(self, routed: Routed, broken: BrokenJson | None) -> Serving:
        async def run() -> Reply:
            reply = await self._run(routed)
            return reply if broken is None else _break(reply, broken.text)

        def later(after_s: float) -> None:
            self._banks.timers.after(after_s, lambda: _carry_out(self._banks, routed))

        def lost(reason: str) -> None:
            log_call(self._banks, routed, reason)

        return Serving(run, lambda status: self._record(routed, status), lost, later)

    async def _run(self, routed: Routed) -> Reply:
        # In a thread: a test webhook makes its receiver ask this very server for the public key.
        reply = await asyncio.to_thread(handle, self._banks, routed)
        if self._banks.settings.latency_s:
            await asyncio.sleep(self._banks.settings.latency_s)
        return reply

    def _record(self, routed: Routed, status: int) -> None:
        self._banks.requests.append(RequestRecord(routed.name, status, self._banks.clock.now()))
        self._banks.statuses[status] += 1


def _carry_out(banks: Banks, routed: Routed) -> None:
    handle(banks, routed, source="late")


def _break(reply: Reply, text: str | None) -> Reply:
    body = reply.body[: len(reply.body) // 2] if text is None else text.encode()
    return Reply(reply.status, body, reply.content_type)
