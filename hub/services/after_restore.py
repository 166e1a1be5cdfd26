"""After a restore: what was done between the copy and the restore is not in the store, so the system is asked first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from hub.domain.models import Invoice, InvoiceStatus
from hub.ports.crm import Position, StageChange
from hub.ports.records import HUB_MARKS, PAID_IN_LOST_TIME, AuditEntry, PaymentRow
from hub.ports.store import UnitOfWork

_MARK: Final = "restored"
# A portal's clock may run behind ours by so much; an older visit taken for a lost one leaves the deal to a person.
_CLOCKS_APART: Final = timedelta(minutes=5)
# Statements name days of the bank's zone.
_ZONES_APART: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Restored:
    """A time that the store knows nothing of.

    Attributes:
        taken_at: when the copy was made.
        restored_at: when it became the hub's database.
    """

    taken_at: datetime
    restored_at: datetime

    def touches(self, payment: PaymentRow) -> bool:
        """Whether the payment may have had effects in that time: it was known, or its line could have been read."""
        return payment.created_at <= self.restored_at or self.covers(payment.payment.booked_on)

    def covers(self, booked_on: date) -> bool:
        """Whether money of that day could have been read before the restore."""
        return booked_on <= (self.restored_at + _ZONES_APART).date()

    def visits(self, history: Iterable[StageChange]) -> list[Position]:
        """Where the object was brought in that time and later."""
        return [row.position for row in history if row.at >= self.taken_at - _CLOCKS_APART]


def note_restore(uow: UnitOfWork, taken_at: datetime, now: datetime) -> None:
    """Remember the lost time; an earlier restore's is joined to it, since what it left open may be open still."""
    earlier = restored(uow)
    since = min(taken_at, earlier.taken_at) if earlier is not None else taken_at
    value = json.dumps({"taken_at": since.isoformat(), "restored_at": now.isoformat()})
    uow.cursors.put(HUB_MARKS, _MARK, value)


def restored(uow: UnitOfWork) -> Restored | None:
    """The lost time; None where the database was never restored."""
    text = uow.cursors.get(HUB_MARKS, _MARK)
    if text is None:
        return None
    mark = json.loads(text)
    return Restored(datetime.fromisoformat(mark["taken_at"]), datetime.fromisoformat(mark["restored_at"]))


def polled_anew(uow: UnitOfWork, connection: str) -> Restored | None:
    """The lost time while the connection was not yet read to its end after the restore: its changes fell into it."""
    lost = restored(uow)
    polled_at = uow.connections.ensure(connection).polled_at if lost is not None else None
    return lost if lost is not None and (polled_at is None or polled_at < lost.restored_at) else None


def note_invoice(uow: UnitOfWork, lost: Restored, connection: str, told: Invoice) -> None:
    """Remember an invoice that was paid in the lost time: most likely our own mark, for money that comes in anew."""
    known = uow.invoices.get(f"{connection}/{told.id}")
    if told.status is not InvoiceStatus.PAID:
        return
    if known is None:
        is_ours = told.issued_on is not None and told.issued_on >= (lost.taken_at - _ZONES_APART).date()
    else:
        is_ours = known.invoice.status is InvoiceStatus.OPEN
    if is_ours:
        uow.cursors.put(connection, f"{PAID_IN_LOST_TIME}{told.id}", lost.restored_at.isoformat())


def reopened(uow: UnitOfWork, invoice: Invoice) -> Invoice:
    """The invoice as money of the lost time finds it: its mark was made then, and our allocations say what is open."""
    if invoice.status is not InvoiceStatus.PAID or invoice.paid >= invoice.amount:
        return invoice
    connection, _, external_id = invoice.id.partition("/")
    noted = uow.cursors.get(connection, f"{PAID_IN_LOST_TIME}{external_id}") is not None
    return replace(invoice, status=InvoiceStatus.OPEN) if noted else invoice


def begin_again(uow: UnitOfWork, taken_at: datetime, now: datetime, actor: str) -> None:
    """A restored database starts paused: people bring the lost days in and look before anything is written."""
    note_restore(uow, taken_at, now)
    uow.switches.pause(actor, now)
    data = {"taken_at": taken_at.isoformat()}
    uow.audit.append(AuditEntry("hub.restored", actor, "hub", data), now)
