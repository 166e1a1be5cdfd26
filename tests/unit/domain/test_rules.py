"""Paid state belongs to the deal, and one payment makes one action for it."""

from __future__ import annotations

from hub.domain.models import Invoice
from hub.domain.money import Money
from hub.domain.rules import (
    PLACEHOLDERS,
    Action,
    DealMoney,
    PaidEvent,
    PipelineRules,
    action_for,
    covered_of_deal,
    render,
    unknown_placeholders,
)

ADVANCE = Action(stage_id="PREPAID")
SHIP = Action(stage_id="SHIP")
CLOSED = Action(stage_id="CLOSED")


def rub(amount: str) -> Money:
    return Money.of(amount, "RUB")


def invoice(key: str, amount: str, paid: str, *deals: str) -> Invoice:
    return Invoice(key, key, None, rub(amount), rub(paid), deals=deals)


def rules(**actions: Action) -> PipelineRules:
    return PipelineRules("0", {PaidEvent(name): action for name, action in actions.items()})


def test_a_paid_advance_invoice_never_ships_the_goods() -> None:
    advance = invoice("i1", "300", "300", "d1")
    money = DealMoney("d1", rub("1000"), rub("300"), (advance,))
    assert money.event is PaidEvent.DEAL_PARTLY_PAID
    chosen = action_for(rules(deal_paid=SHIP, deal_partly_paid=ADVANCE), money)
    assert chosen == (PaidEvent.DEAL_PARTLY_PAID, ADVANCE)
    assert action_for(rules(deal_paid=SHIP), money) is None


def test_the_rest_pays_the_deal_over_all_its_invoices() -> None:
    invoices = {"i1": invoice("i1", "300", "300", "d1"), "i2": invoice("i2", "700", "700", "d1")}
    covered = covered_of_deal(invoices, {"d1": rub("1000")}, "d1")
    assert covered == rub("1000")
    assert DealMoney("d1", rub("1000"), covered).event is PaidEvent.DEAL_PAID


def test_one_kopeck_short_is_partly_paid() -> None:
    assert DealMoney("d1", rub("1000"), rub("999.99")).event is PaidEvent.DEAL_PARTLY_PAID


def test_a_deal_without_a_sum_is_never_paid_in_full() -> None:
    paid = invoice("i1", "300", "300", "d1")
    for amount in (None, rub("0"), Money.of("300", "KZT")):
        assert DealMoney("d1", amount, rub("300"), (paid,)).event is PaidEvent.INVOICE_PAID
        assert DealMoney("d1", amount, rub("100")).event is None


def test_the_deals_own_event_comes_before_invoice_paid() -> None:
    money = DealMoney("d1", rub("300"), rub("300"), (invoice("i1", "300", "300", "d1"),))
    assert action_for(rules(deal_paid=SHIP, invoice_paid=CLOSED), money) == (PaidEvent.DEAL_PAID, SHIP)
    assert action_for(rules(invoice_paid=CLOSED), money) == (PaidEvent.INVOICE_PAID, CLOSED)


def test_no_rule_means_no_action() -> None:
    assert action_for(None, DealMoney("d1", rub("1"), rub("1"))) is None
    assert action_for(rules(), DealMoney("d1", rub("1"), rub("1"))) is None
    assert action_for(rules(deal_paid=SHIP), DealMoney("d1", rub("1"), rub("0"))) is None


def test_an_invoice_of_two_deals_counts_only_when_it_leaves_no_doubt() -> None:
    sums = {"d1": rub("400"), "d2": rub("600")}
    whole = invoice("i1", "1000", "1000", "d1", "d2")
    assert covered_of_deal({"i1": whole}, sums, "d1") == rub("400")
    assert covered_of_deal({"i1": whole}, sums, "d2") == rub("600")
    part = invoice("i1", "1000", "999", "d1", "d2")
    assert covered_of_deal({"i1": part}, sums, "d1") == rub("0")
    assert covered_of_deal({"i1": whole}, {"d1": rub("400"), "d2": rub("500")}, "d1") == rub("0")
    assert covered_of_deal({"i1": whole}, {"d1": rub("400"), "d2": None}, "d1") == rub("0")


def test_two_currencies_in_one_deal_cannot_be_told() -> None:
    tenge = Invoice("i2", "2", None, Money.of("5", "KZT"), Money.of("5", "KZT"), deals=("d1",))
    assert covered_of_deal({"i1": invoice("i1", "1", "1", "d1"), "i2": tenge}, {}, "d1") is None
    assert covered_of_deal({}, {}, "d1") is None


def test_texts_are_filled_from_a_closed_list_and_never_executed() -> None:
    assert render("Пришло {payment_sum}", {"payment_sum": "1 ₽"}) == "Пришло 1 ₽"
    assert render("{nope} {payer.__class__}", {"payer": "x"}) == "{nope} {payer.__class__}"
    assert unknown_placeholders("{payer} {nope}") == ["nope"]
    assert not unknown_placeholders(" ".join(f"{{{name}}}" for name in PLACEHOLDERS))
