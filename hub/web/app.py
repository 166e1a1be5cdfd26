"""The web application: routes, body caps, security headers, error pages."""

from __future__ import annotations

from functools import partial

import structlog
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from hub.ports.hooks import HookWriter
from hub.ports.store import StoreUnavailable
from hub.web import match_api
from hub.web.api import health
from hub.web.context import WebContext
from hub.web.desk import aliases, claims, lists, payment_page, sales, settle, status, uploads
from hub.web.errors import http_error, unexpected_error
from hub.web.intake.asgi import Front, Intake
from hub.web.intake.counters import IntakeCounters
from hub.web.intake.limits import IntakeLimits
from hub.web.metrics import metrics
from hub.web.openapi import openapi
from hub.web.ready import probe_limiter, ready
from hub.web.security.body_limit import BodyLimit
from hub.web.security.headers import Shield
from hub.web.sign_in import show_sign_in, sign_in, sign_out
from hub.web.site import make_site
from hub.web.static_files import LastingFiles
from hub.web.visit import action, page

_FORM_LIMIT = 256 * 1024
_RETRY_AFTER = "30"
#: Room for the form's own parts around the files.
_FORM_MARGIN = 64 * 1024


_log = structlog.get_logger(__name__)


def create_site(
    context: WebContext, writer: HookWriter, counters: IntakeCounters, limits: IntakeLimits | None = None
) -> ASGIApp:
    """Everything the hub serves: the hooks' door in front of the desk.

    Args:
        writer: stores what hooks bring; started and stopped by the caller.
    """
    door = Intake(context.rt, context.hook_secrets, writer, counters, limits or IntakeLimits(), context.hook_answers)
    return Front(create_app(context), door)


def create_app(context: WebContext) -> Starlette:
    """Build the desk. Times, secrets and ports all come with the context."""
    site = make_site(context)

    def on_http_error(request: Request, error: Exception) -> Response:
        return http_error(site, request, error if isinstance(error, HTTPException) else HTTPException(500))

    def on_silent_store(request: Request, error: Exception) -> Response:
        _log.error("desk.store_unavailable", reason=str(error))
        return http_error(site, request, HTTPException(503, headers={"Retry-After": _RETRY_AFTER}))

    limits = {"/uploads": context.upload_limit + _FORM_MARGIN, "/api/v1/match": match_api.MOST_BYTES}
    app = Starlette(
        routes=_routes(),
        middleware=[
            Middleware(Shield, secure=context.secure_cookies, on_error=partial(unexpected_error, site)),
            Middleware(BodyLimit, limits=limits, default=_FORM_LIMIT),
        ],
        exception_handlers={HTTPException: on_http_error, StoreUnavailable: on_silent_store},
    )
    app.state.site = site
    # One password check at a time: the count of failures is never outrun, nor the memory that argon2 takes.
    app.state.sign_in_turn = CapacityLimiter(1)
    app.state.probes = probe_limiter()
    app.state.matching = match_api.turn()
    return app


def _routes() -> list[BaseRoute]:
    return [
        Route("/health", health, methods=["GET"]),
        Route("/ready", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
        Route("/api/v1/match", match_api.match, methods=["POST"]),
        Route("/api/v1/openapi.json", openapi, methods=["GET"]),
        Mount("/static", LastingFiles(packages=[("hub.web", "static")]), name="static"),
        Route("/sign-in", show_sign_in, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/sign-out", action(sign_out), methods=["POST"]),
        Route("/", page(lists.start), methods=["GET"]),
        Route("/planned", page(lists.planned), methods=["GET"]),
        Route("/stopped", page(lists.stopped), methods=["GET"]),
        *_payment_routes(),
        *_alias_routes(),
        Route("/claims", page(claims.show), methods=["GET"]),
        Route("/claims/{claim:int}/dismiss", action(claims.dismiss), methods=["POST"]),
        Route("/sales", page(sales.show), methods=["GET"]),
        Route("/sales", action(sales.answer), methods=["POST"]),
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


def _alias_routes() -> list[BaseRoute]:
    return [
        Route("/aliases", page(aliases.show), methods=["GET"]),
        Route("/aliases", action(aliases.add), methods=["POST"]),
        Route("/aliases/{alias:int}", page(aliases.edit), methods=["GET"]),
        Route("/aliases/{alias:int}", action(aliases.change), methods=["POST"]),
        Route("/aliases/{alias:int}/end", action(aliases.end), methods=["POST"]),
    ]
