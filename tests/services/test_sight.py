"""A system that cannot be read stops nobody: what leaves no room for a second answer is decided, the rest waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.domain.models import Party
from hub.ports.records import PaymentState
from hub.ports.store import Store
from hub.services.aliases import add_alias
from hub.services.match_payments import match_payments
from tests.support.two_systems import BOOKS, TwoSystems, paper
from tests.support.world import CRM, client, deal, incoming, invoice

NAMED = "Оплата по счету № {} от 01.03.2026"
FAR = 2 * 3600.0


@pytest.fixture
def world(store: Store) -> TwoSystems:
    """The CRM knows invoice 71 of deal 1; the accounting system answered two hours ago."""
    world = TwoSystems(store).act()
    world.told(client(), deal(), invoice())
    world.clock.sleep(FAR)
    return world


def read_books(world: TwoSystems) -> None:
    with world.store.write() as uow:
        uow.connections.polled(BOOKS, world.clock.now())
    match_payments(world.rt)


def test_number_sum_and_client_together_are_decided_and_the_deal_moves(world: TwoSystems) -> None:
    (key,) = world.pay(incoming(NAMED.format("71"), "1000.00"))
    assert world.payment(key).state is PaymentState.MATCHED
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


def test_several_named_invoices_with_their_very_sum_are_decided(world: TwoSystems) -> None:
    world.told(deal("2"), invoice("72", "72", "500", "2"))
    (key,) = world.pay(incoming("Оплата по счетам № 71 от 01.03.2026, № 72 от 01.03.2026", "1500.00"))
    assert world.payment(key).state is PaymentState.MATCHED


@pytest.mark.parametrize(
    ("purpose", "amount", "tax_id"),
    [
        ("Оплата за товар", "1000.00", "7700000016"),  # by sum and client alone
        ("Аванс по счету № 71 от 01.03.2026", "400.00", "7700000016"),  # a part
        ("Оплата по счету № 71", "1000.00", "7700000016"),  # a number alone comes again every year
        (NAMED.format("71"), "1000.00", None),  # the name alone says who pays
    ],
)
def test_less_waits_until_the_system_is_read(world: TwoSystems, purpose: str, amount: str, tax_id: str | None) -> None:
    said = incoming(purpose, amount)
    payer = Party("ООО «Фиалка»", tax_id, account=said.payment.payer.account)
    (key,) = world.pay(replace(said, payment=replace(said.payment, payer=payer)))
    assert world.payment(key).state is PaymentState.NEW
    assert world.payment(key).decision is None
    read_books(world)
    assert world.payment(key).state is PaymentState.MATCHED


def test_what_the_system_hid_is_the_second_answer_once_it_is_read(world: TwoSystems) -> None:
    (key,) = world.pay(incoming("Оплата за товар", "1000.00"))
    world.told(replace(paper("2", "АБ00-000999"), client=client("")), by=BOOKS)
    read_books(world)
    assert world.payment(key).state is PaymentState.NEEDS_YOU


@pytest.mark.parametrize(
    ("number", "on", "hidden", "purpose"),
    [
        ("71", date(2025, 3, 1), "71", "Оплата по счету № 71"),
        ("СРМ-10071", date(2026, 2, 1), "АБ00-10071", "Оплата по счету № 10071"),
    ],
    ids=["last year's number", "a short number"],
)
def test_a_number_that_the_system_hides_as_well_is_not_decided_on(
    store: Store, number: str, on: date, hidden: str, purpose: str
) -> None:
    world = TwoSystems(store).act()
    world.told(client(), deal(), replace(invoice(number=number), issued_on=on))
    world.clock.sleep(FAR)
    (key,) = world.pay(incoming(purpose, "1000.00"))
    assert world.payment(key).state is PaymentState.NEW
    world.told(paper("2", hidden, on=date(2026, 3, 4)), by=BOOKS)
    read_books(world)
    assert world.payment(key).state is PaymentState.NEEDS_YOU


def test_an_invoice_that_only_the_unread_system_tells_is_not_decided_on(world: TwoSystems) -> None:
    world.told(paper("2", "АБ00-000999", "2000"), by=BOOKS)
    (key,) = world.pay(incoming(NAMED.format("АБ00-000999"), "2000.00"))
    assert world.payment(key).state is PaymentState.NEW


def test_a_sale_that_a_read_system_tells_too_is_decided_on(world: TwoSystems) -> None:
    world.told(paper(), by=BOOKS)
    assert world.sales() == [[f"{BOOKS}/1", f"{CRM}/71"]]
    (key,) = world.pay(incoming(NAMED.format("АБ00-000071"), "1000.00"))
    assert world.payment(key).state is PaymentState.MATCHED
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


def test_what_a_person_confirmed_of_a_payer_counts_as_the_client(world: TwoSystems) -> None:
    said = incoming(NAMED.format("71"), "1000.00")
    other = replace(said.payment, payer=Party("ИП Иванов Пётр", "500100732259"))
    add_alias(world.rt, other.payer, "7700000016", "Ольга")
    (key,) = world.pay(replace(said, payment=other))
    assert world.payment(key).state is PaymentState.MATCHED


def test_a_system_that_was_never_read_to_its_end_holds_everything(store: Store) -> None:
    world = TwoSystems(store)
    world.told(client(), deal(), invoice())
    (key,) = world.pay(incoming(NAMED.format("71"), "1000.00"))
    assert world.payment(key).state is PaymentState.NEW
    read_books(world)
    assert world.payment(key).state is PaymentState.MATCHED


def test_a_reading_from_far_ahead_counts_as_none_of_late(world: TwoSystems) -> None:
    with world.store.write() as uow:
        uow.connections.polled(BOOKS, world.clock.now() + timedelta(days=300))
    keys = world.pay(incoming("Оплата за товар", "1000.00"), incoming(NAMED.format("71"), "1000.00", 6, "2"))
    assert [world.payment(key).state for key in keys] == [PaymentState.NEW, PaymentState.MATCHED]


def test_days_behind_one_that_waits_are_decided(world: TwoSystems) -> None:
    waits = world.pay(*(incoming("За товар", f"{10 + day}.00", day % 28 + 1, str(day)) for day in range(60)))
    (key,) = world.pay(incoming(NAMED.format("71"), "1000.00", 31, "900"))
    assert world.payment(key).state is PaymentState.MATCHED
    assert {world.payment(other).state for other in waits} == {PaymentState.NEW}


def test_what_waits_is_looked_at_now_and_then_and_new_money_at_once(world: TwoSystems) -> None:
    (early,) = world.pay(incoming(NAMED.format("72"), "500.00"))
    world.told(deal("2"), invoice("72", "72", "500", "2"))
    match_payments(world.rt)
    assert world.payment(early).state is PaymentState.NEW, "not at every hint"
    (other,) = world.pay(incoming(NAMED.format("71"), "1000.00", 6, "2"))
    assert world.payment(other).state is PaymentState.MATCHED
    world.clock.sleep(300)
    world.sync()
    match_payments(world.rt)
    assert world.payment(early).state is PaymentState.MATCHED


def test_a_busy_day_that_waits_is_decided_as_far_as_it_is_sure(world: TwoSystems) -> None:
    world.told(*(item for n in range(30) for item in (deal(f"9{n}"), invoice(f"9{n}", f"9{n:03}", "70", f"9{n}"))))
    sure = world.pay(*(incoming(NAMED.format(f"9{n:03}"), "70.00", 5, f"s{n}") for n in range(0, 30, 2)))
    rest = world.pay(*(incoming("За услуги", f"{n}.50", 5, f"r{n}") for n in range(1, 20)))
    assert {world.payment(key).state for key in sure} == {PaymentState.MATCHED}
    assert {world.payment(key).state for key in rest} == {PaymentState.NEW}
