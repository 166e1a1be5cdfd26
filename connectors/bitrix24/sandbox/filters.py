"""List filters: prefixes, IN by array, OR groups, patterns; typed comparison by field."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connectors.bitrix24.sandbox.errors import invalid_argument
from connectors.bitrix24.sandbox.fields import FieldSet
from connectors.bitrix24.sandbox.values import FieldSpec, Item, Kind, Value, parse_scalar
from connectors.sandbox_kit.jsontypes import Json, as_list, as_map, as_text

Test = Callable[[Item], bool]
_PREFIX = re.compile(r"^(!=%|!%=|=%|%=|!%|!@|!=|>=|<=|>|<|!|@|%|=|)(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FilterRules:
    """How this portal reads filters."""

    zone: ZoneInfo
    iso_dates: bool = True


def build_filter(raw: Json, fields: FieldSet, rules: FilterRules) -> Test:
    """A predicate over items. Raises RestError INVALID_ARG_VALUE for a field the type does not have."""
    group = dict(as_map(raw))
    any_of = as_text(group.pop("logic", None)).upper() == "OR"
    tests = [_condition(key, value, fields, rules) for key, value in group.items()]
    if any_of and tests:
        return lambda item: any(test(item) for test in tests)
    return lambda item: all(test(item) for test in tests)


def _condition(key: str, value: Json, fields: FieldSet, rules: FilterRules) -> Test:
    if key.isdigit():
        return build_filter(value, fields, rules)
    found = _PREFIX.match(key)
    prefix, name = (found.group(1), found.group(2)) if found else ("", key)
    spec = fields.find(name)
    if spec is None:
        raise invalid_argument(f"Invalid filter: field '{name}' is not allowed in filter")
    return _compare(prefix, spec, value, rules)


def _compare(prefix: str, spec: FieldSpec, value: Json, rules: FilterRules) -> Test:
    if "%" in prefix:
        return _pattern(prefix, spec, value)
    wanted = [_wanted(part, spec, rules) for part in _many(value)]
    if prefix in {">", ">=", "<", "<="}:
        return _ordered(prefix, spec, wanted[0] if wanted else None)
    negated = prefix.startswith("!")

    def test(item: Item) -> bool:
        held = item.get(spec.name)
        parts = held if isinstance(held, tuple) else (held,)
        return any(_same(part, want) for part in parts or (None,) for want in wanted) is not negated

    return test


def _many(value: Json) -> list[Json]:
    return [None] if value is None else as_list(value)


def _wanted(value: Json, spec: FieldSpec, rules: FilterRules) -> Value:
    text = as_text(value)
    if not rules.iso_dates and spec.kind is Kind.DATETIME and "T" in text:
        return "never"
    if spec.kind in {Kind.FLAG, Kind.UF_FLAG} and text == "":
        return None
    try:
        return parse_scalar(value, spec.kind, rules.zone)
    except ValueError:
        # PHP casts what it cannot read instead of refusing it.
        return 0 if spec.kind is Kind.INTEGER else "never"


def _same(held: Value, wanted: Value) -> bool:
    if isinstance(held, datetime):
        held = held.replace(microsecond=0)
    empty = (None, "", 0)
    if wanted in empty and not isinstance(wanted, Decimal):
        return held in empty
    if isinstance(held, str) and isinstance(wanted, str):
        return held.casefold() == wanted.casefold()
    return held == wanted


def _ordered(prefix: str, spec: FieldSpec, wanted: Value) -> Test:
    def test(item: Item) -> bool:
        order = compare(item.get(spec.name), wanted)
        if order is None:
            return False
        return {">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0}[prefix]

    return test


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1 for two values of one kind; None when they cannot be ordered."""
    if isinstance(left, datetime) and isinstance(right, datetime):
        left = left.replace(microsecond=0)
        return (left > right) - (left < right)
    if isinstance(left, int | Decimal) and isinstance(right, int | Decimal):
        return (left > right) - (left < right)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if _plain_date(left) and _plain_date(right):
        return (str(left) > str(right)) - (str(left) < str(right))
    return None


def _plain_date(value: Value) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _pattern(prefix: str, spec: FieldSpec, value: Json) -> Test:
    texts = [as_text(part) for part in as_list(value)]
    whole = "=" in prefix
    patterns = [_like(text) if whole else re.compile(re.escape(text), re.IGNORECASE) for text in texts]
    negated = prefix.startswith("!")

    def test(item: Item) -> bool:
        held = str(item.get(spec.name) or "")
        hit = any(p.fullmatch(held) if whole else p.search(held) for p in patterns)
        return bool(hit) is not negated

    return test


def _like(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("%")), re.IGNORECASE | re.DOTALL)


def sort_items(items: Iterable[Item], raw: Json, fields: FieldSet) -> list[Item]:
    """Items in the asked order, by id where nothing is asked or values tie. Raises INVALID_ARG_VALUE."""
    ordered = sorted(items, key=lambda item: _sort_key(item.get("id")))
    steps: Mapping[str, Json] = as_map(raw)
    for name, direction in reversed(list(steps.items())):
        spec = fields.find(name)
        if spec is None:
            raise invalid_argument(f"Invalid order: field '{name}' is not allowed in order")
        field_name = spec.name
        down = as_text(direction).upper() == "DESC"
        ordered.sort(key=lambda item, key=field_name: _sort_key(item.get(key)), reverse=down)  # type: ignore[misc]
    return ordered


def _sort_key(value: Value) -> tuple[int, Decimal, str]:
    match value:
        case None:
            return (0, Decimal(0), "")
        case int() | Decimal():
            return (1, Decimal(value), "")
        case datetime():
            return (1, Decimal(str(value.timestamp())), "")
        case _:
            return (1, Decimal(0), str(value))
