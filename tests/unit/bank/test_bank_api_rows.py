"""Rows of banks' APIs: the same neutral words as a file's lines, and doubts instead of guesses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.bank.day import DayDocument, dump_day, load_day
from connectors.bank.operation import RowProblem
from connectors.bank.providers.statement_day import read_day
from connectors.bank.providers.tbank import mapper as tbank
from connectors.bank.providers.tochka import mapper as tochka
from connectors.shared.jsontypes import JsonObject, parse_json
from hub.domain.models import Direction
from hub.ports.bank import BankDay
from tests.unit.bank.bank_rows import tbank_row, tochka_row
from tests.unit.bank.statement_builder import CLIENT, CLIENT_INN, INCOMING, OWN, OWN_INN, document, line, statement


def of_tbank(*rows: JsonObject) -> BankDay:
    given = DayDocument("tbank", OWN, date(2026, 2, 15), "0", "12200.00", rows)
    return read_day(load_day(dump_day(given).body), tbank.is_booked, tbank.read_row, (), (OWN_INN,))


def of_tochka(*rows: JsonObject) -> BankDay:
    given = DayDocument("tochka", OWN, date(2026, 2, 15), "0", "12200.00", rows)
    return read_day(load_day(dump_day(given).body), tochka.is_booked, tochka.read_row, (), (OWN_INN,))


def test_a_row_of_tbank_has_the_fingerprint_of_the_same_line_of_a_file() -> None:
    in_file = line(statement(document(INCOMING)))
    (row,) = of_tbank(tbank_row()).lines
    assert row.received.fingerprint == in_file.fingerprint


def test_a_row_of_tochka_differs_from_it_by_the_date_of_the_document_alone() -> None:
    (row,) = of_tochka(tochka_row()).lines
    dated = of_tbank(tbank_row(docDate=None)).lines[0]
    assert row.received.payment.document_date is None
    assert row.received.fingerprint == dated.received.fingerprint


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-02-14T20:59:59Z", date(2026, 2, 14)),
        ("2026-02-14T21:00:00Z", date(2026, 2, 15)),
        ("2026-02-15T00:30:00+03:00", date(2026, 2, 15)),
        ("2026-02-14T21:00:00", date(2026, 2, 15)),
        ("2026-02-15", date(2026, 2, 15)),
    ],
)
def test_a_moment_of_tbank_falls_on_its_moscow_day(moment: str, day: date) -> None:
    assert tbank.read_row(tbank_row(operationDate=moment), OWN).booked_on == day


@pytest.mark.parametrize("spelling", [("acct", "bicRu"), ("account", "bic")])
def test_parties_of_tbank_are_read_in_both_spellings(spelling: tuple[str, str]) -> None:
    account, bic = spelling
    row = tbank.read_row(tbank_row(payer={account: CLIENT, bic: "44525000", "inn": "000"}), OWN)
    assert (row.payer.account, row.payer.bic, row.payer.tax_id) == (CLIENT, "044525000", None)


def test_a_side_that_tbank_leaves_out_is_taken_from_the_counterparty() -> None:
    other = {"account": CLIENT, "inn": CLIENT_INN, "bankBic": "044525000", "name": "ООО Фиалка"}
    row = tbank.read_row(tbank_row(payer=None, counterParty=other), OWN)
    assert (row.payer.account, row.payer.tax_id, row.payer.bic) == (CLIENT, CLIENT_INN, "044525000")
    assert row.payee.account == OWN


def test_our_side_is_the_account_that_was_asked_about() -> None:
    assert tbank.read_row(tbank_row(receiver=None), OWN).payee.account == OWN
    assert tochka.read_row(tochka_row(), OWN).payee.account == OWN


def test_money_that_tbank_counts_as_a_loan_is_doubted() -> None:
    (row,) = of_tbank(tbank_row(category="incomeLoan")).lines
    assert any("кредитам" in text for text in row.received.warnings)


@pytest.mark.parametrize(
    "changes",
    [
        {"accountAmount": "12..34"},
        {"accountAmount": "-5.00"},
        {"accountAmount": "0"},
        {"accountAmount": "1e400"},
        {"accountAmount": "12.345"},
        {"accountAmount": True},
        {"accountAmount": {"value": 1}},
        {"typeOfOperation": "Storno"},
        {"operationDate": "yesterday"},
        {"operationDate": None},
        {"accountCurrencyDigitalCode": "1"},
    ],
)
def test_a_row_of_tbank_that_cannot_be_read_goes_to_quarantine_and_the_others_go_on(changes: dict[str, Any]) -> None:
    with pytest.raises(RowProblem):
        tbank.read_row(tbank_row(**changes), OWN)
    found = of_tbank(tbank_row(**changes), tbank_row(operationId="2"))
    assert (len(found.lines), len(found.broken)) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"Amount": {"amount": "12..34", "currency": "RUB"}},
        {"Amount": None},
        {"creditDebitIndicator": None},
        {"documentProcessDate": "15.02.2026"},
    ],
)
def test_a_transaction_of_tochka_that_cannot_be_read_goes_to_quarantine(changes: dict[str, Any]) -> None:
    found = of_tochka(tochka_row(**changes), tochka_row(paymentId="2"))
    assert (len(found.lines), len(found.broken)) == (1, 1)


def test_amounts_never_pass_through_a_float() -> None:
    raw = b'{"operationId": "1", "accountAmount": 12345678901234.57, "accountCurrencyDigitalCode": "643"}'
    told = parse_json(raw)
    assert isinstance(told, dict)
    (row,) = of_tbank(tbank_row(**told)).lines
    assert str(row.signed) == "12345678901234.57 RUB"


def test_debits_are_negative_and_outgoing() -> None:
    (row,) = of_tochka(tochka_row(creditDebitIndicator="Debit")).lines
    assert (str(row.signed), row.received.payment.direction) == ("-12200.00 RUB", Direction.OUT)


def test_the_same_rows_in_another_order_are_the_same_bytes() -> None:
    rows = (tbank_row(), tbank_row(operationId="2", documentNumber="246"))
    days = [DayDocument("tbank", OWN, date(2026, 2, 15), "0", "1", order) for order in (rows, rows[::-1])]
    assert dump_day(days[0]) == dump_day(days[1])


def test_ids_that_change_with_every_answer_are_no_news() -> None:
    days = [
        dump_day(
            DayDocument("tochka", OWN, date(2026, 2, 15), "0", "1", (tochka_row(transactionId=name),)),
            ("transactionId",),
        )
        for name in ("1;x", "2;x")
    ]
    assert days[0].digest == days[1].digest
    assert days[0].body != days[1].body


def test_a_row_shown_twice_under_one_id_is_one_movement() -> None:
    assert len(of_tochka(tochka_row(), tochka_row(transactionId="other")).lines) == 1


def test_two_movements_under_one_id_stay_two() -> None:
    fee = tochka_row(creditDebitIndicator="Debit", Amount={"amount": "25.00", "currency": "RUB"})
    found = of_tochka(tochka_row(), fee)
    assert len({row.source_id for row in found.lines}) == 2


@pytest.mark.parametrize("amount", ["1.00", "99999.00"])
def test_ids_of_movements_under_one_id_do_not_depend_on_what_else_is_under_it(amount: str) -> None:
    fee = tochka_row(creditDebitIndicator="Debit", Amount={"amount": "25.00", "currency": "RUB"})
    other = tochka_row(creditDebitIndicator="Debit", Amount={"amount": amount, "currency": "RUB"})
    two, three = (
        {row.signed: row.source_id for row in of_tochka(*rows).lines}
        for rows in ((tochka_row(), fee), (tochka_row(), other, fee))
    )
    assert len(set(three.values())) == 3
    assert two.items() <= three.items()


def test_movements_without_an_id_get_one_of_their_content() -> None:
    nameless = tochka_row(paymentId=None, transactionId=None)
    ids = [row.source_id for row in of_tochka(nameless, nameless).lines]
    assert len(set(ids)) == 2
    assert ids == [row.source_id for row in of_tochka(nameless, nameless).lines]


def test_balances_are_read_in_the_accounts_currency() -> None:
    found = of_tbank(tbank_row())
    assert (str(found.opening), str(found.closing)) == ("0.00 RUB", "12200.00 RUB")


def test_bytes_of_something_else_are_no_day() -> None:
    for raw in (b"", b"[]", b"{}", b'{"rows": 1}', b"\xff"):
        with pytest.raises(ValueError, match=r"."):
            load_day(raw)
