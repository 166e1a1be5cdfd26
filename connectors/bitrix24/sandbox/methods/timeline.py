"""What hangs on a card: comments, to-dos, log lines."""

from connectors.bitrix24.sandbox.changes import delete_record, insert_record, update_record
from connectors.bitrix24.sandbox.context import Answer, Context, Method, Params
from connectors.bitrix24.sandbox.errors import RestError, access_denied, invalid_argument, missing, not_found
from connectors.bitrix24.sandbox.fields import ENTITY_NAMES, INVOICE
from connectors.bitrix24.sandbox.methods.access import readable
from connectors.bitrix24.sandbox.methods.arguments import get, need_int, upper_keys
from connectors.bitrix24.sandbox.methods.rows import classic_list, classic_row
from connectors.bitrix24.sandbox.values import Item, parse_datetime, to_item
from connectors.sandbox_kit.jsontypes import Json, as_int, as_map, as_text

_TYPES = {name: kind for kind, name in ENTITY_NAMES.items() if kind != INVOICE} | {"dynamic_31": INVOICE}


def _check_owner(ctx: Context, kind: int, item_id: int) -> None:
    item = ctx.portal.items(kind).rows.get(item_id)
    if item is None:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    if not readable(ctx, kind, item):
        raise access_denied()


def _owner_name(entity_type: str, entity_id: Json) -> str:
    return f"{ENTITY_NAMES[_TYPES[entity_type]]}:{as_text(entity_id)}"


def comment_add(ctx: Context, params: Params) -> Answer:
    """crm.timeline.comment.add: integer id; the key is lower-case `fields` only."""
    if "fields" not in params:
        raise missing("fields")
    fields = upper_keys(as_map(params["fields"]))
    entity_type, entity_id = as_text(fields.get("ENTITY_TYPE")).lower(), as_int(fields.get("ENTITY_ID"))
    if entity_type not in _TYPES or entity_id is None:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    _check_owner(ctx, _TYPES[entity_type], entity_id)
    text = as_text(fields.get("COMMENT"))
    if not text:
        raise invalid_argument("Comment must not be empty")
    row: Item = {
        "entityId": entity_id,
        "entityType": entity_type,
        "comment": text,
        "authorId": ctx.user.id,
        "created": ctx.portal.now(),
    }
    actor, owner = ctx.actor("crm.timeline.comment.add"), _owner_name(entity_type, entity_id)
    record = insert_record(ctx.portal, actor, ctx.portal.tables.comments, "comment", row, owner)
    return Answer(int(str(record["id"])))


def comment_list(ctx: Context, params: Params) -> Answer:
    """crm.timeline.comment.list: comments of one card, named by ENTITY_ID and ENTITY_TYPE of the filter."""
    asked = {name.lstrip("=").upper() for name in as_map(get(params, "filter"))}
    if not {"ENTITY_ID", "ENTITY_TYPE"} <= asked:
        raise missing("filter")
    return classic_list(ctx, ctx.portal.tables.comments, params)


def _comment(ctx: Context, params: Params) -> Item:
    row = ctx.portal.tables.comments.rows.get(need_int(params, "id"))
    if row is None:
        raise not_found("Comment was not found")
    return row


def comment_get(ctx: Context, params: Params) -> Answer:
    """crm.timeline.comment.get: one comment."""
    return Answer(classic_row(ctx, ctx.portal.tables.comments, _comment(ctx, params)))


def comment_update(ctx: Context, params: Params) -> Answer:
    """crm.timeline.comment.update: true."""
    row = _comment(ctx, params)
    text = as_text(upper_keys(as_map(get(params, "fields"))).get("COMMENT"))
    if not text:
        raise invalid_argument("Comment must not be empty")
    owner = _owner_name(str(row["entityType"]), int(str(row["entityId"])))
    update_record(ctx.portal, ctx.actor("crm.timeline.comment.update"), row, "comment", {"comment": text}, owner)
    return Answer(True)


def comment_delete(ctx: Context, params: Params) -> Answer:
    """crm.timeline.comment.delete: true."""
    row = _comment(ctx, params)
    actor = ctx.actor("crm.timeline.comment.delete")
    delete_record(ctx.portal, actor, ctx.portal.tables.comments, "comment", int(str(row["id"])))
    return Answer(True)


def _card(ctx: Context, kind: int | None, item_id: int | None) -> tuple[int, int]:
    if kind not in ctx.portal.tables.items or kind is None or item_id is None:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    _check_owner(ctx, kind, item_id)
    return kind, item_id


def todo_add(ctx: Context, params: Params) -> Answer:
    """crm.activity.todo.add: parameters are top-level; `{id}`."""
    kind, owner_id = _card(ctx, need_int(params, "ownerTypeId"), need_int(params, "ownerId"))
    try:
        deadline = parse_datetime(as_text(get(params, "deadline")), ctx.portal.zone)
    except ValueError as error:
        raise RestError("WRONG_DATETIME_FORMAT", "Wrong datetime format") from error
    row: Item = {
        "ownerTypeId": kind,
        "ownerId": owner_id,
        "deadline": deadline,
        "subject": as_text(get(params, "title")),
        "description": as_text(get(params, "description")),
        "responsibleId": as_int(get(params, "responsibleId"), ctx.user.id),
        "created": ctx.portal.now(),
        "authorId": ctx.user.id,
    }
    actor, owner = ctx.actor("crm.activity.todo.add"), f"{ENTITY_NAMES[kind]}:{owner_id}"
    record = insert_record(ctx.portal, actor, ctx.portal.tables.activities, "activity", row, owner)
    return Answer({"id": int(str(record["id"]))})


_LOG_FIELDS = ("entityTypeId", "entityId", "title", "text", "iconCode")


def log_message_add(ctx: Context, params: Params) -> Answer:
    """crm.timeline.logmessage.add: all five fields are required; `{logMessage}`."""
    fields = as_map(get(params, "fields"))
    for name in _LOG_FIELDS:
        if not as_text(fields.get(name)):
            raise missing(name)
    kind, entity_id = _card(ctx, as_int(fields["entityTypeId"]), as_int(fields["entityId"]))
    row: Item = {"entityTypeId": kind, "entityId": entity_id, "authorId": ctx.user.id, "created": ctx.portal.now()}
    row |= {name: as_text(fields[name]) for name in ("title", "text", "iconCode")}
    actor, owner = ctx.actor("crm.timeline.logmessage.add"), f"{ENTITY_NAMES[kind]}:{entity_id}"
    table = ctx.portal.tables.log_messages
    record = insert_record(ctx.portal, actor, table, "log_message", row, owner)
    hidden = {"entityTypeId", "entityId"}
    shown = {s.name: to_item(record[s.name], s, ctx.portal.zone) for s in table.fields if s.name not in hidden}
    return Answer({"logMessage": shown})


METHODS = (
    Method("crm.timeline.comment.add", "crm", comment_add, writes=True),
    Method("crm.timeline.comment.list", "crm", comment_list),
    Method("crm.timeline.comment.get", "crm", comment_get),
    Method("crm.timeline.comment.update", "crm", comment_update, writes=True),
    Method("crm.timeline.comment.delete", "crm", comment_delete, writes=True),
    Method("crm.activity.todo.add", "crm", todo_add, writes=True),
    Method("crm.timeline.logmessage.add", "crm", log_message_add, writes=True),
)
