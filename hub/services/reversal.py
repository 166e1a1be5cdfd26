"""The guarded way back of what we did in a CRM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.ports.records import EffectKind, EffectRow, NewEffect

_BACK: Final[Mapping[EffectKind, EffectKind]] = {
    EffectKind.MOVE_DEAL: EffectKind.STEP_BACK,
    EffectKind.MARK_PAID: EffectKind.UNMARK_PAID,
}


def reversal_of(effect: EffectRow) -> NewEffect | None:
    """The guarded way back of an effect of ours that took place; None when there is nothing to take back."""
    result = effect.result or {}
    if effect.kind not in _BACK or result.get("outcome") != "moved" or not result.get("to"):
        return None
    payload = {
        "deal": effect.payload.get("deal"),
        "invoice": effect.payload.get("invoice"),
        "expected": result["to"],
        "target": result["from"],
        "mark": result.get("mark"),
    }
    return NewEffect(
        operation_key=f"undo:{effect.operation_key}",
        connection=effect.connection,
        kind=_BACK[effect.kind],
        subject=effect.subject,
        payment_id=effect.payment_id,
        payload=payload,
    )
