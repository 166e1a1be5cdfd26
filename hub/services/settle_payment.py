"""What a person decides about a payment: confirm, choose, reject, put back, undo. Each keeps the name of who did it."""

from __future__ import annotations

from collections.abc import Sequence

from hub.domain.allocation import Allocation, AllocationError, Match, payment_room
from hub.domain.decision import Candidate
from hub.domain.models import Direction, Invoice
from hub.domain.money import Money
from hub.domain.wording import money_text
from hub.ports.records import AuditEntry, InvoiceRow, PaymentRow, PaymentState
from hub.ports.store import UnitOfWork
from hub.services import announce
from hub.services.after_restore import reopened
from hub.services.aliases import CannotAlias
from hub.services.cover_claims import give_line_back, is_put_away, part_from_claims
from hub.services.match_payments import allocate
from hub.services.plan_effects import plan_effects
from hub.services.plan_fills import plan_fills_of
from hub.services.remember_payer import remember_payer
from hub.services.reopen_rivals import reopen_rivals
from hub.services.runtime import Runtime, Work
from hub.services.take_back import CannotTakeBack, take_back


class CannotSettle(ValueError):
    """The person's choice cannot be carried out; the message says why (Russian)."""


def confirm_candidate(
    rt: Runtime, payment_id: str, candidate: Candidate, actor: str, *, remember: bool = False
) -> None:
    """Accept a candidate that the person saw.

    Args:
        remember: record too that this payer pays for the candidate's client.

    Raises:
        CannotSettle: the payment is settled already, the newest decision holds no such candidate any more, or its payer
            cannot be remembered; then nothing was done.
    """
    with rt.store.write() as uow:
        if remember:
            uow.aliases.take_turn()
        row = _open_row(uow, payment_id)
        if row.decision is None or candidate not in row.decision.candidates:
            raise CannotSettle("Пока страница была открыта, варианты изменились: посмотрите их ещё раз.")
        _match(rt, uow, row, candidate.allocations, actor)
        if remember:
            _remember(rt, uow, row, candidate, actor)
    rt.wake(Work.DELIVER, "")
    if remember:
        rt.wake(Work.MATCH, "")


def _remember(rt: Runtime, uow: UnitOfWork, row: PaymentRow, candidate: Candidate, actor: str) -> None:
    try:
        remember_payer(rt, uow, row.payment, candidate, actor)
    except CannotAlias as error:
        raise CannotSettle(str(error)) from error


def choose_invoices(rt: Runtime, payment_id: str, invoice_ids: Sequence[str], actor: str) -> None:
    """Give the payment to invoices that a person picked: each takes what it has open, in the order given.

    Raises:
        CannotSettle: nothing picked, an invoice is closed or in another currency, or the payment is settled already.
    """
    with rt.store.write() as uow:
        row = _open_row(uow, payment_id)
        allocations = _spread(uow, row, list(dict.fromkeys(invoice_ids)))
        _match(rt, uow, row, allocations, actor)
    rt.wake(Work.DELIVER, "")


def reject(rt: Runtime, payment_id: str, actor: str, note: str = "") -> None:
    """No invoice of ours: put the payment aside; the machine does not take it up again.

    Raises:
        CannotSettle: the payment is matched; undo first.
    """
    with rt.store.write() as uow:
        row = _open_row(uow, payment_id)
        uow.payments.set_state(payment_id, PaymentState.DISMISSED, held=True, confirmed_by=actor)
        give_line_back(uow, row)
        uow.audit.append(AuditEntry("payment.dismissed", actor, payment_id, {"note": note}), rt.clock.now())


def put_back(rt: Runtime, payment_id: str, actor: str) -> None:
    """Bring a payment that is «not ours» or was put aside back to the queue for a person.

    Raises:
        CannotSettle: the payment is in neither pile, or a line of a statement stands for it.
    """
    with rt.store.write() as uow:
        row = _row(uow, payment_id)
        if row.state not in (PaymentState.DISMISSED, PaymentState.NOT_OURS):
            raise CannotSettle("Этот платёж и так в работе.")
        refusal = part_from_claims(rt, uow, row, actor)
        if refusal is not None:
            raise CannotSettle(refusal)
        uow.payments.set_state(payment_id, PaymentState.NEEDS_YOU, held=True)
        uow.audit.append(AuditEntry("payment.put_back", actor, payment_id), rt.clock.now())


def undo_match(rt: Runtime, payment_id: str, actor: str) -> None:
    """Take a match back: both sides reopen, unsent effects are withdrawn, our moves step back where they may.

    Raises:
        CannotSettle: the payment has no active match, or its invoice would hold too little or too much without it.
    """
    with rt.store.write() as uow:
        try:
            take_back(rt, uow, _row(uow, payment_id), actor, held=True)
        except CannotTakeBack as error:
            raise CannotSettle(str(error)) from error
    rt.wake(Work.MATCH, "")
    rt.wake(Work.DELIVER, "")


def _row(uow: UnitOfWork, payment_id: str) -> PaymentRow:
    row = uow.payments.get(payment_id)
    if row is None:
        raise CannotSettle("Такого платежа нет.")
    return row


def _open_row(uow: UnitOfWork, payment_id: str) -> PaymentRow:
    row = _row(uow, payment_id)
    if row.state is PaymentState.MATCHED:
        raise CannotSettle("Платёж уже сопоставлен: сначала отмените прежнее решение.")
    return row


def _spread(uow: UnitOfWork, row: PaymentRow, invoice_ids: list[str]) -> tuple[Allocation, ...]:
    if not invoice_ids:
        raise CannotSettle("Выберите хотя бы один счёт.")
    if row.payment.direction is not Direction.IN:
        raise CannotSettle("Вручную на счета разносятся только поступления.")
    left = payment_room(row.payment, uow.payments.given(row.payment.id))
    rows = [_invoice(uow, invoice_id) for invoice_id in invoice_ids]
    allocations = []
    # Of a sale that several systems keep, one invoice is given the money, whichever of them was picked.
    for invoice in {found.sale_id: found for found in rows}.values():
        part = _part(uow, invoice, left)
        left = left - part
        allocations.append(Allocation(invoice.sale_id, part))
    return tuple(allocations)


def _invoice(uow: UnitOfWork, invoice_id: str) -> InvoiceRow:
    found = uow.invoices.get(invoice_id)
    if found is None or found.is_gone:
        raise CannotSettle("Такого счёта нет или его удалили в CRM.")
    return found


def _part(uow: UnitOfWork, found: InvoiceRow, left: Money) -> Money:
    invoice: Invoice = reopened(uow, found.invoice)
    name = f"Счёт № {invoice.number}" if invoice.number else "Счёт сделки"
    if invoice.amount.currency != left.currency:
        raise CannotSettle(f"{name} выставлен в {invoice.amount.currency}, а платёж в {left.currency}.")
    if not invoice.open_amount.is_positive:
        raise CannotSettle(f"{name} уже закрыт.")
    if not left.is_positive:
        raise CannotSettle(f"{name} лишний: деньги платежа закончились на предыдущих счетах.")
    return min(left, invoice.open_amount)


def _match(rt: Runtime, uow: UnitOfWork, row: PaymentRow, allocations: tuple[Allocation, ...], actor: str) -> None:
    if is_put_away(row):
        raise CannotSettle("Эти деньги уже учтены по другому платежу: сначала верните этот в работу.")
    decided_by = f"person:{actor}"
    try:
        allocate(rt, uow, row.payment, Match(row.payment.id, allocations), decided_by)
    except AllocationError as error:
        raise CannotSettle(f"Так разнести нельзя: денег или остатка по счёту уже не хватает ({error}).") from error
    uow.payments.set_state(row.payment.id, PaymentState.MATCHED, held=False, confirmed_by=actor)
    reopen_rivals(uow, {item.invoice_id for item in allocations}, by_person=True)
    given = money_text(uow.payments.given(row.payment.id))
    reason = f"Подтвердил человек: {actor}, разнесено {given}."
    plan_effects(rt, uow, row, reason, decided_by)
    plan_fills_of(rt, uow, [item.invoice_id for item in allocations])
    announce.payment_matched(rt, uow, row, reason, decided_by)
