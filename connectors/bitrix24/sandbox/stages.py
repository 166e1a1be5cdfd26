"""Pipelines and their stages: ids, order, semantics, rules of entry."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from connectors.bitrix24.sandbox.fields import DEAL, INVOICE
from connectors.bitrix24.sandbox.seed import Category, Stage

ID_LENGTH = 21

_DEAL_STAGES = (
    ("NEW", "Новая", None, "#39A8EF"),
    ("PREPARATION", "Подготовка документов", None, "#2FC6F6"),
    ("PREPAYMENT_INVOICE", "Cчёт на предоплату", None, "#55D0E0"),
    ("EXECUTING", "В работе", None, "#47E4C2"),
    ("FINAL_INVOICE", "Финальный счёт", None, "#FFA900"),
    ("WON", "Сделка успешна", "S", "#7BD500"),
    ("LOSE", "Сделка провалена", "F", "#FF5752"),
    ("APOLOGY", "Анализ причины провала", "F", "#FF5752"),
)
_INVOICE_STAGES = (
    ("N", "Новый", None, "#39A8EF"),
    ("S", "Отправлен клиенту", None, "#55D0E0"),
    ("P", "Оплачен", "S", "#7BD500"),
    ("D", "Не оплачен", "F", "#FF5752"),
)


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage as crm.status.list knows it; `row_id` is its numeric ID there."""

    row_id: int
    entity_type: int
    category_id: int
    stage_id: str
    name: str
    sort: int
    semantics: str | None
    color: str
    system: bool
    required_fields: tuple[str, ...] = ()

    @property
    def entity_id(self) -> str:
        """ENTITY_ID of the pipeline's stage directory."""
        return directory_id(self.entity_type, self.category_id)


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A pipeline."""

    id: int
    entity_type: int
    name: str
    sort: int
    is_default: bool


def directory_id(entity_type: int, category_id: int) -> str:
    """DEAL_STAGE, DEAL_STAGE_4, SMART_INVOICE_STAGE_3."""
    if entity_type == INVOICE:
        return f"SMART_INVOICE_STAGE_{category_id}"
    return f"DEAL_STAGE_{category_id}" if category_id else "DEAL_STAGE"


def stage_prefix(entity_type: int, category_id: int) -> str:
    """Prefix of stage ids: empty, C4 or DT31_3."""
    if entity_type == INVOICE:
        return f"DT31_{category_id}"
    return f"C{category_id}" if category_id else ""


def default_stages(category: Category) -> list[Stage]:
    """The vendor's default stages of a new pipeline, with ids cut to 21 characters."""
    table = _INVOICE_STAGES if category.entity_type_id == INVOICE else _DEAL_STAGES
    prefix = stage_prefix(category.entity_type_id, category.id)
    stages = []
    for position, (code, name, semantics, color) in enumerate(table, start=1):
        stage_id = (f"{prefix}:{code}" if prefix else code)[:ID_LENGTH]
        required = category.required_fields.get(stage_id, [])
        fields = {"id": stage_id, "name": name, "sort": position * 10, "semantics": semantics, "color": color}
        stages.append(Stage.model_validate({**fields, "required_fields": required}))
    return stages


@dataclass(slots=True)
class StageBook:
    """All pipelines and stages of the portal. Renaming and removing is what people do in its settings."""

    categories: dict[tuple[int, int], CategoryRow] = field(default_factory=dict)
    rows: list[StageRow] = field(default_factory=list)
    next_row_id: int = 101

    @classmethod
    def load(cls, categories: Iterable[Category]) -> "StageBook":
        """Pipelines of the seed; deal funnel 0 and one invoice pipeline are added when absent."""
        book = cls()
        listed = list(categories)
        if not any(c.entity_type_id == DEAL for c in listed):
            listed.append(Category(entity_type_id=2, id=0, name="Общая"))
        if not any(c.entity_type_id == INVOICE for c in listed):
            listed.append(Category(entity_type_id=31, id=3, name="Счета"))
        for category in listed:
            book._add(category, first=not any(k[0] == category.entity_type_id for k in book.categories))
        return book

    def of_category(self, entity_type: int, category_id: int) -> list[StageRow]:
        """Stages of one pipeline in order."""
        rows = [r for r in self.rows if (r.entity_type, r.category_id) == (entity_type, category_id)]
        return sorted(rows, key=lambda row: (row.sort, row.row_id))

    def find(self, entity_type: int, stage_id: str) -> StageRow | None:
        """The stage with this id, in any pipeline of the type."""
        return next((r for r in self.rows if r.entity_type == entity_type and r.stage_id == stage_id), None)

    def default_category(self, entity_type: int) -> int:
        """Id of the default pipeline."""
        own = [c for c in self.categories.values() if c.entity_type == entity_type]
        return next((c.id for c in own if c.is_default), own[0].id)

    def semantic(self, entity_type: int, stage_id: str) -> str:
        """P in progress, S won, F lost; P for a stage that no longer exists."""
        row = self.find(entity_type, stage_id)
        return (row.semantics or "P") if row else "P"

    def rename(self, stage_id: str, name: str) -> None:
        """Give every stage with this id another name."""
        self.rows = [replace(r, name=name) if r.stage_id == stage_id else r for r in self.rows]

    def sort(self, stage_id: str, sort: int) -> None:
        """Give every stage with this id another place in its pipeline."""
        self.rows = [replace(r, sort=sort) if r.stage_id == stage_id else r for r in self.rows]

    def remove(self, stage_id: str) -> None:
        """Take the stage out of its pipeline."""
        self.rows = [r for r in self.rows if r.stage_id != stage_id]

    def _add(self, category: Category, *, first: bool) -> None:
        is_default = first if category.is_default is None else category.is_default
        row = CategoryRow(category.id, category.entity_type_id, category.name, category.sort, is_default)
        self.categories[(category.entity_type_id, category.id)] = row
        system = category.stages is None
        stages = default_stages(category) if category.stages is None else category.stages
        for position, stage in enumerate(stages, start=1):
            self._add_stage(category, stage, position * 10, system=system)

    def _add_stage(self, category: Category, stage: Stage, sort: int, *, system: bool) -> None:
        self.rows.append(
            StageRow(
                row_id=self.next_row_id,
                entity_type=category.entity_type_id,
                category_id=category.id,
                stage_id=stage.id[:ID_LENGTH],
                name=stage.name,
                sort=sort if stage.sort is None else stage.sort,
                semantics=stage.semantics,
                color=stage.color,
                system=system,
                required_fields=tuple(stage.required_fields),
            )
        )
        self.next_row_id += 1
