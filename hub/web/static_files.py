"""Static files that browsers may keep: their addresses carry their digest."""

from __future__ import annotations

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_LASTING = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=300"


class LastingFiles(StaticFiles):
    """A year for an address with a digest, five minutes for one without."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve a file with its keeping time."""
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["Cache-Control"] = _LASTING if scope["query_string"].startswith(b"v=") else _SHORT
        return response
