"""Rates and budgets counted in the database: every process of one egress shares them exactly."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, case, cast, func, literal, select

from hub.ports.state import Clock
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.sql import insert

_US: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SqlQuota:
    """`hub.ports.state.QuotaStore`. Each bucket is one number: when it will have run empty (GCRA).

    A grant is one conditional upsert, so that processes cannot grant the same drop twice. Time is the given clock's;
    without one it is the database's own, which machines with differing clocks share.
    """

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock

    def take(self, bucket: str, capacity: float, drain_per_s: float, cost: float = 1.0) -> float:
        """Ask a leaky bucket for `cost`: 0 when granted, else seconds to wait (nothing is taken).

        Raises:
            ValueError: `cost` never fits into the bucket.
        """
        if not 0 <= cost <= capacity or drain_per_s <= 0:
            raise ValueError(f"bucket {bucket!r} of {capacity} cannot give {cost}")
        full_us, cost_us = math.ceil(capacity / drain_per_s * _US), math.ceil(cost / drain_per_s * _US)
        with self._database.write() as connection:
            now = self._now_us(connection)
            level = self._level_us(now, full_us)
            taking = insert(connection, t.quota).values(name=bucket, empty_at_us=now + cost_us)
            taking = taking.on_conflict_do_update(
                index_elements=[t.quota.c.name],
                set_={"empty_at_us": now + level + cost_us},
                where=level + cost_us <= full_us,
            )
            if connection.scalar(taking.returning(t.quota.c.name)) is not None:
                return 0.0
            over_us = connection.execute(select(level + cost_us - full_us).where(t.quota.c.name == bucket)).scalar_one()
        return max(int(over_us), 1) / _US

    def fill(self, bucket: str, capacity: float, drain_per_s: float) -> None:
        """The vendor says the bucket is full: count it as full from now."""
        full_us = math.ceil(capacity / drain_per_s * _US)
        with self._database.write() as connection:
            self._keep(connection, bucket, {"empty_at_us": self._now_us(connection) + full_us})

    def spend(self, budget: str, seconds: float, reset_at: datetime | None) -> None:
        """Record the vendor's own figure of a budget in use, valid until `reset_at`, or until the next figure."""
        with self._database.write() as connection:
            self._keep(connection, budget, {"spent_s": seconds, "reset_at": reset_at})

    def spent(self, budget: str) -> float:
        """Seconds of the budget known to be in use now; 0 after its reset."""
        row, now = self._read(budget)
        if row is None or row.spent_s is None or (row.reset_at is not None and row.reset_at <= now):
            return 0.0
        return float(row.spent_s)

    def block(self, budget: str, until: datetime) -> None:
        """The vendor blocked this budget: nobody calls before `until`; an earlier end shortens no block."""
        with self._database.write() as connection:
            adding = insert(connection, t.quota).values(name=budget, blocked_until=until)
            kept = t.quota.c.blocked_until
            adding = adding.on_conflict_do_update(
                index_elements=[t.quota.c.name],
                set_={"blocked_until": until},
                where=kept.is_(None) | (kept < until),
            )
            connection.execute(adding)

    def blocked_until(self, budget: str) -> datetime | None:
        """Until when the budget is blocked, if it is."""
        row, now = self._read(budget)
        if row is None or row.blocked_until is None or row.blocked_until <= now:
            return None
        until: datetime = row.blocked_until
        return until

    def _keep(self, connection: Connection, name: str, values: dict[str, Any]) -> None:
        adding = insert(connection, t.quota).values(name=name, **values)
        connection.execute(adding.on_conflict_do_update(index_elements=[t.quota.c.name], set_=values))

    def _read(self, name: str) -> tuple[Row[Any] | None, datetime]:
        with self._database.read() as connection:
            row = connection.execute(select(t.quota).where(t.quota.c.name == name)).one_or_none()
            now_us = int(connection.execute(select(self._now_us(connection))).scalar_one())
        return row, _EPOCH + timedelta(microseconds=now_us)

    def _now_us(self, connection: Connection) -> ColumnElement[int]:
        """Microseconds since 1970. SQLite's time is the machine's, which every process of one file shares."""
        if self._clock is not None or connection.dialect.name != "postgresql":
            now = self._clock.now() if self._clock is not None else datetime.now(UTC)
            return literal((now - _EPOCH) // timedelta(microseconds=1), BigInteger)
        return cast(func.extract("epoch", func.clock_timestamp()) * _US, BigInteger)

    @staticmethod
    def _level_us(now: ColumnElement[int], full_us: int) -> ColumnElement[int]:
        """What is in the bucket, as time to drain it: never below nothing, nor above full after a clock's step back."""
        empty_at = t.quota.c.empty_at_us
        left = empty_at - now
        return case((empty_at.is_(None), 0), (left < 0, 0), (left > full_us, full_us), else_=left)
