"""T-Bank: accounts, pages by cursor, balances, holds, limits."""

from typing import Any

import pytest

from .banks import TBANK, paid
from .conftest import Start


def days(*listed: int) -> list[dict[str, Any]]:
    return [paid(TBANK, day, f"{day}.00", id=day) for day in listed]


def amounts(rows: list[dict[str, Any]]) -> list[float]:
    return [row["operationAmount"] for row in rows]


def test_accounts_are_a_list_with_their_balances(start: Start) -> None:
    served = start(paid(TBANK, 15), paid(TBANK, 16, "99.00", direction="out", status="hold"))
    (account,) = served.tbank.http.get("/api/v4/bank-accounts", params={"withInvest": "false"}).json()
    assert (account["accountNumber"], account["bankBik"], account["currency"]) == (TBANK, "044525974", "643")
    assert (account["balance"]["balance"], account["balance"]["otb"]) == (12700.00, 12601.00)
    assert served.tbank.http.get("/api/v3/bank-accounts").status_code == 200


def test_accounts_may_be_wrapped_in_an_object(start: Start) -> None:
    tbank = start(tbank={"accounts_form": "object"}).tbank
    assert [row["accountNumber"] for row in tbank.http.get("/api/v4/bank-accounts").json()["accounts"]] == [TBANK]


def test_a_row_has_the_fields_of_the_contract(start: Start) -> None:
    (row,) = start(paid(TBANK, 15)).tbank.rows(TBANK)
    assert (row["operationDate"], row["trxnPostDate"]) == ("2026-02-15T09:00:00Z", "2026-02-15T09:00:00Z")
    assert (row["operationStatus"], row["typeOfOperation"]) == ("Transaction", "Credit")
    assert (row["operationAmount"], row["operationCurrencyDigitalCode"]) == (12200.00, "643")
    assert (row["documentNumber"], row["docDate"]) == ("245", "2026-02-14")
    assert (row["payer"]["acct"], row["payer"]["bicRu"]) == ("40702810638000000013", "044525225")
    assert (row["receiver"]["acct"], row["counterParty"]["account"]) == (TBANK, "40702810638000000013")
    assert row["payPurpose"] == "Оплата по счету № 71 от 10.02.2026"


def test_pages_follow_the_cursor_to_the_last(start: Start) -> None:
    tbank = start(*days(1, 2, 3, 4, 5)).tbank
    first = tbank.page(TBANK, limit=2)
    second = tbank.page(TBANK, limit=2, cursor=first["nextCursor"])
    third = tbank.page(TBANK, limit=2, cursor=second["nextCursor"])
    assert [amounts(page["operations"]) for page in (first, second, third)] == [[1, 2], [3, 4], [5]]
    assert "nextCursor" not in third


@pytest.mark.parametrize(("last", "shown"), [("null", None), ("empty", "")])
def test_the_last_page_may_name_its_end(start: Start, last: str, shown: str | None) -> None:
    assert start(tbank={"last_cursor": last}).tbank.page(TBANK)["nextCursor"] == shown


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"cursor": "keyset"}, [1, 2, 4, 5]),
        ({"cursor": "offset"}, [1, 2, 2, 4, 5]),
        ({"cursor": "keyset", "row_order": "newest_first"}, [5, 4, 2, 1, 1]),
    ],
)
def test_a_row_inserted_between_pages(start: Start, settings: dict[str, Any], expected: list[float]) -> None:
    late = {"act": "add", "operation": paid(TBANK, 1, "1.00", id=9, booked_at="2026-02-01T08:00:00+03:00")}
    fault = {"match": {"method": "tbank.statement", "nth": 2}, "action": {"kind": "act", "do": late}}
    tbank = start(*days(1, 2, 4, 5), tbank=settings, faults=[fault]).tbank
    assert amounts(tbank.rows(TBANK, limit=2)) == expected
    assert sorted(amounts(tbank.rows(TBANK))) == [1, 1, 2, 4, 5]


def test_the_period_is_half_open_and_in_utc(start: Start) -> None:
    tbank = start(*days(1, 2, 3)).tbank
    rows = tbank.rows(TBANK, **{"from": "2026-02-01T09:00:00Z", "to": "2026-02-03T12:00:00+03:00"})
    assert amounts(rows) == [1, 2]


def test_till_is_not_a_parameter_of_this_method(start: Start) -> None:
    assert amounts(start(*days(1, 2)).tbank.rows(TBANK, till="2026-02-01T12:00:00Z")) == [1, 2]


def test_rows_before_june_2023_are_not_kept(start: Start) -> None:
    old = paid(TBANK, 1, booked_at="2023-05-31T12:00:00+03:00")
    assert start(old).tbank.rows(TBANK, **{"from": "2020-01-01T00:00:00Z"}) == []


def test_balances_come_with_the_first_page_only(start: Start) -> None:
    tbank = start(*days(1, 2, 3), paid(TBANK, 2, "1.50", direction="out")).tbank
    first = tbank.page(TBANK, limit=2, withBalances="true", **{"from": "2026-02-02T00:00:00Z"})
    assert first["balances"] == {"balanceBegin": 501.00, "balanceEnd": 504.50, "income": 5.00, "outcome": 1.50}
    second = tbank.page(TBANK, limit=2, withBalances="true", cursor=first["nextCursor"])
    assert "balances" not in second
    assert "balances" not in tbank.page(TBANK)


@pytest.mark.parametrize(
    ("form", "shown"), [("texts", "501.00"), ("objects", {"amount": 501.00, "currency": "RUB"}), ("absent", None)]
)
def test_the_form_of_balances_is_not_published(start: Start, form: str, shown: Any) -> None:
    page = start(*days(1), tbank={"balances_form": form}).tbank.page(TBANK, withBalances="true")
    assert page.get("balances", {}).get("balanceEnd") == shown


def test_holds_come_with_all_and_not_with_transaction(start: Start) -> None:
    hold = paid(TBANK, 16, "99.00", id=3, direction="out", status="hold", kind="card", settles_after_s=3600)
    served = start(*days(1), hold)
    rows = served.tbank.rows(TBANK, operationStatus="All")
    assert [row["operationStatus"] for row in rows] == ["Transaction", "Authorization"]
    assert "trxnPostDate" not in rows[1]
    assert amounts(served.tbank.rows(TBANK, operationStatus="Transaction")) == [1]
    assert amounts(served.tbank.rows(TBANK, operationStatus="Authorization")) == [99]
    served.control.advance(3601)
    settled = served.tbank.rows(TBANK, operationStatus="Transaction")[1]
    assert (settled["operationId"], settled["operationAmount"]) == (rows[1]["operationId"], 99)


def test_loans_are_a_credit_with_their_own_category(start: Start) -> None:
    tbank = start(*days(1), paid(TBANK, 2, kind="loan", category="incomeLoan")).tbank
    assert [row["category"] for row in tbank.rows(TBANK)] == ["incomePeople", "incomeLoan"]
    assert len(tbank.rows(TBANK, **{"categories[]": "incomeLoan"})) == 1
    assert len(tbank.rows(TBANK, **{"inns[]": "7700000016"})) == 2
    assert tbank.rows(TBANK, **{"inns[]": "7700000099"}) == []


@pytest.mark.parametrize("parties", ["acct", "account"])
def test_parties_amounts_and_types_may_be_spelt_otherwise(start: Start, parties: str) -> None:
    settings = {"statement_parties": parties, "statement_amounts": "text", "type_case": "CREDIT"}
    (row,) = start(paid(TBANK, 15), tbank=settings).tbank.rows(TBANK)
    assert (row["payer"][parties], row["operationAmount"]) == ("40702810638000000013", "12200.00")
    assert row["typeOfOperation"] == "CREDIT"


@pytest.mark.parametrize(
    "query",
    [
        {"accountNumber": TBANK + "0"},
        {"accountNumber": TBANK[:-1]},
        {"accountNumber": "x" * 20},
        {"from": "2026-02-01"},
        {"from": "2026-02-01T00:00:00"},
        {"from": "yesterday"},
        {"from": "2026-02-02T00:00:00Z", "to": "2026-02-01T00:00:00Z"},
        {"operationStatus": "Booked"},
        {"cursor": "nonsense"},
        {"limit": "0"},
        {"limit": "5001"},
        {"withBalances": "1"},
        {"categories[]": [str(n) for n in range(51)]},
    ],
)
def test_a_wrong_request_is_refused_with_invalid_data(start: Start, query: dict[str, Any]) -> None:
    response = start().tbank.ask(TBANK, **query)
    body = response.json()
    assert (response.status_code, body["errorCode"]) == (400, "INVALID_DATA")
    assert set(body) == {"errorId", "errorMessage", "errorCode", "errorDetails"}


def test_an_account_of_somebody_else_is_forbidden(start: Start) -> None:
    assert start().tbank.ask("40702810100000000099").status_code == 403


def test_the_twenty_first_statement_of_a_second_is_too_many(start: Start) -> None:
    served = start()
    served.control.freeze()
    answers = [served.tbank.ask(TBANK) for _ in range(21)]
    assert [a.status_code for a in answers] == [200] * 20 + [429]
    assert (answers[-1].headers["retry-after"], answers[-1].json()["errorCode"]) == ("1", "TOO_MANY_REQUESTS")
    served.control.advance(1)
    assert served.tbank.ask(TBANK).status_code == 200


def test_the_seventh_list_of_accounts_of_a_second_is_too_many(start: Start) -> None:
    served = start(tbank={"retry_after": False})
    served.control.freeze()
    answers = [served.tbank.http.get("/api/v4/bank-accounts") for _ in range(7)]
    assert [a.status_code for a in answers] == [200] * 6 + [429]
    assert "retry-after" not in answers[-1].headers


def test_tokens_and_addresses_are_checked(start: Start) -> None:
    served = start()
    unknown = served.tbank_as("somebody").ask(TBANK)
    assert (unknown.status_code, unknown.json()["errorCode"]) == (401, "UNAUTHORIZED")
    served.control.kill_token("tbank")
    assert served.tbank.ask(TBANK).status_code == 401
    assert start(tbank={"allowed_ips": ["10.0.0.1"]}).tbank.ask(TBANK).status_code == 403
    assert start(tbank={"dead_token_status": 403}).tbank.http.get("/api/v9").status_code == 404


def test_the_banks_own_sandbox_token_gets_one_fixed_answer(start: Start) -> None:
    tbank = start(*days(1)).tbank_as("TBankSandboxToken")
    assert tbank.rows(TBANK) == tbank.rows("40702810100000000099")
    assert tbank.ask(TBANK + "0").json()["errorCode"] == "INVALID_DATA"


def test_the_request_id_comes_back(start: Start) -> None:
    response = start().tbank.http.get("/api/v4/bank-accounts", headers={"X-Request-Id": "1b4e28ba"})
    assert response.headers["x-request-id"] == "1b4e28ba"


def test_the_old_statement_counts_days_and_knows_no_pages(start: Start) -> None:
    tbank = start(*days(13, 14), paid(TBANK, 14, "2.00", direction="out")).tbank
    query = {"accountNumber": TBANK, "from": "2026-02-14", "till": "2026-02-14"}
    body = tbank.http.get("/api/v1/bank-statement", params=query).json()
    assert (body["saldoIn"], body["income"], body["outcome"], body["saldoOut"]) == (513.00, 14.00, 2.00, 525.00)
    assert {row["amount"]: row["payerAccount"] == TBANK for row in body["operation"]} == {14: False, 2: True}
    wrong = tbank.http.get("/api/v1/bank-statement", params={**query, "from": "2026-02-14T00:00:00Z"})
    assert wrong.status_code == 400
