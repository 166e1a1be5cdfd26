"""The control API over HTTP: state, accounts, faults, clock, tokens, keys, hooks, reset. Outside every limit."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, Field, RootModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.bank.sandbox.control import Control
from connectors.bank.sandbox.errors import NoSuchOperation
from connectors.bank.sandbox.faults import BankAct, FaultRule, FaultScript
from connectors.bank.sandbox.seed import Bank, TBankWebhook, TochkaWebhook
from connectors.sandbox_kit.documents import DocumentModel

CONTROL_PREFIX = "/__control__/"
ModelT = TypeVar("ModelT", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


class ActOrder(RootModel[BankAct]):
    """One act of the fault script's format."""


class ClockOrder(DocumentModel):
    """What to do with the clock; several orders run in this order: set, advance, freeze, resume."""

    set: AwareDatetime | None = None
    advance_s: float | None = None
    freeze: bool = False
    resume: bool = False


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
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "state", api.state),
        ("GET", "write-log", api.write_log),
        ("GET", "requests", api.requests),
        ("GET", "hooks", api.deliveries),
        ("POST", "hooks", api.subscribe),
        ("POST", "act", api.act),
        ("POST", "faults", api.add_faults),
        ("DELETE", "faults", api.clear_faults),
        ("POST", "clock", api.clock),
        ("POST", "token", api.token),
        ("POST", "key", api.key),
        ("POST", "reset", api.reset),
    ]
    routes = [Route(CONTROL_PREFIX + name, endpoint, methods=[http]) for http, name, endpoint in table]
    return Starlette(routes=routes, exception_handlers={ValidationError: _invalid, NoSuchOperation: _refused})


async def _invalid(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, ValidationError)
    problems = [{"field": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
    return JSONResponse({"error": "invalid", "problems": problems}, 422)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    return JSONResponse({"error": "refused", "error_description": str(error)}, 400)


async def _read(request: Request, model: type[ModelT]) -> ModelT:
    return model.model_validate_json(await request.body())


def _done() -> Response:
    return JSONResponse({"ok": True})


class _ControlApi:
    def __init__(self, control: Control) -> None:
        self._control = control

    async def state(self, request: Request) -> Response:
        del request
        return JSONResponse(self._control.state())

    async def write_log(self, request: Request) -> Response:
        kind = request.query_params.get("kind")
        records = [r for r in self._control.write_log.records() if kind in (None, r.kind)]
        return JSONResponse([record.model_dump(mode="json") for record in records])

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
        order = await _read(request, HookOrder)
        if order.tochka is not None:
            self._control.subscribe_tochka(order.tochka)
        for webhook in order.tbank:
            self._control.subscribe_tbank(webhook)
        return _done()

    async def act(self, request: Request) -> Response:
        number = self._control.act((await _read(request, ActOrder)).root)
        return JSONResponse({"ok": True, "id": number})

    async def add_faults(self, request: Request) -> Response:
        """Takes a whole fault script or one rule."""
        body = await request.body()
        try:
            rules = FaultScript.model_validate_json(body).rules
        except ValidationError:
            rules = [FaultRule.model_validate_json(body)]
        self._control.add_faults(*rules)
        return _done()

    async def clear_faults(self, request: Request) -> Response:
        del request
        self._control.clear_faults()
        return _done()

    async def clock(self, request: Request) -> Response:
        order = await _read(request, ClockOrder)
        if order.set is not None:
            self._control.set_clock(order.set)
        if order.advance_s is not None:
            self._control.advance(order.advance_s)
        if order.freeze:
            self._control.freeze()
        if order.resume:
            self._control.resume()
        return JSONResponse({"now": self._control.banks.clock.now().isoformat()})

    async def token(self, request: Request) -> Response:
        order = await _read(request, TokenOrder)
        if order.alive:
            self._control.revive_token(order.bank)
        else:
            self._control.kill_token(order.bank)
        return _done()

    async def key(self, request: Request) -> Response:
        del request
        self._control.rotate_key()
        return _done()

    async def reset(self, request: Request) -> Response:
        del request
        self._control.reset()
        return _done()
