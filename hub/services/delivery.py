"""One claimed effect in work: what handlers read, announce and answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hub import failpoints
from hub.domain.errors import ConnectorError, UnknownOutcome
from hub.domain.models import Deal, Pipeline
from hub.ports.crm import CrmPort, MoveOutcome, MoveResult, Position
from hub.ports.fields import FillResult
from hub.ports.records import EffectRow, EffectState
from hub.ports.store import UnitOfWork
from hub.services.after_restore import Restored, restored
from hub.services.mend_times import LONGEST_WAIT_S
from hub.services.plan_effects import in_question, still_holds
from hub.services.poll_source import stages_are_stale
from hub.services.runtime import PIPELINES, ConnectionSettings, Runtime, Work, dump_pipelines, load_pipelines

T = TypeVar("T")

#: Writes of one effect whose answers were lost, before a person is asked: each is read back first.
MAX_REPEATS = 9
#: Why nothing is sent just now.
IN_FLIGHT = "CRM не ответила на запись: даём ей время дойти, потом проверим чтением."


class LeaseLost(Exception):
    """Somebody else has the row by now; nothing was sent, and what there is to do is theirs."""


class MatchUndone(Exception):
    """A person took the match back before the call was sent: there is nothing to write any more."""


class Halted(Exception):
    """A person paused the hub, or stopped the connection acting, while we were reading: nothing is sent now."""


class NoLongerPaid(Exception):
    """The deal or the invoice is not covered any more as it was when this was planned: a person looks."""


class InQuestion(Exception):
    """A person is asked whether the sale that the money was given to is one sale: nothing is sent till they answer."""


class Vanished(Exception):
    """The bank's newer file does not hold the money any more: a person looks."""


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

    def send(self, intent: Mapping[str, Any], call: Callable[[], T]) -> T:
        """Record the intent, durably, then call; an answer that proves no effect takes the announcement back.

        Raises:
            LeaseLost: nothing was sent.
            Halted: nothing was sent.
            MatchUndone: nothing was sent.
            NoLongerPaid: nothing was sent.
            InQuestion: nothing was sent.
            Vanished: nothing was sent.
            ConnectorError: what the call raised.
        """
        self._announce(intent)
        try:
            answer = call()
        except UnknownOutcome:
            raise
        except ConnectorError:
            self._take_back()
            raise
        if isinstance(answer, MoveResult | FillResult) and answer.outcome is MoveOutcome.REFUSED:
            self._take_back()
        return answer

    def _announce(self, intent: Mapping[str, Any]) -> None:
        now = self.rt.clock.now()
        announced = {**intent, "writes": self.writes + 1, "sent_at": now.isoformat()}
        with self.rt.store.write() as uow:
            self._require_leave(uow)
            self._require_match(uow)
            if not uow.outbox.intend(self.row.id, self.rt.owner, announced, now):
                raise LeaseLost(f"lease of effect {self.row.id} was lost")
        failpoints.reach("after_intent")

    def _require_leave(self, uow: UnitOfWork) -> None:
        # A claim is minutes old at worst; a person's word holds from the moment it was given.
        if uow.switches.paused_by() is not None or not uow.connections.ensure(self.row.connection).acting:
            raise Halted(f"effect {self.row.id} waits: paused, or the connection observes")

    def _require_match(self, uow: UnitOfWork) -> None:
        # The way back of an undone match names no matches: it must be sent.
        wanted = self.row.payload.get("matches")
        active = {row.id for row in uow.matches.of_payment(self.row.payment_id)}
        if wanted is not None and active.isdisjoint(wanted):
            raise MatchUndone(f"match of effect {self.row.id} was undone")
        if wanted is not None:
            self._require_money(uow)
        if wanted is not None and in_question(uow, self.row):
            raise InQuestion(f"a person is asked about the sale of effect {self.row.id}")
        if wanted is not None and not still_holds(uow, self.row):
            raise NoLongerPaid(f"effect {self.row.id} was planned for more money than there is now")

    def require_paid(self, deal: Deal) -> None:
        """What was paid still pays the deal, whose sum its system has just told anew.

        Raises:
            MatchUndone: there is no such payment any more.
            InQuestion: a person is asked first.
            Vanished: the money is gone.
            NoLongerPaid: the deal asks for more by now.
        """
        with self.rt.store.read() as uow:
            self._require_match(uow)
            paid = still_holds(uow, self.row, deal)
        if not paid:
            self.rt.wake(Work.POLL, self.row.connection)
            raise NoLongerPaid(f"the deal of effect {self.row.id} asks for more than was paid")

    def _require_money(self, uow: UnitOfWork) -> None:
        payment = uow.payments.get(self.row.payment_id)
        if payment is not None and payment.vanished_in is not None:
            raise Vanished(f"payment of effect {self.row.id} vanished from its statement")

    def _take_back(self) -> None:
        """The call took no effect: only those before it are still open. Losing this note costs a wait, no more."""
        before = {"sent_at": None, **(self.row.intent or {}), "writes": self.writes}
        with self.rt.store.write() as uow:
            uow.outbox.intend(self.row.id, self.rt.owner, before, self.rt.clock.now())

    @property
    def writes(self) -> int:
        """Calls whose answers were lost; each of them may have taken effect."""
        return int((self.row.intent or {}).get("writes", 0))

    def still_open_s(self) -> float:
        """Seconds in which the last unanswered call may still take effect; 0 when it cannot any more."""
        sent_at = (self.row.intent or {}).get("sent_at")
        if not self.writes or sent_at is None:
            return 0.0
        now, sent = self.rt.clock.now(), datetime.fromisoformat(sent_at)
        if sent > now:
            # The clock stepped back: nobody knows how long ago it was, so a whole window begins now.
            sent = self._stamp(now)
        closes = sent + timedelta(seconds=self.settings.timing.answer_window_s(self.writes))
        return max(0.0, (closes - now).total_seconds())

    def _stamp(self, now: datetime) -> datetime:
        stamped = {**(self.row.intent or {}), "sent_at": now.isoformat()}
        with self.rt.store.write() as uow:
            uow.outbox.intend(self.row.id, self.rt.owner, stamped, now)
        return now

    @property
    def asked(self) -> bool:
        """A person was asked before, and sent it again."""
        return bool((self.row.intent or {}).get("asked"))

    def lost_time(self) -> Restored | None:
        """The time before a restore in which this may have been done already; None where nobody need wonder."""
        if self.asked:
            return None
        with self.rt.store.read() as uow:
            lost = restored(uow)
            payment = uow.payments.get(self.row.payment_id) if lost is not None else None
        return lost if lost is not None and payment is not None and lost.touches(payment) else None

    def ask(self, outcome: str, reason: str) -> Settled:
        """Leave it to a person; what they send again is not asked about a second time.

        Raises:
            LeaseLost: somebody else has the row by now.
        """
        intent = {**(self.row.intent or {}), "asked": True}
        with self.rt.store.write() as uow:
            if not uow.outbox.intend(self.row.id, self.rt.owner, intent, self.rt.clock.now()):
                raise LeaseLost(f"lease of effect {self.row.id} was lost")
        return Settled(EffectState.PARKED, {"outcome": outcome}, reason)

    def postpone(self, reason: str, seconds: float) -> None:
        """Give the row back; the intent stays, so the next attempt reads first."""
        later = self.rt.clock.now() + timedelta(seconds=min(seconds, LONGEST_WAIT_S))
        with self.rt.store.write() as uow:
            uow.outbox.postpone(self.row.id, self.rt.owner, reason, later)

    def pipeline(self, pipeline_id: str, *stage_ids: str) -> Pipeline | None:
        """The pipeline, read anew once a minute, and whenever it or one of the stages is not in the snapshot."""
        connection = self.row.connection
        with self.rt.store.write() as uow:
            stale = stages_are_stale(uow, connection, self.rt.clock.now())
            known = load_pipelines(uow.cursors.get(connection, PIPELINES))
        found = next((item for item in known if item.id == pipeline_id), None)
        if not stale and found is not None and all(found.stage(stage_id) is not None for stage_id in stage_ids):
            return found
        fresh = self.crm.pipelines()
        with self.rt.store.write() as uow:
            uow.cursors.put(connection, PIPELINES, dump_pipelines(fresh))
        return next((item for item in fresh if item.id == pipeline_id), None)

    def answer(self, result: MoveResult, came_from: Position) -> Settled | Wait:
        """What a move's outcome means for its effect, the same for deals and invoices."""
        stand = {
            "outcome": result.outcome.value,
            "from": [came_from.pipeline_id, came_from.stage_id],
            "to": [result.position.pipeline_id, result.position.stage_id] if result.position else None,
            "touched": result.touched,
            "missing": list(result.missing),
            "mark": result.mark,
        }
        match result.outcome:
            case MoveOutcome.MOVED | MoveOutcome.ALREADY_THERE:
                return Settled(EffectState.DONE, stand, result.reason or None)
            case MoveOutcome.CHANGED_BY_OTHER | MoveOutcome.REFUSED:
                return Settled(EffectState.PARKED, stand, result.reason)
            case MoveOutcome.UNKNOWN:
                return Wait(result.reason, self.settings.timing.retry_s)
