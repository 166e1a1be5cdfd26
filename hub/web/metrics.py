"""`/metrics`: the hub in figures for Prometheus, only for whoever holds the token. No names, no sums, no secrets."""

from __future__ import annotations

import platform
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, TypeVar

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hub.ports.records import Health
from hub.store.queries import Figures
from hub.web.context import WebContext
from hub.web.security.bearer import refusal
from hub.web.site import Site

_log = structlog.get_logger(__name__)
#: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Key = TypeVar("Key", bound=tuple[str, ...])


async def metrics(request: Request) -> Response:
    """Every figure. 404 without a token in the settings, 401 with a wrong one, 503 when the database fails."""
    site: Site = request.app.state.site
    context = site.context
    refused = refusal(context.metrics_token, request.headers.get("authorization", ""))
    if refused is not None:
        headers = {"WWW-Authenticate": "Bearer"} if refused == 401 else None
        return PlainTextResponse(f"{refused}\n", refused, headers)
    try:
        figures = await run_in_threadpool(context.queries.figures)
    except Exception:
        _log.exception("metrics.database_failed")
        return PlainTextResponse("503\n", 503)
    return Response(exposition(context, figures, site.now()), media_type=_TYPE)


def exposition(context: WebContext, figures: Figures, now: datetime) -> bytes:
    """The figures as text, from a registry of their own."""
    registry = CollectorRegistry()
    registry.register(_Snapshot([*_of_store(figures, now), *_of_process(context)]))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Snapshot(Collector):
    """Metrics that were made beforehand."""

    def __init__(self, made: list[Metric]) -> None:
        self._made = made

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        return self._made


def _gauge(name: str, text: str, labels: tuple[str, ...], values: Mapping[Key, float]) -> Metric:
    family = GaugeMetricFamily(f"sverka_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _counter(name: str, text: str, labels: tuple[str, ...], values: Mapping[Key, float]) -> Metric:
    family = CounterMetricFamily(f"sverka_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _of_store(figures: Figures, now: datetime) -> Iterator[Metric]:
    overview = figures.overview
    queues = {"inbox": overview.inbox, "payments": overview.payments, "outbox": overview.outbox}
    ages = {(name,): _age(queue.oldest_at, now) for name, queue in queues.items()}
    yield _gauge("queue_oldest_seconds", "Age of the oldest row that waits for the hub.", ("queue",), ages)
    yield _gauge("inbox_rows", "Inbox rows by state.", ("state",), _keyed(overview.inbox.counts))
    yield _gauge("payments", "Payments by state.", ("state",), _keyed(overview.payments.counts))
    yield _counter("decisions", "Decisions of the matcher, by kind.", ("kind",), _keyed(figures.decisions))
    labels = ("connection", "kind", "state")
    yield _gauge("effects", "Effects in the CRMs by connection, kind and state.", labels, figures.effects)
    text = "Outgoing events by receiver and state."
    yield _gauge("event_deliveries", text, ("endpoint", "state"), figures.deliveries)
    yield _gauge("journal_unsealed", "Journal lines not yet sealed.", (), {(): overview.unsealed})
    yield _gauge("paused", "1 while a person stopped all writing.", (), {(): overview.paused_by is not None})
    ringing = {(alarm.kind.value, alarm.source): _age(alarm.since, now) for alarm in figures.alarms}
    yield _gauge("alarm_silence_seconds", "Silences that are alarms, by their length.", ("kind", "source"), ringing)
    if figures.ticked_at is not None:
        yield _gauge("timer_age_seconds", "Since the timer's last tick.", (), {(): _age(figures.ticked_at, now)})
    yield from _of_connections(figures, now)


def _of_connections(figures: Figures, now: datetime) -> Iterator[Metric]:
    rows = figures.overview.connections
    health = {(row.id, state.value): float(row.health is state) for row in rows for state in Health}
    yield _gauge("connection_health", "1 for the state a connection is in.", ("connection", "health"), health)
    acting = {(row.id,): float(row.acting) for row in rows}
    yield _gauge("connection_acting", "1 while the connection writes to its CRM.", ("connection",), acting)
    capped = {(row.id,): float(row.capped) for row in rows}
    yield _gauge("connection_capped", "1 while the hourly cap holds moves back.", ("connection",), capped)
    polled = {(row.id,): _age(row.polled_at, now) for row in rows if row.polled_at is not None}
    yield _gauge("poll_age_seconds", "Since the connection was last read to its end.", ("connection",), polled)


def _of_process(context: WebContext) -> Iterator[Metric]:
    build = {(context.version, platform.python_version()): 1.0}
    yield _gauge("build_info", "Version of the hub and of Python.", ("version", "python"), build)
    yield _gauge("threads", "Threads of the process.", (), {(): float(threading.active_count())})
    calls = context.calls()
    labels = ("connection", "outcome")
    counts = {key: total.calls for key, total in calls.items()}
    yield _counter("crm_calls", "Calls of CRMs by HTTP status or failure.", labels, counts)
    seconds = {key: total.seconds for key, total in calls.items()}
    yield _counter("crm_call_seconds", "Time that those calls took.", labels, seconds)
    hooks = {(name, str(status)): count for (name, status), count in context.hooks().items()}
    yield _counter("hooks", "Hook requests by connection and answer.", ("connection", "status"), hooks)


def _keyed(counts: Mapping[str, int]) -> dict[tuple[str], int]:
    return {(name,): count for name, count in counts.items()}


def _age(at: datetime | None, now: datetime) -> float:
    return round(max(0.0, (now - at).total_seconds()), 3) if at is not None else 0.0
