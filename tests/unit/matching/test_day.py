"""Payments of one date are decided together; earlier dates change what later ones find."""

from __future__ import annotations

from itertools import permutations

import pytest

from hub.domain.decision import DecisionKind
from hub.domain.matching import InMemoryBook, MatchContext, decide_all, decide_day
from hub.domain.models import Invoice, Payment
from tests.unit.matching.cases import CONTEXT, PION, ROZA, inv, pay

AUTO, SUGGEST, NONE = DecisionKind.AUTO, DecisionKind.SUGGEST, DecisionKind.NONE


def kinds(payments: list[Payment], *invoices: Invoice, context: MatchContext = CONTEXT) -> list[DecisionKind]:
    return [decision.kind for decision in decide_all(payments, InMemoryBook(invoices), context)]


def test_two_parts_of_one_date_that_fit_are_both_automatic() -> None:
    payments = [pay("сч 45", 700, id="a"), pay("сч 45", 500, id="b")]
    assert kinds(payments, inv("45", 1200)) == [AUTO, AUTO]


def test_two_parts_of_one_date_that_do_not_fit_both_go_to_a_person() -> None:
    payments = [pay("сч 45", 700, id="a"), pay("сч 45", 600, id="b")]
    assert kinds(payments, inv("45", 1200)) == [SUGGEST, SUGGEST]


def test_the_same_payment_twice_on_one_date_goes_to_a_person() -> None:
    payments = [pay("сч 45", 1200, id="a"), pay("сч 45", 1200, id="b")]
    decisions = decide_all(payments, InMemoryBook([inv("45", 1200)]), CONTEXT)
    assert [decision.code for decision in decisions] == ["contested", "contested"]
    assert "не один платёж" in decisions[0].reason


def test_a_named_and_an_unnamed_payment_for_one_invoice_both_go_to_a_person() -> None:
    payments = [pay("сч 45", 1200, id="a"), pay("За доски", 1200, id="b")]
    assert kinds(payments, inv("45", 1200)) == [SUGGEST, SUGGEST]


def test_a_doubtful_payment_that_names_the_invoice_competes_too() -> None:
    payments = [pay("сч 45", 1200, id="a"), pay('За ООО "Пион" сч 45', 1200, ROZA, id="b")]
    assert kinds(payments, inv("45", 1200)) == [SUGGEST, SUGGEST]


def test_a_strangers_wrong_number_does_not_compete() -> None:
    payments = [pay("сч 45", 1200, id="a"), pay("сч 45", 1200, ROZA, id="b")]
    assert kinds(payments, inv("45", 1200)) == [AUTO, SUGGEST]


def test_a_set_and_a_single_that_share_an_invoice_compete() -> None:
    payments = [pay("сч 45, 46", 1700, id="a"), pay("сч 46", 500, id="b"), pay("сч 47", 300, id="c")]
    assert kinds(payments, inv("45", 1200), inv("46", 500), inv("47", 300)) == [SUGGEST, SUGGEST, AUTO]


def test_an_earlier_payment_leaves_the_rest_to_a_later_one() -> None:
    payments = [pay("сч 45", 900, id="late", on="2026-03-05"), pay("аванс сч 45", 300, id="early", on="2026-03-01")]
    assert kinds(payments, inv("45", 1200)) == [AUTO, AUTO]


def test_a_later_twin_finds_the_invoice_paid() -> None:
    payments = [pay("сч 45", 1200, id="a"), pay("сч 45", 1200, id="b", on="2026-03-02")]
    decisions = decide_all(payments, InMemoryBook([inv("45", 1200)]), CONTEXT)
    assert [decision.kind for decision in decisions] == [AUTO, SUGGEST]
    assert decisions[1].code == "already_paid"


def test_once_one_of_two_equal_sums_is_paid_the_other_is_the_only_one() -> None:
    payments = [pay("сч 45", 1200, id="a"), pay("За доски", 1200, id="b", on="2026-03-02")]
    decisions = decide_all(payments, InMemoryBook([inv("45", 1200), inv("46", 1200)]), CONTEXT)
    assert [item.invoice_id for item in decisions[1].allocations] == ["i46"]
    assert decisions[1].kind is AUTO


def test_a_suggestion_takes_nothing_from_later_dates() -> None:
    payments = [pay("сч 45", 1500, id="a"), pay("сч 45", 1200, id="b", on="2026-03-02")]
    assert kinds(payments, inv("45", 1200)) == [SUGGEST, AUTO]


def test_the_book_is_left_alone_by_a_day() -> None:
    book = InMemoryBook([inv("45", 1200)])
    decide_day([pay("сч 45", 1200)], book, CONTEXT)
    assert not book.get("i45").paid


def test_order_of_input_changes_nothing() -> None:
    payments = [
        pay("сч 45", 700, id="a"),
        pay("сч 45", 600, id="b"),
        pay("сч 46", 500, id="c", on="2026-03-02"),
        pay("За доски", 300, id="d", on="2026-02-28"),
    ]
    invoices = [inv("45", 1200), inv("46", 500), inv("47", 300, on="2026-02-01")]
    expected = {item.payment_id: item for item in decide_all(payments, InMemoryBook(invoices), CONTEXT)}
    for order in permutations(payments):
        for invoice_order in permutations(invoices):
            found = decide_all(order, InMemoryBook(invoice_order), CONTEXT)
            assert {item.payment_id: item for item in found} == expected


def test_answers_come_in_the_order_of_the_payments() -> None:
    payments = [pay("сч 1", 1, id="b", on="2026-03-05"), pay("сч 2", 1, id="a", on="2026-03-01")]
    assert [item.payment_id for item in decide_all(payments, InMemoryBook([]), CONTEXT)] == ["b", "a"]


def test_two_invoices_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="i45"):
        InMemoryBook([inv("45", 1200), inv("45", 1)])


def test_an_alias_makes_a_third_party_a_known_payer() -> None:
    context = MatchContext(own_tax_ids=CONTEXT.own_tax_ids, aliases={f"t:{ROZA}": frozenset({PION})})
    payments = [pay("За доски", 1200, ROZA)]
    assert kinds(payments, inv("45", 1200)) == [NONE]
    assert kinds(payments, inv("45", 1200), context=context) == [AUTO]


def test_a_configured_shared_payer_is_nobodys_identity() -> None:
    context = MatchContext(own_tax_ids=CONTEXT.own_tax_ids, shared_tax_ids=frozenset({PION}))
    assert kinds([pay("За доски", 1200)], inv("45", 1200), context=context) == [SUGGEST]


def test_a_tolerance_of_dates_works_only_when_set_and_is_told() -> None:
    payments = [pay("сч 45 от 04.02.2026", 1200)]
    context = MatchContext(own_tax_ids=CONTEXT.own_tax_ids, date_tolerance_days=2)
    assert kinds(payments, inv("45", 1200)) == [SUGGEST]
    (decision,) = decide_all(payments, InMemoryBook([inv("45", 1200)]), context)
    assert decision.kind is AUTO
    assert any("разрешённых 2" in item.text for item in decision.candidates[0].evidence)
