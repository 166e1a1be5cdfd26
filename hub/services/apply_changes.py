"""Apply what a source reported: upsert clients, deals and invoices, and reopen the payments they may answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from hub.domain.matching.shapes import shape_of
from hub.domain.models import Client, Deal, Invoice
from hub.ports.crm import Binding, Change, ItemKind, Removed
from hub.ports.store import UnitOfWork
from hub.services.after_restore import note_invoice, polled_anew
from hub.services.find_deal import find_invoices, leave_deal
from hub.services.follow_sale import follow_sale, rekey
from hub.services.one_sale import leave_sale, settle_sale
from hub.services.plan_effects import plan_again
from hub.services.plan_fills import plan_fills
from hub.services.runtime import Runtime
from hub.services.take_back import leave_deleted_invoice

_AT_ONCE: Final = 50


def apply_changes(rt: Runtime, connection: str, changes: Sequence[Change]) -> int:
    """Apply changes in one transaction of their own; returns how many items really changed."""
    with rt.store.write() as uow:
        return apply_in(rt, uow, connection, changes)


def in_bites(changes: Iterable[Change]) -> list[Sequence[Change]]:
    """Changes in the order of applying, few in a transaction: hooks wait for the writer to be acknowledged."""
    ordered = sorted(changes, key=_rank)
    return [ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE)]


def apply_in(rt: Runtime, uow: UnitOfWork, connection: str, changes: Iterable[Change]) -> int:
    """Apply changes inside the caller's transaction."""
    lost = polled_anew(uow, connection)
    changed = 0
    for change in sorted(changes, key=_rank):
        if lost is not None and isinstance(change, Invoice):
            note_invoice(uow, lost, connection, change)
        changed += _apply(rt, uow, connection, change)
    return changed


def _rank(change: Change) -> int:
    # Clients first, so that an invoice of the same page finds its client's requisites when it gets its keys.
    # What binds deals and invoices comes when both are there.
    return {Client: 0, Deal: 1, Invoice: 2, Binding: 3}.get(type(change), 4)


def _apply(rt: Runtime, uow: UnitOfWork, connection: str, change: Change) -> bool:
    match change:
        case Client():
            return _client(rt, uow, connection, change)
        case Deal():
            return _deal(rt, uow, connection, change)
        case Invoice():
            return _invoice(rt, uow, connection, change)
        case Binding():
            return _binding(rt, uow, connection, change)
        case Removed():
            return _removed(rt, uow, connection, change)


def _client(rt: Runtime, uow: UnitOfWork, connection: str, client: Client) -> bool:
    if not uow.clients.upsert(connection, client):
        return False
    for invoice in uow.invoices.of_client(connection, client.id):
        _settle(rt, uow, invoice.id)
    for deal in uow.deals.of_client(connection, client.id):
        find_invoices(rt, uow, deal.id)
    return True


def _deal(rt: Runtime, uow: UnitOfWork, connection: str, deal: Deal) -> bool:
    hub_id = f"{connection}/{deal.id}"
    is_new = uow.deals.get(hub_id) is None
    if not uow.deals.upsert(connection, deal):
        return False
    if is_new:
        _plan_for_late_deal(rt, uow, hub_id)
        plan_fills(rt, uow, [hub_id])
    find_invoices(rt, uow, hub_id)
    return True


def _binding(rt: Runtime, uow: UnitOfWork, connection: str, binding: Binding) -> bool:
    """A paid invoice that is bound to a deal later brings what the payment means for that deal."""
    if not uow.deals.bind(connection, binding.deal_id, binding.invoice_ids):
        return False
    deal_id = f"{connection}/{binding.deal_id}"
    for invoice in uow.deals.invoices(deal_id):
        rekey(uow, invoice.id)
    _plan_for_late_deal(rt, uow, deal_id)
    plan_fills(rt, uow, [deal_id])
    return True


def _plan_for_late_deal(rt: Runtime, uow: UnitOfWork, deal_id: str) -> None:
    """A deal that comes after its invoice was paid gets what the payment means for it; what is planned stays."""
    matches = [match for invoice in uow.deals.invoices(deal_id) for match in uow.matches.of_invoice(invoice.id)]
    for match in {match.payment_id: match for match in matches}.values():
        plan_again(rt, uow, match)


def _invoice(rt: Runtime, uow: UnitOfWork, connection: str, invoice: Invoice) -> bool:
    left = _deals_of(rt, uow, connection, invoice.id)
    if not uow.invoices.upsert(connection, invoice, ()):
        return False
    shape = shape_of(invoice)
    if shape is not None and invoice.number is not None:
        uow.number_shapes.learn(shape, invoice.number)
    _settle(rt, uow, f"{connection}/{invoice.id}")
    plan_fills(rt, uow, left)
    return True


def _deals_of(rt: Runtime, uow: UnitOfWork, connection: str, external_id: str) -> tuple[str, ...]:
    """Deals of a sale of accounting as they are known so far: it may leave them."""
    row = uow.invoices.get(f"{connection}/{external_id}") if rt.fills_fields else None
    return row.invoice.deals if row is not None and row.invoice.from_accounting else ()


def _settle(rt: Runtime, uow: UnitOfWork, invoice_id: str) -> None:
    """An invoice is new or has changed: what it is one sale with, and all that follows."""
    follow_sale(rt, uow, invoice_id, settle_sale(rt, uow, invoice_id))


def _leave_deals(uow: UnitOfWork, invoice_id: str) -> None:
    """The sale that a deleted invoice stood for lives on by its paper, and the paper's deal is looked for anew."""
    row = uow.invoices.get(invoice_id)
    own = uow.sales.alone(invoice_id)
    if row is not None and own is not None and row.lives_on:
        for deal in own.invoice.deals:
            uow.deals.take(deal, invoice_id)


def _removed(rt: Runtime, uow: UnitOfWork, connection: str, removed: Removed) -> bool:
    hub_id = f"{connection}/{removed.id}"
    match removed.kind:
        case ItemKind.DEAL:
            deal = uow.deals.get(hub_id)
            if deal is None or deal.removed:
                return False
            uow.deals.remove(connection, removed.id)
            leave_deal(rt, uow, hub_id)
        case ItemKind.INVOICE:
            invoice = uow.invoices.get(hub_id)
            if invoice is None or invoice.removed:
                return False
            left = _deals_of(rt, uow, connection, removed.id)
            uow.invoices.remove(connection, removed.id)
            leave_deleted_invoice(rt, uow, hub_id)
            changed = leave_sale(rt, uow, hub_id)
            _leave_deals(uow, hub_id)
            follow_sale(rt, uow, hub_id, changed)
            plan_fills(rt, uow, left)
        case ItemKind.CLIENT:
            # Nothing that is shown or decided hangs on a removed client: its invoices keep what was known of it.
            uow.clients.remove(connection, removed.id)
            return False
    return True
