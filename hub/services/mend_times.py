"""After the machine's clock stepped back: moments that lie further ahead than any wait of ours are brought to now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from hub.ports.store import UnitOfWork

#: Nothing of ours waits longer before it is looked at again, whatever a system asked for.
LONGEST_WAIT_S: Final = 900.0
_EVERY_S: Final = 60.0


def mend_times(uow: UnitOfWork, now: datetime) -> int:
    """Once a minute: free what a stepped clock would hold for as long as it stepped; returns how many rows."""
    if not uow.switches.due_run("mend", now, _EVERY_S):
        return 0
    latest = now + timedelta(seconds=LONGEST_WAIT_S)
    for row in uow.connections.all():
        if row.retry_at is not None and row.retry_at > latest:
            uow.connections.rest(row.id, None)
    return uow.outbox.hurry(latest, now) + uow.inbox.hurry(latest, now)
