"""Pulses, alarms and the newest signs of life of what comes in."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select

from hub.domain.models import Direction
from hub.ports.events import DeliveryState
from hub.ports.records import InboxKind
from hub.ports.upkeep import Alarm, AlarmKind, Pulse, Signs
from hub.store import tables as t
from hub.store.sql import Repository, insert

#: Hooks looked through for the newest of each connection: a connection that has none among them is silent anyway.
_RECENT_HOOKS: Final = 1000


class SqlWatch(Repository):
    """`hub.ports.upkeep.Watch` over SQL."""

    def beat(self, name: str, at: datetime) -> Pulse | None:
        """Give a sign of life; returns the pulse as it was before."""
        before = self.pulse(name)
        beating = insert(self._connection, t.pulses).values(name=name, since=at, at=at, beats=1)
        changed = {"at": at, "beats": t.pulses.c.beats + 1}
        self._connection.execute(beating.on_conflict_do_update(index_elements=[t.pulses.c.name], set_=changed))
        return before

    def still(self, name: str) -> None:
        """Forget a pulse: the next beat is its first."""
        self._connection.execute(delete(t.pulses).where(t.pulses.c.name == name))

    def pulse(self, name: str) -> Pulse | None:
        """The pulse, if there is one."""
        row = self._connection.execute(select(t.pulses).where(t.pulses.c.name == name)).one_or_none()
        return Pulse(row.since, row.at, row.beats) if row else None

    def ring(self, alarm: Alarm) -> bool:
        """Keep the alarm; True when it did not ring before."""
        values = {
            "name": alarm.name,
            "kind": alarm.kind,
            "source": alarm.source,
            "since": alarm.since,
            "rung_at": alarm.rung_at,
        }
        ringing = insert(self._connection, t.alarms).values(values).on_conflict_do_nothing()
        return self._connection.scalar(ringing.returning(t.alarms.c.name)) is not None

    def hush(self, name: str) -> bool:
        """Drop the alarm; True when it rang."""
        return self._connection.execute(delete(t.alarms).where(t.alarms.c.name == name)).rowcount == 1

    def alarms(self) -> list[Alarm]:
        """What rings now, the oldest silence first."""
        rows = self._connection.execute(select(t.alarms).order_by(t.alarms.c.since, t.alarms.c.name))
        return [Alarm(AlarmKind(row.kind), row.source, row.since, row.rung_at) for row in rows]

    def signs(self) -> Signs:
        """Newest signs of life of what comes in."""
        # A bank that is read over its API shows a new day every day: nobody need upload its files.
        shown = (InboxKind.STATEMENT_FILE, InboxKind.BANK_DAY)
        files = select(t.inbox.c.received_at).where(t.inbox.c.kind.in_(shown))
        credits = select(t.payments.c.created_at).where(t.payments.c.direction == Direction.IN)
        return Signs(
            statement_at=self._connection.scalar(files.order_by(t.inbox.c.id.desc()).limit(1)),
            credit_at=self._connection.scalar(credits.order_by(t.payments.c.id.desc()).limit(1)),
            hook_at=self._hooks(),
            untold=self._untold(),
        )

    def _hooks(self) -> dict[str, datetime]:
        hooks = select(t.inbox.c.connection, t.inbox.c.received_at).where(t.inbox.c.kind == InboxKind.HOOK)
        recent = hooks.order_by(t.inbox.c.id.desc()).limit(_RECENT_HOOKS).subquery()
        newest = select(recent.c.connection, func.max(recent.c.received_at).label("at")).group_by(recent.c.connection)
        return {row.connection: row.at for row in self._connection.execute(newest)}

    def _untold(self) -> dict[str, datetime]:
        table = t.event_deliveries
        tried = (table.c.state == DeliveryState.QUEUED, table.c.attempts > 0)
        joined = table.join(t.events, t.events.c.id == table.c.event)
        oldest = select(table.c.endpoint, func.min(t.events.c.occurred_at).label("at")).select_from(joined)
        rows = self._connection.execute(oldest.where(*tried).group_by(table.c.endpoint))
        return {row.endpoint: row.at for row in rows}
