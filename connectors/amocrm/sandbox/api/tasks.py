"""Tasks: add, list, change, complete."""

from collections.abc import Mapping

from connectors.amocrm.sandbox.account import Record
from connectors.amocrm.sandbox.api.cards import absent
from connectors.amocrm.sandbox.cards import BY_PLURAL, number
from connectors.amocrm.sandbox.context import Answer, Context, Route
from connectors.amocrm.sandbox.errors import missing, no_choice, not_found, unexpected, wrong_type
from connectors.amocrm.sandbox.filters import ids_of, many, range_test
from connectors.amocrm.sandbox.listing import in_order, paged
from connectors.amocrm.sandbox.records import add_task, change_task
from connectors.amocrm.sandbox.render import href
from connectors.amocrm.sandbox.writing import Item, body_items, checked, one
from connectors.sandbox_kit.jsontypes import Json, as_int, as_map, as_text

_TYPES: Mapping[str, type] = {
    "text": str,
    "complete_till": int,
    "duration": int,
    "task_type_id": int,
    "responsible_user_id": int,
    "entity_id": int,
    "entity_type": str,
    "is_completed": bool,
    "created_by": int,
    "updated_by": int,
    "created_at": int,
    "updated_at": int,
}
_NAMES: Mapping[type, str] = {str: "string", int: "int", bool: "bool"}


def list_tasks(ctx: Context) -> Answer:
    """GET /api/v4/tasks."""
    tasks = ctx.account.tasks.listed()
    if ctx.account.api_filter_enabled:
        tasks = [task for task in tasks if _fits(task, as_map(ctx.query.get("filter")))]

    def key(task: Record, name: str) -> int:
        return number(task[name])

    ordered = in_order(ctx, tasks, key, ("created_at", "complete_till", "id"))
    return paged(ctx, ordered, "tasks", lambda task: _task_json(ctx, task))


def _fits(task: Record, raw: Mapping[str, Json]) -> bool:
    for name, column in (
        ("id", "id"),
        ("entity_id", "entity_id"),
        ("responsible_user_id", "responsible_user_id"),
        ("task_type", "task_type_id"),
    ):
        if name in raw and task[column] not in ids_of(raw[name]):
            return False
    if "entity_type" in raw and task["entity_type"] not in many(raw["entity_type"]):
        return False
    if "is_completed" in raw and bool(as_int(raw["is_completed"])) is not task["is_completed"]:
        return False
    return "updated_at" not in raw or range_test(number(task["updated_at"]), raw["updated_at"])


def get_task(ctx: Context, task_id: int) -> Answer:
    """GET /api/v4/tasks/{id}."""
    task = ctx.account.tasks.rows.get(task_id)
    return absent(ctx) if task is None else Answer(_task_json(ctx, task))


def _task_json(ctx: Context, task: Record) -> Record:
    return {**task, "_links": href(ctx.base, f"tasks/{task['id']}")}


def add_tasks(ctx: Context) -> Answer:
    """POST /api/v4/tasks: `text` and `complete_till` are required."""

    def read(item: Item) -> Record:
        for name in ("text", "complete_till"):
            if item.get(name) in (None, ""):
                raise missing(name)
        return _read(ctx, item)

    def apply(fields: Record, name: str) -> Json:
        task = add_task(ctx.account, ctx.actor, fields)
        return {"id": task["id"], "request_id": name, "_links": href(ctx.base, f"tasks/{task['id']}")}

    return _listed(ctx, checked(ctx, body_items(ctx), read, apply), ctx.account.settings.add_status)


def change_tasks(ctx: Context) -> Answer:
    """PATCH /api/v4/tasks."""

    def read(item: Item) -> tuple[Record, Record]:
        task = ctx.account.tasks.rows.get(number(item.get("id")))
        if task is None:
            raise no_choice("id")
        return task, _read(ctx, item)

    def apply(made: tuple[Record, Record], name: str) -> Json:
        change_task(ctx.account, ctx.actor, *made)
        return {**_changed(ctx, made[0]), "request_id": name}

    return _listed(ctx, checked(ctx, body_items(ctx), read, apply))


def change_one_task(ctx: Context, task_id: int) -> Answer:
    """PATCH /api/v4/tasks/{id}; `is_completed` with a `result` closes it."""
    task = ctx.account.tasks.rows.get(task_id)
    if task is None:
        raise not_found()
    change_task(ctx.account, ctx.actor, task, one(ctx.object(), lambda body: _read(ctx, body)))
    return Answer(_changed(ctx, task))


def _changed(ctx: Context, task: Record) -> Record:
    return {"id": task["id"], "updated_at": task["updated_at"], "_links": href(ctx.base, f"tasks/{task['id']}")}


def _read(ctx: Context, item: Item) -> Record:
    fields: Record = {}
    for name, value in item.items():
        wanted = _TYPES.get(name)
        if wanted is not None:
            if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
                raise wrong_type(name, _NAMES[wanted])
            fields[name] = value
        elif name == "result":
            fields["result"] = _result(value)
        elif name not in ("id", "request_id") and ctx.account.settings.unknown_columns == "refuse":
            raise unexpected(name)
    _check(ctx, fields)
    return fields


def _result(value: Json) -> Json:
    text = as_map(value).get("text")
    if not isinstance(text, str):
        raise wrong_type("result.text", "string")
    return {"text": text}


def _check(ctx: Context, fields: Record) -> None:
    if "responsible_user_id" in fields:
        user = ctx.account.users.get(number(fields["responsible_user_id"]))
        if user is None or not user.active:
            raise no_choice("responsible_user_id")
    if "entity_type" in fields or "entity_id" in fields:
        kind = BY_PLURAL.get(as_text(fields.get("entity_type")))
        if kind is None:
            raise no_choice("entity_type")
        if ctx.account.table(kind).live(number(fields.get("entity_id"))) is None:
            raise no_choice("entity_id")


def _listed(ctx: Context, answers: list[Json], status: int = 200) -> Answer:
    links: Json = {"self": {"href": f"{ctx.base}{ctx.path}"}}
    return Answer({"_links": links, "_embedded": {"tasks": answers}}, status)


ROUTES = [
    Route("GET", "tasks", list_tasks),
    Route("POST", "tasks", add_tasks, writes=True),
    Route("PATCH", "tasks", change_tasks, writes=True, per_card=True),
    Route("GET", "tasks/{id}", get_task),
    Route("PATCH", "tasks/{id}", change_one_task, writes=True, per_card=True),
]
