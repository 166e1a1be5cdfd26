"""Comparisons of $filter: what equals what, and what 1C does not compare."""

import operator
from collections.abc import Callable
from typing import Any

from connectors.accounting_1c.sandbox.errors import ODataError, bad_option, internal
from connectors.accounting_1c.sandbox.filter_types import Meaning
from connectors.accounting_1c.sandbox.settings import Settings
from connectors.accounting_1c.sandbox.values import Row

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TYPES = {"string": "Edm.String", "number": "Edm.Double", "bool": "Edm.Boolean", "date": "Edm.DateTime"}


def comparison(name: str, left: Meaning, right: Meaning, settings: Settings, option: str) -> Meaning:
    """`left name right`. Raises ODataError where 1C would."""
    if "composite" in (left.kind, right.kind):
        return _of_composite(name, left, right, settings)
    one, other = _plain(left.kind), _plain(right.kind)
    if "null" in (one, other):
        return Meaning("bool", _with_null(name, left, right))
    if one != other:
        raise _mismatch(settings, option)
    if one == "guid" and name not in ("eq", "ne"):
        # References have no order that a query could use.
        raise internal("Операция не предусмотрена для значений типа УникальныйИдентификатор")
    if one == "string" and not settings.case_sensitive:
        return _folded(name, left, right)
    return _straight(name, left, right)


def _plain(kind: str) -> str:
    return "string" if kind == "dispatch" else kind


def _mismatch(settings: Settings, option: str) -> ODataError:
    if settings.type_mismatch == 500:
        return internal("Ошибка при выполнении запроса: несовместимые типы операндов")
    return bad_option(option, "типы операндов несовместимы")


def _straight(name: str, left: Meaning, right: Meaning) -> Meaning:
    apply, one, other = _OPERATORS[name], left.read, right.read
    if right.constant:
        fixed = other(None, None)

        def against(row: Row, inner: Row | None) -> bool:
            value = one(row, inner)
            return value is not None and apply(value, fixed)

        return Meaning("bool", against)

    def both(row: Row, inner: Row | None) -> bool:
        first, second = one(row, inner), other(row, inner)
        return first is not None and second is not None and apply(first, second)

    return Meaning("bool", both)


def _folded(name: str, left: Meaning, right: Meaning) -> Meaning:
    return _straight(name, _fold(left), _fold(right))


def _fold(meaning: Meaning) -> Meaning:
    read = meaning.read

    def folded(row: Row, inner: Row | None) -> str | None:
        value = read(row, inner)
        return None if value is None else value.casefold()

    return Meaning("string", folded, meaning.name, meaning.constant)


def _with_null(name: str, left: Meaning, right: Meaning) -> Callable[[Row, Row | None], bool]:
    # Nothing in 1C is null but what a broken reference leads to.
    wanted = name == "eq"
    return lambda row, inner: ((left.read(row, inner) is None) == (right.read(row, inner) is None)) is wanted


def _of_composite(name: str, left: Meaning, right: Meaning, settings: Settings) -> Meaning:
    if left.kind != "composite":
        left, right = right, left
    if right.kind == "guid":
        # The documented trap: no rows and no error, whatever is stored.
        return Meaning("bool", lambda _row, _inner: name == "ne")
    if right.kind == "typed" and settings.composite_cast != "works":
        if settings.composite_cast == "error":
            raise internal("Ошибка при выполнении запроса: неверные параметры ВЫРАЗИТЬ")
        return Meaning("bool", lambda _row, _inner: False)
    if name not in ("eq", "ne"):
        raise internal("Операция не предусмотрена для значений составного типа")
    read, other, kind = left.read, right.read, _TYPES.get(right.kind, "")
    same = name == "eq"
    if right.kind in ("typed", "composite"):
        return Meaning("bool", lambda row, inner: (read(row, inner) == other(row, inner)) is same)
    return Meaning("bool", lambda row, inner: (read(row, inner) == (kind, other(row, inner))) is same)
