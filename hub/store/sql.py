"""Statements both databases understand: insert-or-ignore, upsert, row locks, IN lists in bites."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.store.standing import stirred

Item = TypeVar("Item")
Insert = sqlite.Insert | postgresql.Insert

#: How many values go into one IN list or one batch: well under SQLite's 32 766 parameters.
BITE: Final = 500


def insert(connection: Connection, table: Table) -> Insert:
    """INSERT with the database's own ON CONFLICT."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def bites(items: Iterable[Item], size: int = BITE) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    bite: list[Item] = []
    for item in items:
        bite.append(item)
        if len(bite) == size:
            yield bite
            bite = []
    if bite:
        yield bite


def lock_rows(
    connection: Connection, table: Table, condition: ColumnElement[bool], values: Mapping[str, object] | None = None
) -> None:
    """Lock rows until the end of the transaction, in the order of their key; SQLite's writer is alone anyway.

    A statement of its own: one that waits for a lock would read other tables as they were before the wait.
    """
    if connection.dialect.name != "postgresql":
        return
    key: Sequence[ColumnElement[object]] = tuple(table.primary_key.columns)
    connection.execute(select(*key).where(condition).order_by(*key).with_for_update(), values).all()
    stirred(connection)


class Repository:
    """Base of the repositories: the transaction they work in, and whether it may write."""

    def __init__(self, connection: Connection, *, writing: bool) -> None:
        self._connection = connection
        self._writing = writing

    def _lock(self, table: Table, condition: ColumnElement[bool], values: Mapping[str, object] | None = None) -> None:
        if self._writing:
            lock_rows(self._connection, table, condition, values)
