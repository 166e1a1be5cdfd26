"""Requisites, bank accounts, their links to cards, and search by phone or mail."""

from collections.abc import Mapping

from connectors.bitrix24.sandbox.changes import insert_record, update_record
from connectors.bitrix24.sandbox.context import Answer, Context, Handler, Method, Params
from connectors.bitrix24.sandbox.errors import RestError, access_denied, missing
from connectors.bitrix24.sandbox.fields import COMPANY, CONTACT
from connectors.bitrix24.sandbox.methods.arguments import (
    get,
    need_int,
    need_map,
    upper_keys,
)
from connectors.bitrix24.sandbox.methods.rows import classic_list, classic_row
from connectors.bitrix24.sandbox.portal import PortalEvent
from connectors.bitrix24.sandbox.tables import Table
from connectors.bitrix24.sandbox.values import Item, coerce
from connectors.sandbox_kit.jsontypes import Json, as_int, as_list, as_text

_MAX_VALUES = 20


def _table(ctx: Context, name: str) -> Table:
    tables = ctx.portal.tables
    return {"requisite": tables.requisites, "bank_detail": tables.bank_details, "link": tables.links}[name]


def _lister(name: str) -> Handler:
    def rows(ctx: Context, params: Params) -> Answer:
        return classic_list(ctx, _table(ctx, name), params)

    return rows


def _getter(name: str) -> Handler:
    def one(ctx: Context, params: Params) -> Answer:
        table = _table(ctx, name)
        row = table.rows.get(need_int(params, "id"))
        if row is None:
            raise RestError("", "Not found")
        return Answer(classic_row(ctx, table, row))

    return one


def _typed(ctx: Context, table: Table, fields: Mapping[str, Json]) -> Item:
    values: Item = {}
    for name, value in fields.items():
        spec = table.fields.find(name)
        if spec is not None and not spec.read_only:
            values[spec.name] = coerce(value, spec, ctx.portal.zone)
    return values


def _may_write(ctx: Context) -> None:
    if not ctx.user.admin and not ctx.rights.client_write:
        raise access_denied()


def requisite_add(ctx: Context, params: Params) -> Answer:
    """crm.requisite.add: integer id; errors have an empty code."""
    _may_write(ctx)
    values = _typed(ctx, ctx.portal.tables.requisites, need_map(params, "fields"))
    owner, owner_id = values.get("entityTypeId"), values.get("entityId")
    if owner not in (CONTACT, COMPANY):
        raise RestError("", "ENTITY_TYPE_ID is not defined or invalid.")
    if owner_id not in ctx.portal.items(int(str(owner))).rows:
        raise RestError("", "ENTITY_ID is not defined or invalid.")
    if not values.get("presetId") or not values.get("name"):
        raise RestError("", "PRESET_ID and NAME must be filled.")
    return Answer(_insert(ctx, "requisite", values, "ONCRMREQUISITEADD"))


def bank_detail_add(ctx: Context, params: Params) -> Answer:
    """crm.requisite.bankdetail.add: integer id."""
    _may_write(ctx)
    values = _typed(ctx, ctx.portal.tables.bank_details, need_map(params, "fields"))
    if values.get("entityId") not in ctx.portal.tables.requisites.rows:
        raise RestError("", "ENTITY_ID is not defined or invalid.")
    values["entityTypeId"] = 8
    return Answer(_insert(ctx, "bank_detail", values, "ONCRMBANKDETAILADD"))


def _insert(ctx: Context, name: str, values: Item, event: str) -> int:
    now = ctx.portal.now()
    stamps: Item = {"dateCreate": now, "dateModify": now, "createdById": ctx.user.id, "active": "Y"}
    method = f"crm.requisite.{'add' if name == 'requisite' else 'bankdetail.add'}"
    record = insert_record(ctx.portal, ctx.actor(method), _table(ctx, name), name, {**stamps, **values})
    number = int(str(record["id"]))
    ctx.portal.emit(PortalEvent(event, {"ID": number}, ctx.user.id))
    return number


def requisite_update(ctx: Context, params: Params) -> Answer:
    """crm.requisite.update: true."""
    _may_write(ctx)
    table = ctx.portal.tables.requisites
    row = table.rows.get(need_int(params, "id"))
    if row is None:
        raise RestError("", "Not found")
    values = _typed(ctx, table, need_map(params, "fields"))
    if update_record(ctx.portal, ctx.actor("crm.requisite.update"), row, "requisite", values):
        row["dateModify"] = ctx.portal.now()
        number = int(str(row["id"]))
        ctx.portal.emit(PortalEvent("ONCRMREQUISITEUPDATE", {"ID": number}, ctx.user.id))
    return Answer(True)


_LINK_FIELDS = (
    "ENTITY_TYPE_ID",
    "ENTITY_ID",
    "REQUISITE_ID",
    "BANK_DETAIL_ID",
    "MC_REQUISITE_ID",
    "MC_BANK_DETAIL_ID",
)


def _link_of(ctx: Context, kind: int, entity_id: int) -> Item | None:
    rows = ctx.portal.tables.links
    return next((r for r in rows if (r["entityTypeId"], r["entityId"]) == (kind, entity_id)), None)


def link_list(ctx: Context, params: Params) -> Answer:
    """crm.requisite.link.list: string values, no id."""
    answer = classic_list(ctx, ctx.portal.tables.links, params)
    rows = [{n: row[n] for n in _LINK_FIELDS if n in row} for row in as_list(answer.result) if isinstance(row, dict)]
    return Answer(rows, answer.total, answer.next)


def link_get(ctx: Context, params: Params) -> Answer:
    """crm.requisite.link.get: the link of one card."""
    row = _link_of(ctx, need_int(params, "entityTypeId"), need_int(params, "entityId"))
    if row is None:
        raise RestError("", "Not found")
    shown = classic_row(ctx, ctx.portal.tables.links, row)
    return Answer({name: shown[name] for name in _LINK_FIELDS})


def link_register(ctx: Context, params: Params) -> Answer:
    """crm.requisite.link.register: sets the link of a card."""
    _may_write(ctx)
    fields = upper_keys(need_map(params, "fields"))
    values = _typed(ctx, ctx.portal.tables.links, fields)
    kind, entity_id = as_int(fields.get("ENTITY_TYPE_ID")), as_int(fields.get("ENTITY_ID"))
    if kind is None or entity_id is None:
        raise RestError("", "ENTITY_TYPE_ID is not defined or invalid.")
    actor = ctx.actor("crm.requisite.link.register")
    row = _link_of(ctx, kind, entity_id)
    if row is None:
        insert_record(ctx.portal, actor, ctx.portal.tables.links, "requisite_link", values)
    else:
        update_record(ctx.portal, actor, row, "requisite_link", values)
    return Answer(True)


def find_by_communication(ctx: Context, params: Params) -> Answer:
    """crm.duplicate.findbycomm: ids by type; nothing found is an empty array."""
    kind, values = as_text(get(params, "type")).upper(), as_list(get(params, "values"))
    if kind not in {"PHONE", "EMAIL"} or not values:
        raise missing("type" if kind not in {"PHONE", "EMAIL"} else "values")
    wanted = {_comparable(kind, as_text(value)) for value in values[:_MAX_VALUES]}
    only = as_text(get(params, "entity_type")).upper()
    found: dict[str, list[int]] = {}
    for (entity, number), listed in ctx.portal.communications.items():
        name = "COMPANY" if entity == COMPANY else "CONTACT"
        hit = any(c.kind == kind and _comparable(kind, c.value) in wanted for c in listed)
        if hit and only in {"", name} and len(found.setdefault(name, [])) < _MAX_VALUES:
            found[name].append(number)
    return Answer(dict(found) if found else [])


def _comparable(kind: str, value: str) -> str:
    if kind == "EMAIL":
        return value.strip().lower()
    return "".join(ch for ch in value.split("#")[0] if ch.isdigit())[-10:]


METHODS = (
    Method("crm.requisite.list", "crm", _lister("requisite")),
    Method("crm.requisite.get", "crm", _getter("requisite")),
    Method("crm.requisite.add", "crm", requisite_add, writes=True),
    Method("crm.requisite.update", "crm", requisite_update, writes=True),
    Method("crm.requisite.bankdetail.list", "crm", _lister("bank_detail")),
    Method("crm.requisite.bankdetail.get", "crm", _getter("bank_detail")),
    Method("crm.requisite.bankdetail.add", "crm", bank_detail_add, writes=True),
    Method("crm.requisite.link.list", "crm", link_list),
    Method("crm.requisite.link.get", "crm", link_get),
    Method("crm.requisite.link.register", "crm", link_register, writes=True),
    Method("crm.duplicate.findbycomm", "crm", find_by_communication),
)
