"""Lists on their way into a statement and out of it, in one text for lists of every length.

`IN` with a value each is another statement for every length: SQLAlchemy writes it anew each time, and PostgreSQL, which
keeps the plans of the statements it was sent several times, plans it anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, Self

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Dialect,
    ScalarSelect,
    Select,
    TableValuedAlias,
    Text,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from hub.store.types import storable

_OF_TEXTS: Final = ARRAY(Text())
_OF_NUMBERS: Final = ARRAY(BigInteger())


class _Values(TypeDecorator[Sequence[str] | Sequence[int]]):
    """An array on PostgreSQL, a JSON list on SQLite."""

    impl = Text()
    cache_ok = True

    def __init__(self, *, numbers: bool) -> None:
        super().__init__()
        self.numbers = numbers

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database takes."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_OF_NUMBERS if self.numbers else _OF_TEXTS)
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Sequence[str] | Sequence[int] | None, dialect: Dialect) -> Any:
        """As the database takes it."""
        values = [storable(item) if isinstance(item, str) else item for item in value or ()]
        return values if dialect.name == "postgresql" else json.dumps(values, ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """A list again."""
        return value if dialect.name == "postgresql" else json.loads(value)


class _Among(FunctionElement[bool]):
    """`column = any of values`."""

    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002
        """A condition as it is: SQLite would be told `… = 1`, and use no index for it."""
        return self


@compiles(_Among, "postgresql")
def _any(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(values, **how)})"


@compiles(_Among, "sqlite")
def _listed(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    item = func.json_each(values).table_valued("value").c.value
    return compiler.process(column.in_(select(item)), **how)


class _Gathered(FunctionElement[Any]):
    """The values of a query's one column."""

    name = "gathered"
    inherit_cache = True

    def __init__(self, query: ScalarSelect[Any], *, numbers: bool) -> None:
        super().__init__(query)
        self.type = _Values(numbers=numbers)


@compiles(_Gathered, "postgresql")
def _array(element: _Gathered, compiler: SQLCompiler, **how: Any) -> str:
    (query,) = element.clauses
    return f"ARRAY{compiler.process(query, **how)}"


@compiles(_Gathered, "sqlite")
def _json(element: _Gathered, compiler: SQLCompiler, **how: Any) -> str:
    (query,) = element.clauses
    assert isinstance(query, ScalarSelect)
    rows = query.element.subquery()
    return compiler.process(select(func.json_group_array(*rows.c)).scalar_subquery(), **how)


def gathered(query: Select[Any]) -> ColumnElement[Any]:
    """The values of a query's one column, in its order, as a list in one row; the query says what it correlates to."""
    column = query.selected_columns[0]
    return _Gathered(query.scalar_subquery(), numbers=column.type.python_type is int)


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """The column's value is in the list that the statement gets under this name: of texts, or of whole numbers."""
    numbers = column.type.python_type is int
    return _Among(column, bindparam(name, type_=_Values(numbers=numbers)))


class _Listed(FunctionElement[Any]):
    """The values of a list, a row each."""

    name = "listed"
    inherit_cache = True


@compiles(_Listed, "postgresql")
def _unnested(element: _Listed, compiler: SQLCompiler, **how: Any) -> str:
    return f"unnest({compiler.process(element.clauses, **how)})"


@compiles(_Listed, "sqlite")
def _each(element: _Listed, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **how)})"


def listed(name: str, kind: TypeEngine[Any]) -> TableValuedAlias:
    """A table whose one column `value` holds the list that the statement gets under this name."""
    numbers = kind.python_type is int
    # PostgreSQL names the column as the table
    return _Listed(bindparam(name, type_=_Values(numbers=numbers))).table_valued(column("value", kind), name="value")
