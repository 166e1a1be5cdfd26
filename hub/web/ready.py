"""`/ready`: whether the hub keeps up with its own work. Counts and ages only, no business data."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from anyio import CapacityLimiter, fail_after, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse

from hub.services.runtime import Runtime
from hub.store.queries import Backlog, Lag
from hub.web.site import Site

_log = structlog.get_logger(__name__)
#: A database that does not answer within this is one that does not answer, seconds.
_PATIENCE_S: Final = 5.0


def probe_limiter() -> CapacityLimiter:
    """Threads of probes: a database that hangs never takes those of the desk."""
    return CapacityLimiter(2)


async def ready(request: Request) -> JSONResponse:
    """200 while the database answers, the timer ticks and nothing that the hub could do waits too long; else 503.

    What waits for a CRM, for a quota or for a person's word is not late: a restart would not help it.
    """
    site: Site = request.app.state.site
    rt = site.context.rt
    limits = _limits(rt)
    try:
        with fail_after(_PATIENCE_S):
            backlog = await to_thread.run_sync(
                site.context.queries.backlog,
                rt.clock.now(),
                limits,
                limiter=request.app.state.probes,
                abandon_on_cancel=True,
            )
    except Exception:
        _log.exception("ready.database_failed")
        return JSONResponse({"ready": False, "db": False, "lagging": ["database"]}, 503)
    answer, lagging = _answer(rt, backlog, limits)
    return JSONResponse(answer, 503 if lagging else 200)


def _limits(rt: Runtime) -> dict[str, float]:
    limits = rt.upkeep.ready
    return {"inbox": limits.inbox_s, "payments": limits.payments_s, "outbox": limits.outbox_s}


def _answer(rt: Runtime, backlog: Backlog, limits: dict[str, float]) -> tuple[dict[str, object], list[str]]:
    now = rt.clock.now()
    unread = _unread(rt, backlog, now)
    # The matcher decides nothing against invoices that it has not seen: a CRM that is down makes payments wait.
    payments = Lag() if unread else backlog.payments
    lags = {"inbox": backlog.inbox, "payments": payments, "outbox": backlog.outbox}
    tick_s = (now - backlog.ticked_at).total_seconds() if backlog.ticked_at is not None else None
    silent = tick_s is None or tick_s > rt.upkeep.ready.timer_s
    lagging = [name for name, lag in lags.items() if lag.late] + ["timer"] * silent
    figures: dict[str, object] = {name: _figures(lag, limits[name], now) for name, lag in lags.items()}
    timer = {"age_s": round(tick_s, 1) if tick_s is not None else None, "limit_s": rt.upkeep.ready.timer_s}
    waits = {"paused": backlog.paused, "connections_unread": unread}
    return {"ready": not lagging, "db": True, "lagging": lagging, **figures, "timer": timer, **waits}, lagging


def _unread(rt: Runtime, backlog: Backlog, now: datetime) -> int:
    """How many connections were not read to their end, or not for long."""
    at = backlog.polled_at
    fresh = [
        (seen := at.get(name)) is not None and now - seen <= settings.stale_after
        for name, settings in rt.connections.items()
    ]
    return fresh.count(False)


def _figures(lag: Lag, limit_s: float, now: datetime) -> dict[str, object]:
    oldest = round((now - lag.oldest_at).total_seconds(), 1) if lag.oldest_at is not None else 0.0
    return {"late": lag.late, "oldest_s": oldest, "limit_s": limit_s}
