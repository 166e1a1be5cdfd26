"""Moves of deals and invoices: sent once, judged by the reply and by the stage history, never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from pydantic import ValidationError

from connectors.bitrix24.client import RestClient
from connectors.bitrix24.directory import Directory
from connectors.bitrix24.envelope import Envelope, as_map, object_in
from connectors.bitrix24.mapper import INVOICE, printed_moment
from connectors.bitrix24.schemas import HistoryRow, ItemRow, rows_of
from connectors.bitrix24.source import stage_history
from connectors.shared.jsontypes import Param
from hub.domain.errors import ConnectorError, Refused, UnknownOutcome
from hub.domain.models import StageKind
from hub.ports.crm import MoveOutcome, MoveResult, Position, StageChange

_QUOTED: Final = re.compile(r"[«\"“]([^»\"”]+)[»\"”]")
_REQUIRED: Final = "CRM_FIELD_ERROR_REQUIRED"
# Times of the portal are whole seconds.
_RESOLUTION: Final = timedelta(seconds=1)


def position_of(row: ItemRow) -> Position:
    """Where a record stands."""
    return Position(row.category_id or "0", row.stage_id)


class Sink:
    """Writes that move something."""

    def __init__(self, client: RestClient, directory: Directory, user_fields: Iterable[str] = ()) -> None:
        self._client = client
        self._directory = directory
        self._original_names: dict[str, Param] = {"useOriginalUfNames": "Y"} if tuple(user_fields) else {}

    def item(self, entity_type_id: int, record_id: str) -> ItemRow:
        """A record as it is now.

        Raises:
            Gone: no such record, or hidden from the webhook's user.
        """
        params: dict[str, Param] = {"entityTypeId": entity_type_id, "id": int(record_id), **self._original_names}
        envelope = self._client.read("crm.item.get", params)
        row = _row_in(envelope)
        if row is None:
            raise Refused("crm.item.get: unreadable item", "Битрикс24 прислал запись, которую не удалось прочитать.")
        return row

    def move(self, entity_type_id: int, record_id: str, expected: Position, target: Position) -> MoveResult:
        """Send the move and judge the answer; a lost or unreadable one is `unknown`."""
        fields: dict[str, Param] = {"stageId": target.stage_id}
        if target.pipeline_id != expected.pipeline_id:
            fields["categoryId"] = int(target.pipeline_id)
        try:
            envelope = self._client.write(
                "crm.item.update", {"entityTypeId": entity_type_id, "id": int(record_id), "fields": fields}
            )
        except UnknownOutcome as error:
            return MoveResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except Refused as error:
            missing = self._missing_fields(entity_type_id, error)
            return MoveResult(MoveOutcome.REFUSED, reason=error.for_person, missing=missing)
        row = _row_in(envelope)
        if row is None:
            return MoveResult(MoveOutcome.UNKNOWN, reason="Битрикс24 ответил, но без записи: проверим её чтением.")
        return self._judge(entity_type_id, row, expected, target, envelope)

    def history(self, entity_type_id: int, record_id: str) -> tuple[StageChange, ...]:
        """Stage history of a record, oldest first; the portal does not say who."""
        rows = rows_of(HistoryRow, self._client.walk(stage_history(entity_type_id, int(record_id))))
        return tuple(
            StageChange(str(row.id), Position(row.category_id or "0", row.stage_id), row.created) for row in rows
        )

    def mark_paid(self, invoice_id: str) -> MoveResult:
        """Move an invoice to the stage of its own pipeline whose semantics are success."""
        row = self.item(INVOICE, invoice_id)
        here = position_of(row)
        kind = self._directory.kind(INVOICE, row)
        if kind is StageKind.WON:
            return MoveResult(MoveOutcome.ALREADY_THERE, here, row.moved_time or None)
        if kind is StageKind.LOST:
            return MoveResult(MoveOutcome.REFUSED, here, reason="Счёт в Битрикс24 отклонён или отменён.")
        target = self._paid_stage(here.pipeline_id)
        if target is None:
            reason = "В воронке счетов нет стадии с исходом «успех»: оплату отметить нечем."
            return MoveResult(MoveOutcome.REFUSED, here, reason=reason)
        return self.move(INVOICE, invoice_id, here, target)

    def restore(self, invoice_id: str, expected: Position, target: Position) -> MoveResult:
        """Take our mark back, only while the invoice stands where we put it."""
        row = self.item(INVOICE, invoice_id)
        here = position_of(row)
        if here == target:
            return MoveResult(MoveOutcome.ALREADY_THERE, here, row.moved_time or None)
        if here != expected:
            reason = f"Счёт уже переведён на стадию «{self._name(INVOICE, here)}»: возвращать его не стали."
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, row.moved_time or None, reason)
        return self.move(INVOICE, invoice_id, expected, target)

    def _paid_stage(self, pipeline_id: str) -> Position | None:
        for pipeline in self._directory.kept(INVOICE):
            if pipeline.id == pipeline_id:
                won = (stage for stage in pipeline.stages if stage.kind is StageKind.WON)
                stage = min(won, key=lambda item: item.position, default=None)
                return Position(pipeline_id, stage.id) if stage is not None else None
        return None

    def _judge(
        self, entity_type_id: int, row: ItemRow, expected: Position, target: Position, envelope: Envelope
    ) -> MoveResult:
        here, touched = position_of(row), row.moved_time or None
        if here == expected and here != target:
            reason = "Битрикс24 ответил успехом, но запись стоит на прежней стадии: возможно, её вернул робот."
            return MoveResult(MoveOutcome.REFUSED, here, touched, reason)
        if here == target and self._stood_there_before(row, envelope):
            return MoveResult(MoveOutcome.ALREADY_THERE, here, touched)
        try:
            trail = self.history(entity_type_id, str(row.id))
        except ConnectorError as error:
            return MoveResult(MoveOutcome.MOVED, target, touched, f"Историю стадий проверить не удалось: {error.text}")
        return self._judge_trail(entity_type_id, row, expected, target, trail)

    def _judge_trail(
        self, entity_type_id: int, row: ItemRow, expected: Position, target: Position, trail: Sequence[StageChange]
    ) -> MoveResult:
        """The record stands on the target, or went on from it: was the move ours, and from where we read it?"""
        here, touched = position_of(row), row.moved_time or None
        place = _last_entry(trail, target)
        before = trail[place - 1].position if place else None
        if before is None and here != target:
            reason = f"Запись стоит на стадии «{self._name(entity_type_id, here)}», нашего перевода в истории нет."
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, touched, reason)
        if before is not None and before != expected:
            reason = (
                f"Пока шёл перевод, запись переставили на стадию «{self._name(entity_type_id, before)}»; "
                "наш перевод лёг поверх. Проверьте, какая стадия верна."
            )
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, touched, reason)
        mark = trail[place].id if place else None
        if here == target:
            return MoveResult(MoveOutcome.MOVED, target, touched, mark=mark)
        moved_on = f"Сразу после перевода запись ушла дальше: «{self._name(entity_type_id, here)}»."
        return MoveResult(MoveOutcome.MOVED, target, touched, moved_on, mark=mark)

    def _stood_there_before(self, row: ItemRow, envelope: Envelope) -> bool:
        """The record was on the target before our call: then the portal skipped the save."""
        if row.moved_by and row.moved_by != self._client.webhook.user_id:
            return True
        moved_at, began = printed_moment(row.moved_time), envelope.timing.started
        return moved_at is not None and began is not None and moved_at < began - _RESOLUTION

    def _name(self, entity_type_id: int, position: Position) -> str:
        """A stage's name for a sentence. The write is done: an error here would pass for "nothing was written"."""
        try:
            stage = self._directory.stage(entity_type_id, position.pipeline_id, position.stage_id)
        except ConnectorError:
            return position.stage_id
        return stage.name if stage is not None else position.stage_id

    def _missing_fields(self, entity_type_id: int, error: Refused) -> tuple[str, ...]:
        """Names of fields to fill: what the refusal quotes, where the portal has such a field.

        The code of this refusal is not documented, so any refusal that quotes a field's own title counts.
        """
        quoted = [name.strip() for name in _QUOTED.findall(error.text)]
        if not quoted:
            return ()
        known = self._field_titles(entity_type_id)
        found = tuple(dict.fromkeys(name for name in quoted if name.casefold() in known))
        return found or (tuple(dict.fromkeys(quoted)) if error.code.upper() == _REQUIRED else ())

    def _field_titles(self, entity_type_id: int) -> set[str]:
        try:
            result = self._client.read("crm.item.fields", {"entityTypeId": entity_type_id}).result
        except ConnectorError:
            # Only an ornament of a refusal that stands anyway.
            return set()
        titles: set[str] = set()
        for name, spec in object_in(result, "fields").items():
            titles |= {
                name.casefold(),
                *(str(as_map(spec).get(key) or "").casefold() for key in ("title", "upperName")),
            }
        return titles - {""}


def _last_entry(trail: Sequence[StageChange], target: Position) -> int:
    """Index of the row that last brought the record to the target; 0 where the history does not tell."""
    return next((place for place in range(len(trail) - 1, 0, -1) if trail[place].position == target), 0)


def _row_in(envelope: Envelope) -> ItemRow | None:
    try:
        return ItemRow.model_validate(object_in(envelope.result, "item"))
    except ValidationError:
        return None
