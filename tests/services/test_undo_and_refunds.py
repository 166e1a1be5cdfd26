"""A payment and the refund of it lean on each other: an undo may not leave an invoice that cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.models import Direction
from hub.ports.crm import ItemKind, Removed
from hub.ports.records import PaymentState
from hub.ports.statement import ReceivedPayment
from hub.ports.store import Store
from hub.services.settle_payment import CannotSettle, confirm_candidate, undo_match
from tests.support.world import World, client, deal, incoming, invoice


@pytest.fixture
def world(store: Store) -> World:
    world = World(store)
    world.crm.add(client(), deal(), invoice())
    return world


def paid(world: World, amount: str, day: int, number: str) -> str:
    return world.pay(incoming("Оплата по счету № 71 от 01.03.2026", amount, day, number))[0]


def refunded(world: World, amount: str, day: int) -> str:
    came = incoming("Возврат по счету № 71 от 01.03.2026", amount, day, "9")
    turned = replace(came.payment, direction=Direction.OUT, payer=came.payment.payee, payee=came.payment.payer)
    payment = world.pay(ReceivedPayment(turned, came.fingerprint, 1))[0]
    decision = world.payment(payment).decision
    assert decision is not None
    confirm_candidate(world.rt, payment, decision.candidates[0], "Ольга")
    return payment


def covered(world: World) -> str:
    with world.store.read() as uow:
        row = uow.invoices.get("crm/71")
    assert row is not None
    return str(row.invoice.paid.amount)


@pytest.mark.row(44)
def test_money_that_was_given_back_is_not_unmatched_before_its_refund(world: World) -> None:
    payment = paid(world, "1000.00", 5, "1")
    refund = refunded(world, "400.00", 6)
    with pytest.raises(CannotSettle, match="возврат"):
        undo_match(world.rt, payment, "Ольга")
    assert world.payment(payment).state is PaymentState.MATCHED
    assert covered(world) == "600.00"
    undo_match(world.rt, refund, "Ольга")
    undo_match(world.rt, payment, "Ольга")
    assert covered(world) == "0.00"


@pytest.mark.row(44)
def test_a_refund_is_not_unmatched_while_the_invoice_is_paid_again(world: World) -> None:
    paid(world, "1000.00", 5, "1")
    refund = refunded(world, "1000.00", 6)
    again = paid(world, "1000.00", 7, "2")
    assert world.payment(again).state is PaymentState.MATCHED
    with pytest.raises(CannotSettle, match="оплатили снова"):
        undo_match(world.rt, refund, "Ольга")
    assert covered(world) == "1000.00"


def test_a_deleted_invoice_keeps_the_money_whose_refund_leans_on_it(world: World) -> None:
    payment = paid(world, "1000.00", 5, "1")
    refunded(world, "400.00", 6)
    world.crm.add(Removed(ItemKind.INVOICE, "71"))
    world.sync()
    assert world.payment(payment).state is PaymentState.MATCHED
    assert covered(world) == "600.00"
