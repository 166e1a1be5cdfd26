"""Reading, deciding and delivering ask by indexes: a table of a million rows is never read whole for one payment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Engine, event

from hub.ports.store import Store
from hub.store.engine import Database
from tests.support.two_systems import BOOKS, TwoSystems, paper
from tests.support.world import client, deal, incoming, invoice

_BIG: Final = (
    "invoices invoice_keys invoice_deals deals clients client_tax_ids client_accounts sale_links "
    "payments payment_keys payment_sources decisions matches adjustments outbox"
)
_TABLES: Final = frozenset(_BIG.split())
_SEEN: Final = re.compile(r"\s+")

Asked = dict[str, Any]


@contextmanager
def listening(database: Database) -> Iterator[Asked]:
    """Every statement that looks for rows meanwhile, with one set of its values."""
    asked: Asked = {}

    def note(connection: Connection, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if connection.engine.url != database.engine.url:
            return
        if statement.lstrip().startswith(("SELECT", "WITH", "UPDATE", "DELETE")) and not many:
            asked.setdefault(statement, values)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def read_whole(connection: Connection, statement: str, values: Any) -> set[str]:
    """Big tables of which the statement reads every row."""
    if connection.dialect.name == "sqlite":
        steps = [row[3].split() for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        return {step[1] for step in steps if step[0] == "SCAN" and step[1] in _TABLES}
    (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    return set(_scanned(plan["Plan"]))


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    """Of small tables PostgreSQL reads all as it likes. A query within a condition leaves it no choice of any size."""
    if node.get("Relation Name") in _TABLES and "Index Cond" not in node and "SubPlan" in node.get("Filter", ""):
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _scanned(child)


@pytest.fixture
def world(store: Store) -> TwoSystems:
    return TwoSystems(store).act()


def work(world: TwoSystems) -> None:
    """A sale of both systems, one of the CRM, one of accounting that finds its deal; their money, and what follows."""
    world.told(client(), deal("1"), deal("2", "500"), deal("3", "700"), invoice(), invoice("72", "72", "500", "2"))
    world.told(paper(), paper("9", "АБ00-000099", "700"), by=BOOKS)
    world.pay(
        incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"),
        incoming("Оплата по счетам № 72, 73", "500.00", number="2"),
        incoming("Оплата по счету № АБ00-000099", "700.00", number="3"),
        incoming("За товар", "42.00", number="4", tax_id="7700000099"),
    )
    world.settle()
    world.told(deal("3", "800"), invoice("72", "72", "600", "2"))


def test_nothing_is_read_whole(world: TwoSystems, database: Database) -> None:
    with listening(database) as asked:
        work(world)
    assert len(asked) > 40
    with database.write() as connection:
        found = {
            _SEEN.sub(" ", statement)[:300]: whole
            for statement, values in asked.items()
            if (whole := read_whole(connection, statement, values))
        }
    assert found == {}
