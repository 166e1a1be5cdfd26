"""What every office of the tests does, whatever stands around it: services called by hand, time told to pass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from hub.ports.records import ConnectionRow, EffectKind, EffectRow, EffectState, PaymentRow
from hub.ports.state import Clock
from hub.ports.store import Store
from hub.services.deliver import deliver
from hub.services.import_statement import import_statement
from hub.services.match_payments import match_payments
from hub.services.poll_source import poll_source
from hub.services.read_inbox import read_inbox
from hub.services.runtime import Runtime, Work
from tests.support.statements import Received, statement

#: More than the window in which late edits show themselves, and than an unanswered write may still take effect.
A_WHILE_S: Final = 150


class Bureau:
    """A hub with one CRM, under a clock that tests move.

    Attributes:
        name: the connection of the CRM.
        order: position of each of its stages, by which nothing may go back.
        hints: what the services told the jobs.
    """

    name: str
    order: Mapping[str, int]
    store: Store
    clock: Clock
    rt: Runtime
    hints: list[tuple[Work, str]]

    # What a CRM's office tells of its stand-in

    def log(self) -> list[dict[str, Any]]:
        """The stand-in's write log in the words of `tests.support.invariants`."""
        raise NotImplementedError

    def moments(self) -> list[datetime]:
        """When requests came to the CRM, refused ones too."""
        raise NotImplementedError

    # What people and the bank do

    def acting(self, since: date | None) -> None:
        """Switch acting on; None switches it off."""
        with self.store.write() as uow:
            uow.connections.ensure(self.name)
            uow.connections.set_acting(self.name, since is not None, since)

    def bring(self, *lines: Received, name: str = "kl_to_1c.txt") -> int:
        """Take a statement file with these lines in and read it; returns its inbox id."""
        return self.bring_file(statement(lines), name)

    def bring_file(self, raw: bytes, name: str = "kl_to_1c.txt") -> int:
        """Take a statement file in and read it; returns its inbox id."""
        inbox_id = import_statement(self.rt, raw, name, "Ольга").inbox_id
        read_inbox(self.rt, inbox_id)
        return inbox_id

    # What the hub does

    def poll(self) -> int:
        """Read the CRM to its end; returns how many items changed."""
        result = poll_source(self.rt, self.name)
        assert result.complete
        return result.changed

    def sync(self) -> None:
        """Let the window of late edits pass, then read the CRM."""
        self.clock.sleep(A_WHILE_S)
        self.poll()

    def pay(self, *lines: Received) -> list[str]:
        """Bring money in and decide it on a CRM that was just read; returns the ids of all payments so far."""
        self.poll()
        self.bring(*lines)
        match_payments(self.rt)
        return [row.payment.id for row in self.payments()]

    def deliver_due(self) -> int:
        """One round of whatever is due now."""
        with self.store.read() as uow:
            due = uow.outbox.due(self.clock.now(), 200)
        for effect_id in due:
            deliver(self.rt, effect_id)
        return len(due)

    def settle(self, rounds: int = 80) -> None:
        """Poll, match and deliver until no effect wants a call any more; where only time is missing, let it pass."""
        for _ in range(rounds):
            if self.deliver_due():
                continue
            poll_source(self.rt, self.name)
            match_payments(self.rt)
            waiting = self.unsettled()
            if not waiting and not self._due():
                return
            next_at = min((row.next_attempt_at for row in waiting), default=self.clock.now())
            self.clock.sleep(max(61.0, (next_at - self.clock.now()).total_seconds()))
        raise AssertionError(f"not settled: {[(row.kind, row.state, row.reason) for row in self.unsettled()]}")

    def _due(self) -> bool:
        with self.store.read() as uow:
            return bool(uow.outbox.due(self.clock.now(), 1) or uow.payments.waiting_dates(1))

    # What is there afterwards

    def payments(self) -> list[PaymentRow]:
        """All payments, in the order they came."""
        rows: list[PaymentRow] = []
        with self.store.read() as uow:
            while (row := uow.payments.get(f"p{len(rows) + 1}")) is not None:
                rows.append(row)
        return rows

    def payment(self, payment_id: str = "p1") -> PaymentRow:
        """A payment as stored."""
        with self.store.read() as uow:
            row = uow.payments.get(payment_id)
        assert row is not None
        return row

    def effects(self, payment_id: str = "p1") -> list[EffectRow]:
        """Effects of a payment."""
        with self.store.read() as uow:
            return uow.outbox.of_payment(payment_id)

    def all_effects(self) -> list[EffectRow]:
        """Effects of every payment."""
        return [effect for row in self.payments() for effect in self.effects(row.payment.id)]

    def effect(self, kind: EffectKind, payment_id: str = "p1") -> EffectRow:
        """The newest effect of a kind."""
        return [row for row in self.effects(payment_id) if row.kind is kind][-1]

    def unsettled(self) -> list[EffectRow]:
        """Effects that still want a call."""
        return [row for row in self.all_effects() if row.state in (EffectState.QUEUED, EffectState.INTENT)]

    def parked(self) -> list[EffectRow]:
        """Effects that wait for a person."""
        return [row for row in self.all_effects() if row.state is EffectState.PARKED]

    def connection(self, name: str | None = None) -> ConnectionRow:
        """The run-time state of the CRM's connection, or of another one."""
        with self.store.read() as uow:
            return next(row for row in uow.connections.all() if row.id == (name or self.name))

    def journal_holds(self) -> bool:
        """Every line of the journal fits its chain."""
        with self.store.write() as uow:
            uow.audit.seal(self.clock.now())
            return uow.audit.verify() is None
