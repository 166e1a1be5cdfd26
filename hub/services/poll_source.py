"""Poll a CRM: page by page, each page and its mark in one transaction. The poll is the truth, hooks only hurry it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from hub import failpoints
from hub.domain.errors import ConnectorError, Paced, Reauthorise, Unavailable
from hub.ports.crm import CrmPort
from hub.ports.records import AuditEntry, Health
from hub.ports.store import UnitOfWork
from hub.ports.upkeep import changes_pulse
from hub.services.apply_changes import apply_in, in_bites
from hub.services.keep_hooks import keep_hooks
from hub.services.kept_turn import kept_turn
from hub.services.mend_times import LONGEST_WAIT_S
from hub.services.recheck_source import recheck_source
from hub.services.runtime import PIPELINES, Runtime, Work, dump_pipelines

_log = structlog.get_logger(__name__)
MARK = "changes"
_PIPELINES_EVERY_S = 3600.0
_STAGES_KEEP_S = 60.0


@dataclass(frozen=True, slots=True)
class PollResult:
    """What a poll did; `complete` is False when it stopped before the last page."""

    pages: int
    changed: int
    complete: bool


def poll_source(rt: Runtime, connection: str) -> PollResult:
    """Read everything that changed since the last mark; one poll of a connection at a time."""
    rt = rt.claimant()
    crm = rt.crm(connection)
    lease = f"poll:{connection}"
    if crm is None:
        return PollResult(0, 0, complete=False)
    lease_s = rt.connections[connection].timing.poll_lease_s
    with kept_turn(rt, lease, lease_s) as mine:
        if not mine:
            # Its holder may have died: then it is free by that time, whenever the next poll would be due.
            with rt.store.write() as uow:
                uow.switches.hasten(lease, rt.clock.now() + timedelta(seconds=lease_s))
            return PollResult(0, 0, complete=False)
        try:
            return _poll(rt, connection, crm, lease)
        except ConnectorError as error:
            report_trouble(rt, connection, error)
            return PollResult(0, 0, complete=False)


def _renew(rt: Runtime, uow: UnitOfWork, connection: str, lease: str) -> bool:
    return uow.switches.lease(lease, rt.owner, rt.clock.now(), rt.connections[connection].timing.poll_lease_s)


def _poll(rt: Runtime, connection: str, crm: CrmPort, lease: str) -> PollResult:
    _refresh_pipelines(rt, connection, crm)
    keep_hooks(rt, connection, crm)
    pages = changed = 0
    more = True
    while more:
        with rt.store.read() as uow:
            mark = uow.cursors.get(connection, MARK)
        page = crm.changes(mark)
        failpoints.reach("page_read")
        # A page that is cut off in its middle is read again: the mark goes on with its end only.
        *bites, last = in_bites(page.changes) or [()]
        for bite in bites:
            with rt.store.write() as uow:
                if not _renew(rt, uow, connection, lease):
                    return PollResult(pages, changed, complete=False)
                changed += apply_in(rt, uow, connection, bite)
        with rt.store.write() as uow:
            if not _renew(rt, uow, connection, lease):
                return PollResult(pages, changed, complete=False)
            changed += apply_in(rt, uow, connection, last)
            failpoints.reach("before_cursor_commit")
            if page.mark != mark:
                uow.cursors.put(connection, MARK, page.mark)
        failpoints.reach("after_cursor_commit")
        pages, more = pages + 1, page.more
    changed += recheck_source(rt, connection, crm, lambda uow: _renew(rt, uow, connection, lease))
    with rt.store.write() as uow:
        uow.connections.polled(connection, rt.clock.now())
        if changed:
            uow.watch.beat(changes_pulse(connection), rt.clock.now())
    report_read(rt, connection)
    rt.wake(Work.MATCH, "")
    return PollResult(pages, changed, complete=True)


def stages_are_stale(uow: UnitOfWork, connection: str, now: datetime) -> bool:
    """Whether stages are to be read anew before somebody writes by them; the one who asks first does it."""
    return uow.switches.due_run(f"stages:{connection}", now, _STAGES_KEEP_S)


def _refresh_pipelines(rt: Runtime, connection: str, crm: CrmPort) -> None:
    with rt.store.write() as uow:
        stale = uow.switches.due_run(f"pipelines:{connection}", rt.clock.now(), _PIPELINES_EVERY_S)
        known = uow.cursors.get(connection, PIPELINES)
    if not stale and known:
        return
    text = dump_pipelines(crm.pipelines())
    with rt.store.write() as uow:
        uow.cursors.put(connection, PIPELINES, text)
        stages_are_stale(uow, connection, rt.clock.now())


def report_health(rt: Runtime, connection: str) -> None:
    """The connection answered: say so once; nobody need leave it alone any longer."""
    _report(rt, connection, Health.OK, None)


def report_read(rt: Runtime, connection: str) -> None:
    """Reading works; while the connection rests, writing may not, and the rest ends by its own time."""
    with rt.store.read() as uow:
        rests = {row.id for row in uow.connections.all() if row.retry_at is not None and row.retry_at > rt.clock.now()}
    if connection not in rests:
        report_health(rt, connection)


def report_trouble(rt: Runtime, connection: str, error: ConnectorError) -> None:
    """The connection failed: its true state for the page, one audit line when it changes."""
    if isinstance(error, Paced):
        _log.info("connection.paced", connection=connection, why=error.text)
        return
    health = Health.DEAD if isinstance(error, Reauthorise) else Health.TROUBLE
    _log.warning("connection.trouble", connection=connection, kind=type(error).__name__, error=error.text)
    rest_s = error.after_s if isinstance(error, Unavailable) else None
    _report(rt, connection, health, error.for_person, rest_s)


def _report(rt: Runtime, connection: str, health: Health, reason: str | None, rest_s: float | None = None) -> None:
    now = rt.clock.now()
    with rt.store.write() as uow:
        if rest_s is not None:
            uow.connections.rest(connection, now + timedelta(seconds=min(rest_s, LONGEST_WAIT_S)))
        elif health is Health.OK and uow.connections.ensure(connection).retry_at is not None:
            uow.connections.rest(connection, None)
        if uow.connections.report(connection, health, reason, now):
            data = {"health": health.value, "reason": reason}
            uow.audit.append(AuditEntry("connection.changed", "hub", connection, data), now)
