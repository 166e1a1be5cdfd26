"""The rows of a base: read by set, found by key. Knows nothing of rights, requests or rules."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from connectors.accounting_1c.sandbox.model import Configuration, Table
from connectors.accounting_1c.sandbox.values import ZERO_GUID, Row

Key: TypeAlias = tuple[str, ...]


class Store:
    """All sets of a configuration. Not thread-safe by itself: the base holds its lock around it."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.rows: dict[str, dict[Key, Row]] = {
            table.name: {} for table in configuration.tables.values() if table.kind != "part"
        }
        for table in configuration.tables.values():
            if table.kind == "constant":
                self.rows[table.name][(ZERO_GUID,)] = Row({"SurrogateKey": ZERO_GUID})

    def table(self, name: str) -> Table:
        """A set by its name. Raises KeyError."""
        return self.configuration.tables[name]

    def all(self, table: Table) -> Iterator[Row]:
        """Every row of a set, in the order in which they were written."""
        if table.kind == "part":
            parts = (row.parts.get(table.part, ()) for row in self.rows[table.parent].values())
            return itertools.chain.from_iterable(parts)
        return iter(self.rows[table.name].values())

    def find(self, table: Table, key: Key) -> Row | None:
        """One row by the values of its key properties."""
        if table.kind != "part":
            return self.rows[table.name].get(key)
        owner = self.configuration.owner(table)
        named = dict(zip(table.key, key, strict=True))
        held = self.rows[owner.name].get(tuple(named[name] for name in owner.key))
        rows = held.parts.get(table.part, []) if held else []
        return next((row for row in rows if str(row.values["LineNumber"]) == named["LineNumber"]), None)

    def put(self, table: Table, row: Row) -> None:
        """Keep a row under its key."""
        self.rows[table.name][key_of(table, row)] = row

    def drop(self, table: Table, key: Key) -> None:
        """Forget a row; what refers to it goes on referring."""
        self.rows[table.name].pop(key, None)

    def follow(self, targets: Iterable[str], guid: str) -> tuple[Table, Row] | None:
        """The object that a reference leads to."""
        for name in targets:
            row = self.rows.get(name, {}).get((guid,))
            if row is not None:
                return self.table(name), row
        return None


def key_of(table: Table, row: Row) -> Key:
    """The values of the key properties."""
    return tuple(str(row.values.get(name, table.properties[name].empty)) for name in table.key)


def key_text(table: Table, values: Mapping[str, str]) -> str:
    """A key as an address has it: `guid'…'`, or names with values."""
    if len(table.key) == 1:
        return f"guid'{values[table.key[0]]}'"
    return ",".join(f"{name}={_literal(table, name, values[name])}" for name in table.key)


def _literal(table: Table, name: str, value: str) -> str:
    match table.properties[name].edm:
        case "Edm.Guid":
            return f"guid'{value}'"
        case "Edm.DateTime":
            return f"datetime'{value}'"
        case "Edm.Int64" | "Edm.Double" | "Edm.Boolean":
            return value
        case _:
            return f"'{value}'"


def address_of(table: Table, row: Row) -> str:
    """The canonical address of a row under the root of the interface."""
    key = key_of(table, row)
    return f"{table.name}({key_text(table, dict(zip(table.key, key, strict=True)))})"
