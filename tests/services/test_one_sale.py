"""What a CRM and the accounting system keep of one sale is one invoice: found, paid once, marked in both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from hub.ports.crm import Change, ItemKind, Removed
from hub.ports.records import EffectKind, PaymentState
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.ports.store import Store
from hub.services.one_sale import BOTH_PAID, PAID_MORE
from tests.support.two_systems import BOOKS, GUID, TwoSystems, paper
from tests.support.world import CRM, client, deal, incoming, invoice

BY_PAPER = "Оплата по счету № АБ00-000071 от 01.03.2026"


@pytest.fixture
def world(store: Store) -> TwoSystems:
    world = TwoSystems(store).act()
    world.told(client(), deal())
    return world


def effects(world: TwoSystems, kind: EffectKind) -> list[str]:
    return [effect.subject for effect in world.effects("p1") if effect.kind is kind]


@pytest.mark.parametrize("first", [CRM, BOOKS])
def test_a_sale_is_one_whichever_system_tells_first(world: TwoSystems, first: str) -> None:
    told = {CRM: invoice(), BOOKS: paper()}
    for system in (first, CRM if first == BOOKS else BOOKS):
        world.told(told[system], by=system)
    assert world.sales() == [[f"{BOOKS}/1", f"{CRM}/71"]]
    with world.store.read() as uow:
        row = uow.invoices.get(f"{CRM}/71")
        assert row is not None
        assert (row.invoice.number, row.invoice.deals) == ("АБ00-000071", (f"{CRM}/1",))
        assert [item.number for item in row.invoice.also] == ["71"]


@pytest.mark.parametrize("purpose", [BY_PAPER, "Оплата по счету № 71 от 01.03.2026"])
def test_its_money_moves_the_deal_and_marks_both(world: TwoSystems, purpose: str) -> None:
    world.told(invoice())
    world.told(paper(), by=BOOKS)
    world.pay(incoming(purpose, "1000.00"))
    world.settle()
    assert world.payment("p1").state is PaymentState.MATCHED
    assert effects(world, EffectKind.MARK_PAID) == [f"invoice:{BOOKS}/1", f"invoice:{CRM}/71"]
    assert world.crm.moves_of("1") == ["SHIP"]
    assert world.books.writes == [("invoice", "1", "P")]


def test_a_payment_of_a_sale_that_is_whole_already_is_a_second_one(world: TwoSystems) -> None:
    world.told(invoice())
    world.told(paper(), by=BOOKS)
    world.pay(incoming(BY_PAPER, "1000.00"), incoming("Оплата по счету № 71", "1000.00", number="9"))
    world.settle()
    states = [world.payment(key).state for key in ("p1", "p2")]
    assert states.count(PaymentState.MATCHED) <= 1
    assert world.crm.moves_of("1") in ([], ["SHIP"])


def test_a_paper_that_comes_after_the_money_is_marked_too(world: TwoSystems) -> None:
    world.told(invoice())
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"))
    world.settle()
    world.told(paper(), by=BOOKS)
    world.settle()
    assert world.sales() == [[f"{CRM}/71", f"{BOOKS}/1"]]
    assert world.books.writes == [("invoice", "1", "P")]
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_paid_paper_moves_the_deal_of_its_twin_that_comes_later(world: TwoSystems) -> None:
    world.told(paper(), deal("2", "5"), by=BOOKS)
    world.pay(incoming(BY_PAPER, "1000.00"))
    assert world.payment("p1").state is PaymentState.MATCHED
    world.told(invoice())
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]
    assert world.crm.invoice_stage["71"] == "P"


def test_two_that_were_both_paid_are_put_to_a_person(world: TwoSystems) -> None:
    world.told(invoice(number="900"))
    world.told(paper(number="АБ00-000072"), by=BOOKS)
    world.pay(
        incoming("Оплата по счету № 900", "1000.00"), incoming("Оплата по счету № АБ00-000072", "1000.00", number="9")
    )
    world.told(invoice(number="АБ00-000072"))
    assert world.sales() == [[f"{BOOKS}/1"], [f"{CRM}/71"]]
    assert world.asked() == [(f"{BOOKS}/1", f"{CRM}/71")]
    assert any(BOTH_PAID in link.traits for link in world.links(LinkState.ASKED))


def test_one_that_was_given_more_than_its_paper_asks_for_is_put_to_a_person(world: TwoSystems) -> None:
    world.told(replace(invoice(amount="1500"), guid=GUID.format(1)))
    world.pay(incoming("Оплата по счету № 71", "1500.00"))
    world.told(paper(number="71", amount="1000"), by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1"], [f"{CRM}/71"]]
    (link,) = world.links(LinkState.ASKED)
    assert PAID_MORE in link.traits


@pytest.mark.parametrize(
    ("in_crm", "in_books"),
    [
        pytest.param(invoice(), paper(), id="prefix"),
        pytest.param(invoice(amount="1000.01"), paper(number="71"), id="kopecks"),
        pytest.param(invoice(), paper(number="71", on=date(2026, 3, 3)), id="days"),
        pytest.param(invoice(), paper(number="71", tax_id=None), id="name alone"),
        pytest.param(invoice(), paper(on=date(2026, 3, 3)), id="prefix and days"),
        pytest.param(invoice(), paper(tax_id=None), id="prefix and name alone"),
        pytest.param(
            invoice(number="АБ-71", amount="1000.01"), paper(on=date(2026, 3, 3)), id="kopecks and days of one number"
        ),
        pytest.param(
            replace(invoice(number="999", amount="1200"), guid=GUID.format(1)), paper(amount="1200"), id="reference"
        ),
    ],
)
def test_one_disagreement_is_forgiven(world: TwoSystems, in_crm: Change, in_books: Change) -> None:
    world.told(in_crm)
    world.told(in_books, by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1", f"{CRM}/71"]]
    assert world.asked() == []


@pytest.mark.parametrize(
    ("in_crm", "in_books"),
    [
        pytest.param(invoice(amount="1000.01"), paper(tax_id=None), id="three disagreements"),
        pytest.param(invoice(amount="1000.01"), paper(number="71", on=date(2026, 3, 3)), id="kopecks and days"),
        pytest.param(invoice(), paper(number="71", amount="1100"), id="another sum"),
        pytest.param(invoice(), paper(number="71", on=date(2026, 3, 20)), id="weeks apart"),
        pytest.param(invoice(), paper(number="71", tax_id=None, name="ООО «Роза»"), id="another name"),
        pytest.param(
            replace(invoice(number="999", amount="1200"), guid=GUID.format(1)), paper(), id="reference, sum and number"
        ),
        pytest.param(
            replace(invoice(), guid=GUID.format(1)), paper(tax_id="7700000098"), id="reference and another client"
        ),
    ],
)
def test_more_is_put_to_a_person(world: TwoSystems, in_crm: Change, in_books: Change) -> None:
    world.told(in_crm)
    world.told(in_books, by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1"], [f"{CRM}/71"]]
    assert world.asked() == [(f"{BOOKS}/1", f"{CRM}/71")]


@pytest.mark.parametrize(
    "in_books",
    [
        pytest.param(paper(tax_id="7700000098"), id="another client"),
        pytest.param(paper(number="АБ00-000072"), id="another number"),
        pytest.param(paper(number="71", on=date(2025, 3, 1)), id="another year"),
        pytest.param(replace(paper(), organisation_tax_id="7700000099"), id="another company of ours"),
    ],
)
def test_two_sales_stay_two(world: TwoSystems, in_books: Change) -> None:
    world.told(invoice())
    world.told(in_books, by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1"], [f"{CRM}/71"]]
    assert world.asked() == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_that_fit_as_well_are_a_question_in_any_order(world: TwoSystems, order: tuple[int, ...]) -> None:
    told = [(CRM, invoice("71", "71")), (CRM, invoice("72", "71")), (BOOKS, paper())]
    for place in order:
        system, item = told[place]
        world.told(item, by=system)
    assert world.sales() == [[f"{BOOKS}/1"], [f"{CRM}/71"], [f"{CRM}/72"]]
    assert world.asked() == [(f"{BOOKS}/1", f"{CRM}/71"), (f"{BOOKS}/1", f"{CRM}/72")]
    world.told(Removed(ItemKind.INVOICE, "72"))
    assert world.sales() == [[f"{BOOKS}/1", f"{CRM}/71"]]
    assert world.asked() == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_reference_tells_two_apart_in_any_order(world: TwoSystems, order: tuple[int, ...]) -> None:
    told = [(CRM, replace(invoice("71", "71"), guid=GUID.format(1))), (CRM, invoice("72", "71")), (BOOKS, paper())]
    for place in order:
        system, item = told[place]
        world.told(item, by=system)
    assert [f"{BOOKS}/1", f"{CRM}/71"] in world.sales()


def test_a_bill_of_each_day_is_not_taken_for_its_neighbour(world: TwoSystems) -> None:
    world.told(paper("1", "АБ00-000070", on=date(2026, 3, 1)), by=BOOKS)
    world.told(paper("2", "АБ00-000071", on=date(2026, 3, 2)), by=BOOKS)
    world.told(invoice())
    assert world.sales() == [[f"{BOOKS}/1"], [f"{BOOKS}/2"], [f"{CRM}/71"]]
    assert world.asked() == [(f"{BOOKS}/2", f"{CRM}/71")]


def test_what_contradicts_later_is_parted_while_nothing_was_paid(world: TwoSystems) -> None:
    world.told(invoice())
    world.told(paper(), by=BOOKS)
    world.told(paper(number="АБ00-000500"), by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1"], [f"{CRM}/71"]]
    world.pay(incoming("Оплата по счету № 71", "1000.00"))
    assert world.payment("p1").state is PaymentState.MATCHED


def test_what_contradicts_after_the_money_is_asked_about(world: TwoSystems) -> None:
    world.told(invoice())
    world.told(paper(), by=BOOKS)
    world.pay(incoming(BY_PAPER, "1000.00"))
    world.told(paper(number="АБ00-000500"), by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1", f"{CRM}/71"]]
    assert world.asked() == [(f"{BOOKS}/1", f"{CRM}/71")]


@pytest.mark.parametrize("gone", [BOOKS, CRM])
def test_one_that_is_deleted_leaves_the_other_to_be_paid(world: TwoSystems, gone: str) -> None:
    world.told(invoice())
    world.told(paper(), by=BOOKS)
    world.told(Removed(ItemKind.INVOICE, "1" if gone == BOOKS else "71"), by=gone)
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"))
    assert world.payment("p1").state is PaymentState.MATCHED
    world.settle()
    assert world.crm.moves_of("1") == (["SHIP"] if gone == BOOKS else [])


def test_what_a_person_denied_is_not_asked_again(world: TwoSystems) -> None:
    world.told(invoice())
    pair = (f"{BOOKS}/1", f"{CRM}/71")
    with world.store.write() as uow:
        uow.sales.keep(
            SaleLink(LinkKind.INVOICE, *pair, LinkState.APART, "person:Ольга", (), world.clock.now()),
        )
    world.told(paper(), by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1"], [f"{CRM}/71"]]
    assert world.asked() == []


def test_a_client_that_gets_its_tax_id_later_settles_the_question(world: TwoSystems) -> None:
    world.told(client(tax_id="7700000098"))
    world.told(invoice())
    world.told(paper(), by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1"], [f"{CRM}/71"]]
    world.told(client())
    assert world.sales() == [[f"{BOOKS}/1", f"{CRM}/71"]]


def test_kopecks_of_difference_do_not_leave_a_deal_partly_paid(world: TwoSystems) -> None:
    world.told(deal(amount="1000.01"), invoice(amount="1000.01"))
    world.told(paper(number="71"), by=BOOKS)
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"))
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]
