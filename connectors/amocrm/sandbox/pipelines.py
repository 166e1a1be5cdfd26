"""Pipelines and their stages: Incoming, the ordinary ones in order, 142 won and 143 lost."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.amocrm.sandbox import seed as s
from connectors.sandbox_kit.jsontypes import Json

WON, LOST = 142, 143
_USUAL = (
    ("Первичный контакт", "#99ccff"),
    ("Переговоры", "#ffff99"),
    ("Принимают решение", "#ffcc66"),
    ("Согласование договора", "#ffcccc"),
)


@dataclass(slots=True)
class Stage:
    """One stage; `type` 1 is Incoming."""

    id: int
    pipeline_id: int
    name: str
    sort: int
    color: str = "#99ccff"
    type: int = 0

    @property
    def editable(self) -> bool:
        """False for the stages the server keeps."""
        return self.type == 0 and self.id not in (WON, LOST)


@dataclass(slots=True)
class Pipeline:
    """One pipeline with its stages in order."""

    id: int
    name: str
    sort: int
    is_main: bool
    is_archive: bool
    is_unsorted_on: bool
    stages: list[Stage] = field(default_factory=list)

    def stage(self, status_id: int) -> Stage | None:
        """A stage of this pipeline."""
        return next((stage for stage in self.stages if stage.id == status_id), None)

    @property
    def incoming(self) -> Stage:
        """The stage of incoming leads."""
        return self.stages[0]

    @property
    def first(self) -> Stage:
        """Where a lead without a stage goes."""
        return next((stage for stage in self.stages if stage.editable), self.stages[-2])

    def order(self) -> None:
        """Put the stages in the order of their sort."""
        self.stages.sort(key=lambda stage: (stage.type != 1, stage.sort, stage.id))


@dataclass(slots=True)
class PipelineBook:
    """All pipelines by id."""

    by_id: dict[int, Pipeline] = field(default_factory=dict)

    @classmethod
    def load(cls, seeded: Iterable[s.Pipeline]) -> "PipelineBook":
        """From the seed; one ordinary pipeline when it names none, the first is main when none is."""
        listed = list(seeded) or [s.Pipeline(id=9001, name="Воронка", is_main=True)]
        book = cls()
        for number, pipeline in enumerate(listed, 1):
            book.by_id[pipeline.id] = _load(pipeline, number)
        if not any(pipeline.is_main for pipeline in book.by_id.values()):
            book.main.is_main = True
        return book

    @property
    def main(self) -> Pipeline:
        """The main pipeline."""
        return next((p for p in self.by_id.values() if p.is_main), next(iter(self.by_id.values())))

    def find_stage(self, status_id: int) -> Stage | None:
        """An ordinary or incoming stage by its id, which is unique over the account."""
        for pipeline in self.by_id.values():
            stage = pipeline.stage(status_id)
            if stage is not None:
                return stage
        return None

    def ordered(self) -> list[Pipeline]:
        """Pipelines by their sort."""
        return sorted(self.by_id.values(), key=lambda pipeline: (pipeline.sort, pipeline.id))


def _load(pipeline: s.Pipeline, number: int) -> Pipeline:
    loaded = Pipeline(
        pipeline.id,
        pipeline.name,
        pipeline.sort if pipeline.sort is not None else number,
        pipeline.is_main,
        pipeline.is_archive,
        pipeline.is_unsorted_on,
    )
    base = pipeline.id * 100
    incoming = pipeline.unsorted_status_id or base
    loaded.stages.append(Stage(incoming, pipeline.id, "Неразобранное", 10, "#c1c1c1", 1))
    statuses = pipeline.statuses
    if statuses is None:
        statuses = [s.Status(id=base + n, name=name, color=color) for n, (name, color) in enumerate(_USUAL, 1)]
    for place, status in enumerate(statuses, 2):
        sort = status.sort if status.sort is not None else place * 10
        loaded.stages.append(Stage(status.id, pipeline.id, status.name, sort, status.color))
    loaded.stages.append(Stage(WON, pipeline.id, "Успешно реализовано", 10000, "#CCFF66"))
    loaded.stages.append(Stage(LOST, pipeline.id, "Закрыто и не реализовано", 11000, "#D5D8DB"))
    loaded.order()
    return loaded


def stage_json(stage: Stage, account_id: int, base: str) -> dict[str, Json]:
    """A stage as the API shows it."""
    href = f"{base}/api/v4/leads/pipelines/{stage.pipeline_id}/statuses/{stage.id}"
    return {
        "id": stage.id,
        "name": stage.name,
        "sort": stage.sort,
        "is_editable": stage.editable,
        "pipeline_id": stage.pipeline_id,
        "color": stage.color,
        "type": stage.type,
        "account_id": account_id,
        "_links": {"self": {"href": href}},
    }


def pipeline_json(pipeline: Pipeline, account_id: int, base: str) -> dict[str, Json]:
    """A pipeline as the API shows it, with its stages."""
    return {
        "id": pipeline.id,
        "name": pipeline.name,
        "sort": pipeline.sort,
        "is_main": pipeline.is_main,
        "is_unsorted_on": pipeline.is_unsorted_on,
        "is_archive": pipeline.is_archive,
        "account_id": account_id,
        "_links": {"self": {"href": f"{base}/api/v4/leads/pipelines/{pipeline.id}"}},
        "_embedded": {"statuses": [stage_json(stage, account_id, base) for stage in pipeline.stages]},
    }
