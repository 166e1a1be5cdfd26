"""Before the first write about a payment: the invoices that it was given to are looked at once more."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hub.domain.errors import Gone
from hub.domain.money import exponent
from hub.ports.crm import InvoiceNow, ItemKind, Removed
from hub.ports.records import EffectKind, InvoiceRow
from hub.ports.store import UnitOfWork
from hub.services.apply_changes import apply_in
from hub.services.delivery import Delivery, MatchUndone, NoLongerPaid
from hub.services.plan_effects import INVOICE, PAID_IN_FULL
from hub.services.runtime import Work
from hub.services.take_back import leave_deleted_invoice

#: Of the smallest unit: systems that keep doubles are rounded so.
_HALF: Final = Decimal("0.5")


def deleted_invoice(delivery: Delivery) -> InvoiceRow | None:
    """An invoice of this subject, given this money, that is deleted, where the match has to stay all the same.

    Some systems tell of a deletion by a hook alone, and a hook may be lost: till the night's walk nobody else would
    find out that what was matched is not there any more. What was written already is not looked at again.

    Raises:
        MatchUndone: the invoice is deleted and the machine took its match back.
        NoLongerPaid: an invoice asks for more by now, and the deal was to be moved as paid.
        ConnectorError: an invoice could not be looked at.
    """
    if _began(delivery):
        return None
    for rows in _paid(delivery):
        gone = [row for row in rows if _is_gone(delivery, row)]
        if len(gone) == len(rows):
            return gone[0]
    return None


def _began(delivery: Delivery) -> bool:
    """Whether something was written about this payment here before: then each invoice was looked at, or marked."""
    row = delivery.row
    with delivery.rt.store.read() as uow:
        effects = uow.outbox.of_payment(row.payment_id)
    here = (effect for effect in effects if effect.subject == row.subject and effect.id != row.id)
    return any((effect.intent or {}).get("writes") for effect in here)


def _paid(delivery: Delivery) -> list[list[InvoiceRow]]:
    """Of each sale that the payment was given to, the invoices of this system that the effect is about."""
    subject = delivery.row.subject
    with delivery.rt.store.read() as uow:
        matched = {row.invoice_id for row in uow.matches.of_payment(delivery.row.payment_id)}
        sales = [uow.sales.members(key) for key in sorted(matched)]
    here = delivery.row.connection
    mine = (
        [row for row in rows if row.connection == here and subject in (INVOICE + row.invoice.id, *row.invoice.deals)]
        for rows in sales
    )
    return [rows for rows in mine if rows]


def _is_gone(delivery: Delivery, row: InvoiceRow) -> bool:
    if row.removed:
        _leave(delivery, row)
        return True
    try:
        now = delivery.crm.invoice_now(row.external_id)
    except Gone:
        note_deleted(delivery, row)
        return True
    if delivery.row.kind is not EffectKind.COMMENT and delivery.row.payload.get("event") in PAID_IN_FULL:
        require_sum(delivery, row, now)
    return False


def as_told(uow: UnitOfWork, invoice_id: str) -> InvoiceRow | None:
    """An invoice as its own system tells it, whatever others know of the same sale."""
    row = uow.invoices.get(invoice_id)
    members = uow.sales.members(row.sale_id) if row is not None else []
    return next((item for item in members if item.invoice.id == invoice_id), None)


def require_sum(delivery: Delivery, row: InvoiceRow, now: InvoiceNow) -> None:
    """What was covered is still all that is asked: the invoice may have grown since it was read.

    Raises:
        NoLongerPaid: it asks for more now.
    """
    known = row.invoice.amount
    if now.asks is not None and now.asks - known.amount >= _HALF.scaleb(-exponent(known.currency)):
        delivery.rt.wake(Work.POLL, row.connection)
        raise NoLongerPaid(f"the invoice of effect {delivery.row.id} asks for more than was paid")


def note_deleted(delivery: Delivery, row: InvoiceRow) -> None:
    """The system has no such invoice any more: the hub knows it from now on.

    Raises:
        MatchUndone: the machine took its match back.
    """
    with delivery.rt.store.write() as uow:
        apply_in(delivery.rt, uow, row.connection, [Removed(ItemKind.INVOICE, row.external_id)])
    _leave(delivery, row)


def _leave(delivery: Delivery, row: InvoiceRow) -> None:
    """The machine takes its match back where it may, here or where the deletion was applied before."""
    with delivery.rt.store.write() as uow:
        leave_deleted_invoice(delivery.rt, uow, row.invoice.id)
        active = {match.id for match in uow.matches.of_payment(delivery.row.payment_id)}
    if active.isdisjoint(delivery.row.payload["matches"]):
        delivery.rt.wake(Work.MATCH, "")
        raise MatchUndone(f"the invoice of effect {delivery.row.id} was deleted")
