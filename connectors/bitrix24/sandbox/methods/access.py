"""What the acting user may read and write."""

from connectors.bitrix24.sandbox.context import Context
from connectors.bitrix24.sandbox.errors import RestError, access_denied, not_found
from connectors.bitrix24.sandbox.fields import DEAL, INVOICE
from connectors.bitrix24.sandbox.values import Item


def readable(ctx: Context, kind: int, item: Item) -> bool:
    """True when the user may see the item; lists leave the others out."""
    rights = ctx.rights
    if ctx.user.admin:
        return True
    if kind == DEAL:
        return rights.deal_read is None or item["categoryId"] in rights.deal_read
    return rights.invoice_read if kind == INVOICE else rights.client_read


def may_read_category(ctx: Context, kind: int, category_id: int) -> bool:
    """True when the user may see the pipeline."""
    return readable(ctx, kind, {"categoryId": category_id})


def find_readable(ctx: Context, kind: int, item_id: int) -> Item:
    """The item. Raises NOT_FOUND, or ACCESS_DENIED when the user may not see it."""
    item = ctx.portal.items(kind).rows.get(item_id)
    if item is None:
        raise not_found()
    if not readable(ctx, kind, item):
        raise access_denied()
    return item


def check_write(ctx: Context, kind: int, item: Item, values: Item | None = None) -> None:
    """Raises ACCESS_DENIED, or the code ``-`` when the user may not use the target stage."""
    rights = ctx.rights
    if ctx.user.admin:
        return
    allowed = rights.invoice_write if kind == INVOICE else rights.client_write
    if kind == DEAL:
        category = item.get("categoryId")
        allowed = rights.deal_write is None or category is None or category in rights.deal_write
    if not allowed:
        raise access_denied()
    stage = (values or {}).get("stageId")
    if isinstance(stage, str) and stage in rights.forbidden_stages and stage != item.get("stageId"):
        raise RestError("-", "Insufficient permissions to change the stage")
