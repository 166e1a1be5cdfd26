"""Bearer tokens of machines: constant-time, and an empty token in the settings closes the door."""

from __future__ import annotations

import hmac
from typing import Final

_SCHEME: Final = "Bearer "


def refusal(token: str, header: str) -> int | None:
    """404 where no token is set, 401 where another one was shown, None where it fits."""
    if not token:
        return 404
    given = header.removeprefix(_SCHEME) if header.startswith(_SCHEME) else ""
    fits = hmac.compare_digest(token.encode(), given.encode("utf-8", "surrogateescape"))
    return None if fits else 401
