"""Hub-wide switches, leases and the schedule."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, or_, select, update

from hub.store import tables as t
from hub.store.sql import Repository, insert

#: The switch under which nothing is sent to any system.
PAUSE: Final = "pause"
_LONGEST_LEASE: Final = timedelta(minutes=15)


class SqlSwitches(Repository):
    """`hub.ports.store.Switches` over SQL."""

    def paused_by(self) -> str | None:
        """Who paused the hub; None while it runs."""
        return self._connection.scalar(select(t.switches.c.actor).where(t.switches.c.name == PAUSE))

    def pause(self, actor: str, now: datetime) -> None:
        """Nothing is sent to any system until `resume`; the first who paused stays named."""
        adding = insert(self._connection, t.switches).values(name=PAUSE, actor=actor, since=now)
        self._connection.execute(adding.on_conflict_do_nothing())

    def resume(self) -> None:
        """Send again."""
        self._connection.execute(delete(t.switches).where(t.switches.c.name == PAUSE))

    def lease(self, name: str, owner: str, now: datetime, lease_s: float) -> bool:
        """Take or renew a named lease; False while somebody else holds it."""
        values = {"owner": owner, "until": now + timedelta(seconds=lease_s)}
        taking = insert(self._connection, t.leases).values(name=name, **values)
        # A lease that runs longer than one can was taken before the clock stepped back.
        free = or_(t.leases.c.owner == owner, t.leases.c.until <= now, t.leases.c.until > now + _LONGEST_LEASE)
        taking = taking.on_conflict_do_update(index_elements=[t.leases.c.name], set_=values, where=free)
        return self._connection.scalar(taking.returning(t.leases.c.name)) is not None

    def release(self, name: str, owner: str) -> None:
        """Give a lease back."""
        mine = and_(t.leases.c.name == name, t.leases.c.owner == owner)
        self._connection.execute(delete(t.leases).where(mine))

    def hasten(self, name: str, at: datetime) -> None:
        """Let a job that is due later be due at that time."""
        later = and_(t.schedule.c.name == name, t.schedule.c.next_run_at > at)
        self._connection.execute(update(t.schedule).where(later).values(next_run_at=at))

    def due_run(self, name: str, now: datetime, every_s: float) -> bool:
        """Whether the job is due. A next run further away than one period was set by a clock that stepped back."""
        values = {"next_run_at": now + timedelta(seconds=every_s)}
        setting = insert(self._connection, t.schedule).values(name=name, **values)
        table = t.schedule
        due = or_(table.c.next_run_at <= now, table.c.next_run_at > values["next_run_at"])
        setting = setting.on_conflict_do_update(index_elements=[table.c.name], set_=values, where=due)
        return self._connection.scalar(setting.returning(table.c.name)) is not None
