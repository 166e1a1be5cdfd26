"""Tochka: accounts, asynchronous statements, balances."""

from typing import Any

import pytest

from .banks import TOCHKA, TOCHKA_ID, paid
from .conftest import Start


def test_accounts_are_named_by_number_and_bic(start: Start) -> None:
    account = start().tochka.data("GET", "/open-banking/v1.0/accounts")["Account"][0]
    assert (account["accountId"], account["status"], account["currency"]) == (TOCHKA_ID, "Enabled", "RUB")
    assert account["accountDetails"][0]["identification"] == TOCHKA_ID


def test_the_slash_of_an_account_id_must_be_encoded(start: Start) -> None:
    tochka = start().tochka
    assert tochka.http.get("/open-banking/v1.0/accounts/" + TOCHKA_ID.replace("/", "%2F")).status_code == 200
    assert tochka.http.get("/open-banking/v1.0/accounts/" + TOCHKA_ID).status_code == 404


def test_a_statement_is_created_for_two_polls_and_then_ready(start: Start) -> None:
    tochka = start(paid(TOCHKA, 15)).tochka
    made = tochka.order("2026-02-13", "2026-02-15").json()["Data"]["Statement"]
    assert made["status"] == "Created"
    polls = [tochka.poll(made["statementId"]).json()["Data"]["Statement"][0] for _ in range(3)]
    assert [poll["status"] for poll in polls] == ["Created", "Created", "Ready"]
    assert "Transaction" not in polls[1]
    assert len(polls[2]["Transaction"]) == 1


def test_a_statement_may_be_processing_before_it_is_ready(start: Start) -> None:
    tochka = start(tochka={"created_polls": 1, "processing_polls": 1}).tochka
    number = tochka.order("2026-02-13", "2026-02-15").json()["Data"]["Statement"]["statementId"]
    statuses = [tochka.poll(number).json()["Data"]["Statement"][0]["status"] for _ in range(3)]
    assert statuses == ["Created", "Processing", "Ready"]


@pytest.mark.parametrize(("ends", "status"), [("Error", "Error"), ("never", "Processing")])
def test_a_statement_may_fail_or_never_come(start: Start, ends: str, status: str) -> None:
    served = start(faults=[{"action": {"kind": "statement", "ends": ends}}])
    number = served.tochka.order("2026-02-13", "2026-02-15").json()["Data"]["Statement"]["statementId"]
    shown = [served.tochka.poll(number).json()["Data"]["Statement"][0] for _ in range(5)][-1]
    assert (shown["status"], "Transaction" in shown) == (status, False)
    assert served.tochka.statement("2026-02-13", "2026-02-15")["status"] == "Ready"


def test_a_prepared_statement_is_gone_after_a_day(start: Start) -> None:
    served = start()
    number = served.tochka.statement("2026-02-13", "2026-02-15")["statementId"]
    served.control.advance(86_399)
    assert served.tochka.poll(number).status_code == 200
    served.control.advance(1)
    gone = served.tochka.poll(number)
    assert (gone.status_code, gone.json()["message"]) == (404, "ENTITY_NOT_FOUND")


def test_a_row_has_the_fields_of_the_schema(start: Start) -> None:
    row = start(paid(TOCHKA, 15, id=7)).tochka.statement("2026-02-15", "2026-02-15")["Transaction"][0]
    assert row == {
        "transactionId": "cbs-tb-7",
        "paymentId": "0000000007",
        "creditDebitIndicator": "Credit",
        "status": "Booked",
        "documentNumber": "245",
        "transactionTypeCode": "Платежное поручение",
        "documentProcessDate": "2026-02-15",
        "description": "Оплата по счету № 71 от 10.02.2026",
        "Amount": {"amount": 12200.00, "amountNat": 12200.00, "currency": "RUB"},
        "DebtorParty": {"inn": "7700000016", "name": "ООО «Фиалка»", "kpp": "770001001"},
        "DebtorAccount": {"schemeName": "RU.CBR.BBAN", "identification": "40702810638000000013"},
        "DebtorAgent": {
            "schemeName": "RU.CBR.BIK",
            "identification": "044525225",
            "accountIdentification": "30101810400000000225",
            "name": "ПАО Сбербанк",
        },
    }


def test_amounts_are_numbers_with_their_two_digits(start: Start) -> None:
    tochka = start(paid(TOCHKA, 15, "0.10")).tochka
    number = tochka.statement("2026-02-15", "2026-02-15")["statementId"]
    assert '"amount":0.10,' in tochka.poll(number).text


def test_days_are_moscow_days_and_both_ends_count(start: Start) -> None:
    late = paid(TOCHKA, 1, id=1, booked_at="2026-02-13T20:59:59+00:00")
    next_day = paid(TOCHKA, 1, id=2, booked_at="2026-02-13T21:00:00+00:00")
    tochka = start(late, next_day).tochka
    first = tochka.statement("2026-02-13", "2026-02-13")["Transaction"]
    second = tochka.statement("2026-02-14", "2026-02-14")["Transaction"]
    assert [row["documentProcessDate"] for row in (*first, *second)] == ["2026-02-13", "2026-02-14"]
    assert [row["paymentId"] for row in (*first, *second)] == ["0000000001", "0000000002"]


def test_balances_of_a_statement_prove_its_rows(start: Start) -> None:
    out = paid(TOCHKA, 15, "200.50", direction="out", kind="bank_order")
    tochka = start(paid(TOCHKA, 10, "300.00"), paid(TOCHKA, 15), out).tochka
    shown = tochka.statement("2026-02-15", "2026-02-15")
    assert (shown["startDateBalance"], shown["endDateBalance"]) == (1300.00, 13299.50)
    assert [row["creditDebitIndicator"] for row in shown["Transaction"]] == ["Credit", "Debit"]
    assert "CreditorParty" in shown["Transaction"][1]


def test_balances_of_the_account_know_blocked_money(start: Start) -> None:
    on_its_way = paid(TOCHKA, 16, "100.00", direction="out", status="pending")
    rows = start(paid(TOCHKA, 15), on_its_way).tochka.data("GET", "/open-banking/v1.0/balances")["Balance"]
    assert {row["type"]: row["Amount"]["amount"] for row in rows} == {
        "OpeningAvailable": 13200.00,
        "ClosingAvailable": 13100.00,
        "Expected": 100.00,
    }


def test_prepared_statements_are_listed_newest_first_five_unless_told(start: Start) -> None:
    tochka = start().tochka
    for _ in range(7):
        tochka.order("2026-02-13", "2026-02-15")
    path = "/open-banking/v1.0/statements"
    listed = [row["statementId"] for row in tochka.data("GET", path)["Statement"]]
    assert listed == sorted(listed, reverse=True)
    assert len(listed) == 5
    assert len(tochka.data("GET", path, params={"limit": 6})["Statement"]) == 6


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"accountId": TOCHKA_ID, "startDateTime": "2026-02-13T00:00:00", "endDateTime": "2026-02-15"}, 400),
        ({"accountId": TOCHKA_ID, "startDateTime": "20260213", "endDateTime": "2026-02-15"}, 400),
        ({"accountId": TOCHKA_ID, "startDateTime": "2026-02-16", "endDateTime": "2026-02-15"}, 400),
        ({"accountId": TOCHKA_ID, "startDateTime": "2026-02-16"}, 400),
        ({"accountId": TOCHKA, "startDateTime": "2026-02-13", "endDateTime": "2026-02-15"}, 404),
        ({}, 404),
    ],
)
def test_a_wrong_order_is_refused(start: Start, body: dict[str, Any], status: int) -> None:
    tochka = start().tochka
    response = tochka.http.post("/open-banking/v1.0/statements", json={"Data": {"Statement": body}})
    assert response.status_code == status
    assert set(response.json()) == {"code", "id", "message", "Errors"}


def test_a_payment_shows_first_as_a_pending_memorial_order(start: Start) -> None:
    fresh = paid(TOCHKA, 16, "700.00", direction="out", status="pending", settles_after_s=20)
    served = start(fresh)
    before = served.tochka.statement("2026-02-16", "2026-02-16")
    served.control.advance(21)
    after = served.tochka.statement("2026-02-16", "2026-02-16")
    rows = [before["Transaction"][0], after["Transaction"][0]]
    assert [row["status"] for row in rows] == ["Pending", "Booked"]
    assert [row["transactionTypeCode"] for row in rows] == ["Мемориальный ордер", "Платежное поручение"]
    assert rows[0]["paymentId"] == rows[1]["paymentId"]
    assert (before["endDateBalance"], after["endDateBalance"]) == (1000.00, 300.00)


def test_a_back_dated_correction_shows_in_a_later_statement_only(start: Start) -> None:
    served = start(paid(TOCHKA, 15, id=1))
    old = served.tochka.statement("2026-02-13", "2026-02-15")["statementId"]
    served.control.correct(1, amount="12000.00", booked_at="2026-02-13T12:00:00+03:00")
    again = served.tochka.poll(old).json()["Data"]["Statement"][0]["Transaction"][0]
    new = served.tochka.statement("2026-02-13", "2026-02-15")["Transaction"][0]
    assert (again["Amount"]["amount"], again["documentProcessDate"]) == (12200.00, "2026-02-15")
    assert (new["Amount"]["amount"], new["documentProcessDate"]) == (12000.00, "2026-02-13")
    assert new["transactionId"] == again["transactionId"]
