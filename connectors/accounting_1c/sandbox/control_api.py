"""The control API over HTTP: state, rows, acts, faults, clock, users, the closed period, reset."""

from datetime import date

from pydantic import RootModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.accounting_1c.sandbox.control import Control
from connectors.accounting_1c.sandbox.errors import ODataError
from connectors.accounting_1c.sandbox.faults import BaseAct, FaultRule, FaultScript
from connectors.sandbox_kit.control import CommonApi, done, invalid, read_order, route
from connectors.sandbox_kit.documents import DocumentModel


class ActOrder(RootModel[BaseAct]):
    """One act of the fault script's format."""


class UserOrder(DocumentModel):
    """Whether a user's password is good."""

    name: str
    alive: bool


class PeriodOrder(DocumentModel):
    """The last day of the closed period; null opens it."""

    closed_until: date | None


def control_app(control: Control) -> Starlette:
    """The control API of the base."""
    api = _ControlApi(control)
    common = CommonApi(control, control.base.clock, FaultScript, FaultRule)
    routes = [
        *common.routes(),
        route("requests", "GET", api.requests),
        route("rows", "GET", api.rows),
        route("act", "POST", api.act),
        route("user", "POST", api.user),
        route("period", "POST", api.period),
    ]
    return Starlette(routes=routes, exception_handlers={ValidationError: invalid, ODataError: _refused})


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

    async def rows(self, request: Request) -> Response:
        name = request.query_params.get("set", "")
        if name not in self._control.base.configuration.tables:
            return JSONResponse({"error": "refused", "error_description": f"набора «{name}» нет"}, 400)
        return JSONResponse(self._control.rows(name))

    async def act(self, request: Request) -> Response:
        shown = self._control.act((await read_order(request, ActOrder)).root)
        return JSONResponse({"ok": True, "row": shown})

    async def user(self, request: Request) -> Response:
        order = await read_order(request, UserOrder)
        if order.alive:
            self._control.revive_user(order.name)
        else:
            self._control.kill_user(order.name)
        return done()

    async def period(self, request: Request) -> Response:
        self._control.close_period((await read_order(request, PeriodOrder)).closed_until)
        return done()
