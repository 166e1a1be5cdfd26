"""Row 22 on 1C: documents corrected, dated otherwise, renumbered and deleted, before and after the hub acted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from connectors.accounting_1c.sandbox.testing import RunningSandbox as RunningBase
from connectors.accounting_1c.sandbox.testing import running_sandbox as running_base
from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bank.sandbox.testing import RunningSandbox as RunningBanks
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from hub.ports.records import EffectKind, PaymentState
from hub.services.match_payments import match_payments
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.support.house import start_again
from tests.support.house_1c import House1C, moved_in_1c
from tests.support.matrix import Figures
from tests.support.papers_1c import (
    INVOICE,
    PAID,
    PAYMENT,
    ROWS,
    STATUS,
    UNPAID,
    base_seed,
    paper_id,
    paper_money,
    paper_transfer,
)
from tests.support.sale import STARTED_AT, TOCHKA, amo_seed, banks_seed
from tests.support.shift import broken_promises

pytestmark = pytest.mark.row(22)
TODAY: Final = STARTED_AT.date().isoformat()


@pytest.fixture(scope="module")
def amo() -> Iterator[RunningAmo]:
    """One account for all cases."""
    with running_amo(amo_seed(())) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def banks() -> Iterator[RunningBanks]:
    """Both banks for all cases."""
    with running_banks(banks_seed()) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def base() -> Iterator[RunningBase]:
    """One base for all cases."""
    with running_base(base_seed()) as sandbox:
        yield sandbox


@pytest.fixture
def house(amo: RunningAmo, base: RunningBase, banks: RunningBanks, sqlite_database: Database) -> Iterator[House1C]:
    """Everything read; one invoice of today in the base."""
    start_again(amo, banks)
    base.control.reset()
    with moved_in_1c(amo, base, sqlite_database, banks, money=True) as house:
        house.writes_paper(1, Date=f"{TODAY}T08:00:00")
        house.read_everything()
        yield house


@pytest.fixture
def books(amo: RunningAmo, base: RunningBase, sqlite_database: Database) -> Iterator[House1C]:
    """No bank is read: what 1C shows counts at once."""
    start_again(amo)
    base.control.reset()
    with moved_in_1c(amo, base, sqlite_database, money=True) as house:
        house.writes_paper(1, Date=f"{TODAY}T08:00:00")
        house.read_everything()
        yield house


def told(house: House1C, event: str) -> list[str]:
    """Whom the journal tells of."""
    return [row.subject for row in Queries(house.database).journal(limit=500) if row.event == event]


def deleted(house: House1C) -> None:
    house.base.delete(INVOICE, paper_id(1))


def marked(house: House1C) -> None:
    house.base.mark(INVOICE, paper_id(1))


def unposted(house: House1C) -> None:
    house.base.unpost(INVOICE, paper_id(1))


GONE: Final[dict[str, Callable[[House1C], None]]] = {"deleted": deleted, "marked": marked, "unposted": unposted}


# Invoices


@pytest.mark.parametrize("seen", [True, False], ids=["polled", "not polled"])
@pytest.mark.parametrize("name", GONE)
def test_a_document_that_went_before_the_mark_gets_none(
    house: House1C, figures: Figures, name: str, *, seen: bool
) -> None:
    house.bring(paper_money(1))
    match_payments(house.rt)
    assert house.effect(EffectKind.MARK_PAID)
    GONE[name](house)
    if seen:
        house.poll_base()
    house.settle()
    assert house.base_effects() == []
    assert house.state_of() == UNPAID
    assert house.payment().state is PaymentState.NEEDS_YOU or house.parked(), "a person hears of it"
    figures.total("1C: documents that went before a write", 1)
    assert broken_promises(house, house.database, [paper_money(1)]) == []


@pytest.mark.parametrize("name", GONE)
def test_a_document_that_went_after_the_mark_undoes_nothing(house: House1C, name: str) -> None:
    house.bring(paper_money(1))
    match_payments(house.rt)
    house.settle()
    assert house.state_of() == PAID
    GONE[name](house)
    for _ in range(3):
        house.read_everything()
    house.settle()
    assert len(house.base_effects(STATUS)) == 1
    assert len(house.base_effects()) == 1
    assert broken_promises(house, house.database, [paper_money(1)]) == []


def test_a_document_that_came_back_is_marked(house: House1C) -> None:
    house.bring(paper_money(1))
    match_payments(house.rt)
    unposted(house)
    house.poll_base()
    match_payments(house.rt)
    house.settle()
    assert house.state_of() == UNPAID
    house.base.post(INVOICE, paper_id(1))
    house.read_everything()
    house.settle()
    assert house.payment().state is PaymentState.MATCHED
    assert house.state_of() == PAID
    assert broken_promises(house, house.database, [paper_money(1)]) == []


def test_a_document_written_anew_under_the_same_number_gets_the_mark_and_the_old_one_none(house: House1C) -> None:
    house.bring(paper_money(1))
    match_payments(house.rt)
    deleted(house)
    number = "АБ00-000301"
    house.writes_paper(2, Number=number, Date=f"{TODAY}T09:00:00")
    house.read_everything()
    house.settle()
    assert house.payment().state is PaymentState.MATCHED
    assert (house.state_of(1), house.state_of(2)) == (UNPAID, PAID)
    assert broken_promises(house, house.database, [paper_money(1)]) == []


@pytest.mark.parametrize(
    "fields",
    [{"Number": "АБ00-009999"}, {"Date": "2026-03-01T10:00:00"}, {"Date": f"{TODAY}T23:59:59", "Number": "1"}],
    ids=["renumbered", "dated back", "both"],
)
def test_a_document_renumbered_or_dated_otherwise_before_the_mark_is_the_same_document(
    house: House1C, fields: dict[str, str]
) -> None:
    house.bring(paper_money(1))
    match_payments(house.rt)
    house.base.edit(INVOICE, paper_id(1), **fields)
    house.poll_base()
    house.settle()
    assert house.state_of() == PAID
    assert len(house.base_effects()) == 1
    known = house.known(1)
    assert known is not None
    assert known.invoice.number == fields.get("Number", known.invoice.number)
    assert str(known.invoice.issued_on) == fields.get("Date", TODAY)[:10]
    assert broken_promises(house, house.database, [paper_money(1)]) == []


def test_a_sum_corrected_before_the_money_came_is_what_the_money_is_compared_with(house: House1C) -> None:
    house.base.edit(INVOICE, paper_id(1), СуммаДокумента="1250.50")
    house.poll_base()
    house.bank.add(paper_transfer(TOCHKA, 1, "1250.50"))
    house.read_everything()
    house.settle()
    assert house.state_of() == PAID
    assert broken_promises(house, house.database, house.ledger()) == []


# Money that 1C shows


def test_a_payment_corrected_in_1c_before_anybody_acted_is_the_same_payment(house: House1C, figures: Figures) -> None:
    document = house.loads_payment(2, "777.00", post=True, НазначениеПлатежа="Перевод средств")
    house.read_everything()
    (before,) = house.payments()
    parts = house.base.row(PAYMENT, document)[ROWS]
    assert isinstance(parts, list)
    rows = [
        {**part, "СуммаПлатежа": "1500.00", "СуммаВзаиморасчетов": "1500.00"}
        for part in parts
        if isinstance(part, dict)
    ]
    house.base.edit(PAYMENT, document, СуммаДокумента="1500.00", **{ROWS: rows})
    house.read_everything()
    (row,) = house.payments()
    assert row.payment.id == before.payment.id
    assert str(row.payment.amount.amount) == "1500.00"
    assert told(house, "payment.corrected") == [row.payment.id]
    figures.total("1C: corrected payments shown", 1)


@pytest.mark.parametrize("deed", ["delete", "unpost", "mark"])
def test_a_payment_that_1c_shows_no_more_is_told_and_undoes_nothing(books: House1C, deed: str) -> None:
    house = books
    document = house.loads_payment(1, post=True)
    house.read_everything()
    house.settle()
    assert house.state_of() == PAID
    getattr(house.base, deed)(PAYMENT, document)
    house.read_everything()
    house.settle()
    (row,) = house.gone()
    assert told(house, "payment.vanished") == [row.payment.id]
    assert len(house.base_effects(STATUS)) == 1
    assert house.state_of() == PAID
    if deed == "unpost":
        house.base.post(PAYMENT, document)
        house.read_everything()
        assert house.gone() == []
        assert len(house.payments()) == 1


def test_a_payment_dated_otherwise_in_1c_is_the_same_payment(books: House1C) -> None:
    house = books
    document = house.loads_payment(1, post=True)
    house.read_everything()
    house.settle()
    house.base.edit(PAYMENT, document, Date="2026-03-15T00:00:00")
    house.read_everything()
    house.settle()
    assert len(house.payments()) == 1
    assert house.gone() == []
    assert len(house.base_effects(STATUS)) == 1


def test_money_that_the_bank_and_1c_show_is_one_payment_and_stays_while_one_of_them_shows_it(house: House1C) -> None:
    document = house.loads_payment(1, post=True)
    house.bank.add(paper_transfer(TOCHKA, 1))
    house.read_everything()
    house.settle()
    assert len(house.payments()) == 1
    assert len(house.base_effects(STATUS)) == 1
    house.base.delete(PAYMENT, document)
    house.read_everything()
    assert house.gone() == [], "the bank shows it"
    assert broken_promises(house, house.database, house.ledger()) == []


def test_payments_of_one_second_are_each_there_once(house: House1C, figures: Figures) -> None:
    for step in range(3):
        for _ in range(3):
            house.loads_payment(10 + step, "0.01", post=True, НазначениеПлатежа="Проверка")
        house.read_everything()
        house.read_everything()
    assert len(house.payments()) == 9
    assert house.gone() == []
    figures.total("1C: payments of one second", 9)
