"""Row 22 on Tochka and T-Bank: corrected, back-dated, re-dated, deleted and equal lines; each is there once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bank.sandbox.testing import RunningSandbox as RunningBanks
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from hub.ports.bank import ProofState
from hub.ports.records import EffectKind, EffectState, PaymentState
from hub.services.match_payments import match_payments
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.support.house import (
    ACCOUNTS,
    BANKS,
    PAID,
    STARTED_AT,
    WAITING,
    House,
    amo_seed,
    banks_seed,
    moved_in,
    start_again,
    transfer,
)
from tests.support.matrix import Figures
from tests.support.shift import broken_promises

pytestmark = pytest.mark.row(22)
SUMS: Final = ("1000.00", "2000.00")
both = pytest.mark.parametrize("bank", BANKS)


@pytest.fixture(scope="module")
def amo() -> Iterator[RunningAmo]:
    """One account for all cases."""
    with running_amo(amo_seed(SUMS)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def served_banks() -> Iterator[RunningBanks]:
    """Both banks for all cases."""
    with running_banks(banks_seed()) as sandbox:
        yield sandbox


@pytest.fixture
def house(amo: RunningAmo, served_banks: RunningBanks, sqlite_database: Database) -> Iterator[House]:
    """Everything as the seed has it, the account read."""
    start_again(amo, served_banks)
    with moved_in(amo, sqlite_database, served_banks) as house:
        house.poll()
        yield house


def read(house: House, bank: str) -> None:
    """The bank is polled, and what follows from it is decided."""
    house.clock.sleep(60)
    assert house.poll_bank(bank).complete
    match_payments(house.rt)


def told(house: House, event: str) -> list[str]:
    """Whom the journal tells of."""
    return [row.subject for row in Queries(house.database).journal(limit=500) if row.event == event]


def proved(house: House, bank: str, days_ago: int = 0) -> bool:
    """Whether a day adds up."""
    with house.store.read() as uow:
        proof = uow.banks.proof(bank, ACCOUNTS[bank], (STARTED_AT - timedelta(days=days_ago)).date())
    return proof is not None and proof.state is ProofState.PROVED


@both
def test_a_sum_corrected_after_the_deal_was_moved_is_a_new_payment_for_a_person(
    house: House, figures: Figures, bank: str
) -> None:
    number = house.bank.add(transfer(bank, 1))
    read(house, bank)
    house.settle()
    assert house.moves() == [PAID]
    before = house.ledger()
    house.bank.correct(number, amount="900.00")
    read(house, bank)
    house.settle()
    old, new = house.payments()
    assert [row.payment.id for row in house.gone()] == [old.payment.id]
    assert any("Банк исправил операцию" in text for text in (*old.warnings, *new.warnings))
    assert old.state is PaymentState.MATCHED, "nothing is undone by machine"
    assert new.state is PaymentState.NEEDS_YOU
    assert told(house, "payment.vanished") == told(house, "payment.superseded") == [old.payment.id]
    assert (house.stage(), house.moves()) == (PAID, [PAID])
    assert proved(house, bank)
    figures.total("banks: corrected lines shown", 1)
    assert broken_promises(house, house.database, [*before, *house.ledger()]) == []


@both
def test_a_sum_corrected_before_anybody_acted_is_the_same_payment_and_is_told(
    house: House, figures: Figures, bank: str
) -> None:
    number = house.bank.add(transfer(bank, 1, "777.00", purpose="Перевод средств"))
    read(house, bank)
    (before,) = house.payments()
    house.bank.correct(number, amount="1500.00")
    read(house, bank)
    (row,) = house.payments()
    assert row.payment.id == before.payment.id
    assert str(row.payment.amount.amount) == "1500.00"
    assert any("было 777,00" in text for text in row.warnings)
    assert told(house, "payment.corrected") == [row.payment.id]
    assert proved(house, bank)
    figures.total("banks: corrected lines shown", 1)
    assert broken_promises(house, house.database, house.ledger()) == []


@both
def test_a_line_that_the_bank_took_back_stops_what_was_not_sent_yet(house: House, figures: Figures, bank: str) -> None:
    number = house.bank.add(transfer(bank, 1))
    read(house, bank)
    fed = house.ledger()
    house.bank.cancel(number)
    read(house, bank)
    house.settle()
    assert len(house.gone()) == 1
    assert (house.stage(), house.moves(), house.sent()) == (WAITING, [], [])
    parked = house.effect(EffectKind.MOVE_DEAL)
    assert parked.state is EffectState.PARKED
    assert "исчезли из выписки" in (parked.reason or "")
    assert proved(house, bank)
    figures.total("banks: lines taken back before a write", 1)
    assert broken_promises(house, house.database, fed) == []


@both
def test_a_line_that_the_bank_took_back_after_the_write_is_shown_and_undoes_nothing(house: House, bank: str) -> None:
    number = house.bank.add(transfer(bank, 1))
    read(house, bank)
    house.settle()
    fed = house.ledger()
    house.bank.cancel(number)
    read(house, bank)
    house.settle()
    (row,) = house.gone()
    assert any("Отменить сопоставление" in text for text in row.warnings)
    assert told(house, "payment.vanished") == [row.payment.id]
    assert (house.stage(), house.moves()) == (PAID, [PAID])
    assert broken_promises(house, house.database, fed) == []


@both
def test_lines_of_yesterday_and_of_three_days_ago_are_found_by_the_next_poll(
    house: House, figures: Figures, bank: str
) -> None:
    read(house, bank)
    for place, days in enumerate((1, 3), 1):
        at = (STARTED_AT - timedelta(days=days)).isoformat()
        house.bank.add(transfer(bank, place, SUMS[place - 1], booked_at=at))
    read(house, bank)
    house.settle()
    assert (house.moves(1), house.moves(2)) == ([PAID], [PAID])
    assert all(proved(house, bank, days) for days in range(4))
    figures.total("banks: back-dated lines", 2)
    assert broken_promises(house, house.database, house.ledger()) == []


@both
def test_a_line_moved_to_another_day_is_the_same_payment(house: House, bank: str) -> None:
    number = house.bank.add(transfer(bank, 1))
    read(house, bank)
    house.settle()
    before = house.ledger()
    house.bank.correct(number, booked_at=(STARTED_AT - timedelta(days=1)).isoformat())
    read(house, bank)
    house.settle()
    assert len(house.payments()) == 1
    assert house.gone() == []
    assert house.moves() == [PAID]
    assert proved(house, bank)
    assert proved(house, bank, 1)
    assert broken_promises(house, house.database, before) == []


@both
def test_lines_of_one_second_are_each_there_once_whenever_the_bank_shows_them(
    house: House, figures: Figures, bank: str
) -> None:
    edge = STARTED_AT.replace(hour=0, minute=0, second=0)
    for step in range(3):
        at = (edge + timedelta(seconds=step)).isoformat()
        house.bank.add(transfer(bank, 1, "0.01", booked_at=at, purpose="Проверка", document_number="0"))
        house.bank.add(transfer(bank, 1, "0.01", booked_at=at, purpose="Проверка", document_number="0"))
        house.bank.add(transfer(bank, 2, "0.02", booked_at=at, purpose="Проверка"))
        read(house, bank)
        read(house, bank)
    assert len(house.payments()) == 9
    assert house.gone() == []
    assert proved(house, bank)
    figures.total("banks: lines of one second", 9)
    assert broken_promises(house, house.database, house.ledger()) == []


@both
def test_a_line_of_the_last_second_of_a_day_is_on_that_day_and_once(house: House, bank: str) -> None:
    midnight = STARTED_AT.replace(hour=0, minute=0, second=0)
    for step in (-1, 0):
        at = (midnight + timedelta(seconds=step)).isoformat()
        house.bank.add(transfer(bank, 1, "0.01", booked_at=at, purpose="Проверка"))
    for _ in range(2):
        read(house, bank)
    days = [row.payment.booked_on for row in house.payments()]
    assert sorted(days) == [(midnight - timedelta(seconds=1)).date(), midnight.date()]
    assert broken_promises(house, house.database, house.ledger()) == []


@both
def test_a_line_that_a_statement_hides_while_the_balance_keeps_it_is_a_gap_and_takes_nothing_away(
    house: House, bank: str
) -> None:
    number = house.bank.add(transfer(bank, 1))
    read(house, bank)
    house.bank.spoil(number, "remove")
    read(house, bank)
    assert not proved(house, bank)
    assert house.gone() == [], "a day that does not add up proves nothing"
    house.bank.mend(number)
    read(house, bank)
    house.settle()
    assert proved(house, bank)
    assert house.moves() == [PAID]
    assert broken_promises(house, house.database, house.ledger()) == []
