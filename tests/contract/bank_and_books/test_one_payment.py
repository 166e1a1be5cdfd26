"""One movement in a bank's API, in its file and in 1C: one payment, over the real wires of all three."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from tests.contract.bank.conftest import ago, paid

from .conftest import ACCOUNT, DOCUMENT, VIOLET, Company, Start

TITLES = {"tochka": "Точка", "tbank": "Т-Банк"}
FILE, BOOKS = "kl_to_1c.txt", "1С"
both = pytest.mark.parametrize("bank", ["tochka", "tbank"])


def bring(company: Company, source: str) -> None:
    steps: dict[str, Callable[[], None]] = {"bank": company.poll, "books": company.read_books, "file": company.upload}
    steps[source]()


@both
@pytest.mark.parametrize("order", list(permutations(("bank", "books", "file"))), ids="-".join)
def test_three_sources_in_every_order_are_one_payment_with_all_of_them(
    start: Start, bank: str, order: tuple[str, ...]
) -> None:
    company = start(bank, paid(bank))
    company.write()
    for source in (*order, *order):
        bring(company, source)
    (row,) = company.payments()
    assert company.shown_by(row) == {TITLES[bank], BOOKS, FILE}
    assert (row.vanished_in, row.held) == (None, False)
    assert (row.payment.purpose, row.payment.document_number) == ("Оплата по счету № 71", "245")


@both
@pytest.mark.parametrize("order", [("bank", "books", "file"), ("books", "file", "bank")], ids="-".join)
def test_two_equal_ones_of_a_day_stay_two(start: Start, bank: str, order: tuple[str, ...]) -> None:
    company = start(bank, paid(bank), paid(bank))
    for _ in range(2):
        company.write()
    for source in order:
        if source == "file":
            company.upload({}, {})
        else:
            bring(company, source)
    bring(company, "books")
    assert [company.shown_by(row) for row in company.payments()] == [{TITLES[bank], BOOKS, FILE}] * 2


MANNERS: dict[str, dict[str, Any]] = {
    "zeros": {"НомерВходящегоДокумента": "000245"},
    "own number in its place": {"НомерВходящегоДокумента": "АБ00-000245"},
    "no number": {"НомерВходящегоДокумента": "", "ДатаВходящегоДокумента": "0001-01-01T00:00:00"},
    "no account of the client": {"СчетКонтрагента_Key": "00000000-0000-0000-0000-000000000000"},
    "loaded a day later": {"Date": f"{ago(0).isoformat()}T00:00:00"},
}


@both
@pytest.mark.parametrize("fields", MANNERS.values(), ids=MANNERS)
@pytest.mark.parametrize("order", [("bank", "books"), ("books", "bank")], ids="-".join)
def test_a_document_in_the_accountants_own_manner_joins(
    start: Start, bank: str, fields: dict[str, Any], order: tuple[str, ...]
) -> None:
    company = start(bank, paid(bank))
    company.write(**fields)
    for source in (*order, *order):
        bring(company, source)
    (row,) = company.payments()
    assert company.shown_by(row) == {TITLES[bank], BOOKS}
    assert (row.payment.document_number, row.payment.booked_on) == ("245", ago(1))


EDITS: dict[str, Callable[[Company, str], None]] = {
    "sum": lambda company, key: company.base.control.edit(DOCUMENT, key, СуммаДокумента="1220"),
    "date": lambda company, key: company.base.control.edit(DOCUMENT, key, Date=f"{ago(3).isoformat()}T00:00:00"),
    "purpose": lambda company, key: company.base.control.edit(DOCUMENT, key, НазначениеПлатежа="Аванс"),
    "marked": lambda company, key: company.base.control.mark(DOCUMENT, key),
    "unposted": lambda company, key: company.base.control.unpost(DOCUMENT, key),
    "deleted": lambda company, key: company.base.control.delete(DOCUMENT, key),
}


@both
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_no_edit_of_the_document_moves_money_that_the_bank_shows(
    start: Start, bank: str, edit: Callable[[Company, str], None]
) -> None:
    company = start(bank, paid(bank))
    key = company.write()
    company.poll()
    company.read_books()
    before = company.payments()[0].payment
    edit(company, key)
    for _ in range(2):
        company.read_books()
        company.poll()
    (row,) = company.payments()
    assert row.payment == before
    assert (row.vanished_in, row.held) == (None, False)


def test_what_1c_alone_shows_is_corrected_deleted_and_posted_again(start: Start) -> None:
    company = start("tochka")
    key = company.write(post=False)
    company.read_books()
    assert company.payments() == []
    company.base.control.post(DOCUMENT, key)
    company.read_books()
    assert [company.shown_by(row) for row in company.payments()] == [{BOOKS}]
    rows = [{"LineNumber": 1, "СуммаПлатежа": "500"}]
    company.base.control.edit(DOCUMENT, key, СуммаДокумента="500", РасшифровкаПлатежа=rows)
    company.read_books()
    (row,) = company.payments()
    assert str(row.payment.amount) == "500.00 RUB"
    assert any("В 1С исправили поступление № 245" in text for text in row.warnings)
    company.base.control.unpost(DOCUMENT, key)
    company.read_books()
    (row,) = company.payments()
    assert row.vanished_in is not None
    assert any("В 1С этого поступления больше нет" in text for text in row.warnings)
    company.base.control.post(DOCUMENT, key)
    company.read_books()
    assert company.payments()[0].vanished_in is None


def test_what_the_bank_cancels_is_gone_though_1c_has_it(start: Start) -> None:
    company = start("tbank", paid("tbank"))
    company.write()
    company.poll()
    company.read_books()
    company.banks.control.cancel(1)
    company.poll()
    company.read_books()
    (row,) = company.payments()
    assert row.vanished_in is not None


def test_a_document_that_is_loaded_anew_stands_where_the_old_one_stood(start: Start) -> None:
    company = start("tochka", paid("tochka"))
    key = company.write(НомерВходящегоДокумента="")
    company.poll()
    company.read_books()
    company.base.control.delete(DOCUMENT, key)
    company.write()
    company.read_books()
    assert len(company.payments()) == 1


def test_a_catalogue_of_many_clients_accounts_is_not_walked_over_for_ours(start: Start) -> None:
    company = start("tochka")
    owner = {"Owner": VIOLET, "Owner_Type": "StandardODATA.Catalog_Контрагенты"}
    for number in range(250):
        company.base.control.create(ACCOUNT, {"НомерСчета": f"{40702810000000010000 + number}", **owner})
    company.read_books()
    before = len(company.base.control.requests)
    company.read_books()
    assert len(company.base.control.requests) - before == 2, "our accounts, and the days of the one account"
