"""Pages of a list: `page`, `limit`, `order`, the HAL envelope, 204 for an empty page."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote

from connectors.amocrm.sandbox.context import NOTHING, Answer, Context
from connectors.amocrm.sandbox.errors import over_limit
from connectors.sandbox_kit.jsontypes import Json, as_int, as_map

ItemT = TypeVar("ItemT")
_PAGE = re.compile(r"(^|&)page=[^&]*")
MAX_PAGE = 250


def paged(
    ctx: Context,
    items: Sequence[ItemT],
    name: str,
    show: Callable[[ItemT], Json],
    *,
    most: int = MAX_PAGE,
    default: int | None = None,
) -> Answer:
    """One page of `items` under `_embedded.<name>`; 204 when it is empty."""
    page = max(1, as_int(ctx.query.get("page"), 1) or 1)
    limit = _limit(ctx, most, default)
    start = (page - 1) * limit
    shown = [show(item) for item in items[start : start + limit]]
    if not shown:
        return NOTHING
    exact = ctx.account.settings.next_link == "exact"
    more = len(items) > start + limit if exact else len(shown) == limit
    links: dict[str, Json] = {"self": _link(ctx, page)}
    if more:
        links["next"] = _link(ctx, page + 1)
    if page > 1:
        links |= {"first": _link(ctx, 1), "prev": _link(ctx, page - 1)}
    return Answer({"_page": page, "_links": links, "_embedded": {name: shown}})


def whole(ctx: Context, name: str, shown: Sequence[Json]) -> Answer:
    """A list that is never paged, with its total."""
    body: dict[str, Json] = {"_total_items": len(shown), "_links": {"self": _link(ctx, 1, explicit=False)}}
    return Answer({**body, "_embedded": {name: list(shown)}})


def in_order(
    ctx: Context,
    items: Sequence[ItemT],
    key: Callable[[ItemT, str], int],
    names: Sequence[str],
    default: tuple[str, bool] = ("id", False),
) -> list[ItemT]:
    """Items by the first usable `order[...]`, else by the default (name, descending)."""
    name, descending = default
    for asked, direction in as_map(ctx.query.get("order")).items():
        if asked in names:
            name, descending = asked, str(direction).lower() == "desc"
            break
    return sorted(items, key=lambda item: (key(item, name), key(item, "id")), reverse=descending)


def _limit(ctx: Context, most: int, default: int | None) -> int:
    asked = as_int(ctx.query.get("limit"))
    if asked is None or asked < 1:
        return default or ctx.account.settings.default_page
    if asked > most and ctx.account.settings.over_page == "refuse":
        raise over_limit(most)
    return min(asked, most)


def _link(ctx: Context, page: int, *, explicit: bool = True) -> Json:
    rest = _PAGE.sub("", ctx.query_text).lstrip("&")
    query = "&".join(part for part in (rest, f"page={page}" if explicit else "") if part)
    address = f"{ctx.base}{quote(ctx.path)}"
    return {"href": f"{address}?{query}" if query else address}
