"""Receivers of events on the status page: who takes them, who does not, who was switched off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hub.ports.events import DeliveryState, EndpointRow
from hub.web.desk.effects import Badge, Tone
from hub.web.locale import Words
from hub.web.rendering import age_text
from hub.web.site import Site


@dataclass(frozen=True, slots=True)
class EndpointView:
    """A receiver as the page shows it.

    Attributes:
        address: scheme and host only: the whole address may hold a secret.
        age: how long the oldest event waits; empty when none does.
        remedy: the command that helps, where one does.
    """

    name: str
    address: str
    badge: Badge
    succeeded_at: datetime | None
    queued: int
    failed: int
    age: str
    remedy: str


def endpoint_views(site: Site) -> list[EndpointView]:
    """Every receiver of the settings, by name."""
    endpoints = site.context.rt.endpoints
    with site.context.rt.store.read() as uow:
        rows = [uow.events.endpoint(name) for name in sorted(endpoints)]
    return [_view(row, endpoints[row.name].sender.address, site) for row in rows]


def _view(row: EndpointRow, address: str, site: Site) -> EndpointView:
    say, now = site.words, site.now()
    return EndpointView(
        name=row.name,
        address=address,
        badge=_badge(row, now, say),
        succeeded_at=row.succeeded_at,
        queued=row.count(DeliveryState.QUEUED),
        failed=row.count(DeliveryState.FAILED),
        age=age_text(row.oldest_at, now, say) if row.oldest_at is not None else "",
        remedy=_remedy(row),
    )


def _badge(row: EndpointRow, now: datetime, say: Words) -> Badge:
    if row.disabled_because is not None:
        return Badge(Tone.STOP, say("отключён"), row.disabled_because)
    if row.held_until is not None and row.held_until > now:
        return Badge(Tone.WAIT, say("просил подождать"))
    if row.count(DeliveryState.FAILED):
        return Badge(Tone.WAIT, say("принял не всё"))
    return Badge(Tone.GOOD, say("принимает")) if row.succeeded_at else Badge(Tone.CALM, say("ещё ничего не получал"))


def _remedy(row: EndpointRow) -> str:
    if row.disabled_because is not None:
        return f"sverka events enable {row.name}"
    return f"sverka events list --endpoint {row.name} --state failed" if row.count(DeliveryState.FAILED) else ""
