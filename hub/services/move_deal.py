"""Move a deal: read, guard, announce, write, read back. Never twice, never backwards, never over a human."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from hub import failpoints
from hub.domain.errors import ConnectorError
from hub.domain.guard import Ruling, Verdict, guard_move
from hub.domain.models import Deal
from hub.ports.crm import Position, StageChange
from hub.ports.records import EffectState
from hub.services.delivery import IN_FLIGHT, MAX_REPEATS, Delivery, Settled, Wait
from hub.services.invoices_there import deleted_invoice

_log = structlog.get_logger(__name__)
# A portal's clock may run behind ours by so much; taking an older visit for ours leaves the deal alone, which is safe.
_CLOCKS_APART = timedelta(minutes=5)
_WAS_THERE = "База восстановлена из копии: после копии сделка уже была на этой стадии и ушла с неё. Решает человек."

_INVOICE_GONE = (
    "Счёта № {number}, к которому отнесены деньги, в CRM больше нет: его удалили. Сделка не двигалась. "
    "Отмените сопоставление, а если всё верно, передвиньте сделку в CRM сами."
)


def move_deal(delivery: Delivery) -> Settled | Wait:
    """Bring the deal to the rule's stage, or say why not."""
    target = Position(delivery.text("pipeline"), delivery.text("stage"))
    deal = delivery.crm.deal(delivery.text("deal"))
    failpoints.reach("after_read")
    if delivery.writes:
        known = _after_lost_answer(delivery, deal, target)
        if known is not None:
            return known
    ruling = _judge(delivery, deal, target)
    if ruling.verdict is not Verdict.GO:
        return _not_moved(ruling, deal)
    gone = None if delivery.asked else deleted_invoice(delivery)
    if gone is not None:
        return delivery.ask("invoice_gone", _INVOICE_GONE.format(number=gone.invoice.number or gone.external_id))
    delivery.require_paid(deal)
    lost = delivery.lost_time()
    if lost is not None and target in lost.visits(delivery.crm.history(deal.id)):
        return delivery.ask("was_there", _WAS_THERE)
    came_from = Position(deal.pipeline_id, deal.stage_id)
    result = delivery.send(
        {"from": [came_from.pipeline_id, came_from.stage_id]},
        lambda: delivery.crm.move(deal.id, came_from, target, delivery.row.operation_key),
    )
    answer = delivery.answer(result, came_from)
    return _with_mark(delivery, answer, came_from) if isinstance(answer, Settled) else answer


def _with_mark(delivery: Delivery, settled: Settled, came_from: Position) -> Settled:
    """Add the history row of our move, which an undo needs, and tell when somebody moved between read and write."""
    if settled.result.get("outcome") != "moved" or settled.result.get("mark"):
        return settled
    rows = _history(delivery)
    if not rows or rows[-1].position != Position(*settled.result["to"]):
        return settled
    if len(rows) > 1 and rows[-2].position != came_from:
        # Which of the rows is ours nobody can tell, so it gets no mark: an undo then asks a person.
        note = "Пока хаб записывал переход, сделку двигал кто-то ещё: проверьте стадию."
        return Settled(settled.state, {**settled.result, "overlapped": rows[-2].position.stage_id}, note)
    return Settled(settled.state, {**settled.result, "mark": rows[-1].id}, settled.reason)


def _history(delivery: Delivery) -> tuple[StageChange, ...]:
    try:
        return delivery.crm.history(delivery.text("deal"))
    except ConnectorError as error:
        # Without it an undo asks a person; the move itself stands.
        _log.info("move.history_unread", effect=delivery.row.id, error=error.text)
        return ()


def _judge(delivery: Delivery, deal: Deal, target: Position) -> Ruling:
    here = (deal.stage_id,) if deal.pipeline_id == target.pipeline_id else ()
    pipeline = delivery.pipeline(target.pipeline_id, target.stage_id, *here)
    with delivery.rt.store.read() as uow:
        last = uow.outbox.last_move(delivery.row.subject)
    ours = last.result["to"][1] if last is not None and last.result and last.result.get("to") else None
    return guard_move(deal, pipeline, target.stage_id, ours)


def _not_moved(ruling: Ruling, deal: Deal) -> Settled:
    stand = {"outcome": ruling.verdict.value, "to": [deal.pipeline_id, deal.stage_id]}
    state = EffectState.PARKED if ruling.verdict is Verdict.BLOCKED else EffectState.DONE
    return Settled(state, stand, ruling.reason)


def _after_lost_answer(delivery: Delivery, deal: Deal, target: Position) -> Settled | Wait | None:
    """Judge by reading what became of an announced write; None when the guard may decide anew."""
    intent = delivery.row.intent or {}
    came_from = intent.get("from", [deal.pipeline_id, deal.stage_id])
    if Position(deal.pipeline_id, deal.stage_id) == target:
        stand = {"outcome": "moved", "from": came_from, "to": [deal.pipeline_id, deal.stage_id], "read_back": True}
        settled = Settled(EffectState.DONE, stand, "Ответ CRM потерялся, чтение показало: переход состоялся.")
        return _with_mark(delivery, settled, Position(*came_from))
    ours = _our_row(delivery, target)
    if ours is not None:
        to = [ours.position.pipeline_id, ours.position.stage_id]
        stand = {"outcome": "moved", "from": came_from, "to": to, "mark": ours.id, "read_back": True}
        return Settled(EffectState.DONE, stand, "Ответ CRM потерялся, но переход состоялся; потом сделку переставили.")
    # Wherever the deal stands by now: while the write may still arrive a second one would only add to the race.
    open_s = delivery.still_open_s()
    if open_s > 0:
        return Wait(IN_FLIGHT, open_s)
    if [deal.pipeline_id, deal.stage_id] != list(came_from):
        return None
    if delivery.writes > MAX_REPEATS:
        return Settled(
            EffectState.PARKED, {"outcome": "unknown"}, "CRM не подтверждает переход: проверьте сделку вручную."
        )
    return None


def _our_row(delivery: Delivery, target: Position) -> StageChange | None:
    """The history row of a move whose answer was lost; from there on the deal was in other hands, and stays there."""
    sent_at = (delivery.row.intent or {}).get("sent_at")
    if sent_at is None:
        return None
    since = datetime.fromisoformat(sent_at) - _CLOCKS_APART
    rows = (row for row in reversed(_history(delivery)) if row.at >= since)
    return next((row for row in rows if row.position == target), None)
