"""Product rows and payment documents of deals and invoices."""

from decimal import Decimal

from connectors.bitrix24.sandbox.changes import (
    delete_record,
    insert_record,
    log_effect,
    update_item,
    update_record,
)
from connectors.bitrix24.sandbox.context import Answer, Context, Handler, Method, Params
from connectors.bitrix24.sandbox.errors import RestError, access_denied, missing
from connectors.bitrix24.sandbox.fields import DEAL, ENTITY_NAMES, INVOICE
from connectors.bitrix24.sandbox.methods.access import check_write, readable
from connectors.bitrix24.sandbox.methods.arguments import get, need_int, need_map
from connectors.bitrix24.sandbox.methods.crm_item import owner_type
from connectors.bitrix24.sandbox.methods.rows import fetch, selected
from connectors.bitrix24.sandbox.values import Item, Value, coerce, to_item
from connectors.sandbox_kit.jsontypes import Json, as_list, as_map

_CODES = {DEAL: "D", INVOICE: "SI"}


def _owner(ctx: Context, kind: int, item_id: int) -> Item:
    item = ctx.portal.items(kind).rows.get(item_id)
    if item is None:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    if not readable(ctx, kind, item):
        raise access_denied()
    return item


def row_list(ctx: Context, params: Params) -> Answer:
    """crm.item.productrow.list: both =ownerType and =ownerId are mandatory."""
    asked = {name.lstrip("=").lower(): value for name, value in need_map(params, "filter").items()}
    if "ownertype" not in asked or "ownerid" not in asked:
        raise missing("filter")
    owner_type(asked["ownertype"])
    table = ctx.portal.tables.product_rows
    page, zone = fetch(ctx, table, params), ctx.portal.zone
    shown = [{spec.name: to_item(row[spec.name], spec, zone) for spec in table.fields} for row in page.items]
    return page.answer(shown, "productRows")


def row_set(ctx: Context, params: Params) -> Answer:
    """crm.item.productrow.set: replaces all rows; a calculated amount follows them."""
    kind, owner_id = owner_type(get(params, "ownerType")), need_int(params, "ownerId")
    item = _owner(ctx, kind, owner_id)
    check_write(ctx, kind, item)
    table, actor = ctx.portal.tables.product_rows, ctx.actor("crm.item.productrow.set")
    old = _rows_of(ctx, kind, owner_id)
    wanted = [_product_row(ctx, kind, owner_id, row) for row in as_list(get(params, "productRows"))]
    for row in old:
        del table.rows[int(str(row["id"]))]
    shown = [table.insert(row) for row in wanted]
    totals: dict[str, tuple[Value, Value]] = {"rows": (len(old), len(shown)), "sum": (_sum(old), _sum(shown))}
    owner = f"{ENTITY_NAMES[kind]}:{owner_id}"
    log_effect(ctx.portal, actor, "product_rows", owner_id, totals, owner)
    if item.get("isManualOpportunity") == "N":
        # Set past the save rules: the sum of the rows is what a calculated amount is.
        update_item(ctx.portal, actor, kind, owner_id, {"opportunity": _sum(shown)}, from_rows=True)
    rows: list[Json] = [{s.name: to_item(r[s.name], s, ctx.portal.zone) for s in table.fields} for r in shown]
    return Answer({"productRows": rows})


def _rows_of(ctx: Context, kind: int, owner_id: int) -> list[Item]:
    code = _CODES.get(kind)
    return [r for r in ctx.portal.tables.product_rows if (r["ownerType"], r["ownerId"]) == (code, owner_id)]


def _product_row(ctx: Context, kind: int, owner_id: int, raw: Json) -> Item:
    row: Item = {"quantity": Decimal(1), "price": Decimal(0)}
    for name, value in as_map(raw).items():
        spec = ctx.portal.tables.product_rows.fields.find(name)
        if spec is not None and not spec.read_only:
            row[spec.name] = coerce(value, spec, ctx.portal.zone)
    return {**row, "ownerType": _CODES.get(kind, ""), "ownerId": owner_id, "priceExclusive": row["price"]}


def _sum(rows: list[Item]) -> Decimal:
    total = Decimal(0)
    for row in rows:
        price, quantity = row["price"], row["quantity"]
        assert isinstance(price, Decimal)
        assert isinstance(quantity, Decimal)
        total += price * quantity
    return total.quantize(Decimal("0.01"))


def _refused(text: str) -> RestError:
    return RestError(0, text)


def _payment_owner(ctx: Context, params: Params) -> tuple[int, Item]:
    kind, entity_id = need_int(params, "entityTypeId"), need_int(params, "entityId")
    if kind not in _CODES:
        raise _refused("Entity type does not support payments")
    item = ctx.portal.items(kind).rows.get(entity_id)
    if item is None or not readable(ctx, kind, item):
        raise _refused("Access denied")
    return kind, item


def _payment(ctx: Context, params: Params) -> Item:
    row = ctx.portal.tables.payments.rows.get(need_int(params, "id"))
    if row is None:
        raise _refused("Payment has not been found")
    return row


def _payment_json(ctx: Context, row: Item) -> dict[str, Json]:
    hidden = {"entityTypeId", "entityId"}
    specs = [spec for spec in ctx.portal.tables.payments.fields if spec.name not in hidden]
    return {spec.name: to_item(row[spec.name], spec, ctx.portal.zone) for spec in specs}


def payment_add(ctx: Context, params: Params) -> Answer:
    """crm.item.payment.add: integer id; the sum comes from the card's rows."""
    kind, item = _payment_owner(ctx, params)
    owner_id = int(str(item["id"]))
    count = sum(1 for p in ctx.portal.tables.payments if (p["entityTypeId"], p["entityId"]) == (kind, owner_id))
    row: Item = {
        "accountNumber": f"{owner_id}/{count + 1}",
        "paid": "N",
        "empPaidId": None,
        "paySystemId": 6,
        "paySystemName": "Наличные",
        "sum": _sum(_rows_of(ctx, kind, owner_id)),
        "currency": item["currencyId"],
        "entityTypeId": kind,
        "entityId": owner_id,
    }
    actor, owner = ctx.actor("crm.item.payment.add"), f"{ENTITY_NAMES[kind]}:{owner_id}"
    record = insert_record(ctx.portal, actor, ctx.portal.tables.payments, "payment", row, owner)
    return Answer(int(str(record["id"])))


def payment_list(ctx: Context, params: Params) -> Answer:
    """crm.item.payment.list: a bare array without total; empty for types without payments."""
    kind, entity_id = need_int(params, "entityTypeId"), need_int(params, "entityId")
    rows = [
        row
        for row in selected(ctx, ctx.portal.tables.payments, params)
        if (row["entityTypeId"], row["entityId"]) == (kind, entity_id)
    ]
    return Answer([_payment_json(ctx, row) for row in rows])


def payment_get(ctx: Context, params: Params) -> Answer:
    """crm.item.payment.get: one payment document."""
    return Answer(_payment_json(ctx, _payment(ctx, params)))


def _setter(*, paid: bool) -> Handler:
    method = f"crm.item.payment.{'pay' if paid else 'unpay'}"

    def set_paid(ctx: Context, params: Params) -> Answer:
        row = _payment(ctx, params)
        if (row["paid"] == "Y") is paid:
            raise _refused("Payment is already paid" if paid else "Payment is not paid")
        values: Item = {
            "paid": "Y" if paid else "N",
            "datePaid": ctx.portal.now() if paid else None,
            "empPaidId": ctx.user.id if paid else None,
        }
        kind, owner_id = int(str(row["entityTypeId"])), int(str(row["entityId"]))
        update_record(ctx.portal, ctx.actor(method), row, "payment", values, f"{ENTITY_NAMES[kind]}:{owner_id}")
        if paid and kind == INVOICE and ctx.portal.settings.payment_moves_invoice:
            _move_to_won(ctx, method, owner_id)
        return Answer(True)

    return set_paid


def _move_to_won(ctx: Context, method: str, invoice_id: int) -> None:
    item = ctx.portal.items(INVOICE).rows.get(invoice_id)
    if item is None:
        return
    stages = ctx.portal.stages.of_category(INVOICE, int(str(item["categoryId"])))
    won = next((stage.stage_id for stage in stages if stage.semantics == "S"), None)
    if won is not None:
        update_item(ctx.portal, ctx.actor(method), INVOICE, invoice_id, {"stageId": won})


def payment_delete(ctx: Context, params: Params) -> Answer:
    """crm.item.payment.delete: true."""
    row = _payment(ctx, params)
    actor = ctx.actor("crm.item.payment.delete")
    delete_record(ctx.portal, actor, ctx.portal.tables.payments, "payment", int(str(row["id"])))
    return Answer(True)


METHODS = (
    Method("crm.item.productrow.list", "crm", row_list),
    Method("crm.item.productrow.set", "crm", row_set, writes=True),
    Method("crm.item.payment.add", "crm", payment_add, writes=True),
    Method("crm.item.payment.list", "crm", payment_list),
    Method("crm.item.payment.get", "crm", payment_get),
    Method("crm.item.payment.pay", "crm", _setter(paid=True), writes=True),
    Method("crm.item.payment.unpay", "crm", _setter(paid=False), writes=True),
    Method("crm.item.payment.delete", "crm", payment_delete, writes=True),
)
