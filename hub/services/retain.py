"""Forgets what has been kept for its time: one small bite a tick, so that nobody waits for the writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import structlog

from hub.ports.records import InboxKind
from hub.ports.store import UnitOfWork
from hub.ports.upkeep import Bite
from hub.services.runtime import Runtime
from hub.services.upkeep import RetentionSettings

_log = structlog.get_logger(__name__)
_JOB: Final = "retention"
#: Place of the cursor that says how far a walk has come; no connection may be called that.
_PLACE: Final = "#retention"
#: Ending of the cursor below which nothing is left to forget.
_DONE: Final = ":done"
_Step = Callable[[UnitOfWork, int], Bite]


def retain(rt: Runtime) -> int:
    """Take the next bite of a walk that is under way, or begin one when it is time; returns how many rows it forgot.

    Called by the holder of the timer. A walk goes up the rows of each kind from the first that may be left; where it
    stands is a cursor, so a killed hub goes on where it stopped.
    """
    now = rt.clock.now()
    steps = dict(_steps(rt.upkeep.retention, now))
    with rt.store.write() as uow:
        if uow.switches.due_run(_JOB, now, rt.upkeep.retention.every_s):
            uow.retention.forget_access(now)
            _begin(uow, steps.keys())
        for name, step in steps.items():
            if place := uow.cursors.get(_PLACE, name):
                return _bite(uow, name, step, int(place))
    return 0


def _begin(uow: UnitOfWork, names: Iterable[str]) -> None:
    for name in names:
        if not uow.cursors.get(_PLACE, name):
            uow.cursors.put(_PLACE, name, uow.cursors.get(_PLACE, f"{name}{_DONE}") or "0")


def _bite(uow: UnitOfWork, name: str, step: _Step, place: int) -> int:
    bite = step(uow, place)
    uow.cursors.put(_PLACE, name, str(bite.last) if bite.more else "")
    done_to = int(uow.cursors.get(_PLACE, f"{name}{_DONE}") or 0)
    if bite.last is not None and not bite.left and place == done_to:
        # Nothing below is left: the next walk begins here.
        uow.cursors.put(_PLACE, f"{name}{_DONE}", str(bite.last))
    if bite.forgotten:
        _log.info("retention.forgotten", what=name, rows=bite.forgotten)
    return bite.forgotten


def _steps(settings: RetentionSettings, now: datetime) -> Iterator[tuple[str, _Step]]:
    if (days := settings.hooks_days) is not None:
        for kind in (InboxKind.HOOK, InboxKind.CLAIM):
            yield kind.value, _raw(kind, now - timedelta(days=days), now)
    if (days := settings.raw_days) is not None:
        for kind in (InboxKind.STATEMENT_FILE, InboxKind.BANK_DAY):
            yield kind.value, _raw(kind, now - timedelta(days=days), now)
    if (days := settings.payments_days) is not None:
        yield "payments", _payers(now - timedelta(days=days))
        yield "claims", _claims(now - timedelta(days=days))
        yield "aliases", _aliases(now - timedelta(days=days))
    if (days := settings.events_days) is not None:
        yield "events", _events(now - timedelta(days=days))


def _raw(kind: InboxKind, before: datetime, now: datetime) -> _Step:
    return lambda uow, after: uow.retention.forget_raw(kind, before, after, now)


def _payers(before: datetime) -> _Step:
    return lambda uow, after: uow.retention.forget_payers(before, after)


def _claims(before: datetime) -> _Step:
    return lambda uow, after: uow.retention.forget_claims(before, after)


def _aliases(before: datetime) -> _Step:
    return lambda uow, after: uow.retention.forget_aliases(before, after)


def _events(before: datetime) -> _Step:
    return lambda uow, _after: Bite(uow.events.prune(before))
