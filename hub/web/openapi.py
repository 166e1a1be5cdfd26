"""`GET /api/v1/openapi.json`: what programmes may ask, as OpenAPI; the text is openapi.yaml."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import Response


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document."""
    found: dict[str, Any] = yaml.safe_load(files("hub.web").joinpath("openapi.yaml").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def _body() -> bytes:
    return json.dumps(document(), ensure_ascii=False).encode()


async def openapi(request: Request) -> Response:
    """200; it says nothing of the company, so nobody is asked who they are."""
    del request
    return Response(_body(), media_type="application/json")
