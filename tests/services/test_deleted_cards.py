"""The CRM's invoice of a sale is deleted after a part payment: the sale lives on by the accounting system's paper."""

from __future__ import annotations

import pytest

from hub.ports.crm import ItemKind, Removed
from hub.ports.records import PaymentState
from hub.ports.store import Store
from tests.support.two_systems import BOOKS, TwoSystems, paper
from tests.support.world import CRM, client, deal, incoming, invoice, rub


@pytest.fixture
def both(store: Store) -> TwoSystems:
    """A card that was paid in part, and its paper that came later; then the card was deleted."""
    world = TwoSystems(store).act()
    world.told(client(), deal(), invoice())
    world.pay(incoming("Аванс по счету № 71 от 01.03.2026", "400.00"))
    world.settle()
    world.told(paper(), by=BOOKS)
    world.told(Removed(ItemKind.INVOICE, "71"))
    with store.write() as uow:
        uow.connections.polled(BOOKS, world.clock.now())
    return world


def test_the_rest_of_a_sale_whose_card_was_deleted_is_paid_by_its_paper(both: TwoSystems) -> None:
    assert both.crm.moves_of("1") == ["PREPAID"]
    (key,) = both.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "600.00", 6, "246"))
    both.settle()
    assert both.payment(key).state is PaymentState.MATCHED
    assert both.crm.moves_of("1") == ["PREPAID", "SHIP"]
    assert both.books.invoice_stage["1"] == "P"


def test_a_new_card_of_a_sale_whose_card_was_deleted_is_one_with_it(both: TwoSystems) -> None:
    both.told(invoice("72", "71"))
    with both.store.read() as uow:
        row = uow.invoices.get(f"{CRM}/72")
        assert row is not None
        assert (row.sale_id, row.invoice.paid) == (f"{CRM}/71", rub("400"))


def test_a_sale_whose_card_and_paper_were_deleted_is_not_found(both: TwoSystems) -> None:
    both.told(Removed(ItemKind.INVOICE, "1"), by=BOOKS)
    (key,) = both.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "600.00", 6, "246"))
    assert both.payment(key).state is not PaymentState.MATCHED
    with both.store.read() as uow:
        assert uow.invoices.by_keys(["n:71"]) == []


def test_a_sale_that_only_an_unread_system_keeps_is_not_decided_on(both: TwoSystems) -> None:
    both.clock.sleep(2 * 3600.0)
    with both.store.write() as uow:
        uow.connections.polled(CRM, both.clock.now())
    (key,) = both.pay(incoming("Оплата по счету № АБ00-000071 от 01.03.2026", "600.00", 6, "246"))
    assert both.payment(key).state is PaymentState.NEW
