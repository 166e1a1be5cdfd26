"""Rows of a table for a list method: filter, order, one page, and the older methods' way to show them."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from connectors.bitrix24.sandbox.context import PAGE, Answer, Context, Params
from connectors.bitrix24.sandbox.filters import Test, build_filter, sort_items
from connectors.bitrix24.sandbox.methods.arguments import get
from connectors.bitrix24.sandbox.tables import Table
from connectors.bitrix24.sandbox.values import Item, to_classic
from connectors.sandbox_kit.jsontypes import Json, as_int, as_list, as_map, as_text


@dataclass(frozen=True, slots=True)
class Page:
    """Up to 50 rows of a list; `total` counts all of them, or is 0 when counting is off."""

    items: list[Item]
    total: int
    next: int | None

    def answer(self, shown: Json, key: str | None = None) -> Answer:
        """The method's answer with the rows as they are shown, under `key` where the method wraps them."""
        return Answer(shown if key is None else {key: shown}, self.total, self.next)


def _anything(_item: Item) -> bool:
    return True


def selected(ctx: Context, table: Table, params: Params, visible: Test = _anything) -> list[Item]:
    """All rows that pass the filter, in the asked order."""
    test = build_filter(get(params, "filter"), table.fields, ctx.portal.filter_rules)
    return sort_items((i for i in table if test(i) and visible(i)), get(params, "order"), table.fields)


def fetch(ctx: Context, table: Table, params: Params, visible: Test = _anything) -> Page:
    """One page of rows. With `start=-1` and ascending ids it reads no further than it must."""
    start = as_int(get(params, "start"), 0) or 0
    if start < 0 and _by_id(get(params, "order")):
        return Page(list(islice(_walk(ctx, table, params, visible), PAGE)), 0, None)
    rows = selected(ctx, table, params, visible)
    if start < 0:
        return Page(rows[:PAGE], 0, None)
    following = start + PAGE
    return Page(rows[start:following], len(rows), following if following < len(rows) else None)


def _by_id(order: Json) -> bool:
    steps = [(name.lower(), as_text(way).upper()) for name, way in as_map(order).items()]
    return steps in ([], [("id", "ASC")])


def _walk(ctx: Context, table: Table, params: Params, visible: Test) -> Iterator[Item]:
    test = build_filter(get(params, "filter"), table.fields, ctx.portal.filter_rules)
    numbers = sorted(table.rows)
    after = next((as_int(v) for k, v in as_map(get(params, "filter")).items() if k.lower() == ">id"), None)
    first = bisect_right(numbers, after) if after is not None else 0
    for number in islice(numbers, first, None):
        item = table.rows[number]
        if test(item) and visible(item):
            yield item


def classic_row(ctx: Context, table: Table, item: Item, select: Json = None) -> dict[str, Json]:
    """A row as the older methods give it: upper-case names, strings."""
    names = {as_text(name).upper() for name in as_list(select)} - {""}
    everything = not names or "*" in names
    row: dict[str, Json] = {"ID": str(item["id"])} if names else {}
    for spec in table.fields:
        if (everything and not spec.user_field) or spec.upper in names or (spec.user_field and "UF_*" in names):
            row[spec.upper] = to_classic(item.get(spec.name), spec, ctx.portal.zone)
    return row


def classic_list(ctx: Context, table: Table, params: Params, visible: Test = _anything) -> Answer:
    """A page of rows of an older list method."""
    page, select = fetch(ctx, table, params, visible), get(params, "select")
    return page.answer([classic_row(ctx, table, item, select) for item in page.items])
