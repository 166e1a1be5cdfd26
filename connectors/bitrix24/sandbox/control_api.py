"""The control API over HTTP: state, write log, faults, clock, people, reset. Outside every limit."""

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.bitrix24.sandbox.control import Control
from connectors.bitrix24.sandbox.errors import RestError
from connectors.bitrix24.sandbox.faults import FaultRule, FaultScript, HumanAct
from connectors.bitrix24.sandbox.seed import OutgoingWebhook
from connectors.sandbox_kit.control import CommonApi, done, invalid, read_order, route


def control_app(control: Control) -> Starlette:
    """The control API of one portal."""
    api = _ControlApi(control)
    common = CommonApi(control, control.portal.clock, FaultScript, FaultRule)
    routes = [
        *common.routes(),
        route("requests", "GET", api.requests),
        route("hooks", "GET", api.deliveries),
        route("hooks", "POST", api.add_hook),
        route("human", "POST", api.human),
    ]
    handlers = {ValidationError: invalid, RestError: _refused}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, RestError)
    return JSONResponse({"error": error.code, "error_description": error.description}, 400)


class _ControlApi:
    def __init__(self, control: Control) -> None:
        self._control = control

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
        self._control.add_outgoing_webhook(await read_order(request, OutgoingWebhook))
        return done()

    async def human(self, request: Request) -> Response:
        self._control.human(await read_order(request, HumanAct))
        return done()
