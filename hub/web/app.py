"""The web application: routes, body caps, security headers, error pages."""

from __future__ import annotations

from functools import partial

from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from hub.web.api import health
from hub.web.context import WebContext
from hub.web.desk import lists, payment_page, settle, status, uploads
from hub.web.errors import http_error, unexpected_error
from hub.web.security.body_limit import BodyLimit
from hub.web.security.headers import Shield
from hub.web.sign_in import show_sign_in, sign_in, sign_out
from hub.web.site import make_site
from hub.web.static_files import LastingFiles
from hub.web.visit import action, page
from hub.web.webhooks import receive_hook

_HOOK_LIMIT = 1024 * 1024
_FORM_LIMIT = 256 * 1024
#: Room for the form's own parts around the files.
_FORM_MARGIN = 64 * 1024


def create_app(context: WebContext) -> Starlette:
    """Build the application. Times, secrets and ports all come with the context."""
    site = make_site(context)

    def on_http_error(request: Request, error: Exception) -> Response:
        return http_error(site, request, error if isinstance(error, HTTPException) else HTTPException(500))

    limits = {"/hooks/": _HOOK_LIMIT, "/uploads": context.upload_limit + _FORM_MARGIN}
    app = Starlette(
        routes=_routes(),
        middleware=[
            Middleware(Shield, secure=context.secure_cookies, on_error=partial(unexpected_error, site)),
            Middleware(BodyLimit, limits=limits, default=_FORM_LIMIT),
        ],
        exception_handlers={HTTPException: on_http_error},
    )
    app.state.site = site
    # One password check at a time: the count of failures is never outrun, nor the memory that argon2 takes.
    app.state.sign_in_turn = CapacityLimiter(1)
    return app


def _routes() -> list[BaseRoute]:
    return [
        Route("/hooks/{connection}/{secret}", receive_hook, methods=["POST"]),
        Route("/health", health, methods=["GET"]),
        Mount("/static", LastingFiles(packages=[("hub.web", "static")]), name="static"),
        Route("/sign-in", show_sign_in, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/sign-out", action(sign_out), methods=["POST"]),
        Route("/", page(lists.start), methods=["GET"]),
        Route("/planned", page(lists.planned), methods=["GET"]),
        Route("/stopped", page(lists.stopped), methods=["GET"]),
        *_payment_routes(),
        Route("/effects/{effect:int}/send-again", action(settle.send_effect_again), methods=["POST"]),
        Route("/effects/{effect:int}/put-aside", action(settle.put_effect_aside), methods=["POST"]),
        Route("/uploads", page(uploads.list_uploads), methods=["GET"]),
        Route("/uploads", action(uploads.take_in), methods=["POST"]),
        Route("/uploads/{upload:int}", page(uploads.upload), methods=["GET"]),
        Route("/status", page(status.show), methods=["GET"]),
        Route("/pause", action(status.pause_hub), methods=["POST"]),
        Route("/resume", action(status.resume_hub), methods=["POST"]),
        Route("/connections/{connection}/resume", action(status.resume_connection), methods=["POST"]),
        Route("/connections/{connection}/mode", action(status.switch_mode), methods=["POST"]),
    ]


def _payment_routes() -> list[BaseRoute]:
    base = "/payments/{payment}"
    return [
        Route(base, page(payment_page.payment), methods=["GET"]),
        Route(f"{base}/choose", page(payment_page.choose_page), methods=["GET"]),
        Route(f"{base}/choose", action(settle.choose), methods=["POST"]),
        Route(f"{base}/confirm", action(settle.confirm), methods=["POST"]),
        Route(f"{base}/reject", action(settle.reject_payment), methods=["POST"]),
        Route(f"{base}/put-back", action(settle.put_payment_back), methods=["POST"]),
        Route(f"{base}/undo", page(settle.ask_undo), methods=["GET"]),
        Route(f"{base}/undo", action(settle.undo), methods=["POST"]),
    ]
