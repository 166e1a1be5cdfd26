"""Leave a comment or a task with the deal; after a lost answer the operation key says whether it is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hub import failpoints
from hub.ports.crm import MoveOutcome, TaskDraft
from hub.ports.records import EffectState
from hub.services.delivery import IN_FLIGHT, MAX_REPEATS, Delivery, Settled, Wait
from hub.services.invoices_there import deleted_invoice

_GONE = "Сделку удалили в CRM: оставить запись негде."
_MAY_BE_THERE = "База восстановлена из копии: сделка уже стояла на стадии, и задачу могли поставить. Проверьте сделку."


def comment(delivery: Delivery) -> Settled | Wait:
    """Leave the comment that says which money paid which invoice."""
    deal, key = delivery.text("deal"), delivery.row.operation_key
    return _once(
        delivery,
        find=lambda: delivery.crm.find_comment(deal, key),
        leave=lambda: delivery.crm.comment(deal, delivery.text("text"), key),
        sent="comment_sent",
    )


def task(delivery: Delivery) -> Settled | Wait:
    """Set the task of the rule for the deal's responsible person."""
    payload, key = delivery.row.payload, delivery.row.operation_key
    deal = delivery.text("deal")
    today = delivery.rt.clock.now().astimezone(delivery.rt.upkeep.watch.zone).date()
    due_on = today + timedelta(days=int(payload["due_days"]))
    draft = TaskDraft(delivery.text("title"), delivery.text("text"), payload.get("responsible"), due_on)
    return _once(
        delivery,
        find=lambda: delivery.crm.find_task(deal, key),
        leave=lambda: delivery.crm.task(deal, draft, key),
        sent="task_sent",
        ask=_follows_an_old_move(delivery),
    )


def _follows_an_old_move(delivery: Delivery) -> bool:
    """The task follows a move that turned out to be made before: it may have been set with it, under another key."""
    with delivery.rt.store.read() as uow:
        effects = {row.operation_key: row for row in uow.outbox.of_payment(delivery.row.payment_id)}
    moves = [effects[key] for key in delivery.row.after if key in effects]
    return any((move.result or {}).get("outcome") != MoveOutcome.MOVED for move in moves)


def _deal_is_gone(delivery: Delivery) -> bool:
    with delivery.rt.store.read() as uow:
        deal = uow.deals.get(delivery.row.subject)
    return deal is not None and deal.removed


def _once(
    delivery: Delivery, find: Callable[[], str | None], leave: Callable[[], str], sent: str, *, ask: bool = False
) -> Settled | Wait:
    if not delivery.writes and _deal_is_gone(delivery):
        return Settled(EffectState.CANCELLED, {"outcome": "gone"}, _GONE)
    lost = delivery.lost_time() is not None
    if delivery.writes or lost:
        found = find()
        if found is not None:
            return Settled(EffectState.DONE, {"id": found, "read_back": True})
        if lost and ask:
            return delivery.ask("may_be_there", _MAY_BE_THERE)
        if (open_s := delivery.still_open_s()) > 0:
            return Wait(IN_FLIGHT, open_s)
        if delivery.writes > MAX_REPEATS:
            return Settled(EffectState.PARKED, {"outcome": "unknown"}, "CRM не подтверждает запись: проверьте сделку.")
    if not delivery.writes:
        deleted_invoice(delivery)

    def announced() -> str:
        failpoints.reach("comment_intent")
        return leave()

    left = delivery.send({}, announced)
    failpoints.reach(sent)
    return Settled(EffectState.DONE, {"id": left})
