"""Set an invoice's paid mark in the CRM, and take our own mark back after an undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hub import failpoints
from hub.domain.errors import Gone
from hub.domain.models import StageKind
from hub.ports.crm import InvoiceNow, MoveOutcome, Position
from hub.ports.records import EffectState
from hub.services.delivery import IN_FLIGHT, MAX_REPEATS, Delivery, Settled, Wait
from hub.services.invoices_there import as_told, note_deleted, require_sum
from hub.services.plan_effects import INVOICE

_WAS_PAID = "База восстановлена из копии: после копии счёт уже был отмечен оплаченным и отметку сняли. Решает человек."


def mark_paid(delivery: Delivery) -> Settled | Wait:
    """Mark the invoice paid; setting it twice is the same as once, so a lost answer is followed by a plain repeat."""
    invoice = delivery.text("invoice")
    now = _now(delivery, invoice)
    position = now.position
    before = (delivery.row.intent or {}).get("from") if delivery.writes else None
    came_from = Position(*before) if before else position
    if came_from is None:
        return Settled(EffectState.DONE, {"outcome": "no_stages"}, "У счёта в CRM нет стадий: отмечать нечего.")
    if before and position is not None and position != came_from and _is_paid(delivery, position):
        stand = {"outcome": "moved", "from": before, "to": [position.pipeline_id, position.stage_id], "read_back": True}
        return Settled(EffectState.DONE, stand, "Ответ CRM потерялся, чтение показало: счёт отмечен.")
    if (open_s := delivery.still_open_s()) > 0:
        return Wait(IN_FLIGHT, open_s)
    if delivery.writes > MAX_REPEATS:
        return Settled(EffectState.PARKED, {"outcome": "unknown"}, "CRM не подтверждает отметку: проверьте счёт.")
    if position is not None and _was_paid(delivery, invoice, position):
        return delivery.ask("was_paid", _WAS_PAID)
    result = delivery.send(
        {"from": [came_from.pipeline_id, came_from.stage_id]},
        lambda: delivery.crm.mark_paid(invoice, delivery.row.operation_key, _paid_on(delivery)),
    )
    failpoints.reach("mark_paid_sent")
    if before and result.outcome is MoveOutcome.ALREADY_THERE:
        # The mark stands after a call of ours whose answer was lost: it is ours, and an undo may take it back.
        result = replace(result, outcome=MoveOutcome.MOVED)
    return delivery.answer(result, came_from)


def _now(delivery: Delivery, invoice: str) -> InvoiceNow:
    with delivery.rt.store.read() as uow:
        row = as_told(uow, delivery.row.subject.removeprefix(INVOICE))
    try:
        now = delivery.crm.invoice_now(invoice)
        if row is not None and not delivery.writes:
            require_sum(delivery, row, now)
        return now
    except Gone:
        if row is not None:
            note_deleted(delivery, row)
        raise


def _paid_on(delivery: Delivery) -> date | None:
    """The day that the bank booked the money; effects of before hold none."""
    day = delivery.row.payload.get("paid_on")
    return date.fromisoformat(day) if isinstance(day, str) else None


def _was_paid(delivery: Delivery, invoice: str, position: Position) -> bool:
    """Whether the mark stood in the time that a restored database does not know, and was taken off again."""
    lost = delivery.lost_time()
    if lost is None or _is_paid(delivery, position):
        return False
    return any(_is_paid(delivery, seen) for seen in lost.visits(delivery.crm.invoice_history(invoice)))


def _is_paid(delivery: Delivery, position: Position) -> bool:
    pipelines = (item for item in delivery.crm.invoice_pipelines() if item.id == position.pipeline_id)
    stages = (pipeline.stage(position.stage_id) for pipeline in pipelines)
    return any(stage is not None and stage.kind is StageKind.WON for stage in stages)


def unmark_paid(delivery: Delivery) -> Settled | Wait:
    """Bring the invoice back to where it stood before our mark, only while it stands where we put it."""
    invoice = delivery.text("invoice")
    expected, target = Position(*delivery.row.payload["expected"]), Position(*delivery.row.payload["target"])
    position = delivery.crm.invoice_now(invoice).position
    if position == target and delivery.writes:
        stand = {"outcome": "moved", "from": list(delivery.row.payload["expected"]), "read_back": True}
        stand["to"] = list(delivery.row.payload["target"])
        return Settled(EffectState.DONE, stand, "Ответ CRM потерялся, чтение показало: отметка снята.")
    if position == target:
        return Settled(EffectState.DONE, {"outcome": "already_there"})
    if position != expected:
        return Settled(EffectState.PARKED, {"outcome": "changed"}, "Счёт с тех пор изменили: верните его вручную.")
    if (open_s := delivery.still_open_s()) > 0:
        return Wait(IN_FLIGHT, open_s)
    if delivery.writes > MAX_REPEATS:
        return Settled(EffectState.PARKED, {"outcome": "unknown"}, "CRM не подтверждает отметку: проверьте счёт.")
    result = delivery.send(
        {"from": [expected.pipeline_id, expected.stage_id]},
        lambda: delivery.crm.restore_invoice(invoice, expected, target, delivery.row.operation_key),
    )
    return delivery.answer(result, expected)
