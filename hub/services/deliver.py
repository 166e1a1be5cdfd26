"""Deliver one effect: claim it, do it by its kind, and settle what the outside world answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from hub import failpoints
from hub.domain.errors import ConnectorError, Gone, Reauthorise, Refused, UnknownOutcome
from hub.ports.crm import ItemKind, Removed
from hub.ports.records import AuditEntry, EffectKind, EffectRow, EffectState
from hub.ports.store import UnitOfWork
from hub.services import announce, fill_fields, leave_note, link_payment, mark_paid, move_deal, step_back
from hub.services.apply_changes import apply_in
from hub.services.delivery import (
    Delivery,
    Halted,
    InQuestion,
    LeaseLost,
    MatchUndone,
    NoLongerPaid,
    Settled,
    Vanished,
    Wait,
)
from hub.services.plan_effects import observed_because, shown_by_observed_bank
from hub.services.plan_fills import withheld
from hub.services.poll_source import report_health, report_trouble
from hub.services.reversal import reversal_of
from hub.services.runtime import ConnectionSettings, Runtime, Work

_log = structlog.get_logger(__name__)
_HOUR = timedelta(hours=1)
#: A person's undo is not about new money: no starting date holds it.
_BACK_KINDS: Final = frozenset({EffectKind.STEP_BACK, EffectKind.UNMARK_PAID})
_CAPPED: Final = "За час сделано столько переходов, сколько разрешено: остальные ждут человека."
_NO_LONGER_PAID: Final = "С тех пор оплаты отменили или сумма выросла, и денег уже не хватает: решает человек."
_HALTED: Final = "Отправку остановил человек: действие ждёт, пока её включат снова."
_UNDONE: Final = "Сопоставление отменили раньше, чем запись ушла в CRM: писать нечего."

_IN_QUESTION: Final = "Хаб спрашивает, один ли это счёт: до ответа на странице «Один ли это счёт?» писать нельзя."
#: Till it is looked at again whether a person has answered.
_ANSWER_S: Final = 300.0
_VANISHED: Final = "Деньги исчезли из выписки: новый файл за этот день их не содержит. Решает человек."

_HANDLERS: Final[Mapping[EffectKind, Callable[[Delivery], Settled | Wait]]] = {
    EffectKind.MOVE_DEAL: move_deal.move_deal,
    EffectKind.STEP_BACK: step_back.step_back,
    EffectKind.COMMENT: leave_note.comment,
    EffectKind.TASK: leave_note.task,
    EffectKind.MARK_PAID: mark_paid.mark_paid,
    EffectKind.UNMARK_PAID: mark_paid.unmark_paid,
    EffectKind.LINK_PAYMENT: link_payment.link_payment,
    EffectKind.FILL_FIELDS: fill_fields.fill_fields,
}


def deliver(rt: Runtime, effect_id: int) -> None:
    """Deliver an effect if it is still to be had; calling it twice, or for a settled row, changes nothing."""
    with rt.in_flight.hold(effect_id) as free:
        if free:
            _deliver(rt.claimant(), effect_id)


def _deliver(rt: Runtime, effect_id: int) -> None:
    delivery = _claim(rt, effect_id)
    if delivery is None:
        return
    failpoints.reach("after_claim")
    try:
        outcome = _HANDLERS[delivery.row.kind](delivery)
    except LeaseLost as lost:
        _log.warning("outbox.lease_lost", effect=effect_id, error=str(lost))
        return
    except Halted:
        delivery.postpone(_HALTED, 0)
        return
    except InQuestion:
        delivery.postpone(_IN_QUESTION, _ANSWER_S)
        return
    except MatchUndone:
        outcome = Settled(EffectState.CANCELLED, {"outcome": "undone"}, _UNDONE)
    except NoLongerPaid:
        outcome = Settled(EffectState.PARKED, {"outcome": "no_longer_paid"}, _NO_LONGER_PAID)
    except Vanished:
        outcome = Settled(EffectState.PARKED, {"outcome": "vanished"}, _VANISHED)
    except ConnectorError as error:
        _trouble(delivery, error)
        return
    if isinstance(outcome, Wait):
        # A write that nobody answered says nothing good of the system.
        delivery.postpone(outcome.reason, outcome.seconds)
    else:
        report_health(rt, delivery.row.connection)
        _settle(delivery, outcome)
    rt.wake(Work.DELIVER, "")


def _claim(rt: Runtime, effect_id: int) -> Delivery | None:
    now = rt.clock.now()
    with rt.store.write() as uow:
        seen = uow.outbox.get(effect_id)
        settings = rt.connections.get(seen.connection) if seen is not None else None
        crm = rt.crm(seen.connection) if seen is not None else None
        if seen is None or settings is None or crm is None:
            return None
        row = uow.outbox.claim(effect_id, rt.owner, now, settings.timing.lease_s)
        if row is None:
            return None
        if not (row.intent or {}).get("writes") and not _may_begin(rt, uow, row, settings):
            return None
    return Delivery(rt, crm, settings, row)


def _may_begin(rt: Runtime, uow: UnitOfWork, row: EffectRow, settings: ConnectionSettings) -> bool:
    """Whether a call may still be made; one whose answer was lost must be brought to its end."""
    now = rt.clock.now()
    payment = uow.payments.get(row.payment_id)
    because = withheld(uow, row) if row.kind is EffectKind.FILL_FIELDS else None
    if payment is not None:
        because = observed_because(uow.connections.ensure(row.connection), payment.payment)
        because = because or shown_by_observed_bank(rt, uow, payment.payment)
    if because is not None and row.kind not in _BACK_KINDS:
        # It was queued under another date of acting than the one that holds now.
        uow.outbox.settle(row.id, rt.owner, EffectState.CANCELLED, {"outcome": "withdrawn"}, because, now)
        uow.outbox.cancel_orphans(now)
        return False
    if (
        row.kind is EffectKind.MOVE_DEAL
        and row.intent is None
        and uow.outbox.moves_since(row.connection, now - _HOUR) >= settings.moves_per_hour
    ):
        uow.outbox.postpone(row.id, rt.owner, _CAPPED, now)
        uow.connections.set_capped(row.connection, capped=True)
        data = {"moves_per_hour": settings.moves_per_hour}
        uow.audit.append(AuditEntry("rule.paused", "hub", row.connection, data), now)
        return False
    return True


def _settle(delivery: Delivery, outcome: Settled) -> None:
    rt, row = delivery.rt, delivery.row
    failpoints.reach("before_settle")
    now = rt.clock.now()
    with rt.store.write() as uow:
        if not uow.outbox.settle(row.id, rt.owner, outcome.state, outcome.result, outcome.reason, now):
            _log.warning("outbox.lease_lost", effect=row.id)
            return
        data = {"effect": row.id, "payment": row.payment_id, "reason": outcome.reason, **outcome.result}
        uow.audit.append(AuditEntry(_event(row, outcome), "hub", row.subject, data), now)
        if outcome.state is not EffectState.DONE:
            uow.outbox.cancel_orphans(now)
        announce.effect_settled(rt, uow, row, outcome)
        _take_back_if_undone(uow, row.id, now)
    failpoints.reach("after_settle")


def _take_back_if_undone(uow: UnitOfWork, effect_id: int, now: datetime) -> None:
    """A person undid the match while the call was on its way: what it did is taken back like any other."""
    settled = uow.outbox.get(effect_id)
    back = reversal_of(settled) if settled is not None else None
    if settled is None or back is None or settled.state is not EffectState.DONE:
        return
    active = {row.id for row in uow.matches.of_payment(settled.payment_id)}
    if active.isdisjoint(settled.payload["matches"]):
        uow.outbox.add([back], now)


def _event(row: EffectRow, outcome: Settled) -> str:
    if outcome.state is EffectState.PARKED:
        return "effect.parked"
    if outcome.state is EffectState.CANCELLED:
        return "effect.withdrawn"
    return {
        EffectKind.MOVE_DEAL: "deal.moved" if outcome.result.get("outcome") == "moved" else "deal.left",
        EffectKind.STEP_BACK: "deal.stepped_back",
        EffectKind.COMMENT: "comment.left",
        EffectKind.TASK: "task.set",
        EffectKind.MARK_PAID: "invoice.marked_paid",
        EffectKind.UNMARK_PAID: "invoice.unmarked_paid",
        EffectKind.LINK_PAYMENT: "payment.linked",
        EffectKind.FILL_FIELDS: "deal.filled" if outcome.result.get("outcome") == "filled" else "deal.fields_left",
    }[row.kind]


def _trouble(delivery: Delivery, error: ConnectorError) -> None:
    """What each of the five kinds of error means for an effect."""
    rt, row = delivery.rt, delivery.row
    match error:
        case Refused():
            result = {"outcome": "refused", "code": error.code, "missing": list(error.missing)}
            _settle(delivery, Settled(EffectState.PARKED, result, error.for_person))
        case Gone():
            _note_gone(delivery)
            _settle(delivery, Settled(EffectState.PARKED, {"outcome": "gone"}, error.for_person))
        case UnknownOutcome():
            delivery.postpone(error.for_person, _look_again(delivery.settings))
        case Reauthorise():
            report_trouble(rt, row.connection, error)
            delivery.postpone(error.for_person, delivery.settings.timing.retry_max_s)
        case _:
            report_trouble(rt, row.connection, error)
            after = getattr(error, "after_s", None)
            delivery.postpone(error.for_person, after if after is not None else _backoff(delivery))


def _note_gone(delivery: Delivery) -> None:
    """The deal is known to be deleted from now on: its other effects need not find out one by one."""
    row = delivery.row
    if row.kind is not EffectKind.MOVE_DEAL:
        return
    with delivery.rt.store.write() as uow:
        apply_in(delivery.rt, uow, row.connection, [Removed(ItemKind.DEAL, delivery.text("deal"))])


def _look_again(settings: ConnectionSettings) -> float:
    # Reading back soon is harmless; repeating the write waits for `unknown_s` in the handlers.
    return min(settings.timing.retry_s, settings.timing.unknown_s)


def _backoff(delivery: Delivery) -> float:
    """The connector leaves a system alone that is out of reach; a single effect need not wait long besides."""
    timing = delivery.settings.timing
    return min(timing.backoff(delivery.row.attempts), timing.retry_max_s / 5)
