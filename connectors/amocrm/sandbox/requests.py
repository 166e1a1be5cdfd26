"""Reads a request from the wire: verb, path, bearer, bracket query, JSON body of any transfer coding."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Receive, Scope

from connectors.sandbox_kit.jsontypes import Json, as_int
from connectors.sandbox_kit.php import parse_query

_ID_NAMES = ("id", "entity_id")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as parsed from the wire. `broken` means that its body is not JSON."""

    verb: str
    path: str
    query_text: str
    query: Mapping[str, Json]
    body: Json
    broken: bool
    headers: Mapping[str, str]
    address: str
    base: str
    host: str
    request_id: str

    @property
    def method(self) -> str:
        """The call as faults and logs name it."""
        return f"{self.verb} {self.path}"

    @property
    def bearer(self) -> str:
        """The bearer token, or nothing."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""

    @property
    def record_ids(self) -> list[int]:
        """The records the call is about: the last number of the path, else those of the body's items."""
        numbers = [int(part) for part in self.path.split("/") if part.isdigit()]
        listed = [number for item in self._items() if (number := _number(item)) is not None]
        in_list = "/catalogs/" in self.path and len(numbers) == 1
        return listed if listed and (in_list or not numbers) else numbers[-1:]

    def _items(self) -> list[Json]:
        return list(self.body) if isinstance(self.body, list) else [self.body]


def _number(item: Json) -> int | None:
    if not isinstance(item, Mapping):
        return None
    return next((number for name in _ID_NAMES if (number := as_int(item.get(name))) is not None), None)


async def read_incoming(request_id: str, scope: Scope, receive: Receive) -> Incoming:
    """The whole request."""
    request = Request(scope, receive)
    raw = await request.body()
    body, broken = _body(request.headers.get("content-type", ""), raw)
    host = request.headers.get("host", "127.0.0.1")
    return Incoming(
        verb=request.method,
        path=request.url.path.rstrip("/") or "/",
        query_text=request.url.query,
        query=parse_query(request.url.query),
        body=body,
        broken=broken,
        headers=dict(request.headers),
        address=request.client.host if request.client else "",
        base=f"{request.url.scheme}://{host}",
        host=host,
        request_id=request_id,
    )


def _body(content_type: str, raw: bytes) -> tuple[Json, bool]:
    if not raw:
        return None, False
    if content_type.split(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        return parse_query(raw.decode("utf-8", "replace")), False
    try:
        return json.loads(raw), False
    except ValueError:
        return None, True
