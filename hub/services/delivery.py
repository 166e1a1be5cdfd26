"""One claimed effect in work: what handlers read, announce and answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub import failpoints
from hub.domain.errors import RetryLater
from hub.domain.models import Pipeline
from hub.ports.crm import CrmPort, MoveOutcome, MoveResult, Position
from hub.ports.records import EffectRow, EffectState
from hub.services.runtime import PIPELINES, ConnectionSettings, Runtime, dump_pipelines, load_pipelines

#: Writes of one effect whose answers were lost, before a person is asked: each is read back first.
MAX_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Settled:
    """The effect ended: done, parked for a person or withdrawn."""

    state: EffectState
    result: Mapping[str, Any]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: look again in `seconds`."""

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed effect with its port and settings."""

    rt: Runtime
    crm: CrmPort
    settings: ConnectionSettings
    row: EffectRow

    def text(self, name: str) -> str:
        """A text of the payload."""
        return str(self.row.payload[name])

    def announce(self, intent: Mapping[str, Any]) -> None:
        """Record the intent, durably, before the call; `writes` counts the calls announced so far.

        Raises:
            RetryLater: the lease was lost, somebody else has the row.
        """
        writes = self.writes + 1
        with self.rt.store.write() as uow:
            held = uow.outbox.intend(self.row.id, self.rt.owner, {**intent, "writes": writes}, self.rt.clock.now())
        if not held:
            raise RetryLater(f"lease of effect {self.row.id} was lost")
        failpoints.reach("after_intent")

    @property
    def writes(self) -> int:
        """Calls announced before this attempt; each of them may have taken effect."""
        return int((self.row.intent or {}).get("writes", 0))

    def still_open_s(self) -> float:
        """Seconds in which the last announced call may still take effect; 0 when it cannot any more."""
        if self.row.intent_at is None:
            return 0.0
        closes: datetime = self.row.intent_at + timedelta(seconds=self.settings.timing.unknown_s)
        return max(0.0, (closes - self.rt.clock.now()).total_seconds())

    def postpone(self, reason: str, seconds: float) -> None:
        """Give the row back; the intent stays, so the next attempt reads first."""
        later = self.rt.clock.now() + timedelta(seconds=seconds)
        with self.rt.store.write() as uow:
            uow.outbox.postpone(self.row.id, self.rt.owner, reason, later)

    def pipeline(self, pipeline_id: str, stage_id: str) -> Pipeline | None:
        """The pipeline as last read; read anew when it or the stage is not in the snapshot."""
        with self.rt.store.read() as uow:
            known = load_pipelines(uow.cursors.get(self.row.connection, PIPELINES))
        found = next((item for item in known if item.id == pipeline_id), None)
        if found is not None and found.stage(stage_id) is not None:
            return found
        fresh = self.crm.pipelines()
        with self.rt.store.write() as uow:
            uow.cursors.put(self.row.connection, PIPELINES, dump_pipelines(fresh))
        return next((item for item in fresh if item.id == pipeline_id), None)

    def answer(self, result: MoveResult, came_from: Position) -> Settled | Wait:
        """What a move's outcome means for its effect, the same for deals and invoices."""
        stand = {
            "outcome": result.outcome.value,
            "from": [came_from.pipeline_id, came_from.stage_id],
            "to": [result.position.pipeline_id, result.position.stage_id] if result.position else None,
            "touched": result.touched,
            "missing": list(result.missing),
        }
        match result.outcome:
            case MoveOutcome.MOVED | MoveOutcome.ALREADY_THERE:
                return Settled(EffectState.DONE, stand, result.reason or None)
            case MoveOutcome.CHANGED_BY_OTHER | MoveOutcome.REFUSED:
                return Settled(EffectState.PARKED, stand, result.reason)
            case MoveOutcome.UNKNOWN:
                return Wait(result.reason, self.settings.timing.retry_s)
