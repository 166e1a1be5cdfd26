"""The sweeper: finds what is due in the database and hints the jobs, so that a lost message costs latency only."""

from __future__ import annotations

from hub.ports.records import Health
from hub.services import watch
from hub.services.bank_source import BankSource
from hub.services.cover_claims import expire_claims
from hub.services.mend_times import mend_times
from hub.services.plan_fills import walk_fills
from hub.services.retain import retain
from hub.services.runtime import WORK_OF, ConnectionSettings, Runtime, Work

_AT_ONCE = 200
_TIMER = "timer"
_CLAIMS_S = 600.0
_FILLS_S = 60.0


def sweep(rt: Runtime, *, timed: bool = True) -> int:
    """Hint every due row once; returns how many hints were given. `timed` also looks after polls and the journal."""
    now = rt.clock.now()
    with rt.store.read() as uow:
        inbox = uow.inbox.due(now, _AT_ONCE)
        gathered = uow.inbox.gathered(now)
        # A system that was out of reach is tried with one effect; when that ended well the others follow at once.
        rested = {row.id for row in uow.connections.all() if row.retry_at is not None}
        at_once = {name: 1 if name in rested else _AT_ONCE for name in rt.crms}
        effects = [(name, number) for name, most in at_once.items() for number in uow.outbox.due(now, most, name)]
        waiting = bool(uow.payments.waiting_dates(1))
        told = uow.events.due(now, rt.endpoints) if rt.endpoints else []
    for inbox_id in inbox:
        rt.wake(Work.INBOX, str(inbox_id))
    for kind, connection in gathered:
        rt.wake(WORK_OF[kind], connection)
    for connection, effect_id in effects:
        rt.wake(Work.DELIVER, f"{connection}/{effect_id}")
    if waiting:
        rt.wake(Work.MATCH, "")
    for endpoint in told:
        rt.wake(Work.EVENT, endpoint)
    return len(inbox) + len(gathered) + len(effects) + waiting + len(told) + (_timed(rt) if timed else 0)


def _pause(settings: ConnectionSettings, *, dead: bool) -> float:
    # A refused credential is asked after now and then, never hammered.
    return max(settings.poll_every_s, settings.timing.retry_max_s) if dead else settings.poll_every_s


def _bank_pause(source: BankSource, *, dead: bool) -> float:
    return max(source.poll_every_s, source.retry_max_s) if dead else source.poll_every_s


def _timed(rt: Runtime) -> int:
    """Timed work belongs to the one holder of the timer lease: due polls, sealing the journal."""
    now = rt.clock.now()
    with rt.store.write() as uow:
        if not uow.switches.lease(_TIMER, rt.owner, now, rt.timer_lease_s):
            return 0
        states = uow.connections.all()
        dead = {row.id for row in states if row.health is Health.DEAD}
        resting = {row.id for row in states if row.retry_at is not None and row.retry_at > now}
        due = [
            name
            for name, settings in rt.connections.items()
            if uow.switches.due_run(f"poll:{name}", now, _pause(settings, dead=name in dead))
        ]
        due += [
            name
            for name, source in rt.bank_sources.items()
            if uow.switches.due_run(f"poll:{name}", now, _bank_pause(source, dead=name in dead))
        ]
        looks = [
            name
            for name, source in rt.bank_sources.items()
            if name not in dead | resting and uow.switches.due_run(f"look:{name}", now, source.look_every_s)
        ]
        if rt.reports and uow.switches.due_run("claims", now, _CLAIMS_S):
            expire_claims(rt, uow)
        walks = rt.fills_fields and uow.switches.due_run("fills", now, _FILLS_S)
        mend_times(uow, now)
        changes = watch.tick(rt, uow, now)
        uow.audit.seal(now)
    watch.report(changes)
    retain(rt)
    if walks and walk_fills(rt):
        rt.wake(Work.DELIVER, "")
    for name in due:
        rt.wake(Work.POLL, name)
    # A poll asks more than a look.
    for name in looks:
        if name not in due:
            rt.wake(Work.LOOK, name)
    return len(due)
