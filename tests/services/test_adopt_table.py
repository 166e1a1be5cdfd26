"""Another decision table at a start: waiting payments are decided anew, matches stay, the journal has a line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.decision import Decision
from hub.domain.matching import SHIPPED, DecisionTable, MatchContext
from hub.domain.matching.rederive import Rederived, verify
from hub.domain.matching.table import kept_table
from hub.domain.matching.versions import table_version
from hub.ports.records import PaymentState
from hub.ports.store import Store
from hub.services.adopt_table import adopt_table, keep_tables
from hub.services.match_payments import match_payments
from hub.services.replay import Change, apply, preview
from hub.services.runtime import Work
from hub.services.settle_payment import reject
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.support.world import OUR_TAX_ID, World, client, deal, incoming, invoice
from tests.unit.matching.own_tables import own, with_outcome

STRICTER = own(with_outcome("number_client_part", "suggest"))
NO_GUESSES = own(with_outcome("client_part", "drop"))


@pytest.fixture
def world(store: Store) -> World:
    world = World(store).act()
    world.crm.add(client(), deal(), invoice(), deal("2"), invoice("72", "72", "1000", "2"))
    world.sync()
    return world


def start(world: World, table: DecisionTable) -> int:
    """The hub starts with a table; how many payments it looks at anew."""
    world.rt = replace(world.rt, match_context=lambda own_ids: MatchContext(own_ids | {OUR_TAX_ID}, table=table))
    keep_tables(world.rt)
    world.hints.clear()
    return adopt_table(world.rt)


def decided(world: World, payment: str) -> Decision:
    decision = world.payment(payment).decision
    assert decision is not None
    return decision


def changes(database: Database) -> list[dict[str, object]]:
    lines = reversed(Queries(database).journal())
    return [dict(line.data) for line in lines if line.event == "table.changed"]


def test_what_the_table_says_of_a_part_decides_live(world: World) -> None:
    start(world, STRICTER)
    (part,) = world.pay(incoming("Оплата по счету № 71", "300"))
    assert (world.payment(part).state, decided(world, part).code) == (PaymentState.NEEDS_YOU, "number_client_part")
    assert decided(world, part).version.endswith(f"table {STRICTER.version}")
    assert "Таблица решений компании оставляет это человеку." in decided(world, part).reason


def test_waiting_payments_are_decided_anew_and_matches_stay(world: World, database: Database) -> None:
    start(world, STRICTER)
    (whole,) = world.pay(incoming("Оплата по счету № 72", "1000", number="1"))
    (part,) = world.pay(incoming("Оплата по счету № 71", "300", number="2"))
    (aside,) = world.pay(incoming("Оплата по счету № 71", "200", number="3"))
    reject(world.rt, aside, "Ольга")
    moves = list(world.crm.writes)
    assert start(world, SHIPPED) == 1
    assert world.hints == [(Work.MATCH, "")]
    match_payments(world.rt)
    assert (world.payment(part).state, decided(world, part).code) == (PaymentState.MATCHED, "number_client_part")
    assert world.payment(aside).state is PaymentState.DISMISSED
    assert table_version(decided(world, whole).version) == STRICTER.version
    assert world.crm.writes == moves
    assert changes(database) == [
        {"before": None, "after": STRICTER.version, "payments": 0},
        {"before": STRICTER.version, "after": SHIPPED.version, "payments": 1},
    ]


def test_a_match_of_a_looser_table_stays_under_a_stricter_one(world: World) -> None:
    start(world, SHIPPED)
    (part,) = world.pay(incoming("Оплата по счету № 71", "300"))
    assert world.payment(part).state is PaymentState.MATCHED
    assert start(world, STRICTER) == 0
    match_payments(world.rt)
    assert world.payment(part).state is PaymentState.MATCHED
    assert table_version(decided(world, part).version) == SHIPPED.version


def test_the_same_table_at_the_next_start_changes_nothing(world: World, database: Database) -> None:
    start(world, STRICTER)
    (part,) = world.pay(incoming("Оплата по счету № 71", "300"))
    before = world.payment(part)
    assert start(world, STRICTER) == 0
    assert world.payment(part) == before
    assert len(changes(database)) == 1


def test_the_hubs_own_table_from_the_first_start_on_leaves_no_line(world: World, database: Database) -> None:
    assert start(world, SHIPPED) == 0
    assert changes(database) == []
    assert start(world, SHIPPED) == 0
    assert changes(database) == []


def test_a_payment_that_a_person_undid_is_only_suggested_by_the_new_table_too(world: World) -> None:
    start(world, STRICTER)
    (part,) = world.pay(incoming("Оплата по счету № 71", "300"))
    with world.store.write() as uow:
        uow.payments.set_state(part, PaymentState.NEEDS_YOU, held=True)
    assert start(world, SHIPPED) == 1
    match_payments(world.rt)
    assert (world.payment(part).state, decided(world, part).code) == (PaymentState.NEEDS_YOU, "held_by_person")


def test_every_table_that_decided_is_kept_and_every_decision_follows_from_its_own(
    world: World, database: Database
) -> None:
    tables = (SHIPPED, STRICTER, NO_GUESSES)
    purposes = ("Оплата по счету № 71", "Оплата по счету № 72", "За товар", "Оплата по счету № 90", "Налог на прибыль")
    for number, table in enumerate(tables):
        start(world, table)
        for place, purpose in enumerate(purposes):
            world.pay(incoming(purpose, f"{100 + 7 * place + number}", number=f"{number}{place}"))
        match_payments(world.rt)
    with Queries(database).kept_decisions() as (texts, found):
        kept = list(found)
    assert texts == {table.version: table.text for table in tables}
    seen = {table_version(item.decision.version) for item in kept}
    assert seen == {table.version for table in tables}
    hows = []
    for item in kept:
        version = table_version(item.decision.version)
        assert version is not None
        again = verify(item.decision, kept_table(version, texts[version]))
        assert again.how in (Rederived.SAME, Rederived.BESIDE_TABLE), (item, again)
        hows.append(again.how)
    assert hows.count(Rederived.SAME) > 10
    parts = [item.decision for item in kept if item.decision.code == "number_client_part"]
    assert {decision.kind.value for decision in parts} == {"auto", "suggest"}
    asked = next(item for item in parts if table_version(item.version) == STRICTER.version)
    assert verify(asked, SHIPPED).follows == "number_client_part auto"
    given = next(item for item in parts if table_version(item.version) == SHIPPED.version)
    assert verify(given, STRICTER).how is Rederived.DIFFERS


def test_only_some_payments_are_looked_up(world: World, database: Database) -> None:
    start(world, SHIPPED)
    one, two = world.pay(incoming("Оплата по счету № 71", "300", number="1"), incoming("Налог", "7", number="2"))
    with Queries(database).kept_decisions([two]) as (_, found):
        assert {item.decision.payment_id for item in found} == {two}
    with Queries(database).kept_decisions([]) as (_, found):
        assert list(found) == []
    assert one != two


def test_another_table_is_looked_at_and_not_applied(world: World) -> None:
    start(world, SHIPPED)
    (part,) = world.pay(incoming("Оплата по счету № 71", "300"))
    before = world.payment(part)
    (line,) = preview(world.rt, [part], table=STRICTER)
    assert line.after is not None
    assert (line.change, line.after.code) == (Change.DOUBT, "number_client_part")
    assert line.after.version.endswith(STRICTER.version)
    assert world.payment(part) == before
    assert [item.change for item in apply(world.rt, [part], "Ольга")] == [Change.SAME]
