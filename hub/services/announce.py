"""Record events in the transaction of their cause: what was matched, moved, or newly waits for a person.

The shape of `data` is a promise to receivers (docs/events.md): fields may be added, none is renamed or dropped within
a version of the payload.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hub.domain.decision import Decision
from hub.domain.models import Party
from hub.domain.money import Money
from hub.ports.claims import ClaimRow
from hub.ports.events import EventType, NewEvent
from hub.ports.records import DealRow, EffectKind, EffectRow, EffectState, InboxRow, InvoiceRow, MatchRow, PaymentRow
from hub.ports.store import UnitOfWork
from hub.ports.upkeep import Alarm
from hub.services.delivery import Settled
from hub.services.plan_effects import observed_because, shown_by_observed_bank
from hub.services.runtime import Runtime

_MACHINE: Final = "machine"
_PERSON: Final = "person"
_MOVES: Final = frozenset({EffectKind.MOVE_DEAL, EffectKind.STEP_BACK})
_FROM_PERSON: Final = "person:"

#: Why these wait for a person.
VANISHED: Final = "Строки нет в более новой выписке за этот день: проверьте в банке, были ли эти деньги."
OVERDUE: Final = "Об оплате сообщили, но строки в выписке всё нет: проверьте в банке или отложите сообщение."

Data = dict[str, Any]


def payment_matched(
    rt: Runtime, uow: UnitOfWork, row: PaymentRow, reason: str, decided_by: str, code: str | None = None
) -> None:
    """A payment has just got its allocations; `decided_by` as the match keeps it, `code` of the machine's decision."""
    if not rt.endpoints:
        return
    matches = uow.matches.of_payment(row.payment.id)
    invoices = {item.invoice_id: uow.invoices.get(item.invoice_id) for item in matches}
    deals = {deal.id: deal for key in invoices for deal in uow.deals.of_invoice(key)}
    connections = {deal.connection for deal in deals.values()}
    connections |= {found.connection for found in invoices.values() if found is not None}
    states = (uow.connections.ensure(name) for name in sorted(connections))
    by_person = decided_by.startswith(_FROM_PERSON)
    data: Data = {
        "payment": _payment(row),
        "invoices": [_allocation(item, invoices[item.invoice_id]) for item in matches],
        "deals": [_deal(deal) for deal in deals.values()],
        "decided_by": _PERSON if by_person else _MACHINE,
        "person": decided_by.removeprefix(_FROM_PERSON) if by_person else None,
        "code": code,
        "reason": reason,
        "acting": shown_by_observed_bank(rt, uow, row.payment) is None
        and any(observed_because(state, row.payment) is None for state in states),
    }
    _record(rt, uow, EventType.PAYMENT_MATCHED, row.payment.id, data)


def payment_needs_person(rt: Runtime, uow: UnitOfWork, row: PaymentRow, decision: Decision) -> None:
    """A payment waits for a person; told again only when something else was told of it since, or the code changed."""
    if not rt.endpoints or _is_told(uow, row.payment.id, decision.code):
        return
    data = _item("payment", row.payment.id, decision.code, decision.reason) | {"payment": _payment(row)}
    _record(rt, uow, EventType.ITEM_NEEDS_YOU, row.payment.id, data)


def _is_told(uow: UnitOfWork, subject: str, code: str) -> bool:
    last = uow.events.last(subject)
    return last is not None and last.type == EventType.ITEM_NEEDS_YOU and last.data.get("code") == code


def effect_settled(rt: Runtime, uow: UnitOfWork, row: EffectRow, outcome: Settled) -> None:
    """An effect ended: a deal that was really moved is told, and whatever stopped and waits for a person."""
    if not rt.endpoints:
        return
    if outcome.state is EffectState.PARKED:
        _effect_parked(rt, uow, row, outcome)
    elif row.kind in _MOVES and outcome.result.get("outcome") == "moved":
        _deal_moved(rt, uow, row, outcome)


def _effect_parked(rt: Runtime, uow: UnitOfWork, row: EffectRow, outcome: Settled) -> None:
    code, deal = str(outcome.result.get("outcome", "stopped")), uow.deals.get(row.subject)
    data = _item("effect", str(row.id), code, outcome.reason or "") | {
        "effect": {"kind": row.kind.value, "connection": row.connection, "subject": row.subject},
        "payment": _payment_of(uow, row),
        "deal": _deal(deal) if deal is not None else None,
    }
    _record(rt, uow, EventType.ITEM_NEEDS_YOU, f"outbox/{row.id}", data)


def _deal_moved(rt: Runtime, uow: UnitOfWork, row: EffectRow, outcome: Settled) -> None:
    deal = uow.deals.get(row.subject)
    data: Data = {
        "deal": _deal(deal) if deal is not None else {"id": row.subject, "connection": row.connection},
        "from": _position(outcome.result.get("from")),
        "to": _position(outcome.result.get("to")),
        "undo": row.kind is EffectKind.STEP_BACK,
        "because": row.payload.get("event"),
        "payment": _payment_of(uow, row),
        "note": outcome.reason,
    }
    _record(rt, uow, EventType.DEAL_MOVED, row.subject, data)


def inbox_failed(rt: Runtime, uow: UnitOfWork, row: InboxRow, reason: str) -> None:
    """A file or a message could not be read and was put aside."""
    if not rt.endpoints:
        return
    inbox = {"connection": row.connection, "kind": row.kind.value, "received_at": row.received_at.isoformat()}
    data = _item("inbox", str(row.id), "unreadable", reason) | {"inbox": inbox}
    _record(rt, uow, EventType.ITEM_NEEDS_YOU, f"inbox/{row.id}", data)


def payment_vanished(rt: Runtime, uow: UnitOfWork, row: PaymentRow) -> None:
    """A newer statement does not hold a payment any more that was taken in before."""
    if not rt.endpoints:
        return
    data = _item("payment", row.payment.id, "vanished", VANISHED) | {"payment": _payment(row)}
    _record(rt, uow, EventType.ITEM_NEEDS_YOU, row.payment.id, data)


def claim_overdue(rt: Runtime, uow: UnitOfWork, claim: ClaimRow) -> None:
    """No line of a statement has come for a reported payment within the days that its system is given."""
    if not rt.endpoints:
        return
    told = claim.report
    claimed = {"connection": claim.connection, "external_id": told.external_id, "paid_on": told.paid_on.isoformat()}
    data = _item("claim", str(claim.id), "overdue", OVERDUE) | {"claim": claimed | _money(told.amount)}
    _record(rt, uow, EventType.ITEM_NEEDS_YOU, claim.subject, data)


def source_silent(rt: Runtime, uow: UnitOfWork, alarm: Alarm, reason: str) -> None:
    """A source, or the hub's own timer, is silent beyond its rhythm."""
    if not rt.endpoints:
        return
    source = {"kind": alarm.kind.value, "name": alarm.source or None, "since": alarm.since.isoformat()}
    data = _item("source", alarm.name, "silent", reason) | {"source": source}
    _record(rt, uow, EventType.ITEM_NEEDS_YOU, f"source/{alarm.name}", data)


def _record(rt: Runtime, uow: UnitOfWork, kind: EventType, subject: str, data: Mapping[str, Any]) -> None:
    wanting = [name for name, endpoint in rt.endpoints.items() if kind in endpoint.types]
    uow.events.add(NewEvent(kind, subject, data), wanting, rt.clock.now())


def _item(kind: str, identity: str, code: str, reason: str) -> Data:
    return {"item": kind, "id": identity, "code": code, "reason": reason}


def _payment_of(uow: UnitOfWork, row: EffectRow) -> Data | None:
    found = uow.payments.get(row.payment_id)
    return _payment(found) if found is not None else None


def _payment(row: PaymentRow) -> Data:
    payment = row.payment
    return {
        "id": payment.id,
        "key": row.identity,
        "direction": payment.direction.value,
        **_money(payment.amount),
        "booked_on": payment.booked_on.isoformat(),
        "own_account": payment.own_account,
        "document_number": payment.document_number,
        "document_date": payment.document_date.isoformat() if payment.document_date else None,
        "payer": _party(payment.payer),
        "payee": _party(payment.payee),
    }


def _party(party: Party) -> Data:
    return {"name": party.name, "tax_id": party.tax_id}


def _allocation(match: MatchRow, found: InvoiceRow | None) -> Data:
    invoice = found.invoice if found is not None else None
    issued_on = invoice.issued_on if invoice is not None else None
    return {
        "id": match.invoice_id,
        "connection": found.connection if found is not None else None,
        "external_id": found.external_id if found is not None else None,
        "number": invoice.number if invoice is not None else None,
        "issued_on": issued_on.isoformat() if issued_on else None,
        **_money(match.amount),
        "paid_in_full": invoice is not None and invoice.paid >= invoice.amount,
    }


def _deal(row: DealRow) -> Data:
    return {"id": row.id, "connection": row.connection, "external_id": row.deal.id}


def _money(money: Money) -> Data:
    return {"amount": str(money.amount), "currency": money.currency}


def _position(pair: Iterable[str] | None) -> Data | None:
    if pair is None:
        return None
    pipeline, stage = pair
    return {"pipeline": pipeline, "stage": stage}
