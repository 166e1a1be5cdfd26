"""The store of `./run bench-match` is filled by rows of its own making; they must be those that the hub leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, inspect, select

from benchmarks.match.live.filling import CONNECTION, PIPELINE, fill
from benchmarks.match.live.run import runtime
from benchmarks.match.rivals.run import read_invoices
from benchmarks.match.world import write_world
from hub.domain.models import Deal, Invoice, StageKind
from hub.ports.crm import Change
from hub.services.apply_changes import apply_in
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore

_TABLES = (
    t.clients,
    t.client_tax_ids,
    t.client_accounts,
    t.invoices,
    t.invoice_keys,
    t.invoice_deals,
    t.deals,
)


def _rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in _TABLES
        }


def _indexes(database: Database) -> dict[str, set[str | None]]:
    inspector = inspect(database.engine)
    return {table.name: {index["name"] for index in inspector.get_indexes(table.name)} for table in _TABLES}


def _empty(database: Database) -> None:
    with database.write() as connection:
        for table in reversed(t.metadata.sorted_tables):
            if table in _TABLES:
                connection.execute(delete(table))


def _as_reported(invoices: Sequence[Invoice]) -> list[Change]:
    clients = {item.client.id: item.client for item in invoices if item.client is not None}
    deals = [
        Deal(
            deal,
            f"Сделка {deal}",
            PIPELINE,
            "NEW",
            StageKind.OPEN,
            item.amount,
            item.client.id if item.client else None,
        )
        for item in invoices
        for deal in item.deals
    ]
    return [*clients.values(), *deals, *invoices]


def test_a_filled_store_is_what_reading_the_same_invoices_would_have_left(database: Database, tmp_path: Path) -> None:
    _, path = write_world(tmp_path, 10, 150)
    invoices = list(read_invoices(path))
    indexes = _indexes(database)
    assert fill(database, invoices) > 5 * len(invoices)
    filled = _rows(database)
    assert _indexes(database) == indexes
    _empty(database)
    rt = runtime(SqlStore(database))
    with rt.store.write() as uow:
        apply_in(rt, uow, CONNECTION, _as_reported([replace(item) for item in invoices]))
    assert _rows(database) == filled
