"""`/health`: whether the hub is alive and keeps up. Counts only, no business data."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from hub.store.queries import Overview
from hub.web.site import Site

_log = structlog.get_logger(__name__)
_WAITING: Final = ("new", "recheck")


async def health(request: Request) -> JSONResponse:
    """200 with counts while the database answers, 503 when it does not."""
    site: Site = request.app.state.site
    version = site.context.version
    try:
        overview = await run_in_threadpool(site.context.queries.overview)
    except Exception:
        _log.exception("health.database_failed")
        return JSONResponse({"ok": False, "version": version, "db": False}, 503)
    return JSONResponse({"ok": True, "version": version, "db": True, **_figures(overview, site.now())})


def _figures(overview: Overview, now: datetime) -> dict[str, object]:
    ages = [queue.oldest_at for queue in (overview.inbox, overview.payments, overview.outbox)]
    oldest = min((at for at in ages if at is not None), default=None)
    return {
        "paused": overview.paused_by is not None,
        "inbox_waiting": overview.inbox.counts.get("new", 0),
        "payments_waiting": sum(overview.payments.counts.get(state, 0) for state in _WAITING),
        "outbox_queued": overview.outbox.counts.get("queued", 0),
        "outbox_intent": overview.outbox.counts.get("intent", 0),
        "oldest_s": round((now - oldest).total_seconds(), 1) if oldest is not None else 0.0,
    }
