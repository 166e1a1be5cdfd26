"""What a decision was made from is stored with it, and says the same when everything around it has moved on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from hub.domain.matching import SHIPPED
from hub.domain.matching.ground import Ground, Rivals
from hub.domain.matching.rederive import Derived, derive
from hub.domain.models import Party
from hub.ports.aliases import NewAlias
from hub.ports.records import PaymentState
from hub.ports.store import Store
from hub.services import match_payments as matching
from hub.services.match_payments import match_payments
from hub.services.settle_payment import undo_match
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.queries import KeptDecision, Queries
from tests.support.grounds import unfounded
from tests.support.world import World, client, deal, incoming, invoice


@pytest.fixture
def world(store: Store) -> World:
    world = World(store).act()
    world.crm.add(client(), deal(), invoice(), deal("2"), invoice("72", "72", "1000", "2"))
    world.sync()
    return world


def kept(database: Database, payment: str) -> list[KeptDecision]:
    with Queries(database).kept_decisions([payment]) as (_, found):
        return list(found)


def ground_of(item: KeptDecision) -> Ground:
    assert item.ground is not None
    return item.ground


def again(item: KeptDecision) -> Derived:
    return derive(item.decision, item.payment, ground_of(item), SHIPPED)


def test_a_decision_keeps_the_invoices_as_they_were(world: World, database: Database) -> None:
    (paid,) = world.pay(incoming("Оплата по счету № 71", "1000"))
    world.settle()
    (item,) = kept(database, paid)
    assert [(known.id, str(known.open_amount)) for known in ground_of(item).findings.invoices] == [
        ("crm/71", "1000.00 RUB"),
        ("crm/72", "1000.00 RUB"),
    ]
    with world.store.read() as uow:
        row = uow.invoices.get("crm/71")
    assert row is not None
    assert str(row.invoice.open_amount) == "0.00 RUB"
    assert again(item).decision == item.decision


def test_every_decision_about_a_payment_is_kept_with_its_own(world: World, database: Database) -> None:
    (part,) = world.pay(incoming("Оплата по счету № 71", "300"))
    undo_match(world.rt, part, "Ольга")
    with world.store.write() as uow:
        uow.payments.set_state(part, PaymentState.RECHECK)
    match_payments(world.rt)
    first, second = kept(database, part)
    assert (first.decision.code, second.decision.code) == ("number_client_part", "held_by_person")
    assert not ground_of(first).beside.held
    assert ground_of(second).beside.held
    for item in (first, second):
        assert again(item).differences == ()


def test_payments_of_one_day_remember_each_other(world: World, database: Database) -> None:
    one, two = world.pay(
        incoming("Оплата по счету № 71", "1000", number="1"), incoming("Оплата по счету № 71", "700", number="2")
    )
    (item,), (other,) = kept(database, one), kept(database, two)
    assert (item.decision.code, ground_of(item).rivals) == ("contested", {"crm/71": Rivals(0, 70000)})
    assert ground_of(other).rivals == {"crm/71": Rivals(0, 100000)}
    assert again(item).differences == again(other).differences == ()


def test_money_that_came_in_between_is_kept_as_a_fact(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_allocate", lambda *_: False)
    (asked,) = world.pay(incoming("Оплата по счету № 71", "1000"))
    (item,) = kept(database, asked)
    assert (item.decision.code, ground_of(item).beside.overtaken) == ("contested", True)
    assert again(item).differences == ()


def test_a_rule_that_was_taken_back_since_is_still_told(world: World, database: Database) -> None:
    payer = Party("Иванов И.И.", "500100732259")
    with world.store.write() as uow:
        rule = uow.aliases.add(NewAlias("t:500100732259", payer, "7700000016", "Фиалка", "olga"), world.clock.now())
    ordered = incoming("Оплата по счету № 71", "1000", tax_id="500100732259")
    (paid,) = world.pay(replace(ordered, payment=replace(ordered.payment, payer=payer)))
    (item,) = kept(database, paid)
    assert "olga" in item.decision.reason
    with world.store.write() as uow:
        assert uow.aliases.end(rule.id, "olga", world.clock.now())
    assert again(item).decision == item.decision


def test_what_was_changed_by_hand_is_found(world: World, database: Database) -> None:
    (paid,) = world.pay(incoming("Оплата по счету № 71", "1000"))
    with database.write() as connection:
        body = connection.execute(select(t.decisions.c.body)).scalar_one()
        connection.execute(update(t.decisions).values(body={**body, "reason": body["reason"].replace("71", "72")}))
    (item,) = kept(database, paid)
    (difference,) = again(item).differences
    assert (difference.field, "№ 72" in difference.kept, "№ 71" in difference.derived) == ("reason", True, True)
    assert len(unfounded(database)) == 1
    with database.write() as connection:
        connection.execute(update(t.decisions).values(body=body))
