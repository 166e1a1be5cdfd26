"""Numbers that stand in a purpose without any word for them."""

from __future__ import annotations

import pytest

from hub.domain.decision import DecisionKind
from hub.domain.matching import read_purpose
from hub.domain.matching.judge import Question, ask, judge, mention_verdict
from hub.domain.matching.mentions import is_of_the_same_make, mentions_of
from hub.domain.matching.numbers import folded
from hub.domain.matching.reading import PurposeReading
from hub.domain.matching.verdicts import NumberVerdict
from hub.domain.models import Invoice, InvoiceStatus
from tests.unit.matching.cases import CONTEXT, PION, decide, given, inv, pay

AUTO, SUGGEST = DecisionKind.AUTO, DecisionKind.SUGGEST
UNREAD = PurposeReading()


@pytest.mark.parametrize(
    ("purpose", "number"),
    [
        ("INV/2019/0001", "INV/2019/0001"),
        ("INV/2019/0001 thanks", "INV/2019/1"),
        ("Payment against ACC-SINV-2023-00012", "ACC-SINV-2023-00012"),
        ("103001 Acme", "103001"),
        ("Communication: RF12 3456", "RF12 3456"),
    ],
)
def test_a_number_is_seen_wherever_it_stands(purpose: str, number: str) -> None:
    assert folded(number) in mentions_of(purpose, UNREAD)


@pytest.mark.parametrize(
    "purpose",
    [
        "за доски 03.02.2026",
        "2026-02-03",
        "45",
        "1234",
        "ИНН 7700000016",
        "БИК 044525225",
        "р/с 40702810400000001234",
        "труба 57х3",
    ],
)
def test_dates_codes_and_short_digits_are_no_numbers(purpose: str) -> None:
    assert not mentions_of(purpose, UNREAD)


def test_what_the_reader_took_for_something_else_is_left_alone() -> None:
    purpose = "по договору ДП-2026/1045, НДС 22% 110000-00"
    assert not mentions_of(purpose, read_purpose(purpose))


@pytest.mark.parametrize(
    ("own", "other", "same"),
    [
        ("УТ2019-1", "УТ2019-13", True),
        ("УТ2019-1", "ТД2019-1", False),
        ("103001", "103002", True),
        ("103001", "129301", False),
        ("103001", "1030011", False),
        ("103001", "103001", False),
    ],
)
def test_consecutive_numbers_are_of_one_make(own: str, other: str, same: bool) -> None:
    assert is_of_the_same_make(own, other) is same


def _question(purpose: str) -> Question:
    return ask(pay(purpose, 100), UNREAD, CONTEXT)


def _verdict(purpose: str, invoice: Invoice) -> NumberVerdict:
    question = _question(purpose)
    return mention_verdict(question, invoice, judge(question, invoice, NumberVerdict.ABSENT, None))


def test_the_whole_number_of_a_fitting_invoice_is_meant() -> None:
    assert _verdict("SI-103001 thanks", inv("SI-103001", 100)) is NumberVerdict.MENTIONED


def test_another_number_of_the_same_make_speaks_against_it() -> None:
    assert _verdict("SI-103002 thanks", inv("SI-103001", 100)) is NumberVerdict.UNKNOWN_NAMED


def test_of_an_invoice_that_does_not_fit_only_its_own_number_tells() -> None:
    assert _verdict("SI-103001 thanks", inv("SI-103001", 700)) is NumberVerdict.MENTIONED
    assert _verdict("SI-103002 thanks", inv("SI-103001", 700)) is NumberVerdict.ABSENT


def test_two_numbers_of_one_make_are_a_question() -> None:
    assert _verdict("103031 103032", inv("103031", 100)) is NumberVerdict.ONE_OF_NAMED


def test_where_nothing_else_can_be_shown_the_mentioned_number_is() -> None:
    decision = decide(pay("SI-103001 thanks", 95, None, name="Гвоздика"), inv("SI-103001", 100, None, id="a"))
    assert (decision.kind, decision.code) == (SUGGEST, "mentioned")


@pytest.mark.parametrize("purpose", ["INV/2019/0001", "thanks, INV/2019/0001 Azure", "103001", "Ref 103001"])
def test_of_two_equal_sums_the_mentioned_one_is_settled(purpose: str) -> None:
    own = "103001" if "103001" in purpose else "INV/2019/0001"
    twin = "103002" if "103001" in purpose else "INV/2019/0002"
    decision = decide(pay(purpose, 100), inv(own, 100, id="a"), inv(twin, 100, id="b"))
    assert (decision.kind, given(decision)) == (AUTO, {"a": "100.00"})


@pytest.mark.parametrize("status", [InvoiceStatus.PAID, InvoiceStatus.CANCELLED])
def test_money_for_a_settled_invoice_is_not_given_to_its_neighbour(status: InvoiceStatus) -> None:
    settled = inv("INV/2019/0013", 100, id="old", status=status, paid=100 if status is InvoiceStatus.PAID else 0)
    decision = decide(pay("thanks, INV/2019/0013", 100), settled, inv("INV/2019/0014", 100, id="new"))
    assert decision.kind is SUGGEST


def test_a_part_of_a_longer_number_is_no_mention() -> None:
    invoices = (inv("INV/2019/0001", 100, PION, id="a"), inv("INV/2019/00012", 100, PION, id="b"))
    assert given(decide(pay("ref INV/2019/00012", 100), *invoices)) == {"b": "100.00"}
