"""Money that the accountant wrote down in 1C and a bank shows: one payment, the bank's word first, in every order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from hub.ports.records import PaymentState
from hub.ports.store import Store
from hub.services.match_payments import match_payments
from hub.store.engine import Database
from hub.store.unit_of_work import SqlStore
from tests.support.bank_world import BANK, TODAY, day, equipped
from tests.support.booked_world import BOOKS, BookedWorld
from tests.support.world import client, deal, invoice

FILES = "files"
ORDERS = list(permutations((BANK, BOOKS, FILES)))


@pytest.fixture(params=["tbank", "tochka"])
def world(store: Store, request: pytest.FixtureRequest) -> BookedWorld:
    return BookedWorld(store).open_both(request.param)


@pytest.fixture
def one(sqlite_database: Database) -> BookedWorld:
    """One bank and one database: for what neither of them can tell apart."""
    return BookedWorld(SqlStore(sqlite_database)).open_both("tbank")


@pytest.fixture
def alone(store: Store) -> BookedWorld:
    """Only the accountant reads the bank."""
    return BookedWorld(store).open_both("tbank").without_bank()


def bring(world: BookedWorld, source: str) -> None:
    steps: dict[str, Callable[[], None]] = {
        BANK: world.poll,
        BOOKS: world.read_books,
        FILES: lambda: world.upload(world.ledger.file(day(1), TODAY)),
    }
    steps[source]()


def in_both(world: BookedWorld, **facts: Any) -> None:
    """The same money at the bank and in 1C; `facts` are the accountant's."""
    world.ledger.add("100", day(9), dated=day(8))
    world.books.write("100", facts.pop("on", day(9)), **({"dated": day(8)} | facts))


# One payment


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_the_same_money_is_one_payment_with_every_source_in_every_order(
    world: BookedWorld, order: tuple[str, ...]
) -> None:
    in_both(world)
    for source in (*order, *order):
        bring(world, source)
    (row,) = world.payments()
    assert world.sources(row) == {BANK, BOOKS, FILES}
    assert (row.vanished_in, row.held) == (None, False)


MANNERS: dict[str, dict[str, Any]] = {
    "zeros before the number": {"number": "000245"},
    "a sign before the number": {"number": "№ 245"},
    "the number of the document itself": {"number": "АБ00-000245"},
    "no number": {"number": None, "dated": None},
    "no date": {"dated": None},
    "another date": {"dated": day(6)},
    "loaded on another day": {"on": day(7)},
    "no account of the client": {"account": None},
    "another account of the client": {"account": "40702810000000000888"},
    "no ИНН of the client": {"tax_id": None},
    "no client": {"account": None, "tax_id": None},
    "another purpose": {"purpose": "Поступление от покупателя"},
}


@pytest.mark.parametrize("order", [(BANK, BOOKS), (BOOKS, BANK), (FILES, BOOKS), (BOOKS, FILES)], ids="-".join)
@pytest.mark.parametrize("facts", MANNERS.values(), ids=MANNERS)
def test_what_the_accountant_writes_in_another_manner_is_the_same_money(
    world: BookedWorld, order: tuple[str, ...], facts: dict[str, Any]
) -> None:
    if facts == MANNERS["no client"] and BANK in order and world.bank.provider == "tochka":
        pytest.skip("Tochka names no date of the document: nothing but the number agrees")
    in_both(world, **facts)
    for source in order:
        bring(world, source)
    (row,) = world.payments()
    assert world.sources(row) == set(order)
    assert (row.payment.document_number, row.payment.booked_on, row.payment.purpose) == (
        "245",
        day(9),
        "Оплата по счету № 71",
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"amount": "100.01"},
        {"number": "246"},
        {"account": "40702810000000000888", "tax_id": "7700000030"},
        {"number": None, "on": day(8)},
        {"number": None, "account": None, "tax_id": None},
        {"on": day(5)},
    ],
    ids=str,
)
@pytest.mark.parametrize("order", [(BANK, BOOKS), (BOOKS, BANK)], ids="-".join)
def test_what_contradicts_the_bank_or_says_too_little_stays_apart(
    world: BookedWorld, order: tuple[str, ...], facts: dict[str, Any]
) -> None:
    world.ledger.add("100", day(9), dated=day(8))
    given: dict[str, Any] = {"amount": "100", "on": day(9), "dated": None} | facts
    world.books.write(given.pop("amount"), given.pop("on"), **given)
    for source in order:
        bring(world, source)
    assert len(world.payments()) == 2


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("number", ["245", "0", None])
def test_two_equal_movements_of_one_day_stay_two(
    world: BookedWorld, order: tuple[str, ...], number: str | None
) -> None:
    for _ in range(2):
        world.ledger.add("100", day(9), number=number or "245")
        world.books.write("100", day(9), number=number)
    for source in (*order, *order):
        bring(world, source)
    assert [world.sources(row) for row in world.payments()] == [{BANK, BOOKS, FILES}] * 2


@pytest.mark.parametrize("order", [(BANK, BOOKS), (BOOKS, BANK)], ids="-".join)
def test_of_two_like_payments_without_a_number_each_finds_its_purpose(
    world: BookedWorld, order: tuple[str, ...]
) -> None:
    for number, purpose in (("17", "Оплата по счету 71"), ("18", "Оплата по счету 72")):
        world.ledger.add("100", day(9), number=number, purpose=purpose)
    for purpose in ("оплата  по счету №72", "Оплата по счету 71"):
        world.books.write("100", day(9), number=None, purpose=purpose)
    for source in order:
        bring(world, source)
    assert [world.sources(row) for row in world.payments()] == [{BANK, BOOKS}] * 2
    with world.store.read() as uow:
        bound = {line.source_id: line.payment_id for line in uow.banks.of_day(BOOKS, world.ledger.account, day(9))}
    purposes = {row.payment.id: row.payment.purpose for row in world.payments()}
    assert purposes[bound["000001"]].endswith("72")
    assert purposes[bound["000002"]].endswith("71")


def test_the_banks_word_takes_the_place_of_the_accountants_while_nothing_was_done(world: BookedWorld) -> None:
    in_both(world, purpose="Поступление", number=None, dated=None, account=None)
    world.read_books()
    assert world.payments()[0].payment.purpose == "Поступление"
    world.poll()
    (row,) = world.payments()
    assert row.payment.purpose == "Оплата по счету № 71"
    assert (row.payment.document_number, row.payment.payer.account) == ("245", "40702810000000000777")
    world.upload(world.ledger.file(day(1), TODAY))
    world.read_books()
    assert len(world.payments()) == 1


# What the accountant does with the document of money that the bank shows

EDITS: dict[str, dict[str, Any]] = {
    "sum": {"amount": Decimal(150)},
    "date": {"on": day(8)},
    "far date": {"on": day(2)},
    "purpose": {"purpose": "Аванс"},
    "number": {"number": "999"},
    "client": {"tax_id": "7700000030", "account": "40702810000000000888"},
}


@pytest.mark.parametrize("shown_by", [BANK, FILES])
@pytest.mark.parametrize("edit", [*EDITS, "deleted"])
@pytest.mark.parametrize("books_first", [True, False], ids=["books first", "bank first"])
def test_an_edited_document_changes_nothing_of_money_that_a_bank_shows(
    one: BookedWorld, shown_by: str, edit: str, books_first: bool
) -> None:
    in_both(one)
    for source in (BOOKS, shown_by) if books_first else (shown_by, BOOKS):
        bring(one, source)
    before = one.payments()[0].payment
    if edit == "deleted":
        one.books.documents.clear()
    else:
        for name, value in EDITS[edit].items():
            setattr(one.books.documents["000001"], name, value)
    for _ in range(2):
        one.read_books()
        bring(one, shown_by)
    (row,) = one.payments()
    assert row.payment == before
    assert (row.vanished_in, row.held) == (None, False)
    told = [text for text in row.warnings if text.startswith("В 1С этот документ другой")]
    assert len(told) == (1 if edit in ("sum", "number", "client") else 0)


def test_matched_money_stays_matched_whatever_becomes_of_its_document(world: BookedWorld) -> None:
    world.act()
    world.crm.add(client(), deal(), invoice())
    world.sync()
    world.ledger.add("1000", day(9))
    document = world.books.write("1000", day(9))
    world.poll()
    world.settle()
    world.read_books()
    moved = list(world.events())
    document.amount = Decimal(10)
    world.read_books()
    world.books.documents.clear()
    world.read_books()
    world.settle()
    (row,) = world.payments()
    assert (row.state, row.vanished_in) == (PaymentState.MATCHED, None)
    assert world.events() == moved


def test_a_document_that_is_loaded_anew_is_the_same_money(world: BookedWorld) -> None:
    in_both(world, number=None, dated=None)
    world.poll()
    world.read_books()
    world.books.documents.clear()
    world.books.documents["new"] = world.books.write("100", day(9), dated=day(8))
    del world.books.documents["000001"]
    world.books.documents["new"].ref = "new"
    world.read_books()
    world.read_books()
    (row,) = world.payments()
    assert (row.vanished_in, row.held) == (None, False)


def test_a_document_that_is_loaded_anew_under_the_next_day_is_the_same_money(world: BookedWorld) -> None:
    in_both(world)
    world.poll()
    world.read_books()
    world.books.documents.clear()
    world.books.documents["new"] = world.books.write("100", TODAY, dated=day(8))
    del world.books.documents["000001"]
    world.books.documents["new"].ref = "new"
    world.read_books()
    assert len(world.payments()) == 1


def test_a_document_that_becomes_another_line_of_the_bank_stands_beside_that_one(world: BookedWorld) -> None:
    in_both(world)
    world.ledger.add("150", day(9), number="246")
    world.poll()
    world.read_books()
    document = world.books.documents["000001"]
    document.amount, document.number, document.dated = Decimal(150), "246", None
    world.read_books()
    first, second = world.payments()
    assert not first.warnings
    assert world.sources(second) == {BANK, BOOKS}


# What a bank takes away


def test_what_the_bank_takes_back_is_flagged_though_1c_still_has_it(world: BookedWorld) -> None:
    in_both(world)
    world.poll()
    world.read_books()
    world.ledger.entries.clear()
    world.poll()
    (row,) = world.payments()
    assert row.vanished_in is not None
    world.books.documents["000001"].purpose = "Оплата по счету № 71 (исправлено)"
    world.read_books()
    assert world.payments()[0].vanished_in is not None, "the accountant's word does not bring it back"


def test_a_correction_of_the_bank_is_taken_and_the_document_follows(world: BookedWorld) -> None:
    in_both(world)
    world.poll()
    world.read_books()
    world.ledger.change(world.ledger.entries[0], amount=Decimal(150))
    world.poll()
    assert [str(row.payment.amount) for row in world.payments()] == ["150.00 RUB"]
    world.books.documents["000001"].amount = Decimal(150)
    world.read_books()
    (row,) = world.payments()
    assert not any(text.startswith("В 1С этот документ другой") for text in row.warnings)


def test_a_file_that_lacks_what_only_1c_shows_is_told_to_a_person(world: BookedWorld) -> None:
    world.ledger.add("100", day(8), number="245")
    world.books.write("100", day(8), tax_id="7700000030", account=world.ledger.entries[0].other)
    world.books.write("100", day(8), number="245")
    world.read_books()
    world.upload(world.ledger.file(day(8), day(8), made_on=TODAY))
    assert len(world.live()) == 2, "a file without turnovers may be a part: nothing is taken away"


# What the books alone show


def test_what_1c_alone_shows_moves_the_deal(alone: BookedWorld) -> None:
    alone.act()
    alone.crm.add(client(), deal(), invoice())
    alone.sync()
    alone.books.write("1000", day(9))
    alone.read_books()
    alone.settle()
    (row,) = alone.payments()
    assert row.state is PaymentState.MATCHED
    assert "move SHIP" in alone.events()
    assert alone.sources(row) == {BOOKS}


def test_a_correction_of_what_1c_alone_shows_supersedes(alone: BookedWorld) -> None:
    document = alone.books.write("100", day(9))
    alone.read_books()
    document.amount = Decimal(150)
    alone.read_books()
    (row,) = alone.payments()
    assert str(row.payment.amount) == "150.00 RUB"
    assert any("В 1С исправили поступление № 245" in text for text in row.warnings)


def test_a_deletion_of_what_1c_alone_shows_asks_a_person(alone: BookedWorld) -> None:
    alone.act()
    alone.crm.add(client(), deal(), invoice())
    alone.sync()
    alone.books.write("1000", day(9))
    alone.read_books()
    alone.settle()
    alone.books.documents.clear()
    alone.read_books()
    (row,) = alone.payments()
    assert row.vanished_in is not None
    assert any("В 1С этого поступления больше нет" in text for text in row.warnings)
    assert any("Отменить сопоставление" in text for text in row.warnings)


def test_a_document_that_is_posted_again_is_there_again(alone: BookedWorld) -> None:
    document = alone.books.write("100", day(9))
    alone.read_books()
    alone.books.documents.clear()
    alone.read_books()
    alone.books.documents[document.ref] = document
    alone.read_books()
    (row,) = alone.payments()
    assert row.vanished_in is None


def test_a_slip_that_the_accountant_corrects_ends_as_one_payment(world: BookedWorld) -> None:
    in_both(world)
    document = world.books.documents["000001"]
    document.amount = Decimal(1000)
    world.read_books()
    world.poll()
    assert len(world.live()) == 2
    document.amount = Decimal(100)
    world.read_books()
    (row,) = world.live()
    assert world.sources(row) == {BANK, BOOKS}
    assert str(row.payment.amount) == "100.00 RUB"


# Money that the books show and the bank does not


def matchable(world: BookedWorld) -> None:
    world.act()
    world.crm.add(client(), deal(), invoice())
    world.sync()


def test_a_document_entered_twice_waits_for_a_person_where_the_bank_is_read_too(world: BookedWorld) -> None:
    matchable(world)
    world.crm.add(invoice("72", "72"))
    world.sync()
    world.ledger.add("1000", day(9))
    world.books.write("1000", day(9))
    world.books.write("1000", day(9), purpose="Оплата по счету № 72")
    world.poll()
    world.read_books()
    world.settle()
    first, second = world.payments()
    assert (first.state, second.state) == (PaymentState.MATCHED, PaymentState.NEEDS_YOU)
    assert second.decision is not None
    assert "показывает только 1С" in second.decision.reason


def test_what_waited_for_the_bank_is_decided_when_the_bank_shows_it(world: BookedWorld) -> None:
    matchable(world)
    world.poll()
    world.books.write("1000", day(9))
    world.read_books()
    world.settle()
    assert world.payments()[0].state is PaymentState.NEEDS_YOU
    world.ledger.add("1000", day(9))
    world.poll()
    world.sync()
    match_payments(world.rt)
    (row,) = world.payments()
    assert row.state is PaymentState.MATCHED


def test_a_bank_that_is_read_no_more_keeps_nothing_waiting(world: BookedWorld) -> None:
    matchable(world)
    world.poll()
    world.clock.at = world.clock.at.replace(day=25)
    world.sync()
    world.books.write("1000", date(2026, 3, 24))
    world.read_books()
    world.settle()
    assert world.payments()[0].state is PaymentState.MATCHED


def test_money_of_the_time_before_the_bank_was_read_keeps_nothing_waiting(world: BookedWorld) -> None:
    matchable(world)
    late = replace(world.rt.bank_sources[BANK], read_from=day(8))
    world.rt = equipped(world.rt, bank_sources={**world.rt.bank_sources, BANK: late})
    world.poll()
    world.books.write("1000", day(3))
    world.read_books()
    world.settle()
    assert world.payments()[0].state is PaymentState.MATCHED


def test_an_old_file_does_not_bring_money_back_beside_its_document(world: BookedWorld) -> None:
    in_both(world, number=None, dated=None)
    world.read_books()
    old = world.ledger.file(day(1), TODAY)
    world.upload(old)
    world.upload(old + b"\r\n")
    world.poll()
    assert len(world.payments()) == 1


def test_lines_of_another_client_with_the_same_number_stay_apart(world: BookedWorld) -> None:
    other = {"other": "40702810000000000888", "tax_id": "7700000030"}
    world.ledger.add("100", day(9), number="5")
    world.ledger.add("100", day(9), number="5", **other)
    world.books.write("100", day(9), number="5", account="40702810000000000888", tax_id="7700000030")
    world.poll()
    world.read_books()
    shown = {row.payment.payer.tax_id: world.sources(row) for row in world.payments()}
    assert shown == {"7700000016": {BANK}, "7700000030": {BANK, BOOKS}}


def test_equal_money_of_two_days_stays_two(world: BookedWorld) -> None:
    for on in (day(8), day(9)):
        world.ledger.add("100", on, number="5", dated=on)
        world.books.write("100", on, number="5", dated=on)
    world.read_books()
    world.poll()
    assert [world.sources(row) for row in world.payments()] == [{BANK, BOOKS}] * 2
