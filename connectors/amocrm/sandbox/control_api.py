"""The control API over HTTP: state, write log, faults, clock, people, tokens, reset. Outside every limit."""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.amocrm.sandbox.control import Control
from connectors.amocrm.sandbox.errors import ApiError
from connectors.amocrm.sandbox.faults import FaultRule, FaultScript, HumanAct
from connectors.amocrm.sandbox.seed import Webhook
from connectors.sandbox_kit.control import CommonApi, done, invalid, route
from connectors.sandbox_kit.documents import DocumentModel

ModelT = TypeVar("ModelT", bound=BaseModel)


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
    common = CommonApi(control, control.account.clock, FaultScript, FaultRule)
    routes = [
        *common.routes(),
        route("requests", "GET", api.requests),
        route("hooks", "GET", api.deliveries),
        route("hooks", "POST", api.add_hook),
        route("human", "POST", api.human),
        route("account", "POST", api.change_account),
        route("code", "POST", api.code),
        route("uninstall", "POST", api.uninstall),
    ]
    handlers = {ValidationError: invalid, ApiError: _refused}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, ApiError)
    return JSONResponse({"error": error.code, "detail": error.detail, **error.extra}, 400)


async def _read(request: Request, model: type[ModelT]) -> ModelT:
    return model.model_validate_json(await request.body() or b"{}")


class _ControlApi:
    def __init__(self, control: Control) -> None:
        self._control = control

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
        return done()

    async def human(self, request: Request) -> Response:
        return done(id=self._control.human(await _read(request, HumanAct)))

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
        return done()

    async def code(self, request: Request) -> Response:
        order = await _read(request, CodeOrder)
        return done(code=self._control.new_code(order.user_id))

    async def uninstall(self, request: Request) -> Response:
        del request
        # The hook may call back into this server, so its thread must stay free.
        return done(status=await asyncio.to_thread(self._control.uninstall))
