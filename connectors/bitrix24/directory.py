"""Pipelines and stages of a portal, read and kept for an hour; stage ids are never built, only read."""

from __future__ import annotations

import threading
from typing import Final

from connectors.bitrix24.batching import Command
from connectors.bitrix24.client import RestClient
from connectors.bitrix24.envelope import rows_in
from connectors.bitrix24.mapper import INVOICE, pipeline_of, stage_kind
from connectors.bitrix24.schemas import CategoryRow, ItemRow, StatusRow, rows_of
from hub.domain.models import Pipeline, Stage, StageKind
from hub.ports.state import Clock

_KEEP_S: Final = 3600.0
# A stage that is not in the plan makes us read the plan again, but not for each row.
_REFRESH_AFTER_S: Final = 60.0


def _stage_list(entity_type_id: int, category_id: int) -> str:
    """Name of the status list that holds a pipeline's stages."""
    if entity_type_id == INVOICE:
        return f"SMART_INVOICE_STAGE_{category_id}"
    return f"DEAL_STAGE_{category_id}" if category_id else "DEAL_STAGE"


class Directory:
    """Pipelines of deals (2) and invoices (31). Thread-safe."""

    def __init__(self, client: RestClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[float, tuple[Pipeline, ...]]] = {}

    def read(self, entity_type_id: int) -> tuple[Pipeline, ...]:
        """Pipelines as they are now."""
        result = self._client.read("crm.category.list", {"entityTypeId": entity_type_id}).result
        categories = sorted(rows_of(CategoryRow, rows_in(result, "categories")), key=lambda row: (row.sort, row.id))
        stages = self._client.batch(
            {
                f"c{category.id}": Command(
                    "crm.status.list",
                    {
                        "filter": {"ENTITY_ID": _stage_list(entity_type_id, category.id)},
                        "order": {"SORT": "ASC"},
                    },
                )
                for category in categories
            }
        )
        pipelines = tuple(
            pipeline_of(category, rows_of(StatusRow, rows_in(stages[f"c{category.id}"], None)))
            for category in categories
        )
        with self._lock:
            self._kept[entity_type_id] = (self._clock.monotonic(), pipelines)
        return pipelines

    def kept(self, entity_type_id: int, max_age_s: float = _KEEP_S) -> tuple[Pipeline, ...]:
        """Pipelines as read within the last hour."""
        with self._lock:
            at, pipelines = self._kept.get(entity_type_id, (float("-inf"), ()))
        if self._clock.monotonic() - at <= max_age_s:
            return pipelines
        return self.read(entity_type_id)

    def stage(self, entity_type_id: int, pipeline_id: str, stage_id: str) -> Stage | None:
        """A stage, looked up again when the kept plan does not have it."""
        for max_age_s in (_KEEP_S, _REFRESH_AFTER_S):
            for pipeline in self.kept(entity_type_id, max_age_s):
                if pipeline.id == pipeline_id and (found := pipeline.stage(stage_id)) is not None:
                    return found
        return None

    def kind(self, entity_type_id: int, row: ItemRow) -> StageKind:
        """What a record's stage means: by the record's own semantics, else by the plan."""
        if row.semantic:
            return stage_kind(row.semantic)
        stage = self.stage(entity_type_id, row.category_id or "0", row.stage_id)
        return stage.kind if stage is not None else StageKind.OPEN
