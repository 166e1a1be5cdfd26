"""Wherever a company keeps its invoices, the same money leads to the same move; parts never pass for the whole."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain.decision import DecisionKind
from hub.ports.records import EffectKind, EffectState, PaymentState
from hub.services.settle_payment import choose_invoices
from hub.store.unit_of_work import SqlStore
from tests.integration.office import CONNECTION, Office, lines, seed, served
from tests.support.statements import Received

FIELDS = {"number": "UF_CRM_NUMBER", "date": "UF_CRM_DATE", "amount": "UF_CRM_SUM"}
USER_FIELDS = [
    {"entity_type_id": 2, "name": "UF_CRM_NUMBER", "title": "Номер счёта"},
    {"entity_type_id": 2, "name": "UF_CRM_DATE", "type": "date", "title": "Дата счёта"},
    {"entity_type_id": 2, "name": "UF_CRM_SUM", "type": "money", "title": "Сумма счёта"},
]


def deal(number: int, amount: str = "0", **parts: Any) -> dict[str, Any]:
    base = {"id": number, "title": f"Поставка {number}", "company_id": 512, "opportunity": amount}
    return base | {"assigned_by_id": 17} | parts


def invoice(number: int, deal_id: int, amount: str) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Счёт {number}",
        "account_number": str(number),
        "company_id": 512,
        "my_company_id": 3,
        "deal_id": deal_id,
        "opportunity": amount,
        "begin_date": "2026-03-10",
        "created_at": "2026-03-10T10:00:00+03:00",
    }


def kinds(office: Office, payment: str = "p1") -> set[EffectKind]:
    return {row.kind for row in office.effects(payment)}


def test_an_invoice_in_fields_of_the_deal_moves_that_deal_and_is_not_marked(store: SqlStore) -> None:
    written = {"UF_CRM_NUMBER": "А-17", "UF_CRM_DATE": "2026-03-10", "UF_CRM_SUM": "1200.00|RUB"}
    portal = seed((), user_fields=USER_FIELDS, deals=[deal(1, "1200.00", user_fields=written), deal(2, "1200.00")])
    settings = {"invoices": {"source": "deal_fields", "fields": FIELDS}}
    with served(portal, store, settings=settings) as office:
        office.act().pay(Received("7", "1200.00", "Оплата по счету № А-17 от 10.03.2026"))
        office.settle()
        assert office.payment().state is PaymentState.MATCHED
        assert (office.moves(1), office.moves(2)) == (["EXECUTING"], [])
        assert EffectKind.MARK_PAID not in kinds(office)


def test_money_that_came_before_the_fields_were_filled_is_matched_when_they_are(store: SqlStore) -> None:
    portal = seed((), user_fields=USER_FIELDS, deals=[deal(1, "1200.00")])
    settings = {"invoices": {"source": "deal_fields", "fields": FIELDS}}
    with served(portal, store, settings=settings) as office:
        office.act().pay(Received("7", "1200.00", "Оплата по счету № А-17"))
        assert office.payment().state is PaymentState.NEEDS_YOU
        filled = {"UF_CRM_NUMBER": "А-17", "UF_CRM_DATE": "2026-03-10", "UF_CRM_SUM": "1200.00|RUB"}
        office.human("edit", 1, fields=filled)
        office.sync()
        office.settle()
        assert office.moves(1) == ["EXECUTING"]


def test_a_deal_that_is_its_own_invoice_is_found_by_sum_and_client(store: SqlStore) -> None:
    portal = seed((), deals=[deal(1, "1200.00"), deal(2, "1300.00")])
    with served(portal, store, settings={"invoices": {"source": "deal"}}) as office:
        office.act().pay(Received("7", "1300.00", "Оплата за товар"))
        office.settle()
        assert (office.moves(1), office.moves(2)) == ([], ["EXECUTING"])
        assert EffectKind.MARK_PAID not in kinds(office)
        assert [row["entityId"] for row in office.control.comments()] == [2]


def test_two_deals_of_one_sum_are_a_question(store: SqlStore) -> None:
    portal = seed((), deals=[deal(1, "1200.00"), deal(2, "1200.00")])
    with served(portal, store, settings={"invoices": {"source": "deal"}}) as office:
        office.act().pay(Received("7", "1200.00", "Оплата за товар"))
        office.settle()
        decision = office.payment().decision
        assert decision is not None
        assert decision.kind is DecisionKind.SUGGEST
        assert not office.sent()


def test_a_won_or_moved_deal_of_its_own_invoice_is_not_paid_twice(store: SqlStore) -> None:
    portal = seed((), deals=[deal(1, "1200.00")])
    with served(portal, store, settings={"invoices": {"source": "deal"}}) as office:
        office.act().pay(Received("7", "1200.00", "Оплата за товар"))
        office.settle()
        office.human("move", 1, stage_id="WON")
        office.sync()
        office.pay(Received("8", "1200.00", "Оплата за товар", day="16.03.2026"))
        office.settle()
        assert office.payment("p2").state is PaymentState.NEEDS_YOU
        assert office.moves(1) == ["EXECUTING"]


# Several invoices of a deal, several deals of a payment


@pytest.fixture
def advance() -> dict[str, Any]:
    """A deal of 1000 with an advance invoice of 30 % and one for the rest."""
    return seed((), deals=[deal(1, "1000.00")], invoices=[invoice(71, 1, "300.00"), invoice(72, 1, "700.00")])


def test_a_paid_advance_ships_nothing_and_the_rest_does(store: SqlStore, advance: dict[str, Any]) -> None:
    with served(advance, store) as office:
        office.act().pay(*lines((71, "300.00")))
        office.settle()
        assert office.moves(1) == ["PREPAYMENT_INVOICE"]
        assert office.invoice_stage(71).endswith(":P")
        assert not office.control.tasks()
        assert "осталось 700,00" in str(office.control.comments()[0]["comment"]).replace("\u00a0", " ")
        office.pay(Received("60", "700.00", "Доплата по счету № 72 от 10.03.2026", day="16.03.2026"))
        office.settle()
        assert office.moves(1) == ["PREPAYMENT_INVOICE", "EXECUTING"]
        assert len(office.control.tasks()) == 1


def test_the_rest_before_the_advance_ends_in_the_same_stage_and_never_goes_back(
    store: SqlStore, advance: dict[str, Any]
) -> None:
    with served(advance, store) as office:
        office.act().pay(*lines((72, "700.00"), (71, "300.00")))
        office.settle()
        assert office.stage(1) == "EXECUTING"
        assert office.moves(1) in (["EXECUTING"], ["PREPAYMENT_INVOICE", "EXECUTING"])
        assert len(office.control.tasks()) == 1


def test_one_payment_over_two_deals_moves_both(store: SqlStore) -> None:
    portal = seed(
        (),
        deals=[deal(1, "300.00"), deal(2, "700.00")],
        invoices=[invoice(71, 1, "300.00"), invoice(72, 2, "700.00")],
    )
    with served(portal, store) as office:
        office.act().pay(Received("7", "1000.00", "Оплата по счетам № 71, 72 от 10.03.2026"))
        office.settle()
        if office.payment().state is PaymentState.NEEDS_YOU:
            choose_invoices(office.rt, "p1", [f"{CONNECTION}/71", f"{CONNECTION}/72"], "Ольга")
            office.settle()
        assert (office.moves(1), office.moves(2)) == (["EXECUTING"], ["EXECUTING"])
        assert len(office.control.tasks()) == 2
        assert {row.state for row in office.effects()} == {EffectState.DONE}


def test_a_deal_without_a_sum_follows_its_invoice_and_passes_for_paid_by_nothing(store: SqlStore) -> None:
    portal = seed((), deals=[deal(1)], invoices=[invoice(71, 1, "300.00"), invoice(72, 1, "700.00")])
    with served(portal, store) as office:
        office.act().pay(*lines((71, "300.00")))
        office.settle()
        assert office.moves(1) == ["PREPARATION"]
        assert not office.control.tasks()
        assert office.invoice_stage(71).endswith(":P")


def test_an_invoice_without_a_deal_is_marked_paid_and_that_is_all(store: SqlStore) -> None:
    alone = invoice(71, 1, "300.00")
    del alone["deal_id"]
    with served(seed((), invoices=[alone]), store) as office:
        office.act().pay(*lines((71, "300.00")))
        office.settle()
        assert kinds(office) == {EffectKind.MARK_PAID}
        assert office.invoice_stage(71).endswith(":P")
