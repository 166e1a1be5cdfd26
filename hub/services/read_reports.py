"""Read what outside systems report as paid: the waiting reports of one system, many in one transaction."""

from __future__ import annotations

from typing import Final

import structlog

from hub.ports.claims import MalformedReport
from hub.ports.records import AuditEntry, InboxKind, InboxRow
from hub.ports.store import StoreUnavailable, UnitOfWork
from hub.services import announce
from hub.services.record_claim import record_claim
from hub.services.runtime import Runtime, Work

#: Each takes some milliseconds of the one writer's time, and hooks wait for that writer to be acknowledged.
_AT_ONCE: Final = 10
_MAX_ATTEMPTS: Final = 10
_UNFINISHED: Final = "Сообщение не удаётся учесть: попытки кончились. Отправьте его снова или разберите вручную."
_log = structlog.get_logger(__name__)


def read_reports(rt: Runtime, system: str) -> int:
    """Make claims of the waiting reports of a system; returns how many were read. Doing it twice changes nothing."""
    rt = rt.claimant()
    read = 0
    while count := _read_some(rt, system):
        read += count
        rt.wake(Work.MATCH, "")
    return read


def _read_some(rt: Runtime, system: str) -> int:
    try:
        with rt.store.write() as uow:
            rows = _claim(rt, uow, system)
            for row in rows:
                _record(rt, uow, row)
    except StoreUnavailable:
        raise
    except Exception:
        # All of it was undone because of one of them.
        _log.exception("reports.not_read_together", system=system)
        return _one_by_one(rt, system)
    return len(rows)


def _one_by_one(rt: Runtime, system: str) -> int:
    """Each in a transaction of its own; the lease keeps whatever fails away for a while, and the attempt is counted."""
    with rt.store.write() as uow:
        rows = _claim(rt, uow, system)
    for row in rows:
        try:
            with rt.store.write() as uow:
                _record(rt, uow, row)
        except StoreUnavailable:
            raise
        except Exception:
            _log.exception("report.not_read", inbox=row.id)
    return len(rows)


def _claim(rt: Runtime, uow: UnitOfWork, system: str) -> list[InboxRow]:
    return uow.inbox.claim_many(InboxKind.CLAIM, system, rt.owner, rt.clock.now(), rt.inbox_lease_s, _AT_ONCE)


def _record(rt: Runtime, uow: UnitOfWork, row: InboxRow) -> None:
    if row.attempts > _MAX_ATTEMPTS:
        _refuse(rt, uow, row, _UNFINISHED)
        return
    try:
        summary = record_claim(rt, uow, row)
    except MalformedReport as error:
        _refuse(rt, uow, row, str(error))
        return
    uow.inbox.done(row.id, rt.owner, summary, rt.clock.now())


def _refuse(rt: Runtime, uow: UnitOfWork, row: InboxRow, reason: str) -> None:
    if uow.inbox.fail(row.id, rt.owner, reason):
        announce.inbox_failed(rt, uow, row, reason)
        entry = AuditEntry("claim.refused", "hub", f"inbox/{row.id}", {"name": row.name, "reason": reason})
        uow.audit.append(entry, rt.clock.now())
