"""Incoming payments of 1C as days of an account."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.bank.fingerprint import fingerprint
from hub.domain.errors import Refused
from hub.domain.models import Direction
from hub.domain.money import Money
from hub.ports.bank import BankAccount, BankDay
from hub.ports.crm import HookRequest
from tests.unit.accounting_1c.base import CLIENT, OUR_ACCOUNT, PAYMENT, Base, World, guid, payment

OURS = "40702810000000000001"
THEIRS = "40702810900000012345"
ACCOUNTS = "Catalog_БанковскиеСчета"
SECOND = guid(3, "f")
FIRST, LAST = date(2026, 3, 3), date(2026, 3, 5)


def day(world: World, on: date = date(2026, 3, 4)) -> BankDay:
    (answer,) = world.money.days(OURS, on, on)
    return world.money.read(answer.body, {OURS}, {"7701234567"})


def world(*rows: dict[str, Any]) -> World:
    base = Base()
    base.add(PAYMENT, *rows)
    return World(base)


def test_accounts_of_our_organisations_are_shown_and_no_clients() -> None:
    assert world().money.accounts() == (BankAccount(OURS, "RUB"),)


def entered_again(base: Base, reference: str, *, deleted: bool = False) -> None:
    """Our account once more, as a person who did not find it enters it."""
    first = next(row for row in base.sets[ACCOUNTS] if row["Ref_Key"] == OUR_ACCOUNT)
    base.add(ACCOUNTS, first | {"Ref_Key": reference, "DeletionMark": deleted})


@pytest.mark.parametrize("deleted", [False, True])
def test_payments_of_an_account_that_was_entered_twice_are_read_of_both_records(deleted: bool) -> None:
    here = world(
        payment(1, [(guid(1), 5)]),
        payment(2, [(guid(1), 7)], НомерВходящегоДокумента="513", СчетОрганизации_Key=SECOND),
    )
    entered_again(here.base, SECOND, deleted=deleted)
    assert here.money.accounts() == (BankAccount(OURS, "RUB"),)
    assert {line.source_id for line in day(here).lines} == {guid(1, "9"), guid(2, "9")}


def test_an_account_is_closed_when_none_of_its_records_is_in_use() -> None:
    here = world()
    entered_again(here.base, SECOND, deleted=True)
    next(row for row in here.base.sets[ACCOUNTS] if row["Ref_Key"] == OUR_ACCOUNT)["DeletionMark"] = True
    assert here.money.accounts() == (BankAccount(OURS, "RUB", is_open=False),)


def test_a_payment_is_the_same_as_the_line_of_a_statement() -> None:
    found = day(world(payment(1, [(guid(1), 48800)])))
    (line,) = found.lines
    paid = line.received.payment
    assert (paid.direction, paid.amount, paid.booked_on) == (Direction.IN, Money.of(48800, "RUB"), date(2026, 3, 4))
    assert (paid.payer.name, paid.payer.tax_id, paid.payer.kpp, paid.payer.account) == (
        'ООО "Ель"',
        "7707083893",
        "770701001",
        THEIRS,
    )
    assert (paid.own_account, paid.document_number, paid.document_date) == (OURS, "512", date(2026, 3, 3))
    assert paid.purpose == "Оплата по счету 117 от 02.03.2026"
    assert line.source_id == guid(1, "9")
    expected = fingerprint(OURS, Direction.IN, paid.amount, "512", date(2026, 3, 3), THEIRS, "7707083893")
    assert line.received.fingerprint == expected
    assert guid(1) in line.received.raw, "the breakdown is kept for the person"
    assert (found.opening, found.closing) == (None, None)


def test_every_day_of_the_window_is_an_answer_and_says_the_same_twice() -> None:
    here = world(payment(1, [(guid(1), 1)]), payment(2, [(guid(1), 2)], Date="2026-03-05T09:00:00"))
    first, second = (list(here.money.days(OURS, FIRST, LAST)) for _ in range(2))
    assert [item.day.day for item in first] == [3, 4, 5]
    assert [item.digest for item in first] == [item.digest for item in second]
    assert [len(here.money.read(item.body, {OURS}, ()).lines) for item in first] == [0, 1, 1]


@pytest.mark.parametrize("values", [{"Posted": False}, {"DeletionMark": True}])
def test_drafts_are_no_money(values: dict[str, object]) -> None:
    assert day(world(payment(1, [(guid(1), 5)], **values))).lines == ()


def test_money_that_is_not_a_customers_is_doubted() -> None:
    (line,) = day(world(payment(1, [(guid(1), 5)], ВидОперации="РасчетыПоКредитам"))).lines
    assert any("РасчетыПоКредитам" in item for item in line.received.warnings)
    (line,) = day(world(payment(1, [(guid(1), 5)]))).lines
    assert not any("В 1С это" in item for item in line.received.warnings)


def test_a_payment_of_nobody_known_still_comes() -> None:
    empty = "00000000-0000-0000-0000-000000000000"
    values = {"Контрагент": empty, "Контрагент_Type": "StandardODATA.Undefined", "СчетКонтрагента_Key": empty}
    (line,) = day(world(payment(1, [], СуммаДокумента=10, **values))).lines
    assert (line.received.payment.payer.name, line.received.payment.payer.account) == (None, None)


def test_a_payment_without_a_sum_is_put_aside_for_a_person() -> None:
    found = day(world(payment(1, [], СуммаДокумента=0)))
    assert found.lines == ()
    assert len(found.broken) == 1


def test_a_quiet_poll_takes_one_request_an_account() -> None:
    here = world(payment(1, [(guid(1), 5)]))
    here.money.accounts()
    list(here.money.days(OURS, FIRST, LAST))
    before = len(here.base.requests)
    list(here.money.days(OURS, FIRST, LAST))
    assert len(here.base.requests) - before == 1


def test_another_inn_of_the_payer_is_seen_within_the_hour() -> None:
    here = world(payment(1, [(guid(1), 5)]))
    day(here)
    here.base.sets["Catalog_Контрагенты"][0]["ИНН"] = "7728168971"
    here.later(hours=2)
    (line,) = day(here).lines
    assert line.received.payment.payer.tax_id == "7728168971"
    assert CLIENT not in line.received.raw


def test_an_account_that_is_none_of_ours_has_no_payments() -> None:
    here = world(payment(1, [(guid(1), 5)]))
    assert [here.money.read(item.body, (), ()).lines for item in here.money.days(THEIRS, FIRST, FIRST)] == [()]


def test_1c_calls_nobody() -> None:
    here = world()
    request = HookRequest("POST", {}, {}, b"")
    assert here.money.admit(request) is None
    assert here.money.hints(request) == ()
    with pytest.raises(Refused):
        here.money.subscribe("https://hub.example")
