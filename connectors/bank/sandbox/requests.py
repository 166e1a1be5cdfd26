"""Reads a request from the wire: which bank and which of its addresses, then path, query, headers and body."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.types import Receive, Scope

from connectors.bank.sandbox.calls import Incoming
from connectors.bank.sandbox.seed import Bank

#: Address prefixes, the longest first: bank, door.
_DOORS: tuple[tuple[tuple[str, ...], Bank, str], ...] = (
    (("tochka", "sandbox", "v2"), "tochka", "sandbox"),
    (("tochka", "uapi"), "tochka", "live"),
    (("tochka",), "tochka", "root"),
    (("tbank", "openapi"), "tbank", "live"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """The bank and the address a path leads to; `path` is what follows, decoded part by part."""

    bank: Bank
    door: str
    prefix: str
    path: tuple[str, ...]


def parse_path(raw: bytes) -> Target | None:
    """The target of a raw path, or None when neither bank lives there.

    The path is cut before it is decoded: `%2F` inside an account's name is no separator.
    """
    parts = tuple(unquote(part) for part in raw.decode("ascii", "replace").split("?")[0].strip("/").split("/"))
    for prefix, bank, door in _DOORS:
        if parts[: len(prefix)] == prefix:
            return Target(bank, door, "/".join(prefix), parts[len(prefix) :])
    return None


async def read_incoming(target: Target, request_id: str, scope: Scope, receive: Receive) -> Incoming:
    """The whole request."""
    request = Request(scope, receive)
    return Incoming(
        http=request.method,
        door=target.door,
        path=target.path,
        query=parse_qsl(request.url.query, keep_blank_values=True),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
        request_id=request_id,
        address=request.client.host if request.client else "",
        base_url=f"{request.url.scheme}://{request.url.netloc}/{target.prefix}",
    )
