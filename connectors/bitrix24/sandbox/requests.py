"""Reads a REST request from the wire: path forms, query, form and JSON bodies merged as PHP merges them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import Receive, Scope

from connectors.bitrix24.sandbox.dispatch import Incoming
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.php import nest, parse_query

_WEBHOOK = re.compile(r"^/rest(?P<v3>/api)?/(?P<user>\d+)/(?P<code>[A-Za-z0-9]+)/(?P<method>[^/]+)/?$")
_TOKEN = re.compile(r"^/rest(?P<v3>/api)?/(?P<method>[^/]+)/?$")


@dataclass(frozen=True, slots=True)
class Target:
    """What a REST path names."""

    method: str
    version: int
    user_id: int | None = None
    code: str = ""


def parse_path(path: str) -> Target | None:
    """The method and webhook in a path, double slashes collapsed; None when it is not a REST path."""
    clean = re.sub(r"/{2,}", "/", path)
    found = _WEBHOOK.match(clean)
    if found:
        version = 3 if found["v3"] else 2
        return Target(_method(found["method"]), version, int(found["user"]), found["code"])
    found = _TOKEN.match(clean)
    return Target(_method(found["method"]), 3 if found["v3"] else 2) if found else None


def _method(text: str) -> str:
    return unquote(text).strip().lower().removesuffix(".json").removesuffix(".xml")


async def read_incoming(target: Target, request_id: str, scope: Scope, receive: Receive) -> Incoming:
    """The whole request. A JSON body that does not parse counts as empty; the body wins over the query."""
    request = Request(scope, receive)
    body = await _body(request, target.version)
    query: Mapping[str, Json] = {} if target.version == 3 else parse_query(request.url.query)
    params = {**query, **body}
    # Parameters of clients that carry no meaning for a method.
    for name in ("__order", "bx24_request_id", "bx24_sdk_ver", "bx24_sdk_type"):
        params.pop(name, None)
    return Incoming(
        method=target.method,
        params=params,
        request_id=request_id,
        address=request.client.host if request.client else "",
        user_id=target.user_id,
        code=target.code,
        version=target.version,
        secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
        idempotency_key=request.headers.get("idempotency-key"),
    )


async def _body(request: Request, version: int) -> Mapping[str, Json]:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "multipart/form-data" and version == 2:
        async with request.form() as form:
            return nest([(key, value) for key, value in form.multi_items() if isinstance(value, str)])
    raw = await request.body()
    if kind == "application/x-www-form-urlencoded" and version == 2:
        return parse_query(raw.decode("utf-8", "replace"))
    try:
        parsed = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
