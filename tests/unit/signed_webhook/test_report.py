"""What a report may hold: exact money, real days, plain texts; anything else is refused with the field's name."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.signed_webhook import read_report
from hub.domain.money import Money
from hub.ports.claims import MalformedReport, PaymentReport

LEAST = {"id": "77", "amount": "1000.50", "currency": "RUB", "paid_on": "2026-03-05"}


def body(**fields: object) -> bytes:
    return json.dumps({"type": "payment.reported", "data": LEAST | fields}).encode()


def with_amount(token: str) -> bytes:
    return body(amount="@").replace(b'"@"', token.encode())


def refusal(raw: bytes) -> str:
    with pytest.raises(MalformedReport) as refused:
        read_report(raw)
    return str(refused.value)


def test_the_least_report_is_a_sum_a_day_and_an_id() -> None:
    assert read_report(body()) == PaymentReport("77", Money(Decimal("1000.50"), "RUB"), date(2026, 3, 5))


def test_a_full_report_is_read_field_by_field() -> None:
    report = read_report(
        body(
            payer={"name": " ООО «Фиалка» ", "tax_id": "7700000016"},
            purpose="Оплата по счету 71\nот 01.03.2026",
            invoice_number="71",
            document_number="245",
            account="40702810000000000001",
            details={"order": 15, "share": 0.5, "tags": ["a", {"b": None}], "yes": True},
        )
    )
    assert (report.payer_name, report.payer_tax_id) == ("ООО «Фиалка»", "7700000016")
    assert (report.invoice_number, report.document_number, report.account) == ("71", "245", "40702810000000000001")
    assert report.details == {"order": 15, "share": "0.5", "tags": ["a", {"b": None}], "yes": True}


@pytest.mark.row(34)
@pytest.mark.parametrize(
    ("token", "amount"),
    [
        ("1000", "1000.00"),
        ('"1000"', "1000.00"),
        ("1000.1", "1000.10"),
        ("0.30", "0.30"),
        ('"0.01"', "0.01"),
        ("9007199254740.99", "9007199254740.99"),
        ('"90071992547.41"', "90071992547.41"),
    ],
)
def test_an_amount_is_read_to_the_kopeck(token: str, amount: str) -> None:
    assert read_report(with_amount(token)).amount == Money(Decimal(amount), "RUB")


@pytest.mark.row(34)
@pytest.mark.parametrize(
    "token",
    [
        "1e400",
        "1e3",
        "-5",
        "0",
        "0.00",
        "1.001",
        "12345678901234567.89",
        '"1,5"',
        '"1 000"',
        '"+5"',
        '" 5"',
        '""',
        '"٣٤"',
        '"１２"',
        '"NaN"',
        '"Infinity"',
        '"1e3"',
        '"0x10"',
        "true",
        "null",
        "[1]",
        "{}",
        "0.30000000000000004",
        "9" * 5000,
        "1." + "0" * 5000,
        "1e999999999999999999999",
        '"' + "9" * 5000 + '"',
        '"1_000"',
        '"5."',
        '".5"',
    ],
)
def test_money_that_is_not_exact_and_positive_is_refused(token: str) -> None:
    assert refusal(with_amount(token))


@pytest.mark.row(34)
@pytest.mark.parametrize("currency", ["rub", "RU", "RUBL", "643", "", "руб", None, 643])
def test_a_currency_is_three_capital_letters(currency: object) -> None:
    assert refusal(body(currency=currency)).startswith("data.currency: ")


@pytest.mark.row(34)
def test_kopecks_of_a_currency_without_them_are_refused() -> None:
    assert "JPY" in refusal(body(currency="JPY"))


@pytest.mark.parametrize(
    "day", ["05.03.2026", "2026-02-30", "2026-3-5", "2026-03-05T10:00:00", "1999-12-31", 20260305, None, "٢٠٢٦-٠٣-٠٥"]
)
def test_a_day_is_a_date_of_the_calendar(day: object) -> None:
    assert refusal(body(paid_on=day)).startswith("data.paid_on: ")


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"ammount": "5"}, "data.ammount"),
        ({"payer": {"inn": "7700000016"}}, "data.payer.inn"),
        ({"payer": {"tax_id": "77"}}, "data.payer.tax_id"),
        ({"payer": "ООО"}, "data.payer"),
        ({"id": ""}, "data.id"),
        ({"id": "a\nb"}, "data.id"),
        ({"id": "x" * 201}, "data.id"),
        ({"id": 77}, "data.id"),
        ({"purpose": "x" * 2001}, "data.purpose"),
        ({"purpose": "a\x1bb"}, "data.purpose"),
        ({"account": "123"}, "data.account"),
        ({"details": []}, "data.details"),
        ({"details": {str(number): 1 for number in range(101)}}, "data.details"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, object], place: str) -> None:
    assert refusal(body(**fields)).startswith(f"{place}: ")


def test_a_missing_field_and_another_type_are_named() -> None:
    assert refusal(b'{"type": "payment.reported"}') == "data: поля нет"
    assert refusal(b'{"type": "payment.paid", "data": {}}') == "type: нужно payment.reported"


def test_a_strangers_text_is_not_repeated_in_a_refusal() -> None:
    assert "<script>" not in refusal(body(amount="<script>"))
    assert "\n" not in refusal(body(**{"a\nb" * 100: 1}))


@pytest.mark.row(31)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"payer=1&amount=5",
        b"[" * 60_000,
        b'{"a":' * 12_000 + b"1" + b"}" * 12_000,
        b'{"type": "payment.reported", "data": NaN}',
        b'{"type": "payment.reported", "data": -Infinity}',
        b'{"type": "payment.reported", "type": "payment.reported", "data": {}}',
        body().replace(b'"RUB"', b'"RUB", "currency": "USD"'),
        body(purpose="@").replace(b"@", b"\\ud800"),
        body(purpose="@").replace(b"@", b"\\u0000"),
        body(details={"@": 1}).replace(b"@", b"\\udfff"),
        body(details={"a": {"b": "@"}}).replace(b"@", b"\\u0000"),
        body(purpose="@").replace(b"@", "Оплата".encode("cp1251")),
        body().decode().encode("utf-16"),
        body().decode().encode("utf-32"),
        b"\xef\xbb\xbf" + body(),
        body(purpose="@").replace(b"@", b"\xed\xa0\x80"),
        body(purpose="@").replace(b"@", b"\x00"),
        body() + b" x",
        body(purpose="x" * 70_000),
        b" " * 70_000,
    ],
)
def test_a_malformed_body_is_refused_with_a_sentence(raw: bytes) -> None:
    assert refusal(raw)


@pytest.mark.row(31)
def test_a_hundred_thousand_levels_are_refused_at_once() -> None:
    assert refusal(b"[" * 100_000 + b"]" * 100_000)
    deep: object = 1
    for _ in range(20):
        deep = {"a": deep}
    assert "глубже" in refusal(body(details=deep))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.row(31)
@given(fields=st.dictionaries(st.sampled_from([*LEAST, "payer", "purpose", "details", "account"]), JSON, max_size=4))
def test_any_json_is_a_report_or_a_refusal(fields: dict[str, object]) -> None:
    try:
        report = read_report(json.dumps({"type": "payment.reported", "data": LEAST | fields}).encode())
    except MalformedReport:
        return
    assert report.amount.is_positive
    json.dumps(dict(report.details), allow_nan=False).encode()


@pytest.mark.row(31)
@given(raw=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_refused_without_another_error(raw: bytes) -> None:
    assert refusal(raw)
