"""The control API over HTTP: state, write log, faults, clock, people, tokens, reset. Outside every limit."""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.amocrm.sandbox.control import Control
from connectors.amocrm.sandbox.errors import ApiError
from connectors.amocrm.sandbox.faults import FaultRule, FaultScript, HumanAct
from connectors.amocrm.sandbox.seed import Webhook
from connectors.sandbox_kit.documents import DocumentModel

CONTROL_PREFIX = "/__control__/"
ModelT = TypeVar("ModelT", bound=BaseModel)


class ClockOrder(DocumentModel):
    """What to do with the clock; several orders run in this order: set, advance, freeze, resume."""

    set: AwareDatetime | None = None
    advance_s: float | None = None
    freeze: bool = False
    resume: bool = False


class AccountOrder(DocumentModel):
    """What to do with the account as a whole; what is omitted stays."""

    subdomain: Annotated[str | None, Field(description="Rename the account.")] = None
    domain: Annotated[str | None, Field(description="With `subdomain`: the only host it answers under.")] = None
    paid: bool | None = None
    api_filter_enabled: bool | None = None
    revoke_tokens: bool = False
    unblock: bool = False


class CodeOrder(DocumentModel):
    """Whose consent gives a fresh authorization code; null takes the first administrator."""

    user_id: int | None = None


def control_app(control: Control) -> Starlette:
    """The control API of one account."""
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
        Route("/__control__/account", api.change_account, methods=["POST"]),
        Route("/__control__/code", api.code, methods=["POST"]),
        Route("/__control__/uninstall", api.uninstall, methods=["POST"]),
        Route("/__control__/reset", api.reset, methods=["POST"]),
    ]
    handlers = {ValidationError: _invalid, ApiError: _refused}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _invalid(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, ValidationError)
    problems = [{"field": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
    return JSONResponse({"error": "invalid", "problems": problems}, 422)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, ApiError)
    return JSONResponse({"error": error.code, "detail": error.detail, **error.extra}, 400)


async def _read(request: Request, model: type[ModelT]) -> ModelT:
    return model.model_validate_json(await request.body() or b"{}")


def _done(**fields: object) -> Response:
    return JSONResponse({"ok": True, **fields})


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
        listed = self._control.requests
        return JSONResponse([{"method": r.method, "status": r.status, "at": r.at.isoformat()} for r in listed])

    async def deliveries(self, request: Request) -> Response:
        del request
        sent = self._control.deliveries
        return JSONResponse([{"url": d.url, "event": d.event, "status": d.status, "attempt": d.attempt} for d in sent])

    async def add_hook(self, request: Request) -> Response:
        self._control.add_webhook(await _read(request, Webhook))
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
        return JSONResponse({"now": self._control.account.clock.now().isoformat()})

    async def human(self, request: Request) -> Response:
        return _done(id=self._control.human(await _read(request, HumanAct)))

    async def change_account(self, request: Request) -> Response:
        order = await _read(request, AccountOrder)
        orders: list[tuple[object, Callable[[], None]]] = [
            (order.subdomain, lambda: self._control.rename(order.subdomain or "", order.domain)),
            (order.paid is not None, lambda: self._control.pay(paid=bool(order.paid))),
            (
                order.api_filter_enabled is not None,
                lambda: self._control.switch_filters(enabled=bool(order.api_filter_enabled)),
            ),
            (order.revoke_tokens, self._control.revoke),
            (order.unblock, self._control.unblock),
        ]
        for wanted, run in orders:
            if wanted:
                run()
        return _done()

    async def code(self, request: Request) -> Response:
        order = await _read(request, CodeOrder)
        return _done(code=self._control.new_code(order.user_id))

    async def uninstall(self, request: Request) -> Response:
        del request
        # The hook may call back into this server, so its thread must stay free.
        return _done(status=await asyncio.to_thread(self._control.uninstall))

    async def reset(self, request: Request) -> Response:
        del request
        self._control.reset()
        return _done()
