"""Plan what accounting's invoices put into the fields of their deals: one effect a deal, the newest word only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from hub.domain.filling import (
    EMPTY,
    FieldOwner,
    FieldValue,
    Filling,
    FillRole,
    fillings_of,
    value_text,
)
from hub.domain.models import Invoice
from hub.domain.money import Money, total
from hub.domain.wording import date_text
from hub.ports.records import HUB_MARKS, NO_PAYMENT, ConnectionRow, DealRow, EffectKind, EffectRow, NewEffect
from hub.ports.store import UnitOfWork
from hub.services.plan_effects import OBSERVES, shown_by_observed_bank
from hub.services.runtime import ConnectionSettings, Runtime

_SUPERSEDED: Final = "Заменено более новым: счета сделки в учёте с тех пор изменились."
_OLD: Final = "Счета сделки старше {day}, даты начала работы: поля по ним не заполняются."
_WALK: Final = "fills"
_AT_ONCE: Final = 100
_TITLES: Final[Mapping[FillRole, str]] = {
    FillRole.NUMBER: "номер",
    FillRole.DATE: "дата",
    FillRole.SUM: "сумма",
    FillRole.STATUS: "оплата",
}
_NOTHING: Final = "пусто"


def plan_fills_of(rt: Runtime, uow: UnitOfWork, invoice_ids: Iterable[str]) -> int:
    """Plan for the deals of these invoices, as far as they are accounting's; returns how many effects are new."""
    if not rt.fills_fields:
        return 0
    rows = (uow.invoices.get(key) for key in dict.fromkeys(invoice_ids))
    mine = [row for row in rows if row is not None and row.invoice.from_accounting]
    return plan_fills(rt, uow, (deal for row in mine for deal in row.invoice.deals))


def plan_fills(rt: Runtime, uow: UnitOfWork, deal_ids: Iterable[str]) -> int:
    """Plan for these deals what differs from what was planned last; returns how many effects are new."""
    if not rt.fills_fields:
        return 0
    return sum(_plan(rt, uow, deal_id) for deal_id in dict.fromkeys(deal_ids))


def walk_fills(rt: Runtime) -> int:
    """Plan for the next deals that accounting's invoices belong to, and after the last of them for the first again.

    What was linked, or named in the settings, while nobody looked is found so; returns how many effects are new.
    """
    if not rt.fills_fields:
        return 0
    with rt.store.write() as uow:
        after = uow.cursors.get(HUB_MARKS, _WALK) or ""
        deals = uow.deals.with_papers(after, _AT_ONCE)
        uow.cursors.put(HUB_MARKS, _WALK, deals[-1] if len(deals) == _AT_ONCE else "")
        return plan_fills(rt, uow, deals)


def _plan(rt: Runtime, uow: UnitOfWork, deal_id: str) -> bool:
    deal = uow.deals.get(deal_id)
    settings = rt.connections.get(deal.connection) if deal is not None else None
    if deal is None or deal.removed or settings is None or not settings.fills:
        return False
    invoices = _of_accounting(uow, deal_id)
    ever = uow.outbox.of_subject(deal_id, EffectKind.FILL_FIELDS)
    last = ever[-1] if ever else None
    if last is None and not invoices:
        return False
    wanted = _wanted(rt, uow, settings, invoices)
    content = [dump_filling(item) for item in wanted]
    if last is not None and last.payload["fields"] == content:
        return False
    now = rt.clock.now()
    if last is not None:
        uow.outbox.supersede(last.id, _SUPERSEDED, now)
    because = _observed_because(uow, uow.connections.ensure(deal.connection), invoices)
    return bool(uow.outbox.add([_effect(deal, wanted, content, last, because)], now))


def _of_accounting(uow: UnitOfWork, deal_id: str) -> list[Invoice]:
    return [invoice for invoice in uow.deals.invoices(deal_id) if invoice.from_accounting]


def _wanted(
    rt: Runtime, uow: UnitOfWork, settings: ConnectionSettings, invoices: Sequence[Invoice]
) -> tuple[Filling, ...]:
    return fillings_of(settings.fills, invoices, {item.id: _paid(rt, uow, item) for item in invoices})


def _paid(rt: Runtime, uow: UnitOfWork, invoice: Invoice) -> Money:
    """What the hub takes as paid: money that only banks under observation show says nothing outside the hub."""
    if not rt.bank_sources:
        return invoice.paid
    hidden = (match.amount for match in uow.matches.of_invoice(invoice.id) if _is_hidden(rt, uow, match.payment_id))
    return invoice.paid - total(hidden, invoice.paid.currency)


def _is_hidden(rt: Runtime, uow: UnitOfWork, payment_id: str) -> bool:
    row = uow.payments.get(payment_id)
    return row is not None and shown_by_observed_bank(rt, uow, row.payment) is not None


def withheld(uow: UnitOfWork, effect: EffectRow) -> str | None:
    """Why a planned filling may not be sent any more (Russian): the date of acting is another one by now."""
    invoices = _of_accounting(uow, effect.subject)
    return _observed_because(uow, uow.connections.ensure(effect.connection), invoices)


def _observed_because(uow: UnitOfWork, connection: ConnectionRow, invoices: Collection[Invoice]) -> str | None:
    """Why nothing is written (Russian); None when it may. Emptying what we wrote ourselves asks for no date."""
    if not connection.acting:
        return OBSERVES
    if connection.act_from is None or not invoices:
        return None
    days = [day for item in invoices for day in _days(uow, item)]
    if days and max(days) >= connection.act_from:
        return None
    return _OLD.format(day=date_text(connection.act_from))


def _days(uow: UnitOfWork, invoice: Invoice) -> Iterable[date]:
    """When something came to be known of the invoice: its own day, and the days of its money."""
    if invoice.issued_on is not None:
        yield invoice.issued_on
    for match in uow.matches.of_invoice(invoice.id):
        row = uow.payments.get(match.payment_id)
        if row is not None:
            yield row.payment.booked_on


def _effect(
    deal: DealRow, wanted: Sequence[Filling], content: list[dict[str, Any]], last: EffectRow | None, because: str | None
) -> NewEffect:
    # The row before is part of the key: what was written once may have to be written again after something else.
    told = json.dumps(content, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(told.encode(errors="replace")).hexdigest()[:24]
    return NewEffect(
        operation_key=f"{EffectKind.FILL_FIELDS.value}:{deal.id}:{digest}:{last.id if last is not None else 0}",
        connection=deal.connection,
        kind=EffectKind.FILL_FIELDS,
        subject=deal.id,
        payment_id=NO_PAYMENT,
        payload={"deal": deal.deal.id, "fields": content, "text": _told(wanted)},
        observed_because=because,
    )


def _told(wanted: Sequence[Filling]) -> str:
    """For a person: what goes into the fields."""
    return "; ".join(f"{_TITLES[item.role]}: {value_text(item.value) or _NOTHING}" for item in wanted)


def dump_filling(item: Filling) -> dict[str, Any]:
    """What a field is to hold, as JSON."""
    return {"role": item.role.value, "field": item.field, "owner": item.owner.value, "value": _dumped(item.value)}


def load_filling(document: Mapping[str, Any]) -> Filling:
    """Read what `dump_filling` wrote."""
    return Filling(
        FillRole(document["role"]), document["field"], FieldOwner(document["owner"]), _loaded(document["value"])
    )


def _dumped(value: FieldValue) -> dict[str, Any]:
    match value:
        case Money():
            return {"sum": str(value.amount), "currency": value.currency}
        case tuple():
            return {"days": [day.isoformat() for day in value]}
        case text:
            return {"text": text}


def _loaded(document: Mapping[str, Any]) -> FieldValue:
    if "sum" in document:
        return Money.of(document["sum"], document["currency"])
    if "days" in document:
        return tuple(date.fromisoformat(day) for day in document["days"])
    return str(document.get("text", EMPTY))
