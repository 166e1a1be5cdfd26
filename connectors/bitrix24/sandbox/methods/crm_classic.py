"""crm.deal.*, crm.company.*, crm.contact.*: the older methods, upper-case names and string values."""

from connectors.bitrix24.sandbox.changes import read_fields, update_item
from connectors.bitrix24.sandbox.context import Answer, Context, Handler, Method, Params
from connectors.bitrix24.sandbox.errors import RestError
from connectors.bitrix24.sandbox.fields import COMPANY, CONTACT, DEAL
from connectors.bitrix24.sandbox.methods.access import check_write, readable
from connectors.bitrix24.sandbox.methods.arguments import need_int, need_map
from connectors.bitrix24.sandbox.methods.rows import classic_list, classic_row
from connectors.bitrix24.sandbox.values import Item
from connectors.sandbox_kit.jsontypes import Json

_ALL = ["*", "UF_*"]


def _find(ctx: Context, kind: int, params: Params) -> Item:
    item = ctx.portal.items(kind).rows.get(need_int(params, "id"))
    if item is None:
        raise RestError("", "Not found")
    if not readable(ctx, kind, item):
        raise RestError("", "Access denied.")
    return item


def _lister(kind: int) -> Handler:
    def rows(ctx: Context, params: Params) -> Answer:
        return classic_list(ctx, ctx.portal.items(kind), params, lambda item: readable(ctx, kind, item))

    return rows


def _getter(kind: int) -> Handler:
    def one(ctx: Context, params: Params) -> Answer:
        return Answer(classic_row(ctx, ctx.portal.items(kind), _find(ctx, kind, params), _ALL))

    return one


def _describer(kind: int) -> Handler:
    def fields(ctx: Context, params: Params) -> Answer:
        del params
        described: dict[str, Json] = {}
        for spec in ctx.portal.items(kind).fields:
            described[spec.upper] = {
                "type": spec.kind.value,
                "isRequired": spec.required,
                "isReadOnly": spec.read_only,
                "isImmutable": False,
                "isMultiple": spec.multiple,
                "isDynamic": spec.user_field,
                "title": spec.title or spec.upper,
            }
        return Answer(described)

    return fields


def deal_update(ctx: Context, params: Params) -> Answer:
    """crm.deal.update: true even when a stage of another funnel was silently dropped."""
    item = _find(ctx, DEAL, params)
    values = read_fields(ctx.portal, DEAL, need_map(params, "fields"))
    values.pop("categoryId", None)
    check_write(ctx, DEAL, item, values)
    actor = ctx.actor("crm.deal.update")
    update_item(ctx.portal, actor, DEAL, int(str(item["id"])), values, foreign_stage_ignored=True)
    return Answer(True)


METHODS = (
    Method("crm.deal.list", "crm", _lister(DEAL)),
    Method("crm.deal.get", "crm", _getter(DEAL)),
    Method("crm.deal.fields", "crm", _describer(DEAL)),
    Method("crm.deal.update", "crm", deal_update, writes=True),
    Method("crm.company.list", "crm", _lister(COMPANY)),
    Method("crm.company.get", "crm", _getter(COMPANY)),
    Method("crm.company.fields", "crm", _describer(COMPANY)),
    Method("crm.contact.list", "crm", _lister(CONTACT)),
    Method("crm.contact.get", "crm", _getter(CONTACT)),
    Method("crm.contact.fields", "crm", _describer(CONTACT)),
)
