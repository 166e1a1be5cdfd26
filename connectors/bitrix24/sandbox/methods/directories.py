"""Pipelines, stages and stage history."""

from connectors.bitrix24.sandbox.context import Answer, Context, Method, Params
from connectors.bitrix24.sandbox.errors import RestError
from connectors.bitrix24.sandbox.fields import DEAL, INVOICE
from connectors.bitrix24.sandbox.methods.access import may_read_category
from connectors.bitrix24.sandbox.methods.arguments import get, need_int
from connectors.bitrix24.sandbox.methods.crm_item import entity_type
from connectors.bitrix24.sandbox.methods.rows import fetch
from connectors.bitrix24.sandbox.stages import CategoryRow, StageRow, directory_id, stage_prefix
from connectors.bitrix24.sandbox.values import to_item
from connectors.sandbox_kit.jsontypes import Json, as_list, as_map, as_text

_PROCESS = {"S": "success", "F": "failure", None: "process"}


def category_list(ctx: Context, params: Params) -> Answer:
    """crm.category.list: the pipelines the user may read."""
    kind = entity_type(ctx, params)
    rows = [c for c in ctx.portal.stages.categories.values() if c.entity_type == kind]
    shown = [_category(c) for c in rows if may_read_category(ctx, kind, c.id)]
    return Answer({"categories": shown}, len(shown))


def _category(row: CategoryRow) -> dict[str, Json]:
    return {
        "id": row.id,
        "name": row.name,
        "sort": row.sort,
        "entityTypeId": row.entity_type,
        "isDefault": "Y" if row.is_default else "N",
        "originId": "",
        "originatorId": "",
    }


def status_list(ctx: Context, params: Params) -> Answer:
    """crm.status.list: stage directory rows with string values."""
    wanted = {name.upper().lstrip("="): value for name, value in as_map(get(params, "filter")).items()}
    rows = [_status(row) for row in sorted(ctx.portal.stages.rows, key=lambda row: (row.sort, row.row_id))]
    shown: list[Json] = [row for row in rows if all(_holds(row, name, value) for name, value in wanted.items())]
    return Answer(shown, len(shown))


def _holds(row: dict[str, Json], name: str, value: Json) -> bool:
    texts = [as_text(part) for part in as_list(value)]
    return name.lstrip("@") in row and as_text(row[name.lstrip("@")]) in texts


def _status(row: StageRow) -> dict[str, Json]:
    shown: dict[str, Json] = {
        "ID": str(row.row_id),
        "ENTITY_ID": row.entity_id,
        "STATUS_ID": row.stage_id,
        "NAME": row.name,
        "NAME_INIT": row.name if row.system else "",
        "SORT": str(row.sort),
        "SYSTEM": "Y" if row.system else "N",
        "CATEGORY_ID": str(row.category_id),
        "COLOR": row.color,
        "SEMANTICS": row.semantics,
    }
    if row.entity_type == DEAL:
        apology = row.stage_id.endswith("APOLOGY")
        shown["EXTRA"] = {"SEMANTICS": "apology" if apology else _PROCESS[row.semantics], "COLOR": row.color}
    return shown


def status_entity_types(ctx: Context, params: Params) -> Answer:
    """crm.status.entity.types: the stage directories with their prefixes."""
    del params
    stages = ctx.portal.stages
    shown: list[Json] = []
    for category in stages.categories.values():
        rows = stages.of_category(category.entity_type, category.id)
        semantic: Json = []
        if category.entity_type == DEAL:
            semantic = {
                "START_FIELD": rows[0].stage_id if rows else "",
                "FINAL_SUCCESS_FIELD": next((r.stage_id for r in rows if r.semantics == "S"), ""),
                "FINAL_UNSUCCESS_FIELD": next((r.stage_id for r in rows if r.semantics == "F"), ""),
            }
        shown.append(
            {
                "ID": directory_id(category.entity_type, category.id),
                "NAME": f"Стадии: {category.name}",
                "PARENT_ID": "SMART_INVOICE_STAGE" if category.entity_type == INVOICE else "",
                "SEMANTIC_INFO": semantic,
                "PREFIX": stage_prefix(category.entity_type, category.id),
                "CATEGORY_ID": category.id,
            }
        )
    return Answer(shown)


def stage_history(ctx: Context, params: Params) -> Answer:
    """crm.stagehistory.list: rows under `items`, upper-case names, real numbers."""
    kind = need_int(params, "entityTypeId")
    history = ctx.portal.tables.history.get(kind)
    if history is None:
        raise RestError("INVALID_ARG_VALUE", "Entity type is not supported")
    page = fetch(ctx, history, params)
    names = {as_text(name).upper() for name in as_list(get(params, "select"))} - {"", "*"}
    specs = [spec for spec in history.fields if not names or spec.upper in names or spec.name == "id"]
    zone = ctx.portal.zone
    return page.answer([{s.upper: to_item(i[s.name], s, zone) for s in specs} for i in page.items], "items")


METHODS = (
    Method("crm.category.list", "crm", category_list),
    Method("crm.status.list", "crm", status_list),
    Method("crm.status.entity.types", "crm", status_entity_types),
    Method("crm.stagehistory.list", "crm", stage_history),
)
