"""When an effect may be delivered: its turn, what it follows, its subject, its connection, the hub's pause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select

from hub.ports.records import EffectKind, EffectState, Health
from hub.store import tables as t
from hub.store.switches import PAUSE
from hub.store.types import UtcDateTime

#: States of a row that still wants a call.
UNSETTLED: Final = (EffectState.QUEUED, EffectState.INTENT)


#: The moment that everything is judged by. Conditions are put together once, that costs more than running them.
NOW: Final = bindparam("now", type_=UtcDateTime())


def unsettled() -> ColumnElement[bool]:
    """Written out, not bound: only so does a database see that its index of unsettled rows will do."""
    return t.outbox.c.state.in_(bindparam("unsettled", UNSETTLED, expanding=True, literal_execute=True))


def follows(keys: Sequence[str] | Select[Any]) -> Select[Any]:
    """Ids of the rows that follow any of the operation keys."""
    return select(t.outbox_after.c.effect_id).where(t.outbox_after.c.operation_key.in_(keys))


def _follows_unfinished() -> ColumnElement[bool]:
    earlier = t.outbox.alias("earlier")
    after = t.outbox_after.outerjoin(earlier, earlier.c.operation_key == t.outbox_after.c.operation_key)
    unfinished = or_(earlier.c.id.is_(None), earlier.c.state != EffectState.DONE)
    mine = t.outbox_after.c.effect_id == t.outbox.c.id
    return select(t.outbox_after.c.effect_id).select_from(after).where(mine, unfinished).correlate(t.outbox).exists()


def _subject_is_busy() -> ColumnElement[bool]:
    """An older row of the subject is not settled, or a younger one is being delivered."""
    other = t.outbox.alias("other")
    same = and_(other.c.subject == t.outbox.c.subject, other.c.id != t.outbox.c.id, other.c.state.in_(UNSETTLED))
    in_the_way = or_(other.c.id < t.outbox.c.id, other.c.lease_until > NOW)
    return select(other.c.id).where(same, in_the_way).correlate(t.outbox).exists()


def _may_be_called() -> ColumnElement[bool]:
    awake = or_(t.connections.c.retry_at.is_(None), t.connections.c.retry_at <= NOW)
    return and_(t.connections.c.acting.is_(True), t.connections.c.health != Health.DEAD, awake)


#: The condition on `connections`: the system may be written to, and is not left alone for a while.
MAY_BE_CALLED: Final = _may_be_called()


def _connection_acts() -> ColumnElement[bool]:
    """The system may be written to; a cap stops new moves, one that was announced is brought to its end."""
    new_move = and_(t.outbox.c.kind == EffectKind.MOVE_DEAL, t.outbox.c.intent_at.is_(None))
    may = and_(
        t.connections.c.id == t.outbox.c.connection,
        MAY_BE_CALLED,
        or_(t.connections.c.capped.is_(False), ~new_move),
    )
    return select(t.connections.c.id).where(may).correlate(t.outbox).exists()


#: The condition on `outbox` under which a row may be taken.
DELIVERABLE: Final = and_(
    unsettled(),
    t.outbox.c.next_attempt_at <= NOW,
    or_(t.outbox.c.lease_until.is_(None), t.outbox.c.lease_until <= NOW),
    ~_follows_unfinished(),
    ~_subject_is_busy(),
    _connection_acts(),
    ~exists().where(t.switches.c.name == PAUSE),
)
