"""Outgoing events and their deliveries; an endpoint is served by one sender at a time, under the endpoint's lease."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, literal, or_, select, update

from hub.ports.events import DeliveryRow, DeliveryState, EndpointRow, EventFilter, EventRow, NewEvent
from hub.store import tables as t
from hub.store.event_rows import matching, read_deliveries, read_event
from hub.store.sql import Repository, bites, insert

_QUEUED: Final = t.event_deliveries.c.state == DeliveryState.QUEUED


class SqlEvents(Repository):
    """`hub.ports.events.Events` over SQL."""

    def add(self, event: NewEvent, endpoints: Collection[str], now: datetime) -> str:
        """Record an event and queue it for the endpoints; its id."""
        event_id = f"evt_{secrets.token_hex(12)}"
        values = {
            "event_id": event_id,
            "type": event.type,
            "subject": event.subject,
            "data": dict(event.data),
            "occurred_at": now,
        }
        adding = insert(self._connection, t.events).values(values).returning(t.events.c.id)
        number = self._connection.execute(adding).scalar_one()
        rows = [{"event": number, "endpoint": name, **_fresh(now)} for name in sorted(set(endpoints))]
        if rows:
            self._connection.execute(insert(self._connection, t.event_deliveries), rows)
        return event_id

    def get(self, event_id: str) -> EventRow | None:
        """Read one by the id that receivers see."""
        row = self._connection.execute(select(t.events).where(t.events.c.event_id == event_id)).one_or_none()
        return read_event(row) if row else None

    def last(self, subject: str) -> EventRow | None:
        """The newest event about a subject."""
        found = select(t.events).where(t.events.c.subject == subject).order_by(t.events.c.id.desc()).limit(1)
        row = self._connection.execute(found).one_or_none()
        return read_event(row) if row else None

    def find(self, wanted: EventFilter, limit: int, offset: int = 0) -> list[EventRow]:
        """Events under a filter, newest first."""
        found = select(t.events).where(matching(wanted)).order_by(t.events.c.id.desc()).limit(limit).offset(offset)
        return [read_event(row) for row in self._connection.execute(found)]

    def deliveries(self, event_numbers: Collection[int]) -> dict[int, list[DeliveryRow]]:
        """Deliveries of events, by the event's number, in the order of the endpoints' names."""
        found: dict[int, list[DeliveryRow]] = {number: [] for number in event_numbers}
        for bite in bites(found):
            for row in read_deliveries(self._connection, t.event_deliveries.c.event.in_(bite)):
                found[row.event.number].append(row)
        return found

    def endpoint(self, name: str) -> EndpointRow:
        """How one endpoint stands."""
        table, row = t.event_deliveries, self._endpoint(name)
        counting = (
            select(table.c.state, func.count().label("number")).where(table.c.endpoint == name).group_by(table.c.state)
        )
        waiting = select(func.min(t.events.c.occurred_at)).join(table, table.c.event == t.events.c.id)
        return EndpointRow(
            name=name,
            disabled_because=row.disabled_because,
            held_until=row.held_until,
            succeeded_at=row.succeeded_at,
            counts={DeliveryState(row.state): row.number for row in self._connection.execute(counting)},
            oldest_at=self._connection.scalar(waiting.where(table.c.endpoint == name, _QUEUED)),
        )

    def _endpoint(self, name: str) -> EndpointRow:
        columns = [t.event_endpoints.c[part] for part in ("disabled_because", "held_until", "succeeded_at")]
        row = self._connection.execute(select(*columns).where(t.event_endpoints.c.name == name)).one_or_none()
        return EndpointRow(name, *row) if row else EndpointRow(name)

    def due(self, now: datetime, endpoints: Collection[str]) -> list[str]:
        """Those of the endpoints that have a due delivery and are neither disabled, held nor served by anybody."""
        table = t.event_endpoints
        free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
        shut = set(self._connection.scalars(select(table.c.name).where(~and_(_open(now), free))))
        return [name for name in endpoints if name not in shut and self._next(name, now) is not None]

    def _next(self, endpoint: str, now: datetime) -> int | None:
        table = t.event_deliveries
        mine = and_(table.c.endpoint == endpoint, _QUEUED, table.c.next_attempt_at <= now)
        found: int | None = self._connection.scalar(
            select(table.c.id).where(mine).order_by(table.c.next_attempt_at, table.c.id).limit(1)
        )
        return found

    def claim(self, endpoint: str, owner: str, now: datetime, lease_s: float) -> DeliveryRow | None:
        """Take or keep the endpoint's turn, and its next due delivery; None when there is none to be had."""
        if not self._take_turn(endpoint, owner, now, lease_s):
            return None
        number = self._next(endpoint, now)
        if number is None:
            self.release(endpoint, owner)
            return None
        table = t.event_deliveries
        self._connection.execute(
            update(table).where(table.c.id == number, _QUEUED).values(attempts=table.c.attempts + 1)
        )
        return next(iter(read_deliveries(self._connection, table.c.id == number)))

    def _take_turn(self, endpoint: str, owner: str, now: datetime, lease_s: float) -> bool:
        """The upsert locks the endpoint's row, so that two claims of one endpoint wait for each other."""
        table = t.event_endpoints
        lease = {"lease_owner": owner, "lease_until": now + timedelta(seconds=lease_s)}
        free = or_(table.c.lease_owner == owner, table.c.lease_until.is_(None), table.c.lease_until <= now)
        taking = insert(self._connection, table).values(name=endpoint, **lease)
        taking = taking.on_conflict_do_update(index_elements=[table.c.name], set_=lease, where=and_(_open(now), free))
        return self._connection.scalar(taking.returning(table.c.name)) is not None

    def done(self, delivery_id: int, owner: str, status: int, now: datetime) -> bool:
        """The receiver took it; False when the lease was lost."""
        ended = self._end(delivery_id, owner, state=DeliveryState.DONE, status=status, error=None, settled_at=now)
        if ended:
            table = t.event_endpoints
            self._connection.execute(update(table).where(table.c.lease_owner == owner).values(succeeded_at=now))
        return ended

    def postpone(self, delivery_id: int, owner: str, error: str, status: int | None, next_attempt_at: datetime) -> bool:
        """Try again later; False when the lease was lost."""
        return self._end(delivery_id, owner, error=error, status=status, next_attempt_at=next_attempt_at)

    def fail(self, delivery_id: int, owner: str, error: str, status: int | None, now: datetime) -> bool:
        """Give up; False when the lease was lost."""
        return self._end(delivery_id, owner, state=DeliveryState.FAILED, error=error, status=status, settled_at=now)

    def _end(self, delivery_id: int, owner: str, **values: object) -> bool:
        table, turns = t.event_deliveries, t.event_endpoints
        ours = exists().where(turns.c.name == table.c.endpoint, turns.c.lease_owner == owner)
        ending = update(table).where(table.c.id == delivery_id, _QUEUED, ours).values(**values)
        return self._connection.execute(ending).rowcount == 1

    def release(self, endpoint: str, owner: str) -> None:
        """Give the endpoint's turn back."""
        table = t.event_endpoints
        mine = and_(table.c.name == endpoint, table.c.lease_owner == owner)
        self._connection.execute(update(table).where(mine).values(lease_owner=None, lease_until=None))

    def hold(self, endpoint: str, until: datetime) -> None:
        """Nothing goes there before `until`."""
        self._set(endpoint, held_until=until)

    def disable(self, endpoint: str, reason: str, now: datetime) -> None:
        """Nothing goes there until a person enables it."""
        self._set(endpoint, disabled_at=now, disabled_because=reason)

    def _set(self, endpoint: str, **values: object) -> None:
        setting = insert(self._connection, t.event_endpoints).values(name=endpoint, **values)
        self._connection.execute(setting.on_conflict_do_update(index_elements=[t.event_endpoints.c.name], set_=values))

    def enable(self, endpoint: str) -> bool:
        """Send again; False when it was not disabled."""
        table = t.event_endpoints
        was = and_(table.c.name == endpoint, table.c.disabled_at.is_not(None))
        opening = update(table).where(was).values(disabled_at=None, disabled_because=None, held_until=None)
        return self._connection.execute(opening).rowcount == 1

    def count(self, wanted: EventFilter, types: Collection[str]) -> int:
        """How many events of these types a replay under that filter would send to its endpoint."""
        condition = and_(matching(wanted), t.events.c.type.in_(types))
        return self._connection.execute(select(func.count()).select_from(t.events).where(condition)).scalar_one()

    def replay(self, wanted: EventFilter, endpoint: str, types: Collection[str], now: datetime) -> int:
        """Queue the events under the filter anew for an endpoint; returns how many."""
        table, fresh = t.event_deliveries, _fresh(now)
        chosen = select(
            t.events.c.id, literal(endpoint), *(literal(value, table.c[name].type) for name, value in fresh.items())
        ).where(matching(wanted), t.events.c.type.in_(types))
        queueing = insert(self._connection, table).from_select(
            ["event", "endpoint", *fresh], chosen.order_by(t.events.c.id)
        )
        again = fresh | {"status": None, "error": None, "settled_at": None}
        queueing = queueing.on_conflict_do_update(index_elements=[table.c.event, table.c.endpoint], set_=again)
        number = self.count(wanted, types)  # a driver knows no row count of an INSERT from a SELECT
        self._connection.execute(queueing)
        return number

    def prune(self, before: datetime) -> int:
        """Delete old events with their deliveries; one that is still being tried stays."""
        table = t.event_deliveries
        tried = exists().where(table.c.event == t.events.c.id, _QUEUED, table.c.next_attempt_at >= before)
        old = list(self._connection.scalars(select(t.events.c.id).where(t.events.c.occurred_at < before, ~tried)))
        for bite in bites(old):
            self._connection.execute(delete(table).where(table.c.event.in_(bite)))
            self._connection.execute(delete(t.events).where(t.events.c.id.in_(bite)))
        return len(old)


def _fresh(now: datetime) -> dict[str, object]:
    return {"state": DeliveryState.QUEUED, "attempts": 0, "next_attempt_at": now}


def _open(now: datetime) -> ColumnElement[bool]:
    """The endpoint is neither disabled nor asked for a pause."""
    table = t.event_endpoints
    return and_(table.c.disabled_at.is_(None), or_(table.c.held_until.is_(None), table.c.held_until <= now))
