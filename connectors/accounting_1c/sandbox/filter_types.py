"""What the parts of an expression are worth: a kind known beforehand and a way to read it from a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from connectors.accounting_1c.sandbox.values import Row

#: `composite` reads a pair of type and value, `typed` such a pair or None, `dispatch` the text of a `_Type` property.
Kind: TypeAlias = Literal["string", "number", "bool", "date", "guid", "null", "composite", "typed", "dispatch"]
Reader: TypeAlias = Callable[[Any, "Row | None"], Any]


@dataclass(frozen=True, slots=True)
class Meaning:
    """`name` is the property or the type that was read; `constant` ones need no row."""

    kind: Kind
    read: Reader
    name: str = ""
    constant: bool = False
