"""The scene of the model test: one hub, one CRM, one bank, and how a piece of the hub's work is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from hub import failpoints
from hub.ports.records import PaymentRow, PaymentState
from hub.services.aliases import CannotAlias
from hub.services.control import CannotSwitch
from hub.services.deliver import deliver
from hub.services.follow_hooks import follow_hooks
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.services.read_inbox import read_inbox
from hub.services.runtime import Work
from hub.services.settle_payment import CannotSettle
from hub.services.sweep import sweep
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.ids import payment_id
from hub.store.unit_of_work import SqlStore
from tests.model.crm import ModelCrm
from tests.model.laws import Laws, Rows
from tests.model.mortal import Crash, MortalStore
from tests.model.outside import Bank, Office, Sale, TwoClocks
from tests.support.world import World

T = TypeVar("T")
WHO: Final = "Ольга"
# In life it is every second; here it would be most of the time spent, and polls have a rule of their own.
_TIMED_EVERY: Final = timedelta(minutes=5)
INDEX: Final = st.integers(0, 59)


class Scene(RuleBasedStateMachine):
    """Holds the parts; rules are in the classes that stand on it."""

    def __init__(self, database: Database, close: Callable[[], None]) -> None:
        super().__init__()
        self.database, self._close = database, close
        self.clock = TwoClocks()
        self.mortal = MortalStore(SqlStore(database))
        self.crm = ModelCrm(clock=self.clock, die=self.mortal.die)
        self.clock.on_tick = self.crm.tick
        self.bank, self.office = Bank(), Office()
        self.world = World(self.mortal, self.crm, self.clock, moves_per_hour=6)
        self.rt = replace(self.world.rt, read_statement=self.bank.read)
        self.laws = Laws(database, self.crm, self.bank, self.mortal)
        self.crm.on_send = self.laws.judge
        self._depth = 0
        self._timed_at = self.clock.at - _TIMED_EVERY
        failpoints.listener = self.mortal.reach

    def close(self) -> None:
        """Give everything back."""
        failpoints.listener = None
        self._close()

    def alive(self, work: Callable[[], object]) -> None:
        """Run a piece of work; the process may die in it and is started anew, its hints forgotten."""
        self._depth += 1
        try:
            work()
        except Crash:
            if self._depth > 1:  # the work in whose middle this was done dies with it
                raise
            self.mortal.restart()
            self.world.hints.clear()
        finally:
            self._depth -= 1

    def by_person(self, act: Callable[[], object]) -> None:
        """What a person asks of the hub; a no with its reason is an answer."""

        def work() -> None:
            with suppress(CannotSettle, CannotSwitch, CannotAlias):
                act()

        self.alive(work)

    def do(self, work: Work, key: str) -> None:
        """What a worker does on a hint."""
        match work:
            case Work.INBOX:
                read_inbox(self.rt, int(key))
            case Work.MATCH:
                match_payments(self.rt)
            case Work.POLL:
                poll_source(self.rt, key)
            case Work.HOOKS:
                follow_hooks(self.rt, key)
            case Work.DELIVER if key:
                deliver(self.rt, int(key.rpartition("/")[2]))

    def take_hints(self) -> list[tuple[Work, str]]:
        """All hints, each once; the queue is empty then."""
        hints = list(dict.fromkeys(self.world.hints))
        self.world.hints.clear()
        return hints

    def work_off(self) -> None:
        """A worker takes whatever is hinted."""
        for hint in self.take_hints():
            self.do(*hint)

    def work_a_round(self) -> None:
        """What is due is hinted and done; now and then the timed work (polls, the journal's seal, the watch) too."""
        timed = abs(self.clock.at - self._timed_at) >= _TIMED_EVERY
        if timed:
            self._timed_at = self.clock.at
        sweep(self.rt, timed=timed)
        self.work_off()

    def rows(self) -> Rows:
        """The store now."""
        return Rows.read(self.database)

    def drafts(self) -> list[Sale]:
        """Sales that the CRM does not have yet."""
        return [sale for sale in self.office.sales if sale.deal.id not in self.crm.rows]

    def payments(self, *states: PaymentState) -> list[PaymentRow]:
        """Payments in these states."""
        with self.database.read() as connection:
            found = select(t.payments.c.id).where(t.payments.c.state.in_(states)).order_by(t.payments.c.id)
            numbers = list(connection.scalars(found))
        with self.mortal.store.read() as uow:
            rows = [uow.payments.get(payment_id(number)) for number in numbers]
        return [row for row in rows if row is not None]


def pick(items: Sequence[T], index: int) -> T:
    """One of them."""
    return items[index % len(items)]
