"""Outgoing events: what is told to other systems, how it is kept until they took it, and what carries it there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class EventType(StrEnum):
    """What receivers may subscribe to."""

    PAYMENT_MATCHED = "payment.matched"
    DEAL_MOVED = "deal.moved"
    ITEM_NEEDS_YOU = "item.needs_you"


class DeliveryState(StrEnum):
    """`queued` waits for its turn or for the next attempt, `done` was taken, `failed` was tried to the end."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be recorded in the transaction of its cause.

    Attributes:
        subject: what it is about, as the hub names it (`p12`, `main/9001`, `inbox/7`).
        data: JSON; money as decimal strings with a currency, moments in ISO 8601.
    """

    type: EventType
    subject: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventRow:
    """A recorded event; `event_id` is what receivers deduplicate by."""

    number: int
    event_id: str
    type: str
    subject: str
    data: Mapping[str, Any]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """How far one event is on its way to one endpoint.

    Attributes:
        attempts: made so far, the one under way counted.
        status: the receiver's last HTTP status, None when there was none.
        error: what went wrong last, Russian.
    """

    id: int
    event: EventRow
    endpoint: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime
    status: int | None
    error: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """How an endpoint stands.

    Attributes:
        disabled_because: why nothing is sent until a person enables it, Russian; None while it is enabled.
        held_until: the receiver asked to be left alone until then.
        counts: deliveries by state.
        oldest_at: since when the oldest queued event waits.
    """

    name: str
    disabled_because: str | None = None
    held_until: datetime | None = None
    succeeded_at: datetime | None = None
    counts: Mapping[DeliveryState, int] | None = None
    oldest_at: datetime | None = None

    def count(self, state: DeliveryState) -> int:
        """How many deliveries are in a state."""
        return (self.counts or {}).get(state, 0)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are meant; None is any.

    Attributes:
        since: the first moment that counts.
        until: the first moment that does not count any more.
        state: with `endpoint`: of its delivery; alone: of any delivery.
    """

    type: EventType | None = None
    since: datetime | None = None
    until: datetime | None = None
    endpoint: str | None = None
    state: DeliveryState | None = None
    event_id: str | None = None


class Events(Protocol):
    """Events and their deliveries. One delivery of an endpoint is on its way at a time, under the endpoint's lease."""

    def add(self, event: NewEvent, endpoints: Collection[str], now: datetime) -> str:
        """Record an event and queue it for the endpoints; its id."""

    def get(self, event_id: str) -> EventRow | None:
        """Read one by the id that receivers see."""

    def last(self, subject: str) -> EventRow | None:
        """The newest event about a subject."""

    def find(self, wanted: EventFilter, limit: int, offset: int = 0) -> list[EventRow]:
        """Events under a filter, newest first."""

    def deliveries(self, event_numbers: Collection[int]) -> dict[int, list[DeliveryRow]]:
        """Deliveries of events, by the event's number, in the order of the endpoints' names."""

    def endpoint(self, name: str) -> EndpointRow:
        """How one endpoint stands."""

    def due(self, now: datetime, endpoints: Collection[str]) -> list[str]:
        """Those of the endpoints that have a due delivery and are neither disabled, held nor served by anybody."""

    def claim(self, endpoint: str, owner: str, now: datetime, lease_s: float) -> DeliveryRow | None:
        """Take or keep the endpoint's turn by conditional UPDATE, and its next due delivery, roughly oldest first.

        None when nothing is due or the turn cannot be had; a turn without a delivery is given back.
        """

    def done(self, delivery_id: int, owner: str, status: int, now: datetime) -> bool:
        """The receiver took it; False when the lease was lost (the late result is ignored)."""

    def postpone(self, delivery_id: int, owner: str, error: str, status: int | None, next_attempt_at: datetime) -> bool:
        """Try again later; False when the lease was lost."""

    def fail(self, delivery_id: int, owner: str, error: str, status: int | None, now: datetime) -> bool:
        """Give up; False when the lease was lost."""

    def release(self, endpoint: str, owner: str) -> None:
        """Give the endpoint's turn back."""

    def hold(self, endpoint: str, until: datetime) -> None:
        """The receiver asked for a pause: nothing goes there before `until`."""

    def disable(self, endpoint: str, reason: str, now: datetime) -> None:
        """Nothing goes there until a person enables it; what is queued stays queued."""

    def enable(self, endpoint: str) -> bool:
        """Send again; False when it was not disabled."""

    def count(self, wanted: EventFilter, types: Collection[str]) -> int:
        """How many events of these types a replay under that filter would send to its endpoint."""

    def replay(self, wanted: EventFilter, endpoint: str, types: Collection[str], now: datetime) -> int:
        """Queue the events under the filter anew for an endpoint, whatever became of them before; returns how many."""

    def prune(self, before: datetime) -> int:
        """Delete events older than `before` with their deliveries; returns how many.

        Only one that is still being tried stays. What waits for an endpoint that was disabled or taken out of the
        settings before that moment goes too: nothing personal outlives its time.
        """


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """What the receiver answered; `retry_after_s` where it named a pause."""

    status: int
    retry_after_s: float | None = None


class EventNotTaken(Exception):
    """No answer came, or none may be asked for; the message says why (Russian) and holds no secret."""


class EventSender(Protocol):
    """Carries signed messages to one endpoint."""

    @property
    def address(self) -> str:
        """Scheme and host of the receiver, for people: the whole address may hold a secret."""

    def send(self, event_id: str, at: datetime, body: bytes) -> EventAnswer:
        """POST a body, signed for this moment.

        Raises:
            EventNotTaken: refused before sending, or no whole answer in time.
        """

    def close(self) -> None:
        """Release sockets."""
