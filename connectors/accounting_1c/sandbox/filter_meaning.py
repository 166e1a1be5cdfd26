"""What an expression means for a row: names are looked up once, every row is then judged by plain calls."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from connectors.accounting_1c.sandbox import filter_functions as functions
from connectors.accounting_1c.sandbox.errors import (
    EmptyResult,
    ODataError,
    bad_call,
    bad_option,
    internal,
    no_such_property,
)
from connectors.accounting_1c.sandbox.filter_compare import comparison
from connectors.accounting_1c.sandbox.filter_syntax import Binary, Call, Constant, Lambda, Node, Path, Unary
from connectors.accounting_1c.sandbox.filter_types import Kind, Meaning
from connectors.accounting_1c.sandbox.model import Property, Table
from connectors.accounting_1c.sandbox.settings import Settings
from connectors.accounting_1c.sandbox.store import Store
from connectors.accounting_1c.sandbox.values import UNDEFINED, Row

Test: TypeAlias = Callable[[Row], bool]

_KINDS: dict[str, Kind] = {
    "Edm.String": "string",
    "Edm.Guid": "guid",
    "Edm.DateTime": "date",
    "Edm.Boolean": "bool",
    "Edm.Double": "number",
    "Edm.Int64": "number",
}
_CASTS: dict[str, tuple[str, Kind]] = {
    "String": ("Edm.String", "string"),
    "Number": ("Edm.Double", "number"),
    "Boolean": ("Edm.Boolean", "bool"),
    "Date": ("Edm.DateTime", "date"),
}


@dataclass(frozen=True, slots=True)
class _Scope:
    table: Table
    variable: str = ""
    part: Table | None = None


class Meanings:
    """Gives trees their meaning over one store.

    Args:
        published: whether a set is in the composition; references into others cannot be followed.
    """

    def __init__(self, store: Store, settings: Settings, published: Callable[[str], bool], option: str) -> None:
        self._store, self._settings, self._published, self._option = store, settings, published, option

    def test(self, node: Node, table: Table) -> Test:
        """Whether a row of the table fits. Raises ODataError, EmptyResult."""
        meaning = self._any(node, _Scope(table))
        if meaning.kind != "bool":
            raise bad_option(self._option, "выражение не логическое")
        read = meaning.read
        return lambda row: read(row, None) is True

    def value(self, node: Node, table: Table) -> Meaning:
        """A value of a row of the table."""
        return self._any(node, _Scope(table))

    def _any(self, node: Node, scope: _Scope) -> Meaning:
        match node:
            case Constant(kind=kind, value=value):
                return Meaning(kind, lambda _row, _inner: value, constant=True)
            case Path():
                return self._path(node, scope)
            case Call():
                return self._call(node, scope)
            case Unary():
                return self._unary(node, scope)
            case Binary():
                return self._binary(node, scope)
            case Lambda():
                return self._lambda(node, scope)

    def _path(self, path: Path, scope: _Scope) -> Meaning:
        if path.root is not None:
            return self._after_cast(path.root, path.names, scope)
        names = path.names
        if scope.part is not None and names[0] == scope.variable:
            found = self._names(scope.part, names[1:])
            return Meaning(found.kind, lambda _row, inner: found.read(inner, None), found.name)
        found = self._names(scope.table, names)
        return Meaning(found.kind, lambda row, _inner: found.read(row, None), found.name)

    def _names(self, table: Table, names: tuple[str, ...]) -> Meaning:
        if not names:
            raise bad_option(self._option, "не хватает имени свойства")
        if len(names) == 1:
            return self._property(table, names[0])
        reference = table.navigation(names[0])
        if reference is None or not self._published(reference.targets[0]):
            raise self._unknown(names[0])
        target = self._store.table(reference.targets[0])
        rest = self._names(target, names[1:])
        rows, name = self._store.rows[target.name], reference.name

        def read(row: Row, _inner: Row | None) -> Any:
            found = rows.get((str(row.values.get(name)),))
            return None if found is None else rest.read(found, None)

        return Meaning(rest.kind, read, rest.name)

    def _property(self, table: Table, name: str) -> Meaning:
        known = table.properties.get(name)
        if known is None:
            raise self._unknown(name)
        if known.role == "composite":
            return Meaning("composite", _composite(known), name)
        empty = known.empty
        kind: Kind = "dispatch" if known.role == "dispatch" else _KINDS[known.edm]
        return Meaning(kind, lambda row, _inner: row.values.get(name, empty), name)

    def _unknown(self, name: str) -> ODataError | EmptyResult:
        if self._settings.unknown_field == "empty":
            return EmptyResult()
        return no_such_property(name, self._settings.unknown_field_status)

    def _call(self, call: Call, scope: _Scope) -> Meaning:
        if call.name in ("cast", "isof"):
            return self._typed(call, scope)
        function = functions.FUNCTIONS.get(call.name)
        if function is None:
            raise bad_call(call.name)
        arguments = [self._any(argument, scope) for argument in call.arguments]
        for argument in arguments:
            if argument.kind in ("composite", "dispatch"):
                self._composite_function(call.name)
        kinds = tuple(argument.kind for argument in arguments)
        if kinds not in function.takes:
            raise bad_call(call.name)
        made = function.make(self._settings.case_sensitive)
        return Meaning(function.gives, functions.lifted(made, *(argument.read for argument in arguments)))

    def _composite_function(self, name: str) -> None:
        match self._settings.composite_functions:
            case "error500":
                raise internal(f"Ошибка при вызове метода контекста (Выполнить): неверные параметры «{name}»")
            case "error400":
                raise bad_call(name)
            case "empty":
                raise EmptyResult

    def _typed(self, call: Call, scope: _Scope) -> Meaning:
        if len(call.arguments) != 2:
            raise bad_call(call.name)
        named = call.arguments[1]
        if not isinstance(named, Constant) or named.kind != "string":
            raise bad_call(call.name)
        given = self._any(call.arguments[0], scope)
        if call.name == "isof":
            wanted = _CASTS[str(named.value)][0] if named.value in _CASTS else f"StandardODATA.{named.value}"
            if given.kind != "composite":
                raise bad_call(call.name)
            return Meaning("bool", lambda row, inner: given.read(row, inner)[0] == wanted)
        return self._cast(given, str(named.value))

    def _cast(self, given: Meaning, name: str) -> Meaning:
        read = given.read
        if name in _CASTS:
            edm, kind = _CASTS[name]
            if given.kind == kind:
                return given
            if given.kind != "composite":
                raise bad_call("cast")

            def plain(row: Row, inner: Row | None) -> Any:
                held, value = read(row, inner)
                return value if held == edm else None

            return Meaning(kind, plain)
        if name not in self._store.configuration.tables:
            raise bad_option(self._option, f"неизвестный тип «{name}»")
        wanted = f"StandardODATA.{name}"
        if given.kind == "guid":
            return Meaning("typed", lambda row, inner: (wanted, read(row, inner)), name)
        if given.kind != "composite":
            raise bad_call("cast")

        def narrowed(row: Row, inner: Row | None) -> Any:
            pair = read(row, inner)
            return pair if pair[0] == wanted else None

        return Meaning("typed", narrowed, name)

    def _after_cast(self, call: Call, names: tuple[str, ...], scope: _Scope) -> Meaning:
        held = self._call(call, scope)
        if held.kind != "typed" or not self._published(held.name):
            raise bad_call(call.name)
        target = self._store.table(held.name)
        rest = self._names(target, names)
        rows = self._store.rows[target.name]

        def read(row: Row, inner: Row | None) -> Any:
            pair = held.read(row, inner)
            found = rows.get((pair[1],)) if pair else None
            return (UNDEFINED, "") if found is None and rest.kind == "composite" else found and rest.read(found, None)

        return Meaning(rest.kind, read, rest.name)

    def _unary(self, node: Unary, scope: _Scope) -> Meaning:
        operand = self._any(node.operand, scope)
        read = operand.read
        if node.operator == "not":
            if operand.kind != "bool":
                raise bad_option(self._option, "not требует логического значения")
            return Meaning("bool", lambda row, inner: not read(row, inner))
        if operand.kind != "number":
            raise bad_option(self._option, "минус требует числа")
        return Meaning("number", functions.lifted(lambda value: -value, read), constant=operand.constant)

    def _binary(self, node: Binary, scope: _Scope) -> Meaning:
        left, right = self._any(node.left, scope), self._any(node.right, scope)
        if node.operator in ("and", "or"):
            return self._logical(node.operator, left, right)
        if node.operator in functions.ARITHMETIC:
            if (left.kind, right.kind) != ("number", "number"):
                raise bad_option(self._option, f"{node.operator} требует чисел")
            apply = functions.ARITHMETIC[node.operator]
            return Meaning("number", functions.lifted(apply, left.read, right.read))
        return comparison(node.operator, left, right, self._settings, self._option)

    def _logical(self, operator: str, left: Meaning, right: Meaning) -> Meaning:
        if (left.kind, right.kind) != ("bool", "bool"):
            raise bad_option(self._option, f"{operator} требует логических значений")
        one, other = left.read, right.read
        if operator == "and":
            return Meaning("bool", lambda row, inner: one(row, inner) is True and other(row, inner) is True)
        return Meaning("bool", lambda row, inner: one(row, inner) is True or other(row, inner) is True)

    def _lambda(self, node: Lambda, scope: _Scope) -> Meaning:
        part = scope.table.parts.get(node.part)
        if part is None:
            raise self._unknown(node.part)
        name = node.part
        if node.body is None:
            if node.which == "all":
                raise bad_call("all")
            return Meaning("bool", lambda row, _inner: bool(row.parts.get(name)))
        body = self._any(node.body, _Scope(scope.table, node.variable, part))
        if body.kind != "bool":
            raise bad_option(self._option, "выражение не логическое")
        read = body.read
        quantifier: Literal["any", "all"] = node.which
        judge = any if quantifier == "any" else all
        return Meaning("bool", lambda row, _inner: judge(read(row, each) is True for each in row.parts.get(name, ())))


def _composite(known: Property) -> Callable[[Row, Row | None], Any]:
    name, dispatch = known.field, f"{known.field}_Type"

    def read(row: Row, _inner: Row | None) -> Any:
        held, value = row.values.get(dispatch, UNDEFINED), row.values.get(name, "")
        match held:
            case "Edm.Double":
                return held, Decimal(value)
            case "Edm.Boolean":
                return held, value == "true"
            case _:
                return held, value

    return read
