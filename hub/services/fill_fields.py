"""Put what accounting says of a deal's invoices into the deal's fields: read, compare, write what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.domain.errors import Gone
from hub.domain.filling import EMPTY, FieldOwner, FieldValue, Filling, value_text
from hub.ports.crm import Capability, MoveOutcome
from hub.ports.fields import FieldFiller, FillResult
from hub.ports.records import EffectKind, EffectRow, EffectState
from hub.services.delivery import IN_FLIGHT, MAX_REPEATS, Delivery, Settled, Wait
from hub.services.plan_fills import load_filling

_CANNOT: Final = "Подключение больше не заполняет поля сделок из учёта."
_GONE: Final = "Сделку удалили в CRM: заполнять нечего."
_UNSURE: Final = "CRM не подтверждает запись: проверьте поля сделки."
_READ_BACK: Final = "Ответ CRM потерялся, чтение показало: поля заполнены."
_KEPT: Final = "В CRM уже вписано своё, оставлено как есть: {fields}."


def fill_fields(delivery: Delivery) -> Settled | Wait:
    """Fill the fields that differ and are accounting's to fill; a lost answer is followed by reading."""
    filler = delivery.crm
    if not isinstance(filler, FieldFiller) or Capability.FILL_FIELDS not in delivery.crm.capabilities():
        return Settled(EffectState.DONE, {"outcome": "cannot"}, _CANNOT)
    fillings = [load_filling(item) for item in delivery.row.payload["fields"]]
    deal = delivery.text("deal")
    try:
        there = filler.fields(deal, [item.field for item in fillings])
    except Gone:
        return Settled(EffectState.CANCELLED, {"outcome": "gone"}, _GONE)
    meant = {item.field: filler.field_text(item.field, item.value) for item in fillings}
    values = _to_write(fillings, there, meant, _ours(delivery))
    if not values:
        return _there(delivery, fillings, there, meant)
    if (open_s := delivery.still_open_s()) > 0:
        return Wait(IN_FLIGHT, open_s)
    if delivery.writes > MAX_REPEATS:
        return Settled(EffectState.PARKED, {"outcome": "unknown"}, _UNSURE)
    expected = {name: there[name] for name in values}
    result = delivery.send(
        {"values": {name: meant[name] for name in values}},
        lambda: filler.fill_fields(deal, expected, values, delivery.row.operation_key),
    )
    return _settled(delivery, result, {name: meant[name] for name in values})


def _to_write(
    fillings: list[Filling], there: Mapping[str, str], meant: Mapping[str, str], ours: Mapping[str, str]
) -> dict[str, FieldValue]:
    """Values of the fields that do not hold them and that may be written to."""
    differ = (item for item in fillings if there[item.field] != meant[item.field])
    return {item.field: item.value for item in differ if _may_write(item, there[item.field], ours.get(item.field))}


def _may_write(item: Filling, there: str, ours: str | None) -> bool:
    if item.owner is FieldOwner.CRM:
        return there == EMPTY
    # A field is emptied only of what we wrote into it ourselves; with a value accounting's word stands.
    return bool(value_text(item.value)) or there == ours


def _ours(delivery: Delivery) -> dict[str, str]:
    """What we wrote last into each field, as far as it took effect or may have."""
    with delivery.rt.store.read() as uow:
        rows = uow.outbox.of_subject(delivery.row.subject, EffectKind.FILL_FIELDS)
    ours: dict[str, str] = {}
    for row in rows:
        ours |= _written(row)
    return ours


def _written(row: EffectRow) -> dict[str, str]:
    if row.result is not None:
        return dict(row.result.get("written", {}))
    intent = row.intent or {}
    return dict(intent.get("values", {})) if intent.get("writes") else {}


def _there(
    delivery: Delivery, fillings: list[Filling], there: Mapping[str, str], meant: Mapping[str, str]
) -> Settled | Wait:
    """Nothing is left to write: it stands there, by our lost write or by itself, or the field keeps what it holds."""
    sent = _written(delivery.row)
    written = {name: text for name, text in sent.items() if there.get(name) == text}
    if written:
        return Settled(EffectState.DONE, {"outcome": "filled", "written": written, "read_back": True}, _READ_BACK)
    kept = [item.field for item in fillings if there[item.field] != meant[item.field]]
    return Settled(
        EffectState.DONE,
        {"outcome": "already_there", "written": {}, "kept": kept},
        _KEPT.format(fields=", ".join(kept)) if kept else None,
    )


def _settled(delivery: Delivery, result: FillResult, meant: Mapping[str, str]) -> Settled | Wait:
    match result.outcome:
        case MoveOutcome.MOVED | MoveOutcome.ALREADY_THERE:
            before = set(_written(delivery.row))
            new = result.outcome is MoveOutcome.MOVED
            written = {name: text for name, text in meant.items() if new or name in before}
            outcome = "filled" if written else "already_there"
            return Settled(EffectState.DONE, {"outcome": outcome, "written": written}, result.reason or None)
        case MoveOutcome.CHANGED_BY_OTHER | MoveOutcome.REFUSED:
            written = {name: text for name, text in meant.items() if result.stands.get(name) == text}
            found = {"outcome": result.outcome.value, "written": written}
            return Settled(EffectState.PARKED, found, result.reason)
        case MoveOutcome.UNKNOWN:
            return Wait(result.reason, delivery.settings.timing.retry_s)
