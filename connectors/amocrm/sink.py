"""Moves of deals and paid marks of invoices: read, sent once with what changes and nothing else, read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from connectors.amocrm import fields
from connectors.amocrm.client import ApiClient, RefusedFields
from connectors.amocrm.config import LOST, WON
from connectors.amocrm.directory import Directory, InvoiceList
from connectors.amocrm.envelope import embedded, has_next, object_at
from connectors.amocrm.lookup import Lookup
from connectors.amocrm.mapper import PAID_ON, PRICE, STATUS, enum_of, is_paid, position_of
from connectors.amocrm.schemas import ElementRow, EnumRow, EventRow, LeadRow, rows_of
from connectors.amocrm.source import EVENTS_PAGE
from connectors.shared.jsontypes import JsonObject, Param
from hub.domain.errors import ConnectorError, Refused, UnknownOutcome
from hub.ports.crm import InvoiceNow, MoveOutcome, MoveResult, Position, StageChange
from hub.ports.state import Clock

_ADDED: Final = "lead_added"
_MOVED: Final = "lead_status_changed"
_PAGES_MOST: Final = 50
# The account's clock may run ahead of ours by so much.
_AHEAD_S: Final = 3600
_NO_LIST: Final = "В аккаунте нет списка «Счета» с полем статуса: отмечать оплату негде."
_NO_RECORD: Final = "amoCRM ответила, но без записи: проверим её чтением."
_OTHER_DAY: Final = "Статус счёта записан, но дата оплаты в нём не та, что передал хаб ({wanted}): {there}."
_NO_DAY: Final = "Статус счёта записан без даты оплаты: поле даты amoCRM изменить не дала."
_NOT_MOVED: Final = "amoCRM ответила успехом, но запись стоит на прежнем месте: возможно, её вернул робот."


@dataclass(frozen=True, slots=True)
class _Day:
    """What the field of the payment's day is to hold; None empties it."""

    on: date | None


class Sink:
    """Writes that move something.

    Args:
        writes_day: the day of the money goes into an invoice together with its mark.
    """

    def __init__(
        self, client: ApiClient, directory: Directory, lookup: Lookup, clock: Clock, *, writes_day: bool
    ) -> None:
        self._writes_day = writes_day
        self._client = client
        self._clock = clock
        self._directory = directory
        self._lookup = lookup

    # Deals

    def move(self, deal_id: str, expected: Position, target: Position) -> MoveResult:
        """Move a deal. There is no lock on the vendor's side: it is read just before, and judged just after."""
        row = self._lookup.lead(deal_id)
        here = position_of(row)
        if here == target:
            return MoveResult(MoveOutcome.ALREADY_THERE, here, str(row.updated_at))
        if here != expected:
            reason = f"Сделка уже на этапе «{self._name(here)}»: двигать её не стали."
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, str(row.updated_at), reason)
        try:
            answer = self._client.write("PATCH", f"/leads/{row.id}", _step(expected, target))
        except UnknownOutcome as error:
            return MoveResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except Refused as error:
            return MoveResult(
                MoveOutcome.REFUSED, reason=error.for_person, missing=self._complaints(error, row, target)
            )
        if not _confirms(answer, row.id):
            return MoveResult(MoveOutcome.UNKNOWN, reason=_NO_RECORD)
        return self._judge(row, expected, target)

    def history(self, deal_id: str) -> tuple[StageChange, ...]:
        """Stage changes of a deal, oldest first, with the stage that it was made on where its making is told."""
        rows = self._events(int(deal_id))
        first = next((row.before for row in rows if row.type == _MOVED), [])
        trail: list[StageChange] = []
        for row in rows:
            position = _position(first if row.type == _ADDED else row.after)
            if position is not None:
                at = datetime.fromtimestamp(row.created_at, UTC)
                trail.append(StageChange(row.id, position, at, None if row.created_by in ("", "0") else row.created_by))
        return tuple(trail)

    def _judge(self, before_us: LeadRow, expected: Position, target: Position) -> MoveResult:
        """The write was accepted; what cannot be read now only makes the answer poorer."""
        note = ""
        try:
            row = self._lookup.lead(str(before_us.id))
        except ConnectorError as error:
            note = f"Прочитать сделку после перевода не удалось: {error.text}"
            return MoveResult(MoveOutcome.MOVED, target, reason=note)
        here, touched = position_of(row), str(row.updated_at)
        try:
            moves = self._events(row.id, before_us.updated_at)
        except ConnectorError as error:
            moves, note = [], f"Историю этапов проверить не удалось: {error.text}"
        ours = next((move for move in reversed(moves) if _position(move.after) == target), None)
        if ours is None and here == expected:
            return MoveResult(MoveOutcome.REFUSED, here, touched, _NOT_MOVED)
        if ours is None and here != target:
            reason = f"Сделка стоит на этапе «{self._name(here)}», нашего перевода в истории нет."
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, touched, reason)
        before = _position(ours.before) if ours is not None else None
        if before is not None and before != expected:
            reason = (
                f"Пока шёл перевод, сделку переставили на этап «{self._name(before)}»; "
                "наш перевод лёг поверх. Проверьте, какой этап верен."
            )
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, touched, reason)
        if here != target:
            note = f"Сразу после перевода сделка ушла дальше: «{self._name(here)}»."
        mark = ours.id if ours is not None else None
        return MoveResult(MoveOutcome.MOVED, target, touched, note or self._unfilled(row, target), mark=mark)

    def _events(self, deal_id: int, since_s: int = 0) -> list[EventRow]:
        """Making and moves of a deal since then, oldest first; the account tells the newest first."""
        wanted: dict[str, Param] = {"entity": ["lead"], "entity_id": [deal_id], "type": [_ADDED, _MOVED]}
        if since_s:
            wanted["created_at"] = {"from": since_s, "to": int(self._clock.now().timestamp()) + _AHEAD_S}
        rows: list[EventRow] = []
        for page in range(1, _PAGES_MOST):
            params: dict[str, Param] = {"filter": wanted, "page": page, "limit": EVENTS_PAGE}
            document = self._client.get("/events", params)
            found = rows_of(EventRow, embedded(document, "events"))
            rows += found
            # Where the account ignores filters, everything older follows.
            if not has_next(document) or any(row.created_at < since_s for row in found):
                break
        mine = (row for row in rows if row.entity_id == deal_id and row.type in (_ADDED, _MOVED))
        return sorted((row for row in mine if row.created_at >= since_s), key=lambda row: (row.created_at, row.id))

    def _complaints(self, error: Refused, row: LeadRow, target: Position) -> tuple[str, ...]:
        """Names of fields to fill, where the refusal speaks of fields of the card."""
        if not isinstance(error, RefusedFields) or not any("custom_fields" in fault.path for fault in error.faults):
            return ()
        try:
            return self._empty_fields(row, target)
        except ConnectorError:
            # Only an ornament of a refusal that stands anyway.
            return ()

    def _unfilled(self, row: LeadRow, target: Position) -> str:
        """A warning about fields that people would have had to fill; the API lets pass what the page does not."""
        try:
            names = self._empty_fields(row, target)
        except ConnectorError:
            return ""
        return f"На этом этапе amoCRM просит заполнить: {', '.join(names)}." if names else ""

    def _empty_fields(self, row: LeadRow, target: Position) -> tuple[str, ...]:
        filled = {field.field_id for field in row.fields if field.values}
        required = self._directory.required_fields(target.pipeline_id, target.stage_id)
        return tuple(name for id_, name in required.items() if id_ not in filled)

    def _name(self, position: Position) -> str:
        """A stage's name for a sentence. The write is done: an error here would pass for "nothing was written"."""
        try:
            stage = self._directory.stage(position.pipeline_id, position.stage_id)
        except ConnectorError:
            return position.stage_id
        return stage.name if stage is not None else position.stage_id

    # Invoices

    def invoice_now(self, invoice_id: str) -> InvoiceNow:
        """Which status an invoice has, and its sum; nothing where invoices have no status."""
        known = self._directory.invoices()
        if known is None or known.status is None:
            return InvoiceNow()
        row = self._lookup.element(known.catalog.id, invoice_id)
        return InvoiceNow(_standing(row, known), fields.number(row, PRICE))

    def mark_paid(self, invoice_id: str, paid_on: date | None = None) -> MoveResult:
        """Give an invoice the status «paid»; with it goes the day of the money, where the list has a field for it."""
        known = self._need_status()
        row = self._lookup.element(known.catalog.id, invoice_id)
        here, enum = _standing(row, known), _enum(row, known)
        if enum is not None and is_paid(enum.code, enum.value):
            return MoveResult(MoveOutcome.ALREADY_THERE, here, str(row.updated_at))
        paid = next((item for item in known.enums if item.code == "paid"), None)
        paid = paid or next((item for item in known.enums if is_paid(item.code, item.value)), None)
        if paid is None:
            reason = "У статуса счёта нет значения «Оплачен»: оплату отметить нечем."
            return MoveResult(MoveOutcome.REFUSED, here, reason=reason)
        writes_day = paid_on is not None and known.paid_on is not None and self._writes_day
        return self._set_status(row, known, paid, _Day(paid_on) if writes_day else None)

    def restore(self, invoice_id: str, expected: Position, target: Position) -> MoveResult:
        """Take our mark back, only while the invoice has the status that we gave it."""
        known = self._need_status()
        row = self._lookup.element(known.catalog.id, invoice_id)
        here = _standing(row, known)
        if here == target:
            return MoveResult(MoveOutcome.ALREADY_THERE, here, str(row.updated_at))
        enum = next((item for item in known.enums if str(item.id) == target.stage_id), None)
        if here != expected:
            reason = "Статус счёта с тех пор изменили."
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, str(row.updated_at), reason)
        if enum is None:
            reason = "Прежнего статуса у счетов больше нет: верните его сами."
            return MoveResult(MoveOutcome.REFUSED, here, reason=reason)
        # A day of payment belongs to a paid invoice only: it goes with the mark.
        stale = known.paid_on is not None and bool(fields.text(row, (PAID_ON,)))
        return self._set_status(row, known, enum, _Day(None) if stale and self._writes_day else None)

    def _need_status(self) -> InvoiceList:
        known = self._directory.invoices()
        if known is None or known.status is None:
            raise Refused("no list of invoices with a status", _NO_LIST)
        return known

    def _set_status(self, row: ElementRow, known: InvoiceList, enum: EnumRow, day: _Day | None = None) -> MoveResult:
        """Write the status, and the day of the payment in the same call."""
        # Codes outlive a change of language; accounts of old times have none.
        value: dict[str, Param] = {"enum_code": enum.code} if enum.code else {"enum_id": enum.id}
        changed: list[Param] = [{"field_code": STATUS, "values": [value]}]
        if day is not None:
            changed.append({"field_code": PAID_ON, "values": self._day_values(day)})
        body: dict[str, Param] = {"id": row.id, "custom_fields_values": changed}
        try:
            answer = self._client.write("PATCH", f"/catalogs/{known.catalog.id}/elements", [body])
        except UnknownOutcome as error:
            return MoveResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except Refused as error:
            if day is None or not (isinstance(error, RefusedFields) and error.faults):
                return MoveResult(MoveOutcome.REFUSED, reason=error.for_person)
            # Nothing was written. The day is an ornament: a field that takes no day must not keep the mark away.
            result = self._set_status(row, known, enum)
            return replace(result, reason=result.reason or _NO_DAY)
        if not any(_confirms(item, row.id) for item in embedded(answer, "elements")):
            return MoveResult(MoveOutcome.UNKNOWN, reason=_NO_RECORD)
        target = Position(str(known.catalog.id), str(enum.id))
        try:
            fresh = self._lookup.element(known.catalog.id, str(row.id))
        except ConnectorError as error:
            note = f"Прочитать счёт после отметки не удалось: {error.text}"
            return MoveResult(MoveOutcome.MOVED, target, reason=note)
        here = _standing(fresh, known)
        if here == target:
            return MoveResult(MoveOutcome.MOVED, target, str(fresh.updated_at), self._day_differs(fresh, day))
        if here == _standing(row, known):
            return MoveResult(MoveOutcome.REFUSED, here, str(fresh.updated_at), _NOT_MOVED)
        reason = "Статус счёта сменили сразу после нас."
        return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, str(fresh.updated_at), reason)

    def _day_values(self, day: _Day) -> Param:
        return None if day.on is None else [{"value": self._directory.mapper().noon(day.on)}]

    def _day_differs(self, row: ElementRow, day: _Day | None) -> str:
        """A sentence where the day that stands there is not the one that was written; the mark stands anyway."""
        if day is None:
            return ""
        try:
            there = self._directory.mapper().printed_day(fields.text(row, (PAID_ON,)))
        except ConnectorError:
            # The write is done: an error here would pass for "nothing was written".
            return ""
        return "" if there == day.on else _OTHER_DAY.format(wanted=_shown(day.on), there=_shown(there))


def _shown(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day is not None else "пусто"


def _step(expected: Position, target: Position) -> dict[str, Param]:
    """What changes and nothing else. Won and lost are the same numbers everywhere: they need their pipeline."""
    step: dict[str, Param] = {"status_id": int(target.stage_id)}
    if target.stage_id in (WON, LOST) or target.pipeline_id != expected.pipeline_id:
        step["pipeline_id"] = int(target.pipeline_id)
    return step


def _confirms(answer: object, record_id: int) -> bool:
    """Whether an answer names the record that we wrote to."""
    return isinstance(answer, dict) and answer.get("id") == record_id


def _position(values: Sequence[dict[str, Any]]) -> Position | None:
    for value in values:
        status: JsonObject = object_at(value, "lead_status")
        if status.get("id"):
            return Position(str(status.get("pipeline_id") or ""), str(status["id"]))
    return None


def _enum(row: ElementRow, known: InvoiceList) -> EnumRow | None:
    field = fields.with_code(row, STATUS)
    choice = fields.chosen(field) if field is not None else None
    return enum_of(choice, known.enums) if choice is not None else None


def _standing(row: ElementRow, known: InvoiceList) -> Position:
    """The status of an invoice as a position; one that is not set is a stage without a number."""
    enum = _enum(row, known)
    return Position(str(known.catalog.id), str(enum.id) if enum is not None else "")
