"""A paper finds its deal, or is asked about, however many others have its price or its client."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.models import Client, Invoice, StageKind
from hub.ports.sales import LinkState
from hub.ports.store import Store
from hub.services import deal_candidates
from tests.support.two_systems import BOOKS, TwoSystems, paper
from tests.support.world import client, deal, incoming

MANY = 60
READ = Client("512")
NAMED = replace(deal("8", "7000"), title="Счет № АБ00-000071")


@pytest.fixture
def world(store: Store) -> TwoSystems:
    world = TwoSystems(store).act()
    world.told(client())
    world.told(client(), by=BOOKS)
    return world


def of_strangers() -> list[Invoice]:
    """Papers of the same price."""
    numbered = ((f"0{place:03}", f"АБ00-1{place:05}", f"78{place:08}") for place in range(MANY))
    return [paper(key, number, tax_id=tax_id, name=f"ООО {key}") for key, number, tax_id in numbered]


def of_client() -> list[Invoice]:
    """Papers of the same client."""
    return [
        replace(paper(f"1{place:03}", f"АБ00-2{place:05}", amount=f"{place + 1}"), client=READ) for place in range(MANY)
    ]


@pytest.mark.parametrize("whose", [READ, paper().client], ids=["client read", "client named"])
def test_two_papers_of_a_common_price_are_a_question(world: TwoSystems, whose: Client) -> None:
    world.told(*of_strangers(), by=BOOKS)
    world.told(deal("1"))
    world.told(replace(paper("1", "АБ00-000071"), client=whose), by=BOOKS)
    world.told(replace(paper("2", "АБ00-000072"), client=whose), by=BOOKS)
    assert [world.deals_of(key) for key in "12"] == [[], []]
    assert [world.deals_of(key, LinkState.ASKED) for key in "12"] == [["1"], ["1"]]
    world.pay(incoming("Оплата по счету № АБ00-000072 от 01.03.2026", "1000.00"))
    world.settle()
    assert world.crm.moves_of("1") == []


def test_a_second_deal_of_a_common_price_is_a_question(world: TwoSystems) -> None:
    world.told(*of_strangers(), *of_client(), by=BOOKS)
    world.told(deal("1"))
    world.told(replace(paper("9"), client=READ), by=BOOKS)
    assert world.deals_of("9") == ["1"]
    world.told(deal("2"))
    assert world.deals_of("9") == []
    assert world.deals_of("9", LinkState.ASKED) == ["1", "2"]


def test_a_deal_that_comes_later_is_found_among_many_papers_of_its_sum_and_of_its_client(world: TwoSystems) -> None:
    world.told(*of_strangers(), *of_client(), replace(paper("9"), client=READ), by=BOOKS)
    world.told(deal("1"))
    assert world.deals_of("9") == ["1"]


@pytest.mark.parametrize("late", [True, False], ids=["deal late", "deal first"])
def test_a_deal_that_names_a_paper_is_found_among_many(world: TwoSystems, late: bool) -> None:
    def told_deals() -> None:
        world.told(*(deal(f"0{place:03}", f"{place + 1}") for place in range(MANY)), NAMED, deal("9"))

    if not late:
        told_deals()
    world.told(*of_client(), replace(paper("9"), client=READ), by=BOOKS)
    if late:
        told_deals()
    assert world.deals_of("9") == ["8"]


def test_what_has_its_deal_and_its_money_is_no_twin(world: TwoSystems, monkeypatch: pytest.MonkeyPatch) -> None:
    world.told(deal("1"))
    world.told(paper("1"), by=BOOKS)
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00"))
    world.settle()
    monkeypatch.setattr(deal_candidates, "_MOST", 1)
    world.told(replace(deal("1"), stage_kind=StageKind.WON), deal("2"))
    world.told(paper("2", "АБ00-000072"), by=BOOKS)
    assert world.deals_of("2") == ["2"]


def test_more_deals_that_may_name_a_paper_than_are_looked_through_are_a_question(
    world: TwoSystems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deal_candidates, "_MOST_ALIKE", 2)
    world.told(*(replace(deal(key), title="Заявка 710") for key in "123"), NAMED)
    world.told(paper(), by=BOOKS)
    assert world.deals_of("1") == []
    assert world.deals_of("1", LinkState.ASKED) == ["8"]


def test_more_papers_of_a_price_than_are_looked_through_are_twins(
    world: TwoSystems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deal_candidates, "_MOST", 1)
    world.told(deal("1"))
    world.told(paper("1"), by=BOOKS)
    assert world.deals_of("1") == ["1"]
    world.told(paper("2", "АБ00-000072"), by=BOOKS)
    assert [world.deals_of(key) for key in "12"] == [[], []]
