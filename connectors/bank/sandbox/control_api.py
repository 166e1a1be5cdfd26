"""The control API over HTTP: state, accounts, faults, clock, tokens, keys, hooks, reset. Outside every limit."""

from pydantic import Field, RootModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.bank.sandbox.control import Control
from connectors.bank.sandbox.errors import NoSuchOperation
from connectors.bank.sandbox.faults import BankAct, FaultRule, FaultScript
from connectors.bank.sandbox.seed import Bank, TBankWebhook, TochkaWebhook
from connectors.sandbox_kit.control import CommonApi, done, invalid, read_order, route
from connectors.sandbox_kit.documents import DocumentModel


class ActOrder(RootModel[BankAct]):
    """One act of the fault script's format."""


class TokenOrder(DocumentModel):
    """Whether a bank accepts the client's tokens."""

    bank: Bank
    alive: bool


class HookOrder(DocumentModel):
    """Subscriptions put in place by hand."""

    tochka: TochkaWebhook | None = None
    tbank: list[TBankWebhook] = Field(default_factory=list)


def control_app(control: Control) -> Starlette:
    """The control API of both banks."""
    api = _ControlApi(control)
    common = CommonApi(control, control.banks.clock, FaultScript, FaultRule)
    routes = [
        *common.routes(),
        route("requests", "GET", api.requests),
        route("hooks", "GET", api.deliveries),
        route("hooks", "POST", api.subscribe),
        route("act", "POST", api.act),
        route("token", "POST", api.token),
        route("key", "POST", api.key),
    ]
    return Starlette(routes=routes, exception_handlers={ValidationError: invalid, NoSuchOperation: _refused})


async def _refused(request: Request, error: Exception) -> Response:
    del request
    return JSONResponse({"error": "refused", "error_description": str(error)}, 400)


class _ControlApi:
    def __init__(self, control: Control) -> None:
        self._control = control

    async def requests(self, request: Request) -> Response:
        del request
        records = self._control.requests
        return JSONResponse([{"method": r.method, "status": r.status, "at": r.at.isoformat()} for r in records])

    async def deliveries(self, request: Request) -> Response:
        del request
        rows = [
            {
                "bank": d.bank,
                "event": d.event,
                "operation": d.number,
                "attempt": d.attempt,
                "url": d.url,
                "status": d.status,
            }
            for d in self._control.deliveries
        ]
        return JSONResponse(rows)

    async def subscribe(self, request: Request) -> Response:
        order = await read_order(request, HookOrder)
        if order.tochka is not None:
            self._control.subscribe_tochka(order.tochka)
        for webhook in order.tbank:
            self._control.subscribe_tbank(webhook)
        return done()

    async def act(self, request: Request) -> Response:
        number = self._control.act((await read_order(request, ActOrder)).root)
        return JSONResponse({"ok": True, "id": number})

    async def token(self, request: Request) -> Response:
        order = await read_order(request, TokenOrder)
        if order.alive:
            self._control.revive_token(order.bank)
        else:
            self._control.kill_token(order.bank)
        return done()

    async def key(self, request: Request) -> Response:
        del request
        self._control.rotate_key()
        return done()
