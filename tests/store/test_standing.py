"""What stands for a whole transaction is read once, and anew when it was written or others may have written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event

from hub.domain.models import Party
from hub.ports.aliases import NewAlias
from hub.ports.claims import PaymentReport
from hub.ports.records import HUB_MARKS
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore, SqlUnitOfWork
from tests.store.builders import CRM, NOW, add_payment, invoice, rub

DAY = date(2026, 1, 14)
ALIAS = NewAlias("t:500100732259", Party("ИП Иванов"), "7701234567", "ООО «Ёлка»", "olga")
REPORT = PaymentReport(external_id="r1", amount=rub("10.00"), paid_on=DAY, invoice_number="7")


def claim(uow: SqlUnitOfWork) -> None:
    uow.claims.add(CRM, REPORT, None, NOW)


def claims_of_that_day(uow: SqlUnitOfWork) -> int:
    return len(uow.claims.of_amounts({rub("10.00")}, DAY, DAY))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(*arguments: object) -> None:
        said.append(str(arguments[2]))

    # PostgreSQL's reading side is the writing one with other options: it tells the same listeners
    event.listen(database._reading if database.is_sqlite else database.engine, "before_cursor_execute", note)
    yield said


def test_where_nobody_reported_and_nobody_pays_for_another_one_statement_says_so(
    database: Database, store: SqlStore
) -> None:
    with statements(database) as said, store.read() as uow:
        said.clear()
        assert uow.clients.own_tax_ids() == frozenset()
        assert uow.aliases.active({ALIAS.payer_key}) == []
        assert claims_of_that_day(uow) == 0
        assert uow.claims.of_payments({"p1"}) == []
        assert uow.number_shapes.all() == ()
        assert uow.cursors.get(HUB_MARKS, "restored") is None
    assert len([text for text in said if text.startswith(("SELECT", "WITH"))]) == 1, said


def test_what_a_transaction_writes_it_sees(store: SqlStore) -> None:
    with store.write() as uow:
        assert uow.cursors.get(HUB_MARKS, "restored") is None
        for text in ("today", "tomorrow"):
            uow.cursors.put(HUB_MARKS, "restored", text)
            assert (uow.cursors.get(HUB_MARKS, "restored"), uow.cursors.get(CRM, "restored")) == (text, None)
        assert claims_of_that_day(uow) == 0
        claim(uow)
        assert claims_of_that_day(uow) == 1
        assert uow.aliases.active({ALIAS.payer_key}) == []
        uow.aliases.add(ALIAS, NOW)
        assert len(uow.aliases.active({ALIAS.payer_key})) == 1
        assert uow.clients.own_tax_ids() == frozenset()
        uow.invoices.upsert(CRM, invoice(), {"n:71"})
        assert uow.clients.own_tax_ids() == {invoice().organisation_tax_id}


def test_one_transaction_knows_nothing_of_what_the_one_before_it_saw(store: SqlStore) -> None:
    with store.write() as uow:
        assert claims_of_that_day(uow) == 0
    with store.write() as uow:
        claim(uow)
    for _ in range(3):
        with store.read() as uow:
            assert claims_of_that_day(uow) == 1
        with store.write() as uow:
            assert claims_of_that_day(uow) == 1


def _report_in_vain(store: SqlStore) -> None:
    with store.write() as uow:
        claim(uow)
        assert claims_of_that_day(uow) == 1
        raise RuntimeError


def test_what_was_taken_back_is_gone(store: SqlStore) -> None:
    with pytest.raises(RuntimeError):
        _report_in_vain(store)
    with store.write() as uow:
        assert claims_of_that_day(uow) == 0
        assert uow.aliases.active({ALIAS.payer_key}) == []


def test_who_waited_for_a_lock_sees_what_was_written_meanwhile(postgres_database: Database) -> None:
    store, held, asked = SqlStore(postgres_database), threading.Event(), threading.Event()
    with store.write() as uow:
        payment = add_payment(uow)

    def reporting() -> None:
        with store.write() as uow:
            uow.payments.get(payment)  # locked
            held.set()
            assert asked.wait(10)
            claim(uow)

    other = threading.Thread(target=reporting)
    other.start()
    assert held.wait(10)
    with store.write() as uow:
        assert claims_of_that_day(uow) == 0
        asked.set()
        uow.payments.get(payment)  # waits for the other one's end
        assert claims_of_that_day(uow) == 1
    other.join()
