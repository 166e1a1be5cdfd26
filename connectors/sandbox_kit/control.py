"""What every stand-in's control API has: state, write log, faults, clock, reset. It stands outside every limit."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from pydantic import AwareDatetime, BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.documents import DocumentModel
from connectors.sandbox_kit.write_log import WriteLog

CONTROL_PREFIX = "/__control__/"
ModelT = TypeVar("ModelT", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


class ClockOrder(DocumentModel):
    """What to do with the clock; several orders run in this order: set, advance, freeze, resume."""

    set: AwareDatetime | None = None
    advance_s: float | None = None
    freeze: bool = False
    resume: bool = False


class Controlled(Protocol):
    """The hand on a stand-in, as far as all of them have it."""

    @property
    def write_log(self) -> WriteLog:
        """What clients changed."""

    def state(self) -> Mapping[str, Any]:
        """Everything there is."""

    def add_faults(self, *rules: Any) -> None:
        """Arm rules of the fault script."""

    def clear_faults(self) -> None:
        """Disarm all."""

    def advance(self, seconds: float) -> None:
        """Move the clock."""

    def set_clock(self, at: datetime) -> None:
        """Set the clock."""

    def freeze(self) -> None:
        """Stop the clock."""

    def resume(self) -> None:
        """Let it run."""

    def reset(self) -> None:
        """Begin anew from the seed."""


class CommonApi:
    """The common addresses.

    Args:
        script: the fault script of the stand-in, with `rules`.
        rule: one of them.
    """

    def __init__(
        self, control: Controlled, clock: SandboxClock, script: type[BaseModel], rule: type[BaseModel]
    ) -> None:
        self._control, self._clock = control, clock
        self._script, self._rule = script, rule

    def routes(self) -> list[Route]:
        """To stand beside what only this stand-in has."""
        return [
            route("state", "GET", self._state),
            route("write-log", "GET", self._write_log),
            route("faults", "POST", self._add_faults),
            route("faults", "DELETE", self._clear_faults),
            route("clock", "POST", self._move_clock),
            route("reset", "POST", self._reset),
        ]

    async def _state(self, request: Request) -> Response:
        del request
        return JSONResponse(self._control.state())

    async def _write_log(self, request: Request) -> Response:
        kind = request.query_params.get("kind")
        records = [record for record in self._control.write_log.records() if kind in (None, record.kind)]
        return JSONResponse([record.model_dump(mode="json") for record in records])

    async def _add_faults(self, request: Request) -> Response:
        """Takes a whole fault script or one rule."""
        body = await request.body()
        try:
            rules = cast(Any, self._script.model_validate_json(body)).rules
        except ValidationError:
            rules = [self._rule.model_validate_json(body)]
        self._control.add_faults(*rules)
        return done()

    async def _clear_faults(self, request: Request) -> Response:
        del request
        self._control.clear_faults()
        return done()

    async def _move_clock(self, request: Request) -> Response:
        order = await read_order(request, ClockOrder)
        if order.set is not None:
            self._control.set_clock(order.set)
        if order.advance_s is not None:
            self._control.advance(order.advance_s)
        if order.freeze:
            self._control.freeze()
        if order.resume:
            self._control.resume()
        return JSONResponse({"now": self._clock.now().isoformat()})

    async def _reset(self, request: Request) -> Response:
        del request
        self._control.reset()
        return done()


def route(name: str, method: str, endpoint: Endpoint) -> Route:
    """An address of a control API."""
    return Route(f"{CONTROL_PREFIX}{name}", endpoint, methods=[method])


async def read_order(request: Request, model: type[ModelT]) -> ModelT:
    """The body of an order. Raises ValidationError, which `invalid` tells."""
    return model.model_validate_json(await request.body())


def done(**fields: object) -> Response:
    """It is done, with what there is to tell."""
    return JSONResponse({"ok": True, **fields})


async def invalid(request: Request, error: Exception) -> Response:
    """An order that cannot be read: each faulty field."""
    del request
    assert isinstance(error, ValidationError)
    problems = [{"field": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
    return JSONResponse({"error": "invalid", "problems": problems}, 422)
