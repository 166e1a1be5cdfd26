"""How much of the invoices the hub sees: what a system that cannot be read hides could be a second answer.

One connection down never stops the others: what leaves no room for a second answer is decided, the rest waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hub.domain.decision import Decision
from hub.domain.matching.sure import is_sure
from hub.ports.store import UnitOfWork
from hub.services.runtime import Runtime

# A poll from further ahead was noted before the clock stepped back: how old it is nobody knows.
_CLOCKS_APART: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is hidden now.

    Attributes:
        nothing: a connection was never read to its end: whatever it holds is unknown, and nothing is decided.
        unread: connections that were not read for long.
    """

    nothing: bool
    unread: frozenset[str]

    @property
    def is_whole(self) -> bool:
        """Whether every connection was read lately."""
        return not self.nothing and not self.unread

    def allows(self, uow: UnitOfWork, decision: Decision) -> bool:
        """Whether the decision needs nothing of what is hidden: it is sure, and who tells its invoices is read."""
        if self.is_whole:
            return True
        return is_sure(decision) and all(self._sees(uow, item.invoice_id) for item in decision.allocations)

    def _sees(self, uow: UnitOfWork, invoice: str) -> bool:
        # One that stands for a sale may be deleted: whoever keeps the others tells it.
        there = {row.connection for row in uow.sales.members(invoice) if not row.removed}
        return not there <= self.unread


def sight_of(rt: Runtime, uow: UnitOfWork, now: datetime) -> Sight:
    """What the hub sees now."""
    polled = {row.id: row.polled_at for row in uow.connections.all()}
    seen = {name: polled.get(name) for name in rt.connections}
    unread = {
        name
        for name, settings in rt.connections.items()
        if (at := seen[name]) is None or not -_CLOCKS_APART <= now - at <= settings.stale_after
    }
    return Sight(None in seen.values(), frozenset(unread))
