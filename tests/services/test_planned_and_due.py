"""Between planning and writing things change: what was planned is written only while it is so still."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.rules import Action, PaidEvent, PipelineRules, RuleSet
from hub.ports.crm import InvoiceNow
from hub.ports.records import EffectKind, EffectRow, EffectState, PaymentState
from hub.ports.store import Store
from hub.services.match_payments import match_payments
from hub.services.settle_payment import undo_match
from hub.services.settle_sale import say_same
from tests.services.test_settle_sale import answer
from tests.support.two_systems import BOOKS, TwoSystems, paper
from tests.support.world import CRM, World, client, deal, incoming, invoice, rub

PURPOSE, BY_PAPER = (f"Оплата по счету № {number} от 01.03.2026" for number in ("71", "АБ00-000071"))
BY_INVOICES = RuleSet({"0": PipelineRules("0", {PaidEvent.INVOICE_PAID: Action("SHIP")})})


def move_of(world: World, payment_id: str = "p1") -> EffectRow:
    (effect,) = (row for row in world.effects(payment_id) if row.kind is EffectKind.MOVE_DEAL)
    return effect


def delivered(world: World) -> World:
    """Everything that is due, and what that made due, with no poll in between."""
    world.deliver_due()
    world.deliver_due()
    return world


# A rule that looks at invoices


@pytest.fixture
def by_invoices(store: Store) -> World:
    """A deal whose CRM keeps no sum: its paid invoice moves it."""
    world = World(store, rules=BY_INVOICES).act()
    world.crm.add(client(), replace(deal(), amount=None), invoice())
    world.sync()
    return world


def test_a_paid_invoice_moves_its_deal(by_invoices: World) -> None:
    by_invoices.pay(incoming(PURPOSE, "1000.00"))
    assert delivered(by_invoices).crm.moves_of("1") == ["SHIP"]


@pytest.mark.parametrize("read", [True, False], ids=["read by a poll", "found at the move"])
def test_an_invoice_that_grew_moves_no_deal_by_the_rule_of_invoices(by_invoices: World, read: bool) -> None:
    by_invoices.pay(incoming(PURPOSE, "1000.00"))
    by_invoices.crm.invoices["71"] = replace(by_invoices.crm.invoices["71"], amount=rub("1500"))
    if read:
        by_invoices.crm.add(by_invoices.crm.invoices["71"])
        by_invoices.sync()
    assert delivered(by_invoices).crm.moves_of("1") == []
    assert (move_of(by_invoices).state, move_of(by_invoices).result) == (
        EffectState.PARKED,
        {"outcome": "no_longer_paid"},
    )


def test_an_invoice_whose_other_half_was_taken_back_moves_no_deal(by_invoices: World) -> None:
    by_invoices.pay(incoming("Аванс по счету № 71 от 01.03.2026", "400.00"))
    by_invoices.deliver_due()
    by_invoices.pay(incoming("Доплата по счету № 71 от 01.03.2026", "600.00", 6, "246"))
    undo_match(by_invoices.rt, "p1", "Ольга")
    assert delivered(by_invoices).crm.moves_of("1") == []


# A deal that asks for more


def test_a_deal_that_grew_since_it_was_read_is_not_moved_as_paid(store: Store) -> None:
    world = World(store).sell()
    world.pay(incoming(PURPOSE, "1000.00"))
    world.crm.deals["1"] = replace(world.crm.deals["1"], amount=rub("1500"))
    assert delivered(world).crm.moves_of("1") == []
    assert move_of(world).result == {"outcome": "no_longer_paid"}


def test_a_deal_that_asks_for_less_by_now_is_moved(store: Store) -> None:
    world = World(store).sell()
    world.pay(incoming(PURPOSE, "1000.00"))
    world.crm.deals["1"] = replace(world.crm.deals["1"], amount=rub("900"))
    assert delivered(world).crm.moves_of("1") == ["SHIP"]


def test_a_deal_that_is_its_own_invoice_is_held_to_its_sum(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(store).act()
    world.crm.add(client(), deal(), replace(invoice("D_1", "71"), markable=False))
    world.sync()
    # As a CRM does that keeps invoices in fields of the deal.
    monkeypatch.setattr(world.crm, "invoice_now", lambda _id: InvoiceNow())
    world.pay(incoming(PURPOSE, "1000.00"))
    world.crm.deals["1"] = replace(world.crm.deals["1"], amount=rub("1500"))
    assert delivered(world).crm.moves_of("1") == []


def test_a_deal_that_grew_while_its_crm_was_silent_is_not_moved(store: Store) -> None:
    world = TwoSystems(store).act()
    world.told(client(), deal())
    world.sync()
    world.told(paper(), by=BOOKS)
    world.clock.sleep(7200)
    with world.store.write() as uow:
        uow.connections.polled(BOOKS, world.clock.now())
        uow.payments.add([incoming(BY_PAPER, "1000.00")], None, world.clock.now())
    match_payments(world.rt)
    assert world.payment("p1").state is PaymentState.MATCHED
    world.crm.deals["1"] = replace(world.crm.deals["1"], amount=rub("1500"))
    # The CRM is back, and what is due comes before the next poll.
    assert delivered(world).crm.moves_of("1") == []


# A sale that a person is asked about


@pytest.fixture
def asked(store: Store) -> TwoSystems:
    """Card and paper were one sale when the money came; the card has become another client's since."""
    world = TwoSystems(store).act()
    world.told(client(), deal(), invoice(), client("513", "7700000030", "ООО «Роза»"))
    world.told(paper(), by=BOOKS)
    world.pay(incoming(BY_PAPER, "1000.00"))
    world.told(replace(invoice(), client=replace(client("513"), names=(), tax_ids=())))
    assert world.asked() == [(f"{BOOKS}/1", f"{CRM}/71")]
    return world


def test_a_sale_in_question_moves_and_marks_nothing(asked: TwoSystems) -> None:
    delivered(asked)
    assert [write for write in asked.crm.writes if write[0] != "comment"] == []
    move = move_of(asked)
    assert move.state is EffectState.QUEUED
    assert move.reason == "Хаб спрашивает, один ли это счёт: до ответа на странице «Один ли это счёт?» писать нельзя."


def test_the_answer_that_it_is_one_sale_lets_it_go_on(asked: TwoSystems) -> None:
    delivered(asked)
    answer(asked, say_same)
    asked.clock.sleep(301)
    assert delivered(asked).crm.moves_of("1") == ["SHIP"]
