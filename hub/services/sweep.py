"""The sweeper: finds what is due in the database and hints the jobs, so that a lost message costs latency only."""

from __future__ import annotations

from hub.ports.records import Health
from hub.services.runtime import ConnectionSettings, Runtime, Work

_AT_ONCE = 200
_TIMER = "timer"
_TIMER_LEASE_S = 10.0


def sweep(rt: Runtime, *, timed: bool = True) -> int:
    """Hint every due row once; returns how many hints were given. `timed` also looks after polls and the journal."""
    now = rt.clock.now()
    with rt.store.read() as uow:
        inbox = uow.inbox.due(now, _AT_ONCE)
        hooks = uow.inbox.hooked(now)
        effects = [(name, number) for name in rt.crms for number in uow.outbox.due(now, _AT_ONCE, name)]
        waiting = bool(uow.payments.waiting_dates(1))
    for inbox_id in inbox:
        rt.wake(Work.INBOX, str(inbox_id))
    for connection in hooks:
        rt.wake(Work.HOOKS, connection)
    for connection, effect_id in effects:
        rt.wake(Work.DELIVER, f"{connection}/{effect_id}")
    if waiting:
        rt.wake(Work.MATCH, "")
    return len(inbox) + len(hooks) + len(effects) + waiting + (_timed(rt) if timed else 0)


def _pause(settings: ConnectionSettings, *, dead: bool) -> float:
    # A refused credential is asked after now and then, never hammered.
    return max(settings.poll_every_s, settings.timing.retry_max_s) if dead else settings.poll_every_s


def _timed(rt: Runtime) -> int:
    """Timed work belongs to the one holder of the timer lease: due polls, sealing the journal."""
    now = rt.clock.now()
    with rt.store.write() as uow:
        if not uow.switches.lease(_TIMER, rt.owner, now, _TIMER_LEASE_S):
            return 0
        dead = {row.id for row in uow.connections.all() if row.health is Health.DEAD}
        due = [
            name
            for name, settings in rt.connections.items()
            if uow.switches.due_run(f"poll:{name}", now, _pause(settings, dead=name in dead))
        ]
        uow.audit.seal(now)
    for name in due:
        rt.wake(Work.POLL, name)
    return len(due)
