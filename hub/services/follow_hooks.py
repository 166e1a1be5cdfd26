"""Follow the hooks of a system: many waiting hooks, each named item read once. What they say is never taken as fact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import structlog

from hub.domain.errors import ConnectorError
from hub.ports.crm import Change, CrmPort, Hint, HookRequest, ItemKind
from hub.ports.records import AuditEntry, InboxKind, InboxRow
from hub.services.apply_changes import apply_in
from hub.services.poll_source import report_trouble
from hub.services.runtime import Runtime, Timing, Work

_log = structlog.get_logger(__name__)
_AT_ONCE = 200
_MAX_ATTEMPTS = 20
Named = tuple[ItemKind, str]


def follow_hooks(rt: Runtime, connection: str) -> int:
    """Work on the waiting hooks of a connection; returns how many were followed. Doing it twice changes nothing."""
    rt = rt.claimant()
    crm, settings = rt.crm(connection), rt.connections.get(connection)
    timing = settings.timing if settings is not None else Timing()
    followed = 0
    while rows := _claim(rt, connection, timing):
        if crm is None:
            _put_away(rt, rows)
            continue
        hints = {row.id: _hints(crm, row) for row in rows}
        changes, failures = _read(crm, {(hint.kind, hint.id) for named in hints.values() for hint in named})
        for error in {type(error): error for error in failures.values()}.values():
            report_trouble(rt, connection, error)
        done = [row for row in rows if not _failed(hints[row.id], failures)]
        with rt.store.write() as uow:
            changed = apply_in(rt, uow, connection, changes)
            for row in done:
                uow.inbox.done(row.id, rt.owner, {"hints": len(hints[row.id])}, rt.clock.now())
        for row in rows:
            if (why := _failed(hints[row.id], failures)) is not None:
                _give_back(rt, row, why, timing)
        if changed:
            rt.wake(Work.MATCH, "")
        followed += len(done)
        if failures:
            break
    return followed


def _claim(rt: Runtime, connection: str, timing: Timing) -> list[InboxRow]:
    with rt.store.write() as uow:
        return uow.inbox.claim_many(InboxKind.HOOK, connection, rt.owner, rt.clock.now(), timing.lease_s, _AT_ONCE)


def _put_away(rt: Runtime, rows: Iterable[InboxRow]) -> None:
    """Nobody can be asked: when the system is connected again, its poll finds what the hooks meant."""
    with rt.store.write() as uow:
        for row in rows:
            uow.inbox.done(row.id, rt.owner, {"ignored": "connection is not there"}, rt.clock.now())


def _hints(crm: CrmPort, row: InboxRow) -> tuple[Hint, ...]:
    return crm.hints(HookRequest("POST", {}, {"content-type": row.name}, row.raw))


def _read(crm: CrmPort, items: Iterable[Named]) -> tuple[list[Change], dict[Named, ConnectorError]]:
    """What the named items are now; after one that could not be read the rest waits with it."""
    changes: list[Change] = []
    failures: dict[Named, ConnectorError] = {}
    stopped: ConnectorError | None = None
    for kind, item_id in sorted(items):
        try:
            if stopped is None:
                changes += crm.reread(kind, item_id)
        except ConnectorError as error:
            stopped = error
        if stopped is not None:
            failures[kind, item_id] = stopped
    return changes, failures


def _failed(hints: Iterable[Hint], failures: dict[Named, ConnectorError]) -> ConnectorError | None:
    return next((failures[hint.kind, hint.id] for hint in hints if (hint.kind, hint.id) in failures), None)


def _give_back(rt: Runtime, row: InboxRow, error: ConnectorError, timing: Timing) -> None:
    """The poll finds the change too, so a hook is given up at last; its raw body stays."""
    _log.info("hook.postponed", inbox=row.id, error=error.text)
    now = rt.clock.now()
    after = getattr(error, "after_s", None)
    later = now + timedelta(seconds=after if after is not None else timing.backoff(row.attempts))
    with rt.store.write() as uow:
        if row.attempts < _MAX_ATTEMPTS:
            uow.inbox.retry(row.id, rt.owner, error.for_person, later)
        elif uow.inbox.fail(row.id, rt.owner, error.for_person):
            data = {"name": row.name, "reason": error.for_person}
            uow.audit.append(AuditEntry("hook.given_up", "hub", f"inbox/{row.id}", data), now)
