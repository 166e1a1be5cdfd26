"""Who pays for whom by a person's word: recorded, changed, ended; what waited is decided anew each time."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from hub.domain.decision import DecisionKind
from hub.domain.matching import MatchContext
from hub.domain.models import Client, Invoice, Party
from hub.domain.money import Money
from hub.ports.records import PaymentState
from hub.ports.store import Store
from hub.services import match_payments as matching
from hub.services.aliases import CannotAlias, add_alias, change_alias, end_alias, find_clients
from hub.services.replay import Change, preview
from hub.store.engine import Database
from hub.store.queries import Queries
from hub.store.unit_of_work import SqlStore
from tests.support.aliases import CLIENT, IVANOV, OURS, SHARED, active, paid_by, sell
from tests.support.world import CRM, OUR_ACCOUNT, OUR_TAX_ID, World, client, deal, invoice, rub

ROSE = client("513", "7800000017", "ООО «Роза»")
IVANOVS_KEY = "t:500100732259"


@pytest.fixture
def world(store: Store) -> World:
    made = World(store).act()
    own = frozenset({OUR_TAX_ID})
    made.rt = replace(
        made.rt,
        match_context=lambda _own: MatchContext(
            own_tax_ids=own, own_accounts=frozenset({OUR_ACCOUNT}), shared_tax_ids=frozenset({"7700000049"})
        ),
    )
    return made


def journal(world: World, *events: str) -> list[tuple[str, str, object]]:
    """Lines of the journal of these kinds: event, who, what in words."""
    assert isinstance(world.store, SqlStore)
    lines = Queries(world.store._database).journal()
    return [(line.event, line.actor, line.data["reason"]) for line in reversed(lines) if line.event in events]


def uses(database: Database) -> list[int]:
    """How many payments were decided by each alias in force, the newest first."""
    return [line.uses for line in Queries(database).aliases().rows]


def test_what_waited_for_a_person_is_decided_by_the_rule_which_is_named(world: World, database: Database) -> None:
    sell(world, "71")
    (payment,) = world.pay(paid_by(IVANOV))
    assert world.payment(payment).state is PaymentState.NEEDS_YOU
    row = add_alias(world.rt, IVANOV, CLIENT, "olga", "письмо от 03.02")
    assert world.payment(payment).state is PaymentState.RECHECK
    world.settle()
    decided = world.payment(payment)
    assert decided.state is PaymentState.MATCHED
    assert decided.decision is not None
    reason = (
        "ИП Иванов Иван Иванович платит за клиента ООО «Фиалка» по правилу «платит за» (записано: olga, 10.03.2026)."
    )
    assert reason in decided.decision.reason
    assert world.crm.moves_of("71") == ["SHIP"]
    assert uses(database) == [1]
    words = "ИП Иванов Иван Иванович платит за ООО «Фиалка»"
    assert journal(world, "alias.added") == [("alias.added", "olga", words)]
    assert (row.said.author, row.said.note) == ("olga", "письмо от 03.02")


def test_an_ended_rule_decides_nothing_more_and_what_it_matched_stays(world: World, database: Database) -> None:
    sell(world, "71", "72")
    row = add_alias(world.rt, IVANOV, CLIENT, "olga")
    (first,) = world.pay(paid_by(IVANOV))
    end_alias(world.rt, row.id, "ivan")
    (second,) = world.pay(paid_by(IVANOV, "Оплата по счету 72", number="2"))
    assert world.payment(first).state is PaymentState.MATCHED
    assert world.payment(second).state is PaymentState.NEEDS_YOU
    assert [line.row.removed_by for line in Queries(database).aliases(ended=True).rows] == ["ivan"]
    assert journal(world, "alias.removed")[0][:2] == ("alias.removed", "ivan")


def test_a_suggestion_that_rests_on_an_ended_rule_is_made_anew(world: World) -> None:
    sell(world, "71")
    row = add_alias(world.rt, IVANOV, CLIENT, "olga")
    (payment,) = world.pay(paid_by(IVANOV, amount="1500"))
    before = world.payment(payment).decision
    assert before is not None
    assert "по правилу «платит за»" in before.reason
    end_alias(world.rt, row.id, "olga")
    world.settle(1)
    after = world.payment(payment).decision
    assert after is not None
    assert "по правилу" not in after.reason
    assert after.kind is DecisionKind.SUGGEST


def test_a_change_ends_the_old_line_and_both_are_on_record(world: World, database: Database) -> None:
    sell(world, "71")
    world.crm.add(ROSE)
    world.sync()
    old = add_alias(world.rt, IVANOV, CLIENT, "olga")
    world.clock.sleep(60)
    new = change_alias(world.rt, old.id, IVANOV, "7800000017", "ivan", "ошиблись клиентом")
    assert [row.id for row in active(world, IVANOVS_KEY)] == [new.id]
    (ended,) = Queries(database).aliases(ended=True).rows
    assert (ended.row.id, ended.row.removed_by, ended.row.removed_at) == (old.id, "ivan", world.clock.now())
    assert [event for event, _, _ in journal(world, "alias.added", "alias.removed")] == [
        "alias.added",
        "alias.removed",
        "alias.added",
    ]
    assert new.said.client_name == "ООО «Роза»"


def test_a_change_that_changes_nothing_or_comes_too_late_is_refused(world: World) -> None:
    sell(world, "71")
    row = add_alias(world.rt, IVANOV, CLIENT, "olga", "как есть")
    with pytest.raises(CannotAlias, match="менять нечего"):
        change_alias(world.rt, row.id, IVANOV, CLIENT, "olga", "как есть")
    assert [found.id for found in active(world, IVANOVS_KEY)] == [row.id], "nothing was ended on the way"
    noted = change_alias(world.rt, row.id, IVANOV, CLIENT, "olga", "письмо 8")
    with pytest.raises(CannotAlias, match="уже прекращено"):
        change_alias(world.rt, row.id, IVANOV, CLIENT, "olga", "письмо 9")
    end_alias(world.rt, noted.id, "olga")
    for number in (noted.id, 404):
        with pytest.raises(CannotAlias, match="уже прекращено"):
            end_alias(world.rt, number, "olga")


@pytest.mark.parametrize("payer", SHARED, ids=str)
def test_whoever_pays_for_many_is_refused(world: World, payer: Party) -> None:
    sell(world, "71")
    with pytest.raises(CannotAlias, match="платят за многих"):
        add_alias(world.rt, payer, CLIENT, "olga")
    assert active(world) == []


def test_a_treasury_is_refused_by_its_tax_id_alone_once_statements_have_shown_it(world: World) -> None:
    sell(world, "71")
    world.pay(paid_by(Party("УФК по Тульской области", "7107000018", account="40802810100000000009")))
    with pytest.raises(CannotAlias, match="платят за многих"):
        add_alias(world.rt, Party(tax_id="7107000018"), CLIENT, "olga")


@pytest.mark.parametrize("payer", OURS, ids=str)
def test_our_own_organisation_is_refused(world: World, payer: Party) -> None:
    sell(world, "71")
    with pytest.raises(CannotAlias, match="наше собственное юрлицо"):
        add_alias(world.rt, payer, CLIENT, "olga")


@pytest.mark.parametrize(
    "payer",
    [Party(tax_id=CLIENT), Party("Кто угодно", account="40702810000000000777"), Party("Фиалка ООО")],
    ids=["tax id", "account", "name"],
)
def test_the_client_itself_is_refused(world: World, payer: Party) -> None:
    world.crm.add(replace(client(), accounts=("40702810000000000777",)))
    world.sync()
    with pytest.raises(CannotAlias, match="одно и то же лицо"):
        add_alias(world.rt, payer, CLIENT, "olga")


@pytest.mark.parametrize("payer", [Party(), Party(tax_id="0000000000"), Party("—")], ids=str)
def test_a_payer_that_nothing_tells_is_refused(world: World, payer: Party) -> None:
    sell(world, "71")
    with pytest.raises(CannotAlias, match="Назовите плательщика"):
        add_alias(world.rt, payer, CLIENT, "olga")


@pytest.mark.parametrize("target", ["", "7799999999", "crm/404", OUR_TAX_ID])
def test_a_client_that_nobody_knows_is_refused(world: World, target: str) -> None:
    sell(world, "71")
    with pytest.raises(CannotAlias, match="найдите его"):
        add_alias(world.rt, IVANOV, target, "olga")


def test_the_same_twice_is_refused_whichever_way_the_client_is_named(world: World) -> None:
    world.crm.add(Client("512", ("ООО «Фиалка»",)))
    world.sync()
    by_id = add_alias(world.rt, IVANOV, f"{CRM}/512", "olga")
    assert by_id.said.target == f"{CRM}/512"
    world.crm.add(client())
    world.sync()
    for target in (f"{CRM}/512", CLIENT):
        with pytest.raises(CannotAlias, match="уже действует"):
            add_alias(world.rt, IVANOV, target, "olga")


def test_one_payer_may_pay_for_two_clients(world: World) -> None:
    sell(world, "71")
    world.crm.add(ROSE, deal("9"), replace(invoice("90", "90", "700", "9"), client=Client("513")))
    world.sync()
    for target in (CLIENT, "7800000017"):
        add_alias(world.rt, IVANOV, target, "olga")
    ids = world.pay(paid_by(IVANOV), paid_by(IVANOV, "Оплата по счету 90", "700", number="2"))
    assert {world.payment(payment).state for payment in ids} == {PaymentState.MATCHED}


def test_a_client_that_only_an_invoice_names_is_found_and_known(world: World) -> None:
    named = replace(invoice("90", "90", "700", "9"), client=replace(ROSE, id=""))
    world.crm.add(deal("9"), named)
    world.sync()
    with world.store.read() as uow:
        assert [found.names for found in find_clients(uow, "роза", 5)] == [("ООО «Роза»",)]
        assert find_clients(uow, "нет такого", 5) == []
    assert add_alias(world.rt, IVANOV, "7800000017", "olga").said.client_name == "ООО «Роза»"


def test_a_payer_given_by_its_tax_id_gets_the_name_that_statements_show(world: World) -> None:
    sell(world, "71")
    world.pay(paid_by(IVANOV))
    said = add_alias(world.rt, Party(tax_id=IVANOV.tax_id), CLIENT, "olga").said
    assert (said.payer.name, said.payer_key) == (IVANOV.name, IVANOVS_KEY)


def test_a_rule_by_account_or_name_finds_what_waits_too(world: World) -> None:
    sell(world, "71", "72")
    by_account, by_name = Party("Кто-то", account=IVANOV.account), Party("Петров Пётр Петрович")
    ids = world.pay(paid_by(by_account), paid_by(by_name, "Оплата по счету 72", number="2"))
    assert {world.payment(payment).state for payment in ids} == {PaymentState.NEEDS_YOU}
    add_alias(world.rt, Party(account=IVANOV.account), CLIENT, "olga")
    add_alias(world.rt, Party("ПЕТРОВ ПЕТР ПЕТРОВИЧ"), CLIENT, "olga")
    world.settle(1)
    assert {world.payment(payment).state for payment in ids} == {PaymentState.MATCHED}


def test_a_namesake_with_a_tax_id_of_its_own_is_not_the_payer_that_the_rule_names(world: World) -> None:
    sell(world, "71")
    add_alias(world.rt, Party(IVANOV.name), CLIENT, "olga")
    (payment,) = world.pay(paid_by(Party(IVANOV.name, "771234560162")))
    assert world.payment(payment).state is PaymentState.NEEDS_YOU


def test_what_contradicts_is_no_less_a_veto_with_a_rule(world: World) -> None:
    sell(world, "71", "72")
    add_alias(world.rt, IVANOV, CLIENT, "olga")
    ids = world.pay(
        paid_by(IVANOV, "Оплата по счету 71 от 02.02.2025"),
        paid_by(IVANOV, "За ООО «Роза» по счету 72", number="2"),
        paid_by(IVANOV, "Оплата по счету 72", "1500", number="3"),
    )
    assert {world.payment(payment).state for payment in ids} == {PaymentState.NEEDS_YOU}


def test_a_replay_decides_by_the_rules_of_now(world: World) -> None:
    sell(world, "71")
    row = add_alias(world.rt, IVANOV, CLIENT, "olga")
    (payment,) = world.pay(paid_by(IVANOV))
    assert [line.change for line in preview(world.rt, [payment])] == [Change.SAME]
    end_alias(world.rt, row.id, "olga")
    assert [line.change for line in preview(world.rt, [payment])] == [Change.DOUBT]


def test_a_payment_is_counted_once_for_the_rule_that_decided_it(world: World, database: Database) -> None:
    sell(world, "71", "72")
    add_alias(world.rt, IVANOV, CLIENT, "olga")
    both = "Оплата по счетам 71, 72"
    (payment,) = world.pay(paid_by(IVANOV, both, "2000"))
    assert world.payment(payment).state is PaymentState.MATCHED
    world.pay(paid_by(Party("ООО «Фиалка»", CLIENT), "Оплата за товар", number="7"))
    assert uses(database) == [1]


def test_a_rule_said_while_its_payment_is_being_decided_is_not_overlooked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(world, "71")
    with world.store.write() as uow:
        payment = uow.payments.add([paid_by(IVANOV)], None, world.clock.now())[0][0]
    deciding, go_on, decide = threading.Event(), threading.Event(), matching.decide_with_grounds

    def slowly(*given: Any) -> object:
        deciding.set()
        assert go_on.wait(20)
        return decide(*given)

    monkeypatch.setattr(matching, "decide_with_grounds", slowly)
    matcher = threading.Thread(target=matching.match_payments, args=(world.rt,))
    teller = threading.Thread(target=add_alias, args=(world.rt, IVANOV, CLIENT, "olga"))
    matcher.start()
    assert deciding.wait(20)
    teller.start()
    teller.join(0.3)
    assert teller.is_alive(), "nobody changes what is being decided by"
    go_on.set()
    for thread in (matcher, teller):
        thread.join(20)
    monkeypatch.undo()
    world.settle(1)
    assert world.payment(payment).state is PaymentState.MATCHED


def test_invoices_of_a_client_without_a_tax_id_are_found_by_its_id(world: World) -> None:
    nameless = Client("700", ("ООО «Без ИНН»",))
    open_one = Invoice("5", "5", None, rub("300"), Money.zero("RUB"), client=Client("700"), deals=("5",))
    world.crm.add(nameless, deal("5", "300"), open_one)
    world.sync()
    add_alias(world.rt, IVANOV, f"{CRM}/700", "olga")
    (payment,) = world.pay(paid_by(IVANOV, "За товар", "300"))
    assert world.payment(payment).state is PaymentState.MATCHED
