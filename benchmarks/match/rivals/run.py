"""Measures the rivals' shapes: the same invoices in their tables, the same payments one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns
from typing import Final
from uuid import uuid4

import psycopg
from psycopg import ClientCursor, Connection
from psycopg.conninfo import make_conninfo

from benchmarks.match.rivals.erpnext import ERPNEXT
from benchmarks.match.rivals.oca import OCA
from benchmarks.match.rivals.shape import Rival, Shape, build
from benchmarks.match.single import some_payments
from benchmarks.match.spread import Spread
from hub.domain.models import Invoice, Payment
from hub.match_lines import invoice_from, read_bytes

#: So many lines are looked up before the clock starts: caches are warm, as in a product that runs all day.
_WARM_UP: Final = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """What one shape costs a bank line, milliseconds, and how PostgreSQL went about it."""

    rival: Rival
    shape: Shape
    cost_ms: Spread
    plan: str


def run_rivals(address: str, payments: Path, invoices: Path, sample: int) -> list[Measured]:
    """Measure every rival on the first payments of the file; `address` is of a server where databases may be made."""
    some = some_payments(payments, sample + _WARM_UP)
    found: list[Measured] = []
    for rival in (OCA, ERPNEXT):
        with new_database(address) as name, _connected(name) as connection:
            build(connection, rival, read_invoices(invoices))
            found += [_measured(connection, rival, shape, some) for shape in rival.shapes]
    return found


def read_invoices(path: Path) -> Iterator[Invoice]:
    """All invoices of a file."""
    with path.open("rb") as file:
        yield from (invoice_from(read_bytes(line)) for line in file)


@contextmanager
def new_database(address: str) -> Iterator[str]:
    """Address of an empty database, dropped afterwards."""
    name = f"bench_{uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield make_conninfo(address, dbname=name)
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _connected(address: str) -> Iterator[Connection]:
    """Values are put into the text of statements, as the drivers of both products do."""
    with psycopg.connect(address, autocommit=True, cursor_factory=ClientCursor) as connection:
        yield connection


def _measured(connection: Connection, rival: Rival, shape: Shape, some: Sequence[Payment]) -> Measured:
    with ClientCursor(connection) as cursor:
        for payment in some[:_WARM_UP]:
            shape.look(cursor, payment)
        costs = list[float]()
        for payment in some[_WARM_UP:]:
            began = perf_counter_ns()
            shape.look(cursor, payment)
            costs.append((perf_counter_ns() - began) / 1e6)
        statement, values = shape.explained(some[_WARM_UP])
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", values)
        plan = "\n".join(str(row[0]) for row in cursor.fetchall())
    return Measured(rival, shape, Spread.of(costs), plan)
