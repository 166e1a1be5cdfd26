"""What `./run bench-match` measures beside our own bulk run really looks for the invoice, and really decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import ClientCursor

from benchmarks.match.exact_join import join
from benchmarks.match.live.run import run_live_sqlite
from benchmarks.match.rivals import erpnext, oca
from benchmarks.match.rivals.run import read_invoices
from benchmarks.match.rivals.shape import Cursor, Rival, build
from benchmarks.match.single import some_payments
from benchmarks.match.verdicts import Verdicts
from benchmarks.match.world import write_world
from hub.domain.models import Direction, Invoice, Party, Payment
from hub.domain.money import Money
from tests.support.databases import PostgresServer


def _line(purpose: str, amount: str, account: str | None = None, name: str | None = None) -> Payment:
    payer = Party(name=name, account=account)
    return Payment("p", Direction.IN, Money.of(amount, "RUB"), date(2026, 3, 1), purpose, payer=payer)


@contextmanager
def _built(rival: Rival, server: PostgresServer, path: Path) -> Iterator[Cursor]:
    with server.empty_database() as url:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            build(connection, rival, read_invoices(path))
            yield ClientCursor(connection)


def _numbered(path: Path) -> dict[int, Invoice]:
    return dict(enumerate(read_invoices(path), start=1))


@pytest.fixture
def world(tmp_path: Path) -> tuple[Path, Path]:
    return write_world(tmp_path, 60, 300)


def test_ocas_shape_finds_the_open_line_by_the_digits_of_a_word(
    postgres: PostgresServer, world: tuple[Path, Path]
) -> None:
    invoices = _numbered(world[1])
    place, wanted = next(
        (at, item) for at, item in invoices.items() if item.open_amount and "ТД" in (item.number or "")
    )
    statement, values = oca.main_query(_line(f"Оплата по счету {wanted.number} без НДС", "1.00"), None)
    with _built(oca.OCA, postgres, world[1]) as cursor:
        assert cursor.execute(statement, values).fetchall() == [(place, 1)]


def test_ocas_shape_falls_back_to_the_amount_where_a_text_has_no_digits(
    postgres: PostgresServer, world: tuple[Path, Path]
) -> None:
    invoices = _numbered(world[1])
    wanted = next(item for item in invoices.values() if item.open_amount)
    alike = [(at,) for at, item in invoices.items() if item.open_amount == wanted.amount]
    with _built(oca.OCA, postgres, world[1]) as cursor:
        found = cursor.execute(*oca.main_query(_line("за товар", str(wanted.amount.amount)), None)).fetchall()
    assert sorted(found) == alike


def test_ocas_shape_knows_a_payer_by_account_and_by_name(postgres: PostgresServer, world: tuple[Path, Path]) -> None:
    clients = list(dict.fromkeys(item.client for item in read_invoices(world[1]) if item.client is not None))
    place, known = next((at, item) for at, item in enumerate(clients, start=1) if item.accounts)
    with _built(oca.OCA, postgres, world[1]) as cursor:
        assert oca.partner_of(cursor, _line("за товар", "1.00", account=known.accounts[0])) == place
        assert oca.partner_of(cursor, _line("за товар", "1.00", name=known.names[0])) is not None
        assert oca.partner_of(cursor, _line("за товар", "1.00", account="4" * 20, name="ООО Никто")) is None


def test_erpnexts_shape_finds_uncleared_invoices_of_that_amount(
    postgres: PostgresServer, world: tuple[Path, Path]
) -> None:
    invoices = _numbered(world[1])
    wanted = next(item for item in invoices.values() if item.open_amount)
    alike = [f"ACC-SINV-2026-{at:07d}" for at, item in invoices.items() if item.open_amount == wanted.amount]
    with _built(erpnext.ERPNEXT, postgres, world[1]) as cursor:
        found = cursor.execute(*erpnext.invoice_query(_line("за товар", str(wanted.amount.amount)))).fetchall()
    assert sorted(str(row[2]) for row in found) == alike


def test_the_exact_join_pairs_number_and_amount_of_open_invoices(tmp_path: Path, world: tuple[Path, Path]) -> None:
    join(*world, tmp_path / "out")
    pairs = [json.loads(line) for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines()]
    invoices = {item.id: item for item in read_invoices(world[1])}
    payments = {item.id: item for item in some_payments(world[0], 60)}
    assert len(pairs) > 5
    for pair in pairs:
        invoice, payment = invoices[pair["invoice"]], payments[pair["payment"]]
        assert invoice.amount == payment.amount
        assert invoice.open_amount
        assert (invoice.number or "?") in payment.purpose


def test_every_payment_of_a_live_run_is_decided(tmp_path: Path) -> None:
    payments, invoices = write_world(tmp_path, 70, 800)
    live = run_live_sqlite(tmp_path, payments, invoices, 10)
    assert sum(live.kinds.values()) == 35
    assert live.kinds["auto"] > 10
    assert 0 < live.decided_ms.p50 <= live.decided_ms.p95
    assert not list(tmp_path.glob("live.sqlite3*"))


@pytest.mark.parametrize(("times", "word"), [(10.0, "ok"), (9.9, "MISS")])
def test_a_missed_bar_is_told_and_spoils_the_run(times: float, word: str) -> None:
    verdicts = Verdicts()
    verdicts.at_most("seconds", 59.0, 60.0, " s")
    verdicts.at_least("times", times, 10.0)
    assert [line.split()[-1] for line in verdicts.lines()] == ["seen", "ok", word]
    assert verdicts.hold is (word == "ok")
