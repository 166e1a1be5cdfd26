"""Fills a store with invoices, their clients, deals and keys: rows straight into the store's own tables.

The rows are those that reading the invoices from a CRM would have left; services would need hours for a million.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any, Final, cast

import psycopg
from psycopg import sql
from sqlalchemy import Table

from hub.domain.matching import invoice_keys
from hub.domain.matching.keys import ClientStems, client_stems
from hub.domain.models import Client, Invoice, StageKind
from hub.domain.money import Money
from hub.store import tables as t
from hub.store.clients import client_search_text
from hub.store.codec import dump_client
from hub.store.engine import Database
from hub.store.ids import hub_id, short_key
from hub.store.invoice_rows import invoice_values
from hub.store.types import dump_json

CONNECTION: Final = "crm"
PIPELINE: Final = "0"
_FILLED: Final = (
    t.clients,
    t.client_tax_ids,
    t.client_accounts,
    t.invoices,
    t.invoice_keys,
    t.invoice_deals,
    t.deals,
)
_BITE: Final = 20_000
_CLIENTS_KEPT: Final = 1 << 17

Row = dict[str, object]
#: Adds rows of one table, given as its name, its columns and their values.
Add = Callable[[str, Sequence[str], Iterable[Sequence[object]]], None]


def fill(database: Database, invoices: Iterable[Invoice]) -> int:
    """Fill a migrated store without invoices; returns how many keys it holds then.

    Indexes are taken away and made anew at the end, which leaves them as they are after an ordinary year.
    """
    indexes = [index for table in _FILLED for index in sorted(table.indexes, key=lambda item: str(item.name))]
    keys = 0
    with database.engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
    with _adding(database) as add:
        for rows in _in_bites(invoices):
            keys += len(rows[t.invoice_keys])
            for table in _FILLED:
                _add(add, table, rows[table])
    with database.engine.begin() as connection:
        for index in indexes:
            index.create(connection)
    return keys


def _add(add: Add, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        add(table.name, list(rows[0]), ([_plain(value) for value in row.values()] for row in rows))


def _plain(value: object) -> object:
    """As both drivers take it: documents as their text, dates as they are written."""
    if isinstance(value, dict | list):
        return dump_json(value)
    return value.isoformat() if isinstance(value, date) else value


def _adding(database: Database) -> AbstractContextManager[Add]:
    return _adding_sqlite(database) if database.is_sqlite else _adding_postgresql(database)


@contextmanager
def _adding_sqlite(database: Database) -> Iterator[Add]:
    with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as connection:
        for pragma in ("synchronous=OFF", "cache_size=-1500000"):
            connection.execute(f"PRAGMA {pragma}")

        def add(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
            names, places = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
            connection.execute("BEGIN")
            connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', cast(Any, rows))
            connection.execute("COMMIT")

        yield add


@contextmanager
def _adding_postgresql(database: Database) -> Iterator[Add]:
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # foreign keys hold by the way rows are made

        def add(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(row)

        yield add
        connection.execute("VACUUM ANALYZE")  # what autovacuum does in time


def _in_bites(invoices: Iterable[Invoice]) -> Iterator[dict[Table, list[Row]]]:
    made: dict[Table, list[Row]] = {table: [] for table in _FILLED}
    known: set[str] = set()
    stems = lru_cache(maxsize=_CLIENTS_KEPT)(client_stems)
    for invoice in invoices:
        client = invoice.client
        if client is not None and client.id not in known:
            known.add(client.id)
            _client(made, client)
        _invoice(made, invoice, stems)
        if len(made[t.invoices]) >= _BITE:
            yield made
            made = {table: [] for table in _FILLED}
    yield made


def _client(made: dict[Table, list[Row]], client: Client) -> None:
    identity = hub_id(CONNECTION, client.id)
    source = {"id": identity, "connection": CONNECTION, "external_id": client.id}
    made[t.clients].append(source | {"body": dump_client(client), "search": client_search_text(client)})
    for item in client.tax_ids:
        made[t.client_tax_ids].append({"kind": item.kind.value, "value": item.value, "client_id": identity})
    for account in client.accounts:
        made[t.client_accounts].append({"account": account, "client_id": identity})


def _invoice(made: dict[Table, list[Row]], invoice: Invoice, stems: Callable[[Client], ClientStems]) -> None:
    identity = hub_id(CONNECTION, invoice.id)
    source = {"id": identity, "connection": CONNECTION, "external_id": invoice.id}
    made[t.invoices].append(source | invoice_values(CONNECTION, invoice))
    client = replace(invoice.client, id=hub_id(CONNECTION, invoice.client.id)) if invoice.client else None
    # What is paid the store knows from its own matches, and there are none yet.
    known = replace(invoice, id=identity, client=client, paid=Money.zero(invoice.amount.currency))
    for key in sorted({short_key(key) for key in invoice_keys(known, stems)}):
        made[t.invoice_keys].append({"key": key, "invoice_id": identity, "of_client": True})
    for position, deal in enumerate(invoice.deals):
        deal_id = hub_id(CONNECTION, deal)
        made[t.invoice_deals].append({"invoice_id": identity, "deal_id": deal_id, "position": position})
        made[t.deals].append(_deal(deal_id, deal, invoice))


def _deal(identity: str, external_id: str, invoice: Invoice) -> Row:
    return {
        "id": identity,
        "connection": CONNECTION,
        "external_id": external_id,
        "title": f"Сделка {external_id}",
        "pipeline_id": PIPELINE,
        "stage_id": "NEW",
        "stage_kind": StageKind.OPEN.value,
        "amount_minor": invoice.amount.minor,
        "currency": invoice.amount.currency,
        "client_id": hub_id(CONNECTION, invoice.client.id) if invoice.client else None,
        "fields": {},
    }
