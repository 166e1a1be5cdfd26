"""What a person says of two invoices, or of a document and its deal: yes, no, and the word taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from hub.domain.money import Money
from hub.ports.crm import ItemKind, Removed
from hub.ports.records import EffectKind, PaymentState
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.ports.store import Store
from hub.services.runtime import Runtime
from hub.services.settle_payment import choose_invoices, undo_match
from hub.services.settle_sale import Asked, CannotSettleSale, mark, say_apart, say_same, take_answer_back
from hub.store.engine import Database
from hub.store.queries import Queries, SaleTab
from tests.support.two_systems import BOOKS, GUID, TwoSystems, paper
from tests.support.world import CRM, client, deal, incoming, invoice

PAIR = (f"{BOOKS}/1", f"{CRM}/71")
OLGA = "ольга"
BY_OLGA = f"person:{OLGA}"
Answer = Callable[[Runtime, Asked, str], None]
Journal = Callable[[], list[tuple[str, str]]]
#: Another sum: a question for a person.
OTHER_SUM = paper(number="71", amount="1100")


@pytest.fixture
def world(store: Store) -> TwoSystems:
    world = TwoSystems(store).act()
    world.told(client(), deal())
    return world


def seen(world: TwoSystems, left: str = PAIR[0], right: str = PAIR[1]) -> Asked:
    """The question as a page shows it now."""
    with world.store.read() as uow:
        link = next(item for item in uow.sales.links(left) if (item.left, item.right) == (left, right))
        other = uow.deals.get(right) if link.kind is LinkKind.DEAL else uow.sales.alone(right)
        return Asked(link.kind, left, right, mark(link, uow.sales.alone(left), other))


def answer(world: TwoSystems, said: Answer, left: str = PAIR[0], right: str = PAIR[1]) -> None:
    said(world.rt, seen(world, left, right), OLGA)


def link_of(world: TwoSystems, left: str = PAIR[0], right: str = PAIR[1]) -> SaleLink | None:
    with world.store.read() as uow:
        return next((item for item in uow.sales.links(left) if (item.left, item.right) == (left, right)), None)


@pytest.fixture
def journal(database: Database) -> Journal:
    """Events of sales and who caused them, oldest first."""

    def read() -> list[tuple[str, str]]:
        lines = [(line.event, line.actor) for line in Queries(database).journal()]
        return [line for line in reversed(lines) if line[0].startswith("sale.")]

    return read


def asked_pair(world: TwoSystems) -> None:
    world.told(invoice())
    world.told(OTHER_SUM, by=BOOKS)
    assert world.asked() == [PAIR]


def test_two_that_a_person_joins_are_paid_moved_and_marked_as_one(world: TwoSystems, journal: Journal) -> None:
    asked_pair(world)
    answer(world, say_same)
    assert world.sales() == [list(PAIR)]
    assert world.asked() == []
    link = link_of(world)
    assert link is not None
    assert (link.state, link.decided_by) == (LinkState.JOINED, BY_OLGA)
    assert ("sale.joined", BY_OLGA) in journal()
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1100.00"))
    world.settle()
    assert world.payment("p1").state is PaymentState.MATCHED
    assert world.books.writes == [("invoice", "1", "P")]
    assert world.crm.invoice_stage["71"] == "P"


def test_the_answer_outlives_later_changes_of_both(world: TwoSystems) -> None:
    asked_pair(world)
    answer(world, say_same)
    world.told(replace(OTHER_SUM, due_on=date(2026, 4, 1)), by=BOOKS)
    world.told(invoice(number="999"))
    assert world.sales() == [list(PAIR)]
    assert world.asked() == []


def test_a_payment_that_waited_under_either_number_is_looked_at_anew(world: TwoSystems) -> None:
    asked_pair(world)
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1100.00", tax_id="7700000098"))
    assert world.payment("p1").state is PaymentState.NEEDS_YOU
    answer(world, say_same)
    assert world.payment("p1").state is PaymentState.RECHECK


def test_money_given_to_one_before_the_answer_marks_the_other_after_it(world: TwoSystems) -> None:
    world.told(invoice())
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"))
    world.settle()
    world.told(paper(number="71", on=date(2026, 3, 20)), by=BOOKS)
    answer(world, say_same)
    world.settle()
    assert world.sales() == [[f"{CRM}/71", f"{BOOKS}/1"]]
    assert world.books.writes == [("invoice", "1", "P")]
    assert world.crm.moves_of("1") == ["SHIP"]


def test_two_told_apart_stay_two_whatever_changes(world: TwoSystems, journal: Journal) -> None:
    asked_pair(world)
    answer(world, say_apart)
    world.told(paper(number="71"), by=BOOKS)
    assert world.sales() == [[PAIR[0]], [PAIR[1]]]
    assert world.asked() == []
    assert ("sale.told_apart", BY_OLGA) in journal()


def test_telling_one_apart_settles_the_other_that_was_asked_about(world: TwoSystems) -> None:
    world.told(invoice("71", "71"), invoice("72", "71"))
    world.told(paper(), by=BOOKS)
    assert len(world.asked()) == 2
    answer(world, say_apart, PAIR[0], f"{CRM}/72")
    assert world.sales() == [list(PAIR), [f"{CRM}/72"]]
    assert world.asked() == []


def test_the_machines_own_joint_can_be_told_apart(world: TwoSystems, journal: Journal) -> None:
    world.told(invoice())
    world.told(paper(), by=BOOKS)
    answer(world, say_apart)
    assert world.sales() == [[PAIR[0]], [PAIR[1]]]
    assert ("sale.parted", BY_OLGA) in journal()
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"))
    with world.store.read() as uow:
        assert uow.matches.of_invoice(PAIR[1]) == uow.matches.of_payment("p1")


@pytest.mark.parametrize("said", [say_same, say_apart])
def test_an_answer_taken_back_brings_the_question_again(world: TwoSystems, journal: Journal, said: Answer) -> None:
    asked_pair(world)
    answer(world, said)
    answer(world, take_answer_back)
    assert world.sales() == [[PAIR[0]], [PAIR[1]]]
    assert world.asked() == [PAIR]
    assert journal()[-2:] == [("sale.answer_taken_back", BY_OLGA), ("sale.asked", "hub")]
    for key in PAIR:
        with world.store.read() as uow:
            row = uow.invoices.get(key)
            assert row is not None
            assert (row.main_id, row.has_copies) == (None, False)
            assert uow.invoices.by_keys({"n:71"})


@pytest.mark.parametrize("said", [take_answer_back, say_apart])
def test_a_sale_with_money_is_not_parted(world: TwoSystems, said: Answer) -> None:
    world.told(invoice())
    world.told(OTHER_SUM if said is take_answer_back else paper(number="71"), by=BOOKS)
    if said is take_answer_back:
        answer(world, say_same)
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1100.00" if said is take_answer_back else "1000.00"))
    assert world.payment("p1").state is PaymentState.MATCHED
    with pytest.raises(CannotSettleSale, match="уже сопоставлены деньги"):
        answer(world, said)
    assert world.sales() == [list(PAIR)]
    undo_match(world.rt, "p1", OLGA)
    answer(world, said)
    assert world.sales() == [[PAIR[0]], [PAIR[1]]]


def test_what_was_asked_after_the_money_is_confirmed_by_a_person(world: TwoSystems) -> None:
    world.told(invoice())
    world.told(paper(), by=BOOKS)
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00"))
    world.told(paper(number="АБ00-000500"), by=BOOKS)
    assert world.asked() == [PAIR]
    with pytest.raises(CannotSettleSale, match="уже сопоставлены деньги"):
        answer(world, say_apart)
    answer(world, say_same)
    assert world.sales() == [list(PAIR)]
    assert world.asked() == []
    with world.store.read() as uow:
        main, copy = (uow.invoices.get(key) for key in PAIR)
        assert main is not None
        assert copy is not None
        assert (main.main_id, main.has_copies, copy.main_id) == (None, True, PAIR[0])


def test_two_that_were_both_paid_are_joined_once_one_of_them_is_free(world: TwoSystems) -> None:
    world.told(invoice(number="900"))
    world.told(paper(number="АБ00-000072"), by=BOOKS)
    world.pay(
        incoming("Оплата по счету № 900", "1000.00"), incoming("Оплата по счету № АБ00-000072", "1000.00", number="9")
    )
    world.told(invoice(number="АБ00-000072"))
    with pytest.raises(CannotSettleSale, match="По обоим счетам"):
        answer(world, say_same)
    undo_match(world.rt, "p2", OLGA)
    answer(world, say_same)
    assert len(world.sales()) == 1


def test_more_money_than_the_document_is_worth_has_to_be_taken_off_first(world: TwoSystems) -> None:
    world.told(deal(amount="1200"), invoice(amount="1200"))
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1200.00"))
    assert world.payment("p1").state is PaymentState.MATCHED
    world.told(paper(number="71"), by=BOOKS)
    with pytest.raises(CannotSettleSale, match="а сумма документа"):
        answer(world, say_same)
    assert len(world.sales()) == 2


def test_two_currencies_are_never_one_sale(world: TwoSystems) -> None:
    world.told(replace(invoice(), guid=GUID.format(1)))
    world.told(replace(paper(number="71"), amount=Money.of("1000", "USD"), paid=Money.zero("USD")), by=BOOKS)
    assert world.asked() == [PAIR]
    with pytest.raises(CannotSettleSale, match="валют"):
        answer(world, say_same)


def test_a_persons_word_comes_before_the_machines_joint_of_another(world: TwoSystems) -> None:
    world.told(replace(invoice("71", "71"), guid=GUID.format(1)), invoice("72", "71"))
    world.told(paper(), by=BOOKS)
    assert world.sales() == [list(PAIR), [f"{CRM}/72"]]
    world.told(replace(invoice("72", "71"), due_on=date(2026, 4, 1)))
    assert world.asked() == [(PAIR[0], f"{CRM}/72")]
    answer(world, say_same, PAIR[0], f"{CRM}/72")
    assert [PAIR[0], f"{CRM}/72"] in world.sales()
    assert [PAIR[1]] in world.sales()


def test_a_second_invoice_of_one_system_waits_until_a_person_takes_the_first_word_back(world: TwoSystems) -> None:
    world.told(invoice("71", "71"), invoice("72", "71"))
    world.told(paper(), by=BOOKS)
    answer(world, say_same)
    assert world.asked() == []
    world.told(replace(invoice("72", "71"), due_on=date(2026, 4, 1)))
    assert world.asked() == [], "it is said which one it is"
    world.told(replace(invoice("72", "71"), guid=GUID.format(1)))
    assert world.asked() == [(PAIR[0], f"{CRM}/72")]
    with pytest.raises(CannotSettleSale, match="другой счёт той же системы, № 71"):
        answer(world, say_same, PAIR[0], f"{CRM}/72")
    answer(world, take_answer_back)
    assert world.sales() == [[PAIR[0], f"{CRM}/72"], [PAIR[1]]]


@pytest.mark.parametrize("said", [say_same, say_apart, take_answer_back])
def test_a_page_left_open_answers_nothing(world: TwoSystems, said: Answer) -> None:
    asked_pair(world)
    shown = seen(world)
    world.told(paper(number="71", amount="1150"), by=BOOKS)
    with pytest.raises(CannotSettleSale, match="Пока страница была открыта"):
        said(world.rt, shown, OLGA)
    assert world.asked() == [PAIR]


def test_an_answer_is_given_once(world: TwoSystems) -> None:
    asked_pair(world)
    shown = seen(world)
    say_same(world.rt, shown, OLGA)
    for said in (say_same, say_apart, take_answer_back):
        with pytest.raises(CannotSettleSale, match="Пока страница"):
            said(world.rt, shown, OLGA)
    with pytest.raises(CannotSettleSale, match="Пока страница"):
        answer(world, say_apart)
    answer(world, take_answer_back)
    with pytest.raises(CannotSettleSale, match="Пока страница"):
        answer(world, take_answer_back)
    assert world.asked() == [PAIR]


def test_a_contradiction_of_a_third_does_not_undo_what_a_person_joined(world: TwoSystems) -> None:
    asked_pair(world)
    answer(world, say_same)
    world.told(replace(invoice("d1", "71", "1100"), markable=False))
    assert world.sales() == [[PAIR[0], PAIR[1], f"{CRM}/d1"]]
    world.told(replace(invoice("d1", "555", "1100"), markable=False))
    assert world.sales() == [[PAIR[0], PAIR[1], f"{CRM}/d1"]]
    assert world.asked() == [(PAIR[0], f"{CRM}/d1")], "the paper is what it is held against"
    answer(world, say_apart, PAIR[0], f"{CRM}/d1")
    assert world.sales() == [list(PAIR), [f"{CRM}/d1"]]
    assert world.asked() == []


def two_deals(world: TwoSystems) -> None:
    world.told(deal("2"))
    world.told(paper(), by=BOOKS)
    assert world.deals_of("1", LinkState.ASKED) == ["1", "2"]


def test_the_deal_that_a_person_names_is_moved_by_the_documents_money(world: TwoSystems, journal: Journal) -> None:
    two_deals(world)
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00"))
    assert world.payment("p1").state is PaymentState.MATCHED
    answer(world, say_same, PAIR[0], f"{CRM}/2")
    assert (world.deals_of("1"), world.deals_of("1", LinkState.ASKED)) == (["2"], [])
    assert ("sale.deal_found", BY_OLGA) in journal()
    world.settle()
    assert (world.crm.moves_of("1"), world.crm.moves_of("2")) == ([], ["SHIP"])


def test_the_last_deal_left_is_found_by_the_machine(world: TwoSystems) -> None:
    two_deals(world)
    answer(world, say_apart, PAIR[0], f"{CRM}/1")
    assert world.deals_of("1") == ["2"]
    link = link_of(world, PAIR[0], f"{CRM}/1")
    assert link is not None
    assert (link.state, link.decided_by) == (LinkState.APART, BY_OLGA)


@pytest.mark.parametrize("said", [say_same, say_apart])
def test_a_word_about_a_deal_is_taken_back(world: TwoSystems, said: Answer) -> None:
    two_deals(world)
    answer(world, said, PAIR[0], f"{CRM}/1")
    answer(world, take_answer_back, PAIR[0], f"{CRM}/1")
    assert world.deals_of("1", LinkState.ASKED) == ["1", "2"]
    with world.store.read() as uow:
        row = uow.invoices.get(PAIR[0])
        assert row is not None
        assert row.invoice.deals == ()


def test_a_deal_that_money_may_have_moved_is_kept_until_the_match_is_undone(world: TwoSystems) -> None:
    two_deals(world)
    answer(world, say_same, PAIR[0], f"{CRM}/1")
    world.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "1000.00"))
    world.settle()
    with pytest.raises(CannotSettleSale, match="уже сопоставлены деньги"):
        answer(world, take_answer_back, PAIR[0], f"{CRM}/1")
    undo_match(world.rt, "p1", OLGA)
    world.settle()
    answer(world, take_answer_back, PAIR[0], f"{CRM}/1")
    assert world.crm.moves_of("1") == ["SHIP", "NEW"]
    assert world.deals_of("1", LinkState.ASKED) == ["1", "2"]


def test_nobody_is_asked_about_a_deal_that_was_deleted(world: TwoSystems) -> None:
    two_deals(world)
    world.told(Removed(ItemKind.DEAL, "2"))
    assert world.deals_of("1") == ["1"]
    assert world.deals_of("1", LinkState.ASKED) == []


def test_the_lists_of_questions_answers_and_joints_tell_both_sides(world: TwoSystems, database: Database) -> None:
    queries = Queries(database)
    assert (queries.asked_sales(), set(queries.sale_counts().values())) == (None, {0})
    asked_pair(world)
    (line,) = queries.sales(SaleTab.ASKED).rows
    assert line.left is not None
    assert line.right is not None
    assert (line.left.invoice.id, line.right.invoice.id) == PAIR
    assert line.link.traits == ("sum_other",)
    assert [row.deal.title for row in line.deals.values()] == ["Сделка 1"]
    assert line.members == {PAIR[0]: (), PAIR[1]: ()}
    assert (queries.asked_sales(), queries.sales(SaleTab.ANSWERED).total) == (1, 0)
    answer(world, say_same)
    world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1100.00"))
    (line,) = queries.sales(SaleTab.ANSWERED).rows
    assert [row.invoice.id for row in line.members[PAIR[1]]] == list(PAIR)
    assert line.payments == {PAIR[0]: ("p1",), PAIR[1]: ("p1",)}
    assert queries.asked_sales() == 0
    world.told(deal("2", "500"))
    world.told(paper("2", "АБ00-000090", "500"), by=BOOKS)
    (line,) = queries.sales(SaleTab.JOINED).rows
    assert line.deal is not None
    assert line.deal_client is not None
    assert (line.deal.id, line.deal_client.main_tax_id, line.right) == (f"{CRM}/2", "7700000016", None)
    assert queries.sale_counts() == {SaleTab.ASKED: 0, SaleTab.ANSWERED: 1, SaleTab.JOINED: 1}
    assert queries.sale_members([PAIR[1]]).keys() == {PAIR[1]}
    card = queries.payment("p1")
    assert card is not None
    assert [row.invoice.number for row in card.members[PAIR[0]]] == ["71", "71"]


def test_money_for_a_copy_goes_to_the_one_that_stands_for_the_sale(world: TwoSystems) -> None:
    world.told(invoice())
    world.told(paper(), by=BOOKS)
    world.pay(incoming("Без номера", "1000.00", tax_id="7700000098"))
    choose_invoices(world.rt, "p1", [f"{CRM}/71", f"{BOOKS}/1"], OLGA)
    with world.store.read() as uow:
        assert [(row.invoice_id, row.amount) for row in uow.matches.of_payment("p1")] == [
            (PAIR[0], Money.of("1000", "RUB"))
        ]
    assert [effect.kind for effect in world.effects("p1")].count(EffectKind.MARK_PAID) == 2
