"""A confirmed candidate may be remembered: the match and the rule are one transaction, or neither is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.decision import Candidate
from hub.domain.models import Client, Direction, Party
from hub.ports.records import PaymentState
from hub.ports.store import Store
from hub.services.aliases import add_alias
from hub.services.remember_payer import offered_client
from hub.services.runtime import Work
from hub.services.settle_payment import CannotSettle, confirm_candidate
from tests.support.aliases import CLIENT, IVANOV, SHARED, active, paid_by, sell
from tests.support.world import CRM, World, client, invoice

IVANOVS_KEY = "t:500100732259"


@pytest.fixture
def world(store: Store) -> World:
    return World(store).act()


def first(world: World, payment: str) -> Candidate:
    decision = world.payment(payment).decision
    assert decision is not None
    return decision.candidates[0]


def offered(world: World, payment: str) -> Client | None:
    """For whom the page would offer to remember the payer of the first candidate."""
    candidate = first(world, payment)
    with world.store.read() as uow:
        rows = [row for key in candidate.invoices if (row := uow.invoices.get(key)) is not None]
        context = world.rt.match_context(uow.clients.own_tax_ids())
        invoices = [row.invoice for row in rows]
        return offered_client(uow, world.payment(payment).payment, candidate, invoices, context)


def test_the_rule_is_made_with_the_match_and_the_next_payment_needs_nobody(world: World) -> None:
    sell(world, "71", "72", "73")
    waits, now = world.pay(paid_by(IVANOV, "Оплата по счету 72", number="2"), paid_by(IVANOV))
    confirm_candidate(world.rt, now, first(world, now), "olga", remember=True)
    assert world.payment(now).confirmed_by == "olga"
    (row,) = active(world, IVANOVS_KEY)
    assert (row.said.author, row.said.target, row.said.payment_id, row.said.payer.name) == (
        "olga",
        CLIENT,
        now,
        IVANOV.name,
    )
    assert (Work.MATCH, "") in world.hints
    assert world.payment(waits).state is PaymentState.RECHECK
    (later,) = world.pay(paid_by(IVANOV, "Оплата по счету 73", number="3"))
    assert {world.payment(payment).state for payment in (waits, later)} == {PaymentState.MATCHED}


def test_a_confirmation_alone_makes_no_rule(world: World) -> None:
    sell(world, "71")
    (payment,) = world.pay(paid_by(IVANOV))
    confirm_candidate(world.rt, payment, first(world, payment), "olga")
    assert active(world, IVANOVS_KEY) == []


@pytest.mark.parametrize(
    ("payer", "purpose"),
    [
        pytest.param(IVANOV, "Оплата по счету 71", id="contradicts"),
        pytest.param(IVANOV, "За ООО «Фиалка» по счету 71", id="third_party"),
        pytest.param(Party("Петров Пётр Петрович"), "Оплата по счету 71", id="name_differs"),
        pytest.param(Party(account=IVANOV.account), "Аванс 30% по счету 71", id="unknown"),
    ],
)
def test_a_payer_that_is_not_the_client_is_offered(world: World, payer: Party, purpose: str) -> None:
    sell(world, "71")
    (payment,) = world.pay(paid_by(payer, purpose, "999"))
    found = offered(world, payment)
    assert found is not None
    assert found.names == ("ООО «Фиалка»",)


@pytest.mark.parametrize("payer", [*SHARED[:6], Party("ООО «Фиалка»", CLIENT), Party()], ids=str)
def test_a_shared_a_nameless_and_an_own_payer_are_not_offered_and_cannot_be_remembered(
    world: World, payer: Party
) -> None:
    sell(world, "71")
    (payment,) = world.pay(paid_by(payer, amount="1500"))
    assert offered(world, payment) is None
    with pytest.raises(CannotSettle, match="Запомнить плательщика"):
        confirm_candidate(world.rt, payment, first(world, payment), "olga", remember=True)
    assert world.payment(payment).state is PaymentState.NEEDS_YOU, "the match was taken back with it"
    with world.store.read() as uow:
        assert uow.matches.of_payment(payment) == []


def test_what_is_recorded_already_is_not_offered_again(world: World) -> None:
    sell(world, "71")
    (payment,) = world.pay(paid_by(IVANOV, "Оплата по счету 71 от 02.02.2025"))
    candidate = first(world, payment)
    add_alias(world.rt, IVANOV, CLIENT, "ivan")
    with world.store.read() as uow:
        row = uow.invoices.get(f"{CRM}/71")
        assert row is not None
        context = world.rt.match_context(uow.clients.own_tax_ids())
        assert offered_client(uow, world.payment(payment).payment, candidate, [row.invoice], context) is None


def test_invoices_of_two_clients_or_of_none_offer_nobody(world: World) -> None:
    sell(world, "71")
    rose = client("513", "7800000017", "ООО «Роза»")
    (payment,) = world.pay(paid_by(IVANOV))
    fact, candidate = world.payment(payment).payment, first(world, payment)
    ours, others = (replace(invoice(), client=known) for known in (client(), rose))
    with world.store.read() as uow:
        context = world.rt.match_context(frozenset())
        assert offered_client(uow, fact, candidate, [ours, ours], context) is not None
        for invoices in ([ours, others], [replace(ours, client=None)], []):
            assert offered_client(uow, fact, candidate, invoices, context) is None
        assert offered_client(uow, replace(fact, direction=Direction.OUT), candidate, [ours], context) is None
