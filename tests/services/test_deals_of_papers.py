"""A document of the accounting system that no CRM keeps finds its deal: by name, by contract, by client and sum."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from hub.domain.models import Reference, ReferenceKind, StageKind
from hub.ports.crm import Change, ItemKind, Removed
from hub.ports.sales import LinkState
from hub.ports.store import Store
from tests.support.two_systems import BOOKS, TwoSystems, paper
from tests.support.world import CRM, client, deal, incoming, invoice, rub

CONTRACT = replace(paper(), references=(Reference(ReferenceKind.CONTRACT, "17/К"),))


@pytest.fixture
def world(store: Store) -> TwoSystems:
    world = TwoSystems(store).act()
    world.told(client(), client("900", "7700000098", "ООО «Роза»"))
    return world


@pytest.mark.parametrize(
    ("days", "title", "moves"),
    [(6, "Сделка 2", ["SHIP"]), (30, "Сделка 2", []), (30, "По счету № АБ00-000071", ["SHIP"])],
)
def test_a_deal_made_long_after_the_money_is_rather_the_next_purchase(
    world: TwoSystems, days: int, title: str, moves: list[str]
) -> None:
    world.told(client())
    world.told(paper(), by=BOOKS)
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00", 10))
    world.settle()
    world.clock.sleep(days * 86_400)
    world.told(replace(deal("2"), title=title))
    world.settle()
    assert world.crm.moves_of("2") == moves
    assert world.deals_of("1", LinkState.ASKED) == ([] if moves else ["2"])


@pytest.mark.parametrize("late", [True, False], ids=["deal late", "deal first"])
def test_the_clients_only_deal_of_the_sum_is_moved_by_its_money(world: TwoSystems, late: bool) -> None:
    told: list[tuple[str, Change]] = [(CRM, deal()), (BOOKS, paper())]
    for system, item in reversed(told) if late else told:
        world.told(item, by=system)
    assert world.deals_of("1") == ["1"]
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00"))
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


def test_money_that_came_before_the_deal_moves_it_too(world: TwoSystems) -> None:
    world.told(paper(), by=BOOKS)
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00"))
    world.told(deal())
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


@pytest.mark.parametrize("late", [True, False], ids=["deal late", "deal first"])
@pytest.mark.parametrize(
    ("kept", "asked"), [("1000", ["1"]), ("1001", ["1"]), ("1002", []), ("999", []), ("1000.30", []), ("0", [])]
)
def test_a_deal_of_a_crm_without_kopecks_is_a_question(
    world: TwoSystems, kept: str, asked: list[str], late: bool
) -> None:
    world.told(client(), by=BOOKS)
    paid_for = replace(paper(amount="1000.40"), client=client())
    told: list[tuple[str, Change]] = [(CRM, deal(amount=kept)), (BOOKS, paid_for)]
    for system, item in reversed(told) if late else told:
        world.told(item, by=system)
    assert world.deals_of("1") == []
    assert world.deals_of("1", LinkState.ASKED) == asked


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_deals_of_one_sum_are_a_question_in_any_order(world: TwoSystems, order: tuple[int, ...]) -> None:
    told: list[tuple[str, Change]] = [(CRM, deal("1")), (CRM, deal("2")), (BOOKS, paper())]
    for place in order:
        system, item = told[place]
        world.told(item, by=system)
    assert world.deals_of("1") == []
    assert world.deals_of("1", LinkState.ASKED) == ["1", "2"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_papers_of_one_sum_are_a_question_in_any_order(world: TwoSystems, order: tuple[int, ...]) -> None:
    told: list[tuple[str, Change]] = [(CRM, deal("1")), (BOOKS, paper("1")), (BOOKS, paper("2", "АБ00-000072"))]
    for place in order:
        system, item = told[place]
        world.told(item, by=system)
    assert (world.deals_of("1"), world.deals_of("2")) == ([], [])


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Поставка по счету № АБ00-000071", ["2"]),
        ("Поставка по счету 71", []),
        ("Поставка по счету № АБ00-000072", []),
    ],
)
def test_a_deal_that_names_the_paper_is_its_deal(world: TwoSystems, title: str, found: list[str]) -> None:
    world.told(deal("1"), replace(deal("2"), title=title))
    world.told(paper(), by=BOOKS)
    assert world.deals_of("1") == found


NAMED = replace(deal(), title="Поставка по счету № АБ00-000071")


@pytest.mark.parametrize(("asks", "moves"), [("1001", ["SHIP"]), ("1000", ["SHIP"]), ("1002", ["PREPAID"])])
def test_a_deal_whose_crm_keeps_whole_roubles_is_paid_by_its_paper(
    world: TwoSystems, asks: str, moves: list[str]
) -> None:
    world.told(replace(NAMED, amount=rub(asks)))
    world.told(paper(amount="1000.60"), by=BOOKS)
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.60"))
    world.settle()
    assert world.crm.moves_of("1") == moves


def test_a_deal_of_whole_roubles_is_not_paid_while_one_of_its_papers_is_open(world: TwoSystems) -> None:
    world.told(replace(NAMED, amount=rub("1001"), title=f"{NAMED.title}, счет № АБ00-000072"))
    world.told(paper(amount="600.20"), paper("2", "АБ00-000072", amount="400.40"), by=BOOKS)
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "600.20"))
    world.settle()
    assert world.crm.moves_of("1") == ["PREPAID"]
    # An hour has passed: the books were read again.
    world.act()
    world.pay(incoming("Оплата по счету № АБ00-000072 от 01.03.2026", "400.40", number="9"))
    world.settle()
    assert world.crm.moves_of("1") == ["PREPAID", "SHIP"]


def test_a_deal_of_the_contract_and_the_sum_comes_before_others_of_the_sum(world: TwoSystems) -> None:
    world.told(deal("1"), replace(deal("2"), title="Поставка по договору № 17/К"))
    world.told(CONTRACT, by=BOOKS)
    assert world.deals_of("1") == ["2"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(deal("1", client_id="900"), id="another client"),
        pytest.param(deal("1", amount="999.99"), id="another sum"),
        pytest.param(replace(deal("1"), client_id=None), id="nobody's"),
    ],
)
def test_what_does_not_fit_is_not_asked_about(world: TwoSystems, other: Change) -> None:
    world.told(other)
    world.told(paper(), by=BOOKS)
    assert world.deals_of("1") == world.deals_of("1", LinkState.ASKED) == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_deal_with_an_invoice_of_its_own_is_not_given_another(world: TwoSystems, order: tuple[int, ...]) -> None:
    told: list[tuple[str, Change]] = [(CRM, deal("1")), (CRM, invoice("80", "999")), (BOOKS, paper())]
    for place in order:
        system, item = told[place]
        world.told(item, by=system)
    assert world.deals_of("1") == []
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00"))
    world.settle()
    assert world.crm.moves_of("1") == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_twin_in_the_crm_says_which_deal_it_is(world: TwoSystems, order: tuple[int, ...]) -> None:
    told: list[tuple[str, Change]] = [(CRM, deal("1")), (CRM, deal("2", "500")), (BOOKS, paper())]
    for place in order:
        system, item = told[place]
        world.told(item, by=system)
    world.told(invoice(deal_id="2"))
    with world.store.read() as uow:
        row = uow.invoices.get(f"{BOOKS}/1")
        assert row is not None
        assert row.invoice.deals == (f"{CRM}/2",)
    assert world.deals_of("1") == []


def test_a_paper_of_another_day_and_sum_waits_for_nobody(world: TwoSystems) -> None:
    world.told(deal("1"))
    world.told(paper(on=date(2024, 1, 1), amount="1"), by=BOOKS)
    assert world.deals_of("1") == []


def deals_by_hub(world: TwoSystems, key: str = "1") -> tuple[str, ...]:
    with world.store.read() as uow:
        row = uow.invoices.get(f"{BOOKS}/{key}")
        assert row is not None
        return row.invoice.deals


def test_a_paper_whose_card_became_another_bill_looks_for_its_deal(world: TwoSystems) -> None:
    world.told(deal(), deal("2", "777"), invoice())
    world.told(paper(), by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1", f"{CRM}/71"]]
    world.told(invoice("71", "99", "777", "2"))
    assert deals_by_hub(world) == (f"{CRM}/1",)


def test_a_paper_whose_card_was_deleted_looks_for_its_deal(world: TwoSystems) -> None:
    world.told(deal(), invoice())
    world.told(paper(), by=BOOKS)
    world.told(Removed(ItemKind.INVOICE, "71"))
    assert deals_by_hub(world) == (f"{CRM}/1",)


BY_PAPER = incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00")
ROSE = ("7700000098", "ООО «Роза»")


@pytest.mark.parametrize(
    "becomes",
    [
        pytest.param(deal("1", "700", client_id="900"), id="another sale"),
        pytest.param(deal("1", "700"), id="another sum"),
        pytest.param(client("512", *ROSE), id="another client"),
    ],
)
def test_a_paper_leaves_the_deal_that_became_another_sale(world: TwoSystems, becomes: Change) -> None:
    world.told(deal())
    world.told(paper(), by=BOOKS)
    assert world.deals_of("1") == ["1"]
    world.told(becomes)
    assert world.deals_of("1") == []
    world.pay(BY_PAPER)
    world.settle()
    assert world.crm.moves_of("1") == []


def test_a_paper_finds_the_deal_whose_client_gets_its_tax_id_later(world: TwoSystems) -> None:
    world.told(replace(client("514"), tax_ids=()), deal(client_id="514"))
    world.told(paper(), by=BOOKS)
    assert world.deals_of("1") == []
    world.told(client("514"))
    assert world.deals_of("1") == ["1"]


def test_a_paper_stays_with_its_deal_that_was_won_before_the_money(world: TwoSystems) -> None:
    world.told(deal())
    world.told(paper(), by=BOOKS)
    world.told(replace(deal(), stage_kind=StageKind.WON))
    world.told(paper(on=date(2026, 3, 2)), by=BOOKS)
    assert world.deals_of("1") == ["1"]
    for title in ("Поставка", "Новая поставка"):
        world.told(replace(deal("2"), title=title))
        assert world.deals_of("1") == [], "it may be of the next deal too"
        assert world.deals_of("1", LinkState.ASKED) == ["1", "2"]
