"""Virtual tables: slices of information registers, balances and turnovers of accumulation registers."""

from collections.abc import Iterable
from decimal import Decimal

from connectors.accounting_1c.sandbox.access import may, visible
from connectors.accounting_1c.sandbox.addresses import arguments, date_of, text_of
from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.calls import Call
from connectors.accounting_1c.sandbox.errors import EmptyResult, bad_value, not_supported
from connectors.accounting_1c.sandbox.filter_meaning import Meanings
from connectors.accounting_1c.sandbox.filter_syntax import parse_filter
from connectors.accounting_1c.sandbox.listing import list_rows
from connectors.accounting_1c.sandbox.model import Property, Table
from connectors.accounting_1c.sandbox.options import read_options
from connectors.accounting_1c.sandbox.reading import selecting
from connectors.accounting_1c.sandbox.render_metadata import RESULTS
from connectors.accounting_1c.sandbox.replies import Replies
from connectors.accounting_1c.sandbox.seed import User
from connectors.accounting_1c.sandbox.values import Row, Scalar
from connectors.sandbox_kit.replies import Reply

_NAMES = ("Period", "StartPeriod", "EndPeriod", "Condition", "Dimensions", "AccountCondition")


def read_slice(base: Base, user: User, call: Call, replies: Replies) -> Reply:
    """SliceLast and SliceFirst: the last (first) record of each set of dimensions."""
    table = _table(call)
    may(base, user, "read", table)
    given = _arguments(call)
    last, border = call.verb == "slicelast", _date(given, "Period")
    found: dict[tuple[Scalar | None, ...], Row] = {}
    for row in sorted(_meeting(base, table, base.store.all(table), given), key=lambda each: each.text("Period")):
        period = row.text("Period")
        if border is not None and (period > border if last else period < border):
            continue
        name = tuple(row.values.get(dimension) for dimension in table.dimensions)
        if last or name not in found:
            found[name] = row
    return _answer(base, user, call, replies, table, found.values())


def read_balance(base: Base, user: User, call: Call, replies: Replies) -> Reply:
    """Balance: receipts less expenses before a moment, by dimensions."""
    table = _table(call)
    may(base, user, "read", table)
    given = _arguments(call)
    border = _date(given, "Period")
    records = [row for row in _records(base, user, table, given) if border is None or row.text("Period") < border]
    dimensions = _dimensions(table, given)
    rows = []
    for group, members in _grouped(records, dimensions):
        sums = {f"{name}Balance": _signed(members, name) for name in table.resources}
        if any(sums.values()):
            rows.append(Row({**group, **sums}))
    return _answer(base, user, call, replies, _result(table, "Balance", dimensions), rows)


def read_turnovers(base: Base, user: User, call: Call, replies: Replies) -> Reply:
    """Turnovers, with balances at both ends when they are asked for."""
    table, function = _table(call), call.steps[0]
    may(base, user, "read", table)
    given = _arguments(call)
    start, end = _date(given, "StartPeriod") or "", _date(given, "EndPeriod") or "9999"
    records = list(_records(base, user, table, given))
    dimensions = _dimensions(table, given)
    rows = []
    for group, members in _grouped(records, dimensions):
        inside = [row for row in members if start <= row.text("Period") <= end]
        before = [row for row in members if row.text("Period") < start]
        if not inside and function == "Turnovers":
            continue
        values: dict[str, Scalar] = dict(group)
        for name in table.resources:
            values |= _turned(name, before, inside)
        rows.append(Row(values))
    return _answer(base, user, call, replies, _result(table, function, dimensions), rows)


def _turned(name: str, before: list[Row], inside: list[Row]) -> dict[str, Scalar]:
    opening, turned = _signed(before, name), _signed(inside, name)
    spent = sum((row.number(name) for row in inside if row.text("RecordType") == "Expense"), Decimal(0))
    return {
        f"{name}OpeningBalance": opening,
        f"{name}Turnover": turned,
        f"{name}Receipt": turned + spent,
        f"{name}Expense": spent,
        f"{name}ClosingBalance": opening + turned,
    }


def _signed(rows: Iterable[Row], name: str) -> Decimal:
    return sum(
        (-row.number(name) if row.text("RecordType") == "Expense" else row.number(name) for row in rows), Decimal(0)
    )


def _records(base: Base, user: User, table: Table, given: dict[str, str]) -> Iterable[Row]:
    rows = table.parts["RecordSet"]
    return _meeting(base, rows, visible(user, rows, base.store.all(rows), allowed_only=False), given)


def _grouped(rows: Iterable[Row], names: tuple[str, ...]) -> Iterable[tuple[dict[str, Scalar], list[Row]]]:
    groups: dict[tuple[Scalar, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.values.get(name, "") for name in names), []).append(row)
    return ((dict(zip(names, group, strict=True)), members) for group, members in groups.items())


def _meeting(base: Base, table: Table, rows: Iterable[Row], given: dict[str, str]) -> Iterable[Row]:
    condition = given.get("Condition")
    if not condition:
        return rows
    node = parse_filter(text_of(condition), "Condition")
    try:
        test = Meanings(base.store, base.settings, base.published, "Condition").test(node, table)
    except EmptyResult:
        return []
    return filter(test, rows)


def _arguments(call: Call) -> dict[str, str]:
    """From the parentheses and from the query alike."""
    if "$expand" in call.incoming.query:
        raise not_supported("$expand виртуальной таблицы")
    found = arguments(call.arguments)
    found |= {name: value for name, value in call.incoming.query.items() if name in _NAMES}
    for name in found:
        if name not in _NAMES:
            raise bad_value(name)
    return found


def _date(given: dict[str, str], name: str) -> str | None:
    if name not in given:
        return None
    moment = date_of(given[name])
    if moment is None:
        raise bad_value(name)
    return moment


def _dimensions(table: Table, given: dict[str, str]) -> tuple[str, ...]:
    asked = text_of(given.get("Dimensions", ""))
    names = tuple(name.strip() for name in asked.split(",") if name.strip())
    if not names:
        return table.dimensions
    for name in names:
        if name not in table.dimensions and f"{name}_Key" not in table.dimensions:
            raise bad_value("Dimensions")
    return tuple(name if name in table.dimensions else f"{name}_Key" for name in names)


def _result(table: Table, function: str, dimensions: tuple[str, ...]) -> Table:
    rows = table.parts["RecordSet"].properties
    known = {name: rows[name] for name in dimensions}
    for resource in table.resources:
        for suffix in RESULTS[function]:
            name = f"{resource}{suffix}"
            known[name] = Property(name, "Edm.Double", "plain", name)
    return Table(f"{table.name}_{function}", "part", dimensions, known, parent=table.name, part=function)


def _answer(base: Base, user: User, call: Call, replies: Replies, table: Table, rows: Iterable[Row]) -> Reply:
    query = {name: value for name, value in call.incoming.query.items() if name not in _NAMES}
    options = read_options(query)
    return replies.page(list_rows(base, user, table, options, rows), selecting(base, table, options))


def _table(call: Call) -> Table:
    assert call.table is not None
    return call.table
