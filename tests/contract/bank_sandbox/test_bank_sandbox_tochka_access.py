"""Tochka: tokens, permissions, customers, the envelope of errors, and the switches of its wire."""

import httpx
import pytest

from .banks import TOCHKA, TOCHKA_ID, paid
from .conftest import Served, Start

ACCOUNTS = "/open-banking/v1.0/accounts"


def test_errors_come_in_their_envelope(start: Start) -> None:
    response = start().tochka.http.get("/open-banking/v1.0/nothing")
    body = response.json()
    assert (response.status_code, body["code"], body["message"]) == (404, "404", "ENTITY_NOT_FOUND")
    assert set(body["Errors"][0]) == {"errorCode", "message", "url"}


def test_errors_may_say_it_with_a_number_and_a_sentence(start: Start) -> None:
    tochka = start(tochka={"error_code": "number", "error_message": "words"}).tochka
    body = tochka.http.get(f"{ACCOUNTS}/x").json()
    assert (body["code"], body["message"]) == (404, "Счёт x не найден")


@pytest.mark.parametrize("token", ["somebody", "sandbox.jwt.token"])
def test_an_unknown_token_is_refused(start: Start, token: str) -> None:
    response = start().tochka_as(token).http.get(ACCOUNTS)
    assert (response.status_code, response.json()["message"]) == (403, "INVALID_TOKEN")


def test_a_request_without_a_token_is_refused(start: Start) -> None:
    served = start()
    del served.tochka.http.headers["authorization"]
    assert served.tochka.http.get(ACCOUNTS).status_code == 403


def test_a_token_may_die_and_come_back(start: Start) -> None:
    served = start(tochka={"dead_token_status": 401})
    served.control.kill_token("tochka")
    assert served.tochka.http.get(ACCOUNTS).status_code == 401
    assert served.tbank.http.get("/api/v4/bank-accounts").status_code == 200
    served.control.revive_token("tochka")
    assert served.tochka.http.get(ACCOUNTS).status_code == 200


def test_the_sandbox_address_takes_its_literal_token_only(start: Start) -> None:
    served = start()
    url = served.sandbox.tochka.sandbox_url + ACCOUNTS
    given = [
        httpx.get(url, headers={"Authorization": f"Bearer {t}"}, trust_env=False)
        for t in ("sandbox.jwt.token", served.sandbox.tochka.token)
    ]
    assert [response.status_code for response in given] == [200, 403]


def test_each_method_needs_its_permission(start: Start) -> None:
    served = start(access={"tochka": {"permissions": ["ReadAccountsBasic"]}})
    assert served.tochka.account_ids() == [TOCHKA_ID]
    refused = served.tochka.order("2026-02-13", "2026-02-15")
    assert (refused.status_code, refused.json()["message"]) == (403, "OPERATION_FORBIDDEN")


def test_the_customer_header_narrows_the_accounts(start: Start) -> None:
    tochka = start().tochka
    assert tochka.data("GET", ACCOUNTS, headers={"CustomerCode": "300000002"})["Account"] == []
    assert len(tochka.data("GET", ACCOUNTS, headers={"CustomerCode": "300000001"})["Account"]) == 1
    customers = tochka.data("GET", "/open-banking/v1.0/customers")["Customer"]
    assert [(row["customerCode"], row["taxCode"]) for row in customers] == [("300000001", "7700000023")]


def test_an_unpublished_rate_limit_may_be_set(start: Start) -> None:
    served = start(tochka={"requests_per_s": 2})
    served.control.freeze()
    statuses = [served.tochka.http.get(ACCOUNTS).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def oauth(served: Served, **form: str) -> httpx.Response:
    at = served.sandbox.tochka
    data = {"client_id": at.client_id, "client_secret": at.client_secret, **form}
    return httpx.post(at.token_url, data=data, trust_env=False)


def test_refresh_tokens_change_with_each_use(start: Start) -> None:
    served = start()
    first = served.sandbox.tochka.refresh_token
    answer = oauth(served, grant_type="refresh_token", refresh_token=first).json()
    assert answer["expires_in"] == 86400
    assert served.tochka_as(answer["access_token"]).account_ids() == [TOCHKA_ID]
    assert oauth(served, grant_type="refresh_token", refresh_token=first).status_code == 400
    again = oauth(served, grant_type="refresh_token", refresh_token=answer["refresh_token"])
    assert again.status_code == 200


def test_access_tokens_live_a_day_and_refresh_tokens_a_month(start: Start) -> None:
    served = start()
    answer = oauth(served, grant_type="refresh_token", refresh_token=served.sandbox.tochka.refresh_token).json()
    served.control.advance(86_400)
    assert served.tochka_as(answer["access_token"]).http.get(ACCOUNTS).status_code == 403
    served.control.advance(29 * 86_400)
    late = oauth(served, grant_type="refresh_token", refresh_token=answer["refresh_token"])
    assert late.status_code == 400


def test_a_token_without_the_customers_consent_opens_nothing(start: Start) -> None:
    served = start()
    answer = oauth(served, grant_type="client_credentials").json()
    assert "refresh_token" not in answer
    refused = served.tochka_as(answer["access_token"]).http.get(ACCOUNTS)
    assert (refused.status_code, refused.json()["message"]) == (403, "OPERATION_FORBIDDEN")
    assert oauth(served, grant_type="client_credentials", client_secret="guess").status_code == 401


def test_rows_may_be_named_anew_in_each_statement_or_not_at_all(start: Start) -> None:
    def names(served: Served) -> list[str | None]:
        days = ("2026-02-15", "2026-02-15")
        return [served.tochka.statement(*days)["Transaction"][0].get("transactionId") for _ in range(2)]

    changing = names(start(paid(TOCHKA, 15), tochka={"transaction_id": "per_statement"}))
    assert changing[0] != changing[1]
    assert names(start(paid(TOCHKA, 15), tochka={"transaction_id": "absent"})) == [None, None]
    row = start(paid(TOCHKA, 15), tochka={"payment_id": "absent"}).tochka.statement("2026-02-15", "2026-02-15")
    assert "paymentId" not in row["Transaction"][0]


def test_rows_may_name_both_sides_and_write_the_indicator_small(start: Start) -> None:
    served = start(paid(TOCHKA, 15), tochka={"both_sides": True, "indicator_case": "credit"})
    row = served.tochka.statement("2026-02-15", "2026-02-15")["Transaction"][0]
    assert (row["DebtorParty"]["inn"], row["CreditorParty"]["inn"]) == ("7700000016", "7700000023")
    assert (row["CreditorAccount"]["identification"], row["creditDebitIndicator"]) == (TOCHKA, "credit")


def test_a_fresh_payment_may_show_as_a_booked_memorial_order(start: Start) -> None:
    fresh = paid(TOCHKA, 15, "100.00", direction="out", status="pending")
    shown = start(fresh, tochka={"fresh_form": "booked_memorial"}).tochka.statement("2026-02-15", "2026-02-15")
    row = shown["Transaction"][0]
    assert (row["status"], row["transactionTypeCode"]) == ("Booked", "Мемориальный ордер")
    assert shown["endDateBalance"] == 900.00


def test_the_answer_to_a_poll_may_hold_one_object_and_periods_may_be_limited(start: Start) -> None:
    tochka = start(tochka={"statement_form": "object", "max_period_days": 3}).tochka
    number = tochka.order("2026-02-13", "2026-02-15").json()["Data"]["Statement"]["statementId"]
    assert tochka.poll(number).json()["Data"]["Statement"]["statementId"] == number
    assert tochka.order("2026-02-12", "2026-02-15").status_code == 400


def test_rows_may_be_taken_when_the_statement_is_asked_for(start: Start) -> None:
    def rows(served: Served) -> int:
        number = served.tochka.order("2026-02-16", "2026-02-16").json()["Data"]["Statement"]["statementId"]
        served.control.add(paid(TOCHKA, 16))
        polls = [served.tochka.poll(number).json()["Data"]["Statement"][0] for _ in range(3)]
        return len(polls[-1]["Transaction"])

    assert rows(start(tochka={"snapshot": "created"})) == 0
    assert rows(start()) == 1


def test_a_budget_payment_has_its_tax_fields(start: Start) -> None:
    tax = {"status": "02", "kbk": "18201061201010000510", "oktmo": "0", "evidence": "0", "document_date": "0"}
    row = start(paid(TOCHKA, 15, direction="out", tax=tax)).tochka.statement("2026-02-15", "2026-02-15")
    shown = row["Transaction"][0]["TaxFields"]
    assert (shown["kbk"], shown["documentDate"]) == ("18201061201010000510", 0)
