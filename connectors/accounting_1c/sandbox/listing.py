"""Rows of a set for a request: filter, rights, order, pages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from connectors.accounting_1c.sandbox.access import visible
from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.errors import EmptyResult, bad_option
from connectors.accounting_1c.sandbox.filter_meaning import Meanings
from connectors.accounting_1c.sandbox.filter_syntax import Binary, Constant, Node, Path, parse_filter, parse_order
from connectors.accounting_1c.sandbox.filter_types import Meaning
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.options import Options
from connectors.accounting_1c.sandbox.seed import User
from connectors.accounting_1c.sandbox.store import key_of
from connectors.accounting_1c.sandbox.values import Row, guid_order


@dataclass(frozen=True, slots=True)
class Page:
    """Rows with the count of all that fit, when it was asked for."""

    table: Table
    rows: list[Row]
    total: int | None


def list_rows(base: Base, user: User, table: Table, options: Options, given: Iterable[Row] | None = None) -> Page:
    """The rows a request gets; `given` replaces those of the store, for virtual tables. Raises ODataError."""
    found = visible(user, table, _fitting(base, table, options, given), allowed_only=options.allowed_only)
    total = len(found)
    rows = _ordered(base, table, options, found)
    if not (options.count and base.settings.inlinecount_disables_paging):
        end = None if options.top is None else options.skip + options.top
        rows = rows[options.skip : end]
    return Page(table, rows, total if options.count else None)


def _fitting(base: Base, table: Table, options: Options, given: Iterable[Row] | None) -> Iterable[Row]:
    if options.filter is None:
        return base.store.all(table) if given is None else given
    node = parse_filter(options.filter)
    try:
        test = Meanings(base.store, base.settings, base.published, "$filter").test(node, table)
    except EmptyResult:
        return []
    rows = given
    if rows is None:
        keys = _keys_asked(node) if table.key == ("Ref_Key",) else None
        rows = base.store.all(table) if keys is None else _by_keys(base, table, keys)
    return filter(test, rows)


def _by_keys(base: Base, table: Table, keys: Iterable[str]) -> list[Row]:
    held = base.store.rows[table.name]
    return [row for row in (held.get((key,)) for key in keys) if row is not None]


def _keys_asked(node: Node) -> dict[str, None] | None:
    """The references of `Ref_Key eq guid'…' or …`, so that objects asked by key need no walk over all."""
    match node:
        case Binary("or", left, right):
            one, other = _keys_asked(left), _keys_asked(right)
            return None if one is None or other is None else one | other
        case Binary("eq", Path(("Ref_Key",), None), Constant("guid", str() as key)):
            return {key: None}
        case _:
            return None


def _ordered(base: Base, table: Table, options: Options, rows: list[Row]) -> list[Row]:
    named: set[str] = set()
    if options.orderby is not None and _order_counts(base, table):
        rows, named = _sorted(base, table, options.orderby, rows)
    elif options.orderby is not None:
        parse_order(options.orderby)
    if (options.top is not None or options.skip) and not named.issuperset(table.key) and _drifts(base, table):
        # The server may begin anywhere each time: pages overlap and leave rows out.
        turn = next(base.turn) % 3
        return rows[turn:] + rows[:turn] if not named else _swapped(rows, turn)
    return rows


def _order_counts(base: Base, table: Table) -> bool:
    return not table.recorder_rows or base.settings.register_orderby == "honoured"


def _drifts(base: Base, table: Table) -> bool:
    match base.settings.unordered_paging:
        case "all":
            return True
        case "parts":
            return table.kind == "part"
        case "stable":
            return False


def _swapped(rows: list[Row], turn: int) -> list[Row]:
    """Neighbours change places: an order that leaves ties is kept only roughly."""
    if turn == 0:
        return rows
    moved = list(rows)
    for at in range(turn - 1, len(moved) - 1, 2):
        moved[at], moved[at + 1] = moved[at + 1], moved[at]
    return moved


def _sorted(base: Base, table: Table, orderby: str, rows: list[Row]) -> tuple[list[Row], set[str]]:
    meanings = Meanings(base.store, base.settings, base.published, "$orderby")
    named = set()
    steps = []
    for node, down in parse_order(orderby):
        try:
            meaning = meanings.value(node, table)
        except EmptyResult:
            continue
        if meaning.kind == "typed":
            raise bad_option("$orderby")
        steps.append((_sort_key(meaning), down))
        if isinstance(node, Path) and len(node.names) == 1:
            named.add(meaning.name)
            named |= {f"{meaning.name}_Type"} if meaning.kind == "composite" else set()
    for key, down in reversed(steps):
        rows = sorted(rows, key=key, reverse=down)
    return rows, named


def _sort_key(meaning: Meaning) -> Callable[[Row], Any]:
    read = meaning.read
    if meaning.kind == "guid":
        return lambda row: guid_order(str(read(row, None) or ""))
    if meaning.kind in ("string", "dispatch"):
        return lambda row: (read(row, None) or "").casefold()
    if meaning.kind == "composite":
        return lambda row: tuple(map(str, read(row, None) or ("", "")))
    return lambda row: _first_empty(read(row, None))


def _first_empty(value: Any) -> tuple[bool, Any]:
    return (False, 0) if value is None else (True, value)


def only_key(table: Table, row: Row) -> str:
    """The reference of an object."""
    return key_of(table, row)[0]
