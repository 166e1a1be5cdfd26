"""The hub learns how our invoices are numbered as it stores them, and decides live as a run over them does."""

from __future__ import annotations

import pytest

from hub.domain.decision import Aspect, Decision
from hub.domain.matching.shapes import shape_of
from hub.ports.crm import ItemKind, Removed
from hub.ports.records import PaymentState
from hub.ports.store import Store
from tests.support.world import World, client, deal, incoming, invoice

NUMBERS = ("ТД00-000071", "ТД00-000172", "73/26")


@pytest.fixture
def world(store: Store) -> World:
    world = World(store).act()
    invoices = [invoice(str(key), number, str(1000 + key)) for key, number in enumerate(NUMBERS)]
    world.crm.add(client(), deal(), *invoices)
    world.sync()
    return world


def decided(world: World, payment: str) -> Decision:
    decision = world.payment(payment).decision
    assert decision is not None
    return decision


def test_the_store_learns_what_the_invoices_themselves_teach(world: World) -> None:
    with world.rt.store.read() as uow:
        learned = uow.number_shapes.all()
    taught = {shape_of(invoice("x", number)) for number in NUMBERS}
    assert set(learned) == taught
    assert [shape.mask for shape in learned] == ["99/26", "ТД00-000099", "ТД00-000999"]


def test_a_stray_number_is_told_live(world: World) -> None:
    (payment,) = world.pay(incoming("опл. ЦБ-99", "1000"))
    assert (world.payment(payment).state, decided(world, payment).code) == (PaymentState.NEEDS_YOU, "other_shape")


def test_beside_a_named_invoice_of_the_very_sum_it_is_left_out_live(world: World) -> None:
    (payment,) = world.pay(incoming("Оплата по счету № 71 от 01.03.2026 за доски (№ ЦБ-17 от 01.02.2026)", "1000"))
    assert world.payment(payment).state is PaymentState.MATCHED
    told = [item.verdict for item in decided(world, payment).candidates[0].evidence if item.aspect is Aspect.NUMBERING]
    assert told == ["other_shape"]


def test_a_new_shape_counts_at_once_and_a_removed_invoice_leaves_its_own(world: World) -> None:
    world.crm.add(invoice("9", "ЦБ-9", "7"))
    world.sync()
    (payment,) = world.pay(incoming("опл. ЦБ-99", "1000"))
    assert decided(world, payment).code == "unknown_number"
    world.crm.add(Removed(ItemKind.INVOICE, "9"))
    world.sync()
    (later,) = world.pay(incoming("опл. ЦБ-98", "1000", number="2"))
    assert decided(world, later).code == "unknown_number"
