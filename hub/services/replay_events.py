"""A person's hand on outgoing events: send again by id or by range, enable an endpoint that said 410."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from hub.ports.events import EventFilter
from hub.ports.records import AuditEntry
from hub.ports.store import UnitOfWork
from hub.services.endpoints import Endpoint
from hub.services.runtime import Runtime, Work


class CannotReplay(ValueError):
    """It cannot be done; the message says why (Russian)."""


def plan_replay(rt: Runtime, wanted: EventFilter) -> dict[str, int]:
    """How many events a replay would send to each endpoint that wants any; nothing is changed.

    Raises:
        CannotReplay: the endpoint is not in the settings.
    """
    with rt.store.read() as uow:
        counts = {name: uow.events.count(mine, endpoint.types) for name, endpoint, mine in _targets(rt, wanted)}
    return {name: count for name, count in counts.items() if count}


def replay_events(rt: Runtime, wanted: EventFilter, actor: str) -> dict[str, int]:
    """Queue events anew under their old ids, for one endpoint or for all; returns how many for each.

    A receiver that has an event already knows it by its id. What was recorded before an endpoint was added goes to it
    too, within the types that it wants.

    Raises:
        CannotReplay: the endpoint is not in the settings.
    """
    now = rt.clock.now()
    with rt.store.write() as uow:
        sent = {
            name: count
            for name, endpoint, mine in _targets(rt, wanted)
            if (count := uow.events.replay(mine, name, endpoint.types, now))
        }
        for name, count in sent.items():
            _write_down(uow, wanted, name, count, actor, now)
    for name in sent:
        rt.wake(Work.EVENT, name)
    return sent


def _targets(rt: Runtime, wanted: EventFilter) -> Iterator[tuple[str, Endpoint, EventFilter]]:
    chosen: Mapping[str, Endpoint] = rt.endpoints
    if wanted.endpoint is not None:
        chosen = {wanted.endpoint: _known(rt, wanted.endpoint)}
    return ((name, endpoint, replace(wanted, endpoint=name)) for name, endpoint in chosen.items())


def _known(rt: Runtime, name: str) -> Endpoint:
    endpoint = rt.endpoints.get(name)
    if endpoint is None:
        names = ", ".join(rt.endpoints) or "ни одного"
        raise CannotReplay(f"Получателя «{name}» в настройках нет. Есть: {names}.")
    return endpoint


def _write_down(uow: UnitOfWork, wanted: EventFilter, name: str, count: int, actor: str, now: datetime) -> None:
    data = {
        "count": count,
        "event": wanted.event_id,
        "type": wanted.type,
        "since": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
        "state": wanted.state,
    }
    kept = {key: value for key, value in data.items() if value is not None}
    uow.audit.append(AuditEntry("events.replayed", actor, f"endpoint/{name}", kept), now)


def enable_endpoint(rt: Runtime, name: str, actor: str) -> bool:
    """Send to an endpoint again; False when it was not disabled. What waited for it goes out now.

    Raises:
        CannotReplay: it is not in the settings.
    """
    _known(rt, name)
    with rt.store.write() as uow:
        enabled = uow.events.enable(name)
        if enabled:
            uow.audit.append(AuditEntry("endpoint.enabled", actor, f"endpoint/{name}"), rt.clock.now())
    rt.wake(Work.EVENT, name)
    return enabled
