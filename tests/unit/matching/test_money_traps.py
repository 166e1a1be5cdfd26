"""Sums that trip machines: from the statement's text to the decision they are exact, or they go to a person."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st

from connectors.bank.statement import BrokenDocument
from hub.domain.decision import DecisionKind
from hub.domain.matching import InMemoryBook, decide_day
from hub.domain.models import Direction, InvoiceStatus
from hub.domain.money import Money, MoneyError, total
from tests.unit.bank.statement_builder import document, encode, items, lines, only, statement
from tests.unit.matching.cases import CONTEXT, decide, given, inv, pay

AUTO, SUGGEST = DecisionKind.AUTO, DecisionKind.SUGGEST
pytestmark = pytest.mark.row(34)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.30", "0.30"),
        ("1000,00", "1000.00"),
        ("1 000,00", "1000.00"),
        ("1000=", "1000.00"),
        ("9007199254740.93", "9007199254740.93"),
        ("90071992547409.93", "90071992547409.93"),
    ],
)
def test_a_sum_in_a_file_is_exact_to_the_kopeck(text: str, amount: str) -> None:
    (line,) = lines(encode(statement(document(Сумма=text)), ["cp1251"]))
    assert line.amount == Money(Decimal(amount), "RUB")
    assert Money.from_minor(line.amount.minor, "RUB") == line.amount


@pytest.mark.parametrize(
    "text", ["-1000.00", "1e400", "1e3", "١٠٠٠", "１０００", "NaN", "Infinity", "0.001", "1,000", "0x10", "", "9" * 40]
)
def test_a_sum_that_is_not_plain_breaks_its_document_and_is_no_payment(text: str) -> None:
    found = items(encode(statement(document(Сумма=text), document(Номер="2")), ["utf-8"]))
    assert len(only(found, BrokenDocument)) == 1
    assert [line.document_number for line in lines(encode(statement(document(Сумма=text)), ["utf-8"]))] == []


@pytest.mark.parametrize(
    "text", ["1e400", "-1e400", "NaN", "Infinity", "sNaN", "١٢", "１２", "1_000", "0.001", "1" * 16]
)
def test_money_is_never_made_of_such_texts(text: str) -> None:
    with pytest.raises(MoneyError):
        Money.of(text, "RUB")


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert total((Money.of("0.1", "RUB"), Money.of("0.2", "RUB")), "RUB") == Money.of("0.3", "RUB")
    parts = [pay("счет 45", "0.10", id="a"), pay("счет 45", "0.20", id="b")]
    first, second = decide_day(parts, InMemoryBook([inv("45", "0.30")]), CONTEXT)
    assert (first.kind, second.kind) == (AUTO, AUTO)
    assert (given(first), given(second)) == ({"i45": "0.10"}, {"i45": "0.20"})


def test_a_kopeck_in_a_huge_sum_is_seen() -> None:
    huge = "90071992547409.93"
    assert given(decide(pay("счет 45", huge), inv("45", huge))) == {"i45": huge}
    assert given(decide(pay("счет 45", "90071992547409.92"), inv("45", huge))) in ({"i45": "90071992547409.92"}, {})
    assert decide(pay("счет 45", "90071992547409.94"), inv("45", huge)).kind is SUGGEST


def test_a_part_is_a_part_and_never_more() -> None:
    decision = decide(pay("счет 45", "400"), inv("45", "1200"))
    assert given(decision) in ({"i45": "400.00"}, {})
    assert decision.kind is AUTO


@pytest.mark.parametrize(
    "decision",
    [
        pytest.param(decide(pay("счет 45", "1200.01"), inv("45", "1200")), id="a kopeck too much"),
        pytest.param(decide(pay("счет 45", "2400"), inv("45", "1200")), id="twice the sum"),
        pytest.param(decide(pay("счет 45", "1200", currency="USD"), inv("45", "1200")), id="another currency"),
        pytest.param(
            decide(pay("счет 45", "1200"), inv("45", "1200", paid="1200", status=InvoiceStatus.PAID)), id="paid already"
        ),
        pytest.param(
            decide(pay("Возврат по счету 45", "1200", direction=Direction.OUT), inv("45", "1200", paid="1200")),
            id="our refund",
        ),
        pytest.param(decide(pay("Возврат по счету 45", "1200"), inv("45", "1200")), id="their refund"),
        pytest.param(decide(pay("счет 45", "1200", direction=Direction.UNKNOWN), inv("45", "1200")), id="no direction"),
    ],
)
def test_what_is_not_plainly_the_invoices_money_goes_to_a_person(decision: object) -> None:
    assert getattr(decision, "kind", None) is not AUTO


def test_of_a_double_payment_one_settles_the_invoice_and_the_other_goes_to_a_person() -> None:
    twice = [pay("счет 45", "1200", id="a"), pay("счет 45", "1200", id="b")]
    decisions = decide_day(twice, InMemoryBook([inv("45", "1200")]), CONTEXT)
    assert sum(decision.kind is AUTO for decision in decisions) <= 1


_minor = st.integers(min_value=1, max_value=10**13)


@given_by(asked=_minor, paid=_minor, spread=st.sampled_from([0, 1, -1]))
def test_a_machine_gives_out_no_kopeck_more_than_came_or_was_asked(asked: int, paid: int, spread: int) -> None:
    came = max(1, asked + spread) if spread else paid
    money, bill = Money.from_minor(came, "RUB"), Money.from_minor(asked, "RUB")
    decision = decide(pay("счет 45", str(money.amount)), inv("45", str(bill.amount)))
    gave = sum(item.amount.minor for item in decision.allocations)
    assert gave <= min(came, asked)
    if decision.kind is AUTO:
        assert came <= asked
        assert gave == came
