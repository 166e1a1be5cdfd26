"""Documents are proved against the bank's turnovers, to the kopeck."""

from __future__ import annotations

from decimal import Decimal

from connectors.bank.statement import BrokenDocument, CheckState, StatementLine
from hub.domain.money import Money
from tests.unit.bank.statement_builder import (
    OUTGOING,
    OWN,
    OWN_2,
    OWN_INN,
    balance,
    document,
    items,
    only,
    statement,
    summary,
)


def roubles(text: str) -> Money:
    return Money(Decimal(text), "RUB")


def test_turnovers_that_agree_are_green() -> None:
    section = balance(НачальныйОстаток="100", ВсегоПоступило="12200.00", ВсегоСписано="500", КонечныйОстаток="11800")
    (account,) = summary(statement(section, document(), document(OUTGOING))).accounts

    assert (account.incoming, account.incoming_sum) == (1, roubles("12200.00"))
    assert (account.outgoing, account.outgoing_sum) == (1, roubles("500.00"))
    assert account.check.state is CheckState.GREEN
    assert account.check.message_ru == ("Сходится с оборотами банка: поступило 12 200.00 RUB, списано 500.00 RUB.")


def test_a_missing_document_shows_the_exact_difference() -> None:
    section = balance(ВсегоПоступило="12200.01", ВсегоСписано="0", КонечныйОстаток="12200.01")
    check = summary(statement(section, document())).accounts[0].check

    assert check.state is CheckState.DIFFERENCE
    assert check.credited_difference == roubles("-0.01")
    assert check.debited_difference == roubles("0.00")
    assert "разница -0.01 RUB" in check.message_ru


def test_without_turnovers_there_is_nothing_to_prove() -> None:
    section = balance(ВсегоПоступило=None)

    assert summary(statement(document())).accounts[0].check.state is CheckState.ABSENT
    assert summary(statement(section, document())).accounts[0].check.state is CheckState.ABSENT


def test_days_add_up_and_a_day_printed_twice_counts_once() -> None:
    first = balance(day="14.02.2026", ВсегоПоступило="12200.00", КонечныйОстаток="12200.00")
    second = balance(day="15.02.2026", НачальныйОстаток="12200", ВсегоСписано="500", КонечныйОстаток="11700")

    text = statement(first, second, second, document(), document(OUTGOING))

    assert summary(text).accounts[0].check.state is CheckState.GREEN


def test_a_section_over_the_whole_period_replaces_its_days() -> None:
    whole = balance(ДатаНачала="14.02.2026", ВсегоПоступило="12200.00", КонечныйОстаток="12200.00")
    day = balance(day="15.02.2026", ВсегоПоступило="12200.00", КонечныйОстаток="12200.00")
    empty = balance(day="14.02.2026")

    assert summary(statement(whole, empty, day, document())).accounts[0].check.state is CheckState.GREEN


def test_balances_that_contradict_themselves_are_reported_with_the_line() -> None:
    check = summary(statement(balance(ВсегоПоступило="12200.00", КонечныйОстаток="1.00"), document())).accounts[0].check

    assert check.state is CheckState.DIFFERENCE
    assert "остатки в секции со строки 9 расходятся с оборотами на -12 199.00 RUB" in check.message_ru


def test_an_overdraft_balance_is_read() -> None:
    section = balance(НачальныйОстаток="-100.00", ВсегоПоступило="12200.00", КонечныйОстаток="12100.00")

    assert summary(statement(section, document())).accounts[0].check.state is CheckState.GREEN


def test_a_garbled_turnover_is_quarantined_by_key_and_the_payments_go_on() -> None:
    found = items(statement(balance(ВсегоПоступило="много"), document()))
    (broken,) = only(found, BrokenDocument)

    assert (broken.key, broken.value) == ("ВсегоПоступило", "много")
    assert len(only(found, StatementLine)) == 1


def test_a_transfer_printed_once_with_one_date_counts_for_the_account_whose_bank_counted_it() -> None:
    transfer = document(OUTGOING, ПолучательСчет=OWN_2, ПолучательИНН=OWN_INN)
    left = balance(ВсегоСписано="500.00", НачальныйОстаток="500.00")
    came = balance(OWN_2, ВсегоПоступило="500.00", КонечныйОстаток="500.00")
    nothing = balance(OWN_2)

    agreeing = summary(statement(left, came, transfer, accounts=(OWN, OWN_2))).accounts
    next_day = summary(statement(left, nothing, transfer, accounts=(OWN, OWN_2))).accounts

    assert [account.check.state for account in agreeing] == [CheckState.GREEN, CheckState.GREEN]
    assert [account.check.state for account in next_day] == [CheckState.GREEN, CheckState.GREEN]


def test_lines_whose_own_account_is_hidden_are_summed_apart() -> None:
    text = statement(document(ПолучательСчет="30102810000000000225"), accounts=(OWN, OWN_2))

    hidden = summary(text).accounts[-1]

    assert (hidden.account, hidden.incoming, hidden.incoming_sum) == (None, 1, roubles("12200.00"))


def test_unknown_directions_are_counted_and_never_summed() -> None:
    text = statement(document(ПолучательСчет="40702810000000000888", ДатаСписано="15.02.2026"))

    (account,) = summary(text).accounts

    assert account.unknown == 1
    assert (account.incoming_sum, account.outgoing_sum) == (roubles("0.00"), roubles("0.00"))
