"""Reads a request from the wire: the publication, the address under it, the query, headers and body."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Receive, Scope

from connectors.accounting_1c.sandbox.addresses import decoded
from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.errors import ODataError, ServerPage
from connectors.accounting_1c.sandbox.options import read_query
from connectors.accounting_1c.sandbox.representation import ATOM, Representation, chosen

DOOR = "/odata/standard.odata"
_IIS_SEGMENT = 260
_LENGTH_NEEDED = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as parsed from the wire; header names are in lower case, `path` is what follows the root."""

    http: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    root: str
    representation: Representation
    refusal: ODataError | ServerPage | None = None


def publication(base: Base) -> str:
    """The path of the publication, with its slash."""
    return f"/{(base.settings.publication or base.configuration.name).strip('/')}"


async def read_incoming(base: Base, scope: Scope, receive: Receive) -> Incoming | None:
    """The whole request, or None when its address is not under the root of the interface."""
    request = Request(scope, receive)
    raw: bytes = scope["raw_path"].split(b"?")[0]
    path, door = decoded(raw), f"{publication(base)}{DOOR}"
    if path != door and not path.startswith(f"{door}/"):
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = read_query(scope["query_string"].decode("utf-8", "replace"), plus_is_space=base.settings.plus_is_space)
    representation, refusal = _representation(query, headers.get("accept", ""))
    return Incoming(
        http=request.method,
        path=path[len(door) :],
        query=query,
        headers=headers,
        body=await request.body(),
        request_id=base.next_request_id(),
        root=f"{request.url.scheme}://{headers.get('host', request.url.netloc)}{door}",
        representation=representation,
        refusal=_front(base, scope, raw, headers) or refusal,
    )


def _representation(query: Mapping[str, str], accept: str) -> tuple[Representation, ODataError | None]:
    try:
        return chosen(query, accept), None
    except ODataError as error:
        return ATOM, error


def _front(base: Base, scope: Scope, raw: bytes, headers: Mapping[str, str]) -> ServerPage | None:
    """What the web server refuses before 1C sees the request."""
    if len(raw) + len(scope["query_string"]) > base.settings.max_url_bytes:
        return ServerPage(414, "Request-URI Too Long")
    if base.settings.front == "apache":
        return None
    if any(len(part) > _IIS_SEGMENT for part in decoded(raw).split("/")):
        return ServerPage(400, "Bad Request - Invalid URL")
    if scope["method"] in _LENGTH_NEEDED and "content-length" not in headers:
        return ServerPage(411, "Length Required")
    return None
