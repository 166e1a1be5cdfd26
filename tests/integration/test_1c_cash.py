"""Cash that only 1C shows pays an invoice by itself, beside banks that are read: decided, marked, followed once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.ports.records import PaymentState
from hub.store.engine import Database
from tests.support.house_1c import House1C, opened_house_1c
from tests.support.papers_1c import CASH, MONEY, PAID, STATUS, UNPAID, cash_order, paper_transfer
from tests.support.sale import TOCHKA


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House1C]:
    with opened_house_1c(sqlite_database, "1000.00", "2000.00", money=True, cash=True) as house:
        yield house


def brought(house: House1C, place: int, amount: str = "1000.00", *, post: bool = True, **fields: str) -> str:
    return house.base.create(CASH, cash_order(place, amount, **fields), post=post)


def test_cash_for_an_invoice_marks_it_and_waits_for_no_bank(house: House1C) -> None:
    brought(house, 1)
    house.read_everything()
    house.settle()
    (row,) = house.payments()
    assert (row.state, row.payment.own_account) == (PaymentState.MATCHED, f"КАССА-{row.payment.payee.tax_id}")
    assert house.state_of(1) == PAID
    house.read_everything()
    house.settle()
    assert len(house.payments()) == 1
    assert len(house.base_effects(STATUS)) == 1


def test_the_same_sum_at_the_bank_is_other_money(house: House1C) -> None:
    brought(house, 1)
    house.read_everything()
    house.bank.add(paper_transfer(TOCHKA, 2, "2000.00"))
    house.bank.add(paper_transfer(TOCHKA, 1, "1000.00", document_number="90"))
    house.read_everything()
    house.settle()
    assert len(house.payments()) == 3
    assert [house.state_of(place) for place in (1, 2)] == [PAID, PAID]
    second = next(row for row in house.payments() if row.payment.document_number == "90")
    assert second.state is PaymentState.NEEDS_YOU, "the invoice is paid already"


def test_an_order_that_is_not_posted_and_cash_of_the_shop_are_no_payments(house: House1C) -> None:
    brought(house, 1, post=False)
    brought(house, 1, ВидОперации="РозничнаяВыручка")
    house.read_everything()
    assert house.payments() == []
    assert house.state_of(1) == UNPAID


def test_an_order_that_is_taken_back_after_the_mark_is_put_to_a_person(house: House1C) -> None:
    order = brought(house, 1)
    house.read_everything()
    house.settle()
    house.base.unpost(CASH, order)
    house.read_everything()
    house.settle()
    (row,) = house.payments()
    assert row.vanished_in is not None
    assert house.state_of(1) == PAID, "what was written is a person's to take back"


def test_1c_is_its_only_source(house: House1C) -> None:
    brought(house, 1)
    house.read_everything()
    with house.store.read() as uow:
        names, in_file = uow.banks.connections_of("p1")
        source = uow.inbox.get(house.payment("p1").inbox_ids[0])
    assert (set(names), in_file) == ({MONEY}, False)
    assert source is not None
    assert "КАССА-7700000023" in source.name
