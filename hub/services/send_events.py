"""Tell an endpoint what it waits for: claim, sign and POST, settle; one event at a time, until one is not taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from hub import failpoints
from hub.ports.events import DeliveryRow, EventAnswer, EventNotTaken, EventRow
from hub.ports.records import AuditEntry
from hub.ports.store import UnitOfWork
from hub.services.endpoints import Endpoint
from hub.services.runtime import Runtime, Work

_log = structlog.get_logger(__name__)
#: Version of the payload's shape; a change that could break a receiver raises it.
PAYLOAD_VERSION: Final = 1
PING: Final = "ping"
_TAKEN: Final = range(200, 300)
_GONE: Final = 410
_REDIRECTS: Final = range(300, 400)
_BUSY: Final = frozenset({429, 503})
_GONE_FOR_GOOD: Final = "Получатель ответил 410: такие события ему больше не нужны."


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one attempt came to; `error` is None when the event was taken."""

    status: int | None = None
    error: str | None = None
    retry_after_s: float | None = None


def send_events(rt: Runtime, name: str) -> int:
    """Send what is due to an endpoint; returns how many events it took.

    Somebody else's turn, a disabled endpoint or nothing due make it do nothing. A receiver that takes nothing ends the
    turn at once: its next event waits for the next hint, so that a dead receiver costs one deadline and no more.
    """
    endpoint = rt.endpoints.get(name)
    if endpoint is None:
        return 0
    rt = rt.claimant()
    ends_at = rt.clock.monotonic() + endpoint.timing.turn_s * endpoint.timing.scale
    taken = 0
    with rt.store.write() as uow:
        delivery = _claim(rt, uow, endpoint, name)
    while delivery is not None:
        outcome = _attempt(rt, endpoint, delivery)
        goes_on = outcome.error is None and rt.clock.monotonic() < ends_at
        delivery = _settle(rt, endpoint, delivery, outcome, goes_on=goes_on)
        taken += outcome.error is None
    rt.wake(Work.DELIVER, "")
    return taken


def payload(event: EventRow) -> bytes:
    """The body of an event: the same bytes for every attempt and every endpoint."""
    return _dump(event.event_id, event.type, event.occurred_at, event.data)


def ping(rt: Runtime, name: str, event_id: str) -> EventAnswer:
    """Send a `ping` to an endpoint once, past the queue; nothing of it is kept.

    Raises:
        EventNotTaken: no answer.
    """
    now = rt.clock.now()
    return rt.endpoints[name].sender.send(event_id, now, _dump(event_id, PING, now, {"endpoint": name}))


def _dump(event_id: str, event_type: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    body = {
        "id": event_id,
        "type": event_type,
        "version": PAYLOAD_VERSION,
        "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": data,
    }
    return json.dumps(body, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def _claim(rt: Runtime, uow: UnitOfWork, endpoint: Endpoint, name: str) -> DeliveryRow | None:
    lease_s = endpoint.timing.lease_s * endpoint.timing.scale
    return uow.events.claim(name, rt.owner, rt.clock.now(), lease_s)


def _attempt(rt: Runtime, endpoint: Endpoint, delivery: DeliveryRow) -> _Outcome:
    try:
        answer = endpoint.sender.send(delivery.event.event_id, rt.clock.now(), payload(delivery.event))
    except EventNotTaken as error:
        return _Outcome(error=str(error))
    failpoints.reach("event_sent")
    if answer.status in _TAKEN:
        return _Outcome(answer.status)
    return _Outcome(answer.status, _refusal(answer.status), answer.retry_after_s if answer.status in _BUSY else None)


def _refusal(status: int) -> str:
    if status in _REDIRECTS:
        return f"Получатель ответил {status}: перенаправления не выполняются, впишите конечный адрес."
    return _GONE_FOR_GOOD if status == _GONE else f"Получатель ответил {status}."


def _settle(
    rt: Runtime, endpoint: Endpoint, delivery: DeliveryRow, outcome: _Outcome, *, goes_on: bool
) -> DeliveryRow | None:
    """Write down what became of an attempt and take the next event, in one transaction."""
    name, now = delivery.endpoint, rt.clock.now()
    with rt.store.write() as uow:
        if not _write_down(rt, uow, endpoint, delivery, outcome, now):
            _log.warning("event.lease_lost", endpoint=name, delivery=delivery.id)
            return None
        if goes_on:
            return _claim(rt, uow, endpoint, name)
        uow.events.release(name, rt.owner)
    return None


def _write_down(
    rt: Runtime, uow: UnitOfWork, endpoint: Endpoint, delivery: DeliveryRow, outcome: _Outcome, now: datetime
) -> bool:
    """Settle or postpone; False when somebody else has the endpoint by now."""
    if outcome.error is None:
        return uow.events.done(delivery.id, rt.owner, outcome.status or _TAKEN.start, now)
    pause_s = endpoint.timing.pause_s(delivery.attempts, outcome.retry_after_s)
    if pause_s is None:
        kept = uow.events.fail(delivery.id, rt.owner, outcome.error, outcome.status, now)
    else:
        later = now + timedelta(seconds=pause_s)
        kept = uow.events.postpone(delivery.id, rt.owner, outcome.error, outcome.status, later)
    if kept:
        _tell_people(uow, delivery, outcome, now, failed=pause_s is None)
        _leave_alone(uow, endpoint, delivery.endpoint, outcome, now)
    return kept


def _tell_people(uow: UnitOfWork, delivery: DeliveryRow, outcome: _Outcome, now: datetime, *, failed: bool) -> None:
    name, event = delivery.endpoint, delivery.event
    _log.warning("event.not_taken", endpoint=name, id=event.event_id, status=outcome.status, error=outcome.error)
    if failed:
        data = {"event": event.event_id, "type": event.type, "attempts": delivery.attempts, "reason": outcome.error}
        uow.audit.append(AuditEntry("event.failed", "hub", f"endpoint/{name}", data), now)


def _leave_alone(uow: UnitOfWork, endpoint: Endpoint, name: str, outcome: _Outcome, now: datetime) -> None:
    """A receiver that is gone, or that asked for a pause, gets nothing else either."""
    if outcome.status == _GONE:
        uow.events.disable(name, _GONE_FOR_GOOD, now)
        entry = AuditEntry("endpoint.disabled", "hub", f"endpoint/{name}", {"reason": _GONE_FOR_GOOD})
        uow.audit.append(entry, now)
    asked_s = endpoint.timing.asked_s(outcome.retry_after_s)
    if asked_s:
        uow.events.hold(name, now + timedelta(seconds=asked_s))
