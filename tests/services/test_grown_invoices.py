"""An invoice may grow between the money and the write: what says «paid» is held back, whatever was read before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from hub.ports.crm import InvoiceNow
from hub.ports.records import EffectState
from hub.ports.sales import LinkState
from hub.ports.store import Store
from hub.services.runtime import Work
from tests.support.two_systems import BOOKS, GUID, TwoSystems, paper
from tests.support.world import CRM, World, client, deal, incoming, invoice, rub

PURPOSE = "Оплата по счету № 71 от 01.03.2026"


@pytest.fixture
def world(store: Store) -> World:
    return World(store).sell()


def becomes(world: World, amount: str) -> None:
    """The manager edits the sum, and no hook or poll has told it yet."""
    world.crm.invoices["71"] = replace(world.crm.invoices["71"], amount=rub(amount))


def test_no_deal_moves_and_no_mark_is_set_for_an_invoice_that_asks_for_more_by_now(world: World) -> None:
    world.pay(incoming(PURPOSE, "1000.00"))
    becomes(world, "1500.00")
    world.settle()
    assert [kind for kind, *_ in world.crm.writes] == ["comment"], "which money paid which invoice is true all the same"
    states = {(row.kind.value, row.state) for row in world.effects("p1") if row.state is EffectState.PARKED}
    assert states == {("move_deal", EffectState.PARKED), ("mark_paid", EffectState.PARKED)}
    assert (Work.POLL, CRM) in world.hints, "the new sum is read soon"


def test_the_rest_of_a_grown_invoice_moves_the_deal(world: World) -> None:
    world.pay(incoming(PURPOSE, "1000.00"))
    becomes(world, "1500.00")
    world.deliver_due()
    world.crm.add(world.crm.invoices["71"])
    world.settle()
    world.pay(incoming(PURPOSE, "500.00", day=6, number="246"))
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]
    assert world.crm.invoice_stage["71"] == "P"


@pytest.mark.parametrize("amount", ["1000.00", "999.99", "700.00"])
def test_an_invoice_that_asks_for_no_more_is_paid(world: World, amount: str) -> None:
    world.pay(incoming(PURPOSE, "1000.00"))
    becomes(world, amount)
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


@pytest.mark.parametrize(("asks", "moves"), [("1000.0000000001", ["SHIP"]), ("1000.005", []), (None, ["SHIP"])])
def test_what_a_system_keeps_is_rounded_as_it_prints_it(
    world: World, monkeypatch: pytest.MonkeyPatch, asks: str | None, moves: list[str]
) -> None:
    world.pay(incoming(PURPOSE, "1000.00"))
    really = world.crm.invoice_now

    def now(invoice_id: str) -> InvoiceNow:
        return InvoiceNow(really(invoice_id).position, Decimal(asks) if asks is not None else None)

    monkeypatch.setattr(world.crm, "invoice_now", now)
    world.settle()
    assert world.crm.moves_of("1") == moves


def test_a_part_paid_step_does_not_wait_for_the_sum(world: World) -> None:
    world.pay(incoming("Аванс по счету № 71", "400.00"))
    becomes(world, "1500.00")
    world.settle()
    assert world.crm.moves_of("1") == ["PREPAID"]


def test_each_system_is_held_to_its_own_sum_of_the_sale(store: Store) -> None:
    world = TwoSystems(store).act()
    world.told(client(), deal(amount="1000.40"), invoice(amount="1000.40"))
    world.told(paper(), by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1", f"{CRM}/71"]]
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00"))
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]
    assert world.crm.invoice_stage["71"] == "P"


GROWN = (deal(amount="1500"), invoice(amount="1500"))
REFERRING = replace(invoice(amount="1500"), guid=GUID.format("1"))
BY_PAPER = "Оплата по счету № АБ00-000071 от 01.03.2026"


def test_a_card_that_grew_past_its_paper_is_not_paid_by_it(store: Store) -> None:
    world = TwoSystems(store).act()
    world.told(client(), deal(), invoice())
    world.told(paper(), by=BOOKS)
    world.told(*GROWN)
    world.pay(incoming(BY_PAPER, "1000.00"))
    world.settle()
    assert "SHIP" not in world.crm.moves_of("1")
    assert world.crm.invoice_stage["71"] == "N"


def test_a_card_that_grows_past_its_paper_after_the_money_does_not_move_the_deal(store: Store) -> None:
    world = TwoSystems(store).act()
    world.told(client(), deal(), invoice())
    world.told(paper(), by=BOOKS)
    world.pay(incoming(BY_PAPER, "1000.00"))
    world.told(*GROWN)
    assert world.asked() == [(f"{BOOKS}/1", f"{CRM}/71")]
    world.settle()
    assert "SHIP" not in world.crm.moves_of("1")


def test_a_card_that_asks_for_more_than_the_paper_it_names_is_not_paid_by_it(store: Store) -> None:
    world = TwoSystems(store).act()
    world.told(client(), deal(amount="1500"), REFERRING)
    world.told(paper(), by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1", f"{CRM}/71"]]
    world.pay(incoming(BY_PAPER, "1000.00"))
    world.settle()
    assert world.crm.moves_of("1") == ["PREPAID"]
    assert world.crm.invoice_stage["71"] == "N"


def test_a_question_about_a_card_that_grew_goes_when_it_is_as_before(store: Store) -> None:
    world = TwoSystems(store).act()
    world.told(client(), deal(), invoice())
    world.told(paper(), by=BOOKS)
    world.pay(incoming(BY_PAPER, "1000.00"))
    world.told(*GROWN)
    assert world.asked() == [(f"{BOOKS}/1", f"{CRM}/71")]
    world.told(deal(), invoice())
    assert world.asked() == []
    assert [(link.left, link.right) for link in world.links(LinkState.JOINED)] == [(f"{BOOKS}/1", f"{CRM}/71")]
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]
