"""What a person decides about a claim: to put it aside."""

from __future__ import annotations

from typing import Final

from hub.ports.claims import ClaimState
from hub.ports.records import AuditEntry
from hub.services.cover_claims import settle_neighbours
from hub.services.runtime import Runtime, Work

_WAITING: Final = (ClaimState.OPEN, ClaimState.OVERDUE)


class CannotDismiss(ValueError):
    """The claim does not wait any more; the message says why (Russian)."""


def dismiss_claim(rt: Runtime, claim_id: int, actor: str) -> None:
    """Put a claim aside: no line is looked for any more. A payment that it became stays as it is.

    Raises:
        CannotDismiss: there is no such claim, or it waits for nothing.
    """
    now = rt.clock.now()
    with rt.store.write() as uow:
        uow.claims.take_turn()
        claim = uow.claims.get(claim_id)
        if claim is None:
            raise CannotDismiss("Такого сообщения нет.")
        if claim.state not in _WAITING:
            raise CannotDismiss("Это сообщение уже разобрано: обновите страницу.")
        uow.claims.dismiss(claim_id, actor, now)
        data = {"payment": claim.counted_as} if claim.counted_as is not None else {}
        uow.audit.append(AuditEntry("claim.dismissed", actor, claim.subject, data), now)
        settle_neighbours(rt, uow, claim)
    rt.wake(Work.MATCH, "")
