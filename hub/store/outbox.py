"""Outbox: effects in the CRMs, written before the call, delivered one after another for each subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, and_, bindparam, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.ports.records import EffectKind, EffectRow, EffectState, NewEffect
from hub.store import tables as t
from hub.store.ids import known_payment, payment_number
from hub.store.outbox_rows import effect_values, read_effects
from hub.store.outbox_rules import DELIVERABLE, MAY_BE_CALLED, UNSETTLED, follows, unsettled
from hub.store.sql import Repository
from hub.store.standing import stirred

_ENDS: Final = (EffectState.DONE, EffectState.PARKED, EffectState.CANCELLED)
_NEW: Final = (t.outbox.c.id, t.outbox.c.operation_key)
_ADD_SQLITE: Final = sqlite.insert(t.outbox).on_conflict_do_nothing().returning(*_NEW)
_ADD_POSTGRESQL: Final = postgresql.insert(t.outbox).on_conflict_do_nothing().returning(*_NEW)
_DUE: Final = (
    select(t.outbox.c.id)
    .where(DELIVERABLE)
    .order_by(t.outbox.c.next_attempt_at, t.outbox.c.id)
    .limit(bindparam("most", type_=Integer()))
)
_DUE_OF_ONE: Final = _DUE.where(t.outbox.c.connection == bindparam("name"))
_ACTS: Final = select(t.connections.c.id).where(t.connections.c.id == bindparam("name"), MAY_BE_CALLED)
_TAKE: Final = (
    update(t.outbox)
    .where(t.outbox.c.id == bindparam("number"), DELIVERABLE)
    .values(lease_owner=bindparam("by"), lease_until=bindparam("until"), attempts=t.outbox.c.attempts + 1)
    .returning(t.outbox.c.id)
)
_ORPHANED: Final = "Отменено: не выполнено действие, за которым это следует."


class SqlOutbox(Repository):
    """`hub.ports.store.Outbox` over SQL."""

    def add(self, effects: Iterable[NewEffect], now: datetime) -> list[int]:
        """Insert-or-ignore by operation key; ids of the new rows."""
        wanted = {effect.operation_key: effect for effect in reversed(tuple(effects))}
        rows = [effect_values(effect, now) for effect in reversed(wanted.values())]
        if not rows:
            return []
        adding = _ADD_SQLITE if self._connection.dialect.name == "sqlite" else _ADD_POSTGRESQL
        added: dict[str, int] = {row.operation_key: row.id for row in self._connection.execute(adding, rows)}
        after = [
            {"effect_id": number, "operation_key": earlier, "position": at}
            for key, number in added.items()
            for at, earlier in enumerate(dict.fromkeys(wanted[key].after))
        ]
        if after:
            self._connection.execute(t.outbox_after.insert(), after)
        return sorted(added.values())

    def due(self, now: datetime, limit: int, connection: str | None = None) -> list[int]:
        """Rows whose turn has come (see `outbox_rules`), in the order of their turns."""
        if connection is None:
            return list(self._connection.scalars(_DUE, {"now": now, "most": limit}))
        if self._connection.scalar(_ACTS, {"now": now, "name": connection}) is None:
            # Asked once, so that a long queue of a system that is not to be called is not gone through in vain.
            return []
        return list(self._connection.scalars(_DUE_OF_ONE, {"now": now, "most": limit, "name": connection}))

    def claim(self, effect_id: int, owner: str, now: datetime, lease_s: float) -> EffectRow | None:
        """Take a row; None when it cannot be had."""
        self._lock_subject(effect_id)
        values = {"number": effect_id, "now": now, "by": owner, "until": now + timedelta(seconds=lease_s)}
        taken = self._connection.scalar(_TAKE, values)
        return self.get(taken) if taken is not None else None

    def _lock_subject(self, effect_id: int) -> None:
        """Two claims of one subject wait for each other; on SQLite the writer is alone anyway."""
        if self._connection.dialect.name != "postgresql":
            return
        subject = self._connection.scalar(select(t.outbox.c.subject).where(t.outbox.c.id == effect_id))
        locking = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")
        self._connection.execute(locking, {"subject": subject or ""})
        stirred(self._connection)

    def intend(self, effect_id: int, owner: str, intent: Mapping[str, Any], now: datetime) -> bool:
        """Record the intent before the call; False when the lease was lost or has run out: then nothing may be sent."""
        announcing = (
            update(t.outbox)
            .where(self._held(effect_id, owner), t.outbox.c.lease_until > now)
            .values(state=EffectState.INTENT, intent_at=now, intent=dict(intent))
        )
        return self._connection.execute(announcing).rowcount == 1

    def settle(
        self,
        effect_id: int,
        owner: str,
        state: EffectState,
        result: Mapping[str, Any],
        reason: str | None,
        now: datetime,
    ) -> bool:
        """End the row; False when the lease was lost. A lease that ran out but that nobody took is still ours."""
        if state not in _ENDS:
            raise ValueError(f"an effect cannot end as {state}")
        return self._give_back(
            effect_id, owner, state=state, result=dict(result), reason=reason, settled_at=now, orphaned=False
        )

    def postpone(self, effect_id: int, owner: str, error: str, next_attempt_at: datetime) -> bool:
        """Give the row back for later, keeping its intent."""
        return self._give_back(effect_id, owner, reason=error, next_attempt_at=next_attempt_at)

    def hurry(self, beyond: datetime, now: datetime) -> int:
        """Make rows due whose next attempt or lease lies beyond a moment that none can reach; returns how many."""
        late = or_(t.outbox.c.next_attempt_at > beyond, t.outbox.c.lease_until > beyond)
        hurrying = update(t.outbox).where(unsettled(), late)
        hurrying = hurrying.values(next_attempt_at=now, lease_owner=None, lease_until=None)
        return self._connection.execute(hurrying).rowcount

    def _give_back(self, effect_id: int, owner: str, **values: object) -> bool:
        giving = update(t.outbox).where(self._held(effect_id, owner))
        giving = giving.values(lease_owner=None, lease_until=None, **values)
        return self._connection.execute(giving).rowcount == 1

    @staticmethod
    def _held(effect_id: int, owner: str) -> ColumnElement[bool]:
        return and_(t.outbox.c.id == effect_id, t.outbox.c.lease_owner == owner, t.outbox.c.state.in_(UNSETTLED))

    def cancel_unsent(self, payment_id: str, now: datetime) -> int:
        """Withdraw `planned` and `queued` rows of a payment that have no intent, for good."""
        mine = t.outbox.c.payment_id == known_payment(payment_id)
        self._connection.execute(update(t.outbox).where(mine, t.outbox.c.orphaned.is_(True)).values(orphaned=False))
        unsent = t.outbox.c.state.in_((EffectState.PLANNED, EffectState.QUEUED)) & t.outbox.c.intent_at.is_(None)
        cancelling = update(t.outbox).where(mine, unsent).values(state=EffectState.CANCELLED, settled_at=now)
        return self._connection.execute(cancelling).rowcount

    def requeue(self, effect_id: int, now: datetime) -> bool:
        """A person sends a parked row again; what was cancelled only because of it comes back with it."""
        keys = self._revive(and_(t.outbox.c.id == effect_id, t.outbox.c.state == EffectState.PARKED), now)
        revived = bool(keys)
        while keys:
            keys = self._revive(and_(t.outbox.c.id.in_(follows(keys)), t.outbox.c.orphaned.is_(True)), now)
        return revived

    def _revive(self, condition: ColumnElement[bool], now: datetime) -> list[str]:
        """Put rows back into the queue, those that were announced as announced; returns their operation keys."""
        announced = and_(condition, t.outbox.c.intent_at.is_not(None))
        fresh = {
            "attempts": 0,
            "next_attempt_at": now,
            "result": None,
            "reason": None,
            "settled_at": None,
            "orphaned": False,
        }
        keys: list[str] = []
        for where, state in ((announced, EffectState.INTENT), (condition, EffectState.QUEUED)):
            reviving = update(t.outbox).where(where).values(state=state, **fresh).returning(t.outbox.c.operation_key)
            keys += self._connection.scalars(reviving)
        return keys

    def put_aside(self, effect_id: int, now: datetime) -> bool:
        """A person has seen to a parked row: it ends cancelled, its reason stays."""
        parked = t.outbox.c.id == effect_id, t.outbox.c.state == EffectState.PARKED
        ending = update(t.outbox).where(*parked).values(state=EffectState.CANCELLED, settled_at=now)
        return self._connection.execute(ending).rowcount == 1

    def of_payment(self, payment_id: str) -> list[EffectRow]:
        """Effects of a payment, oldest first."""
        number = payment_number(payment_id)
        return read_effects(self._connection, t.outbox.c.payment_id == number) if number is not None else []

    def of_subject(self, subject: str, kind: EffectKind) -> list[EffectRow]:
        """Effects of a kind of a subject, oldest first."""
        return read_effects(self._connection, and_(t.outbox.c.subject == subject, t.outbox.c.kind == kind))

    def supersede(self, effect_id: int, reason: str, now: datetime) -> bool:
        """A newer effect says all that this one would: it ends cancelled, unless it is on its way."""
        unsent = and_(t.outbox.c.state.in_((EffectState.PLANNED, EffectState.QUEUED)), t.outbox.c.intent_at.is_(None))
        idle = or_(unsent, t.outbox.c.state == EffectState.PARKED)
        ending = update(t.outbox).where(t.outbox.c.id == effect_id, idle)
        ending = ending.values(state=EffectState.CANCELLED, reason=reason, settled_at=now, orphaned=False)
        return self._connection.execute(ending).rowcount == 1

    def get(self, effect_id: int) -> EffectRow | None:
        """Read one."""
        return next(iter(read_effects(self._connection, t.outbox.c.id == effect_id)), None)

    def last_move(self, subject: str) -> EffectRow | None:
        """Our newest `done` move or step back of a deal whose result says `moved`."""
        moves = t.outbox.c.kind.in_((EffectKind.MOVE_DEAL, EffectKind.STEP_BACK))
        moved = t.outbox.c.result["outcome"].as_string() == "moved"
        newest = (
            select(t.outbox.c.id)
            .where(t.outbox.c.subject == subject, moves, t.outbox.c.state == EffectState.DONE, moved)
            .order_by(t.outbox.c.settled_at.desc(), t.outbox.c.id.desc())
            .limit(1)
        )
        number = self._connection.scalar(newest)
        return self.get(number) if number is not None else None

    def moves_since(self, connection: str, since: datetime) -> int:
        """How many moves of a connection got an intent since then."""
        counting = select(func.count()).where(
            t.outbox.c.connection == connection,
            t.outbox.c.kind == EffectKind.MOVE_DEAL,
            t.outbox.c.intent_at >= since,
        )
        return self._connection.execute(counting).scalar_one()

    def cancel_orphans(self, now: datetime) -> int:
        """Cancel queued rows that follow a cancelled or parked one, and those that follow them; returns how many."""
        cancelled = 0
        while step := self._cancel_orphans(now):
            cancelled += step
        return cancelled

    def _cancel_orphans(self, now: datetime) -> int:
        lost = (EffectState.CANCELLED, EffectState.PARKED)
        ended = select(t.outbox.c.operation_key).where(t.outbox.c.state.in_(lost))
        cancelling = (
            update(t.outbox)
            .where(t.outbox.c.state == EffectState.QUEUED, t.outbox.c.id.in_(follows(ended)))
            .values(state=EffectState.CANCELLED, reason=_ORPHANED, settled_at=now, orphaned=True)
        )
        return self._connection.execute(cancelling).rowcount
