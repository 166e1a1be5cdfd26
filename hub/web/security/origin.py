"""Whether a form was sent by our own page: the Origin check beside the CSRF token."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request


def from_our_page(request: Request) -> bool:
    """Origin (else Referer) names the host that the request came to; a request that names neither is refused.

    The scheme is not compared: behind a TLS proxy the hub itself is spoken to in plain HTTP.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    source = request.headers.get("origin") or request.headers.get("referer")
    host = request.headers.get("host")
    return bool(source and host) and urlsplit(source or "").netloc.lower() == (host or "").lower()
