"""The one cookie of the desk: a random token, known to the server only once somebody signed in with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.web.security.tokens import looks_like_token

#: A session ends after this much silence, and at the latest this long after signing in.
IDLE: Final = timedelta(hours=8)
ABSOLUTE: Final = timedelta(hours=24)


def cookie_name(secure: bool) -> str:
    """`__Host-` binds the cookie to this host and to HTTPS; browsers refuse it over plain HTTP."""
    return "__Host-sverka" if secure else "sverka"


def read_token(request: Request, secure: bool) -> str | None:
    """The visitor's token, if the cookie holds anything that may be one."""
    value = request.cookies.get(cookie_name(secure), "")
    return value if looks_like_token(value) else None


def write_token(response: Response, token: str, secure: bool) -> None:
    """Give the visitor a token; the browser forgets it when it closes, the server at the latest after a day."""
    response.set_cookie(cookie_name(secure), token, path="/", secure=secure, httponly=True, samesite="lax")


def drop_token(response: Response, secure: bool) -> None:
    """Take the token away."""
    response.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="lax")
