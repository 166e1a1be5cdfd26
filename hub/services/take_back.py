"""Take a match back: a person's undo, and the machine's own when the invoice turns out not to be there any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.domain.models import Invoice
from hub.domain.money import Money
from hub.ports.records import AUTO, AuditEntry, EffectRow, EffectState, MatchRow, NewEffect, PaymentRow, PaymentState
from hub.ports.store import UnitOfWork
from hub.services.plan_effects import OBSERVES
from hub.services.plan_fills import plan_fills_of
from hub.services.reopen_rivals import reopen_rivals
from hub.services.reversal import reversal_of
from hub.services.runtime import Runtime

#: Who takes the machine's own match back.
_HUB = "hub"


class CannotTakeBack(ValueError):
    """The match has to stay; the message says why (Russian)."""


def take_back(
    rt: Runtime, uow: UnitOfWork, row: PaymentRow, actor: str, *, held: bool, because: str | None = None
) -> None:
    """Both sides reopen, unsent effects are withdrawn, our moves step back where they may.

    Args:
        held: the machine does not decide the payment again by itself.
        because: for the journal (Russian).

    Raises:
        CannotTakeBack: there is no active match, or an invoice would hold too little or too much without it.
    """
    payment_id, now = row.payment.id, rt.clock.now()
    refusal = _refusal(uow, uow.matches.of_payment(payment_id))
    if refusal is not None:
        raise CannotTakeBack(refusal)
    undone = uow.matches.undo(payment_id, actor, now)
    uow.outbox.cancel_unsent(payment_id, now)
    uow.outbox.add(_reversals(uow, row), now)
    uow.payments.set_state(payment_id, PaymentState.RECHECK, held=held)
    reopen_rivals(uow, {item.invoice_id for item in undone}, by_person=True)
    plan_fills_of(rt, uow, [item.invoice_id for item in undone])
    data: dict[str, object] = {"invoices": [item.invoice_id for item in undone]}
    if because is not None:
        data["reason"] = because
    uow.audit.append(AuditEntry("payment.unmatched", actor, payment_id, data), now)


def leave_deleted_invoice(rt: Runtime, uow: UnitOfWork, invoice_id: str) -> bool:
    """The machine's own matches with an invoice that was deleted end, while nothing was written for them.

    The payment is looked at anew, as if the deletion had been known before the money came. What a person decided, and
    what already led to a write, stays as it is.

    Returns:
        whether any match ended.
    """
    found = uow.invoices.get(invoice_id)
    payments = {match.payment_id: match for match in uow.matches.of_invoice(invoice_id)}
    ended = False
    for payment_id in sorted(payments):
        row = uow.payments.get(payment_id)
        if found is None or row is None or not _may_leave(uow, row):
            continue
        because = f"{_name(found.invoice)} удалили, а записать по нему ничего не успели."
        take_back(rt, uow, row, _HUB, held=False, because=because)
        ended = True
    return ended


def _may_leave(uow: UnitOfWork, row: PaymentRow) -> bool:
    matches = uow.matches.of_payment(row.payment.id)
    if any(match.decided_by != AUTO for match in matches) or row.state is not PaymentState.MATCHED:
        return False
    effects = uow.outbox.of_payment(row.payment.id)
    if any((effect.intent or {}).get("writes") for effect in effects):
        return False
    return _refusal(uow, matches) is None


def _refusal(uow: UnitOfWork, matches: Sequence[MatchRow]) -> str | None:
    """Why these have to stay: a payment and its refund lean on each other, and no invoice may be left impossible."""
    if not matches:
        return "У этого платежа нет действующего сопоставления."
    invoices = uow.invoices.lock({item.invoice_id for item in matches})
    for key, invoice in sorted(invoices.items()):
        zero = Money.zero(invoice.paid.currency)
        taken = sum((item.amount for item in matches if item.invoice_id == key), zero)
        if taken.is_positive and invoice.paid < taken:
            return f"{_name(invoice)}: по нему сопоставлен возврат этих денег, сначала отмените возврат."
        if not taken.is_positive and invoice.paid - taken > invoice.amount:
            return f"{_name(invoice)}: после этого возврата его оплатили снова, сначала отмените ту оплату."
    return None


def _name(invoice: Invoice) -> str:
    return f"Счёт № {invoice.number}" if invoice.number else "Счёт сделки"


def _reversals(uow: UnitOfWork, row: PaymentRow) -> list[NewEffect]:
    done = [effect for effect in uow.outbox.of_payment(row.payment.id) if effect.state is EffectState.DONE]
    return [effect for settled in reversed(done) if (effect := _reversal(uow, settled)) is not None]


def _reversal(uow: UnitOfWork, settled: EffectRow) -> NewEffect | None:
    effect = reversal_of(settled)
    if effect is None or uow.connections.ensure(effect.connection).acting:
        return effect
    return replace(effect, observed_because=OBSERVES)
