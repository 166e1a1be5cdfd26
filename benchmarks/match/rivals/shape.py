"""What every rival's shape says of itself, and how rows get into its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import ClientCursor, Connection, sql

from hub.domain.models import Invoice, Payment

#: A row for a table: its name and its values by column.
TableRow = tuple[str, Mapping[str, object]]
Cursor = ClientCursor[tuple[object, ...]]
#: Runs the queries of one bank line.
Look = Callable[[Cursor, Payment], None]
_BITE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Shape:
    """One way of looking.

    Attributes:
        look: does for one bank line what the product does for it.
        explained: the statement that costs most for a bank line, with its values.
    """

    name: str
    look: Look
    explained: Callable[[Payment], tuple[str, Sequence[object]]]


@dataclass(frozen=True, slots=True)
class Rival:
    """A product: its tables filled with the same invoices, and the shapes of its queries.

    Attributes:
        upstream: repository, file and commit that the shapes are taken from.
        indexes: what the product itself puts on the columns that these tables have.
    """

    name: str
    upstream: tuple[str, ...]
    tables: tuple[str, ...]
    indexes: tuple[str, ...]
    rows: Callable[[Iterable[Invoice]], Iterator[TableRow]]
    shapes: tuple[Shape, ...]


def build(connection: Connection, rival: Rival, invoices: Iterable[Invoice]) -> None:
    """Make the rival's tables, fill them, index them, and let the planner know them."""
    for statement in rival.tables:
        connection.execute(statement)
    waiting: dict[str, list[Mapping[str, object]]] = {}
    for table, row in rival.rows(invoices):
        rows = waiting.setdefault(table, [])
        rows.append(row)
        if len(rows) >= _BITE:
            _copy(connection, table, rows)
            rows.clear()
    for table, rows in waiting.items():
        _copy(connection, table, rows)
    for statement in rival.indexes:
        connection.execute(statement)
    connection.execute("VACUUM ANALYZE")


def _copy(connection: Connection, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    if not rows:
        return
    columns = list(rows[0])
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row([row[name] for name in columns])
