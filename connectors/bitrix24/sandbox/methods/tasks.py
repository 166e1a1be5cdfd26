"""Tasks: the older form with string ids, and REST v3 with idempotent creation."""

from connectors.bitrix24.sandbox.changes import delete_record, insert_record, update_record
from connectors.bitrix24.sandbox.context import Answer, Context, Handler, Method, Params
from connectors.bitrix24.sandbox.errors import RestError
from connectors.bitrix24.sandbox.fields import ENTITY_NAMES, SHORT_CODES
from connectors.bitrix24.sandbox.methods.arguments import flag, get, need_int, upper_keys
from connectors.bitrix24.sandbox.methods.rows import fetch
from connectors.bitrix24.sandbox.values import Item, coerce, to_classic, to_item
from connectors.sandbox_kit.jsontypes import Json, as_list, as_map, as_text

_PENDING, _COMPLETED = 2, 5
_V3_NAMES = {"CREATORID": "CREATED_BY", "RESPONSIBLEID": "RESPONSIBLE_ID", "CRMITEMIDS": "UF_CRM_TASK"}


def _failed(text: str) -> RestError:
    return RestError("ERROR_CORE", f"<b>{text}</b><br>")


def _task_json(ctx: Context, row: Item) -> dict[str, Json]:
    """A task with camel-case names and string values."""
    return {spec.name: to_classic(row[spec.name], spec, ctx.portal.zone) for spec in ctx.portal.tables.tasks.fields}


def _v3_json(ctx: Context, row: Item) -> dict[str, Json]:
    fields = ctx.portal.tables.tasks.fields
    shown = {spec.name: to_item(row[spec.name], spec, ctx.portal.zone) for spec in fields}
    shown["creatorId"] = shown.pop("createdBy")
    shown["crmItemIds"] = shown.pop("ufCrmTask")
    return shown


def _values(ctx: Context, raw: Json) -> Item:
    values: Item = {}
    for name, value in upper_keys(as_map(raw)).items():
        spec = ctx.portal.tables.tasks.fields.find(_V3_NAMES.get(name, name))
        if spec is not None and not spec.read_only:
            values[spec.name] = coerce(value, spec, ctx.portal.zone)
    return values


def _create(ctx: Context, values: Item) -> Item:
    if not values.get("title"):
        raise _failed("Не указано название задачи.")
    if values.get("responsibleId") not in ctx.portal.users:
        raise _failed("Не указан исполнитель.")
    now = ctx.portal.now()
    row: Item = {"createdBy": ctx.user.id, "status": _PENDING, "priority": 1, **values}
    row |= {"createdDate": now, "changedDate": now, "changedBy": ctx.user.id}
    return insert_record(ctx.portal, ctx.actor("tasks.task.add"), ctx.portal.tables.tasks, "task", row, _owner(row))


def _owner(row: Item) -> str | None:
    """The first card the task is linked to, as deal:9041."""
    links = row.get("ufCrmTask")
    if not isinstance(links, tuple) or not links:
        return None
    code, _, number = str(links[0]).rpartition("_")
    return f"{ENTITY_NAMES[SHORT_CODES[code]]}:{number}" if code in SHORT_CODES else str(links[0])


def _task(ctx: Context, params: Params) -> Item:
    number = need_int(params, "id" if ctx.version == 3 and get(params, "taskId") is None else "taskId")
    row = ctx.portal.tables.tasks.rows.get(number)
    if row is None:
        raise _failed("Задача не найдена или недоступна.")
    return row


def _shown(ctx: Context, row: Item) -> Answer:
    return Answer({"item": _v3_json(ctx, row)} if ctx.version == 3 else {"task": _task_json(ctx, row)})


def task_add(ctx: Context, params: Params) -> Answer:
    """tasks.task.add: `{task}` in v2, `{item}` in v3."""
    return _shown(ctx, _create(ctx, _values(ctx, get(params, "fields"))))


def task_get(ctx: Context, params: Params) -> Answer:
    """tasks.task.get: one task."""
    return _shown(ctx, _task(ctx, params))


def task_list(ctx: Context, params: Params) -> Answer:
    """tasks.task.list: filters and sorts by upper-case names but answers camel-case ones."""
    page = fetch(ctx, ctx.portal.tables.tasks, params)
    names = {as_text(name).replace("_", "").lower() for name in as_list(get(params, "select"))} - {"", "*"}
    shown: list[Json] = []
    for row in page.items:
        task = _task_json(ctx, row)
        shown.append({k: v for k, v in task.items() if not names or k.lower() in names or k == "id"})
    return page.answer(shown, "tasks")


def task_update(ctx: Context, params: Params) -> Answer:
    """tasks.task.update: the task after the change."""
    row = _task(ctx, params)
    _change(ctx, row, "tasks.task.update", _values(ctx, get(params, "fields")))
    return _shown(ctx, row)


def _change(ctx: Context, row: Item, method: str, values: Item) -> None:
    if update_record(ctx.portal, ctx.actor(method), row, "task", values, _owner(row)):
        row |= {"changedDate": ctx.portal.now(), "changedBy": ctx.user.id}


def _setter(method: str, status: int) -> Handler:
    def set_status(ctx: Context, params: Params) -> Answer:
        row = _task(ctx, params)
        done = status == _COMPLETED
        if row["status"] == status:
            raise _failed("Действие над задачей не разрешено.")
        values: Item = {"status": status, "closedBy": ctx.user.id if done else 0}
        values["closedDate"] = ctx.portal.now() if done else None
        _change(ctx, row, method, values)
        return _shown(ctx, row)

    return set_status


def task_delete(ctx: Context, params: Params) -> Answer:
    """tasks.task.delete: the task is gone."""
    row = _task(ctx, params)
    actor = ctx.actor("tasks.task.delete")
    delete_record(ctx.portal, actor, ctx.portal.tables.tasks, "task", int(str(row["id"])))
    return Answer({"result": True} if ctx.version == 3 else {"task": True})


def notify(ctx: Context, params: Params) -> Answer:
    """im.notify.system.add and .personal.add: integer id; a TAG with CLIENT_ID replaces the earlier notice."""
    user_id, text = need_user(params), as_text(get(params, "MESSAGE"))
    if not text:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    tag = as_text(get(params, "TAG")) if as_text(get(params, "CLIENT_ID")) else ""
    table, actor = ctx.portal.tables.notices, ctx.actor("im.notify.system.add")
    old = next((r for r in table if tag and (r["tag"], r["userId"]) == (tag, user_id)), None)
    if old is not None:
        delete_record(ctx.portal, actor, table, "notification", int(str(old["id"])))
    row: Item = {
        "userId": user_id,
        "message": text,
        "messageOut": as_text(get(params, "MESSAGE_OUT")),
        "tag": tag,
        "subTag": as_text(get(params, "SUB_TAG")),
        "authorId": 0 if flag(get(params, "SYSTEM")) else ctx.user.id,
        "created": ctx.portal.now(),
    }
    record = insert_record(ctx.portal, actor, table, "notification", row, f"user:{user_id}")
    return Answer(int(str(record["id"])))


def need_user(params: Params) -> int:
    """USER_ID of a notice. Raises USER_ID_EMPTY."""
    text = as_text(get(params, "USER_ID") or get(params, "TO"))
    if not text.isdigit() or text == "0":
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    return int(text)


METHODS = (
    Method("tasks.task.add", "task", task_add, writes=True),
    Method("tasks.task.get", "task", task_get),
    Method("tasks.task.list", "task", task_list),
    Method("tasks.task.update", "task", task_update, writes=True),
    Method("tasks.task.complete", "task", _setter("tasks.task.complete", _COMPLETED), writes=True),
    Method("tasks.task.renew", "task", _setter("tasks.task.renew", _PENDING), writes=True),
    Method("tasks.task.delete", "task", task_delete, writes=True),
    Method("im.notify.system.add", "im", notify, writes=True),
    Method("im.notify.personal.add", "im", notify, writes=True),
)

V3_METHODS = frozenset({"tasks.task.add", "tasks.task.get", "tasks.task.update", "tasks.task.delete"})
