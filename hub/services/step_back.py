"""Take our own move back after a person's undo: only while the stage is untouched since our move."""

from __future__ import annotations

from hub.domain.guard import Verdict, guard_step_back
from hub.ports.crm import Position
from hub.ports.records import EffectState
from hub.services.delivery import IN_FLIGHT, MAX_REPEATS, Delivery, Settled, Wait


def step_back(delivery: Delivery) -> Settled | Wait:
    """Return the deal to the stage before our move, or explain what blocks it."""
    payload = delivery.row.payload
    ours, back_to = Position(*payload["expected"]), Position(*payload["target"])
    deal = delivery.crm.deal(delivery.text("deal"))
    if delivery.writes and Position(deal.pipeline_id, deal.stage_id) == back_to:
        stand = {
            "outcome": "moved",
            "from": list(payload["expected"]),
            "to": list(payload["target"]),
            "read_back": True,
        }
        return Settled(EffectState.DONE, stand, "Ответ CRM потерялся, чтение показало: сделка возвращена.")
    since = _stages_since(delivery, deal.id)
    ruling = guard_step_back(deal, ours.stage_id, since, back_to.stage_id)
    if ruling.verdict is Verdict.THERE:
        return Settled(EffectState.DONE, {"outcome": "already_there"}, ruling.reason)
    if ruling.verdict is not Verdict.GO:
        return Settled(EffectState.PARKED, {"outcome": ruling.verdict.value}, ruling.reason)
    if (open_s := delivery.still_open_s()) > 0:
        return Wait(IN_FLIGHT, open_s)
    if delivery.writes > MAX_REPEATS:
        return Settled(EffectState.PARKED, {"outcome": "unknown"}, "CRM не подтверждает возврат: проверьте сделку.")
    result = delivery.send(
        {"from": [ours.pipeline_id, ours.stage_id]},
        lambda: delivery.crm.move(deal.id, ours, back_to, delivery.row.operation_key),
    )
    return delivery.answer(result, ours)


def _stages_since(delivery: Delivery, deal_id: str) -> tuple[str, ...] | None:
    """Stages the deal took after the history row of our move; None when our row is not known or not found."""
    mark = delivery.row.payload.get("mark")
    rows = delivery.crm.history(deal_id)
    ours = next((place for place, row in enumerate(rows) if row.id == mark), None)
    return None if ours is None else tuple(row.position.stage_id for row in rows[ours + 1 :])
