"""crm.item.*: deals, contacts, companies and smart invoices in the universal form."""

from connectors.bitrix24.sandbox.changes import add_item, delete_item, read_fields, update_item
from connectors.bitrix24.sandbox.context import Answer, Context, Method, Params
from connectors.bitrix24.sandbox.errors import RestError, not_found
from connectors.bitrix24.sandbox.fields import COMPANY, CONTACT, SHORT_CODES
from connectors.bitrix24.sandbox.methods.access import check_write, find_readable, readable
from connectors.bitrix24.sandbox.methods.arguments import flag, get, need_int, need_map
from connectors.bitrix24.sandbox.methods.rows import fetch
from connectors.bitrix24.sandbox.portal import Portal
from connectors.bitrix24.sandbox.values import FieldSpec, Item, Kind, to_item
from connectors.sandbox_kit.jsontypes import Json, as_list, as_text

_OLD_INVOICE = 5


def entity_type(ctx: Context, params: Params) -> int:
    """The asked entity type. Raises NOT_FOUND, or ENTITY_TYPE_NOT_SUPPORTED for old invoices."""
    number = need_int(params, "entityTypeId")
    if number == _OLD_INVOICE:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    if number not in ctx.portal.tables.items:
        raise not_found("Smart process was not found")
    return number


def item_json(portal: Portal, kind: int, item: Item, select: Json = None, *, original: bool = False) -> dict[str, Json]:
    """An item as crm.item.* gives it; `original` keeps UF_CRM_* names."""
    names = {as_text(name).lower() for name in as_list(select)} - {""}
    everything = not names or "*" in names
    found: dict[str, Json] = {}
    for spec in portal.items(kind).fields:
        if everything or spec.name == "id" or {spec.name.lower(), spec.upper.lower()} & names:
            key = spec.upper if original and spec.user_field else spec.name
            found[key] = to_item(item.get(spec.name), spec, portal.zone)
    if "*" in names and kind in {COMPANY, CONTACT}:
        found["fm"] = communications(portal, kind, item)
    found["entityTypeId"] = kind
    return found


def communications(portal: Portal, kind: int, item: Item) -> list[Json]:
    """Phones and mails in the form of `fm`."""
    listed = portal.communications.get((kind, int(str(item["id"]))), [])
    return [{"id": c.id, "typeId": c.kind, "valueType": "WORK", "value": c.value} for c in listed]


def item_list(ctx: Context, params: Params) -> Answer:
    """crm.item.list: a page of items under `items`."""
    kind = entity_type(ctx, params)
    page = fetch(ctx, ctx.portal.items(kind), params, lambda item: readable(ctx, kind, item))
    original, select = flag(get(params, "useOriginalUfNames")), get(params, "select")
    shown = [item_json(ctx.portal, kind, item, select, original=original) for item in page.items]
    return page.answer(shown, "items")


def item_get(ctx: Context, params: Params) -> Answer:
    """crm.item.get: one item under `item`."""
    kind = entity_type(ctx, params)
    item = find_readable(ctx, kind, need_int(params, "id"))
    original = flag(get(params, "useOriginalUfNames"))
    return Answer({"item": item_json(ctx.portal, kind, item, ["*"], original=original)})


def item_add(ctx: Context, params: Params) -> Answer:
    """crm.item.add: creates an item with the vendor's defaults."""
    kind = entity_type(ctx, params)
    values = read_fields(ctx.portal, kind, need_map(params, "fields"))
    check_write(ctx, kind, values)
    item = add_item(ctx.portal, ctx.actor("crm.item.add"), kind, values)
    return Answer({"item": item_json(ctx.portal, kind, item)})


def item_update(ctx: Context, params: Params) -> Answer:
    """crm.item.update: saves the given fields and returns the whole item."""
    kind = entity_type(ctx, params)
    item = find_readable(ctx, kind, need_int(params, "id"))
    values = read_fields(ctx.portal, kind, need_map(params, "fields"))
    check_write(ctx, kind, item, values)
    saved = update_item(ctx.portal, ctx.actor("crm.item.update"), kind, int(str(item["id"])), values)
    original = flag(get(params, "useOriginalUfNames"))
    return Answer({"item": item_json(ctx.portal, kind, saved.item, original=original)})


def item_delete(ctx: Context, params: Params) -> Answer:
    """crm.item.delete: deletes the item; the result is an empty array."""
    kind = entity_type(ctx, params)
    item = find_readable(ctx, kind, need_int(params, "id"))
    check_write(ctx, kind, item)
    delete_item(ctx.portal, ctx.actor("crm.item.delete"), kind, int(str(item["id"])))
    return Answer([])


def item_fields(ctx: Context, params: Params) -> Answer:
    """crm.item.fields: what fields the type has."""
    kind = entity_type(ctx, params)
    original = flag(get(params, "useOriginalUfNames"))
    described: dict[str, Json] = {}
    for spec in ctx.portal.items(kind).fields:
        described[spec.upper if original and spec.user_field else spec.name] = {
            "type": spec.kind.value,
            "isRequired": spec.required,
            "isReadOnly": spec.read_only,
            "isImmutable": False,
            "isMultiple": spec.multiple,
            "isDynamic": spec.user_field,
            "title": spec.title or spec.upper,
            "upperName": spec.upper,
            **_choices(spec),
        }
    return Answer({"fields": described})


def _choices(spec: FieldSpec) -> dict[str, Json]:
    """The choices of an enumeration, with their numbers as text."""
    if spec.kind is not Kind.ENUMERATION:
        return {}
    listed: list[Json] = [{"ID": str(number), "VALUE": value} for number, value in spec.choices]
    return {"items": listed}


def owner_type(code: Json) -> int:
    """The entity type behind a short code such as D or SI. Raises ENTITY_TYPE_NOT_SUPPORTED."""
    kind = SHORT_CODES.get(as_text(code).upper())
    if kind is None:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    return kind


METHODS = (
    Method("crm.item.list", "crm", item_list),
    Method("crm.item.get", "crm", item_get),
    Method("crm.item.add", "crm", item_add, writes=True),
    Method("crm.item.update", "crm", item_update, writes=True),
    Method("crm.item.delete", "crm", item_delete, writes=True),
    Method("crm.item.fields", "crm", item_fields),
)
