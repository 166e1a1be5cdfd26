"""The control API over HTTP: state, write log, faults, clock, people, reset. Outside every limit."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.bitrix24.sandbox.control import Control
from connectors.bitrix24.sandbox.errors import RestError
from connectors.bitrix24.sandbox.faults import FaultRule, FaultScript, HumanAct
from connectors.bitrix24.sandbox.seed import OutgoingWebhook
from connectors.sandbox_kit.documents import DocumentModel

CONTROL_PREFIX = "/__control__/"
ModelT = TypeVar("ModelT", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


class ClockOrder(DocumentModel):
    """What to do with the clock; several orders run in this order: set, advance, freeze, resume."""

    set: AwareDatetime | None = None
    advance_s: float | None = None
    freeze: bool = False
    resume: bool = False


def control_app(control: Control) -> Starlette:
    """The control API of one portal."""
    api = _ControlApi(control)
    routes = [
        Route("/__control__/state", api.state, methods=["GET"]),
        Route("/__control__/write-log", api.write_log, methods=["GET"]),
        Route("/__control__/requests", api.requests, methods=["GET"]),
        Route("/__control__/hooks", api.deliveries, methods=["GET"]),
        Route("/__control__/hooks", api.add_hook, methods=["POST"]),
        Route("/__control__/faults", api.add_faults, methods=["POST"]),
        Route("/__control__/faults", api.clear_faults, methods=["DELETE"]),
        Route("/__control__/clock", api.clock, methods=["POST"]),
        Route("/__control__/human", api.human, methods=["POST"]),
        Route("/__control__/reset", api.reset, methods=["POST"]),
    ]
    handlers = {ValidationError: _invalid, RestError: _refused}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _invalid(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, ValidationError)
    problems = [{"field": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
    return JSONResponse({"error": "invalid", "problems": problems}, 422)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, RestError)
    return JSONResponse({"error": error.code, "error_description": error.description}, 400)


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
        return JSONResponse(
            [
                {"method": r.method, "commands": r.commands, "status": r.status, "at": r.at.isoformat()}
                for r in self._control.requests
            ]
        )

    async def deliveries(self, request: Request) -> Response:
        del request
        return JSONResponse([{"url": d.url, "event": d.event, "status": d.status} for d in self._control.deliveries])

    async def add_hook(self, request: Request) -> Response:
        self._control.add_outgoing_webhook(await _read(request, OutgoingWebhook))
        return _done()

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
        return JSONResponse({"now": self._control.portal.clock.now().isoformat()})

    async def human(self, request: Request) -> Response:
        self._control.human(await _read(request, HumanAct))
        return _done()

    async def reset(self, request: Request) -> Response:
        del request
        self._control.reset()
        return _done()
