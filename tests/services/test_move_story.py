"""From money to a moved deal, and every way a move may go wrong: never twice, never backwards, never over a human."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from hub.domain.decision import DecisionKind
from hub.domain.errors import Reauthorise, Refused, RetryLater
from hub.ports.crm import ItemKind, Removed
from hub.ports.records import EffectKind, EffectState, Health, PaymentState
from hub.ports.store import Store
from hub.services.control import pause, resume, send_again
from hub.services.settle_payment import undo_match
from hub.services.upkeep import Upkeep, WatchSettings
from tests.support.world import CRM, World, client, deal, incoming, invoice


@pytest.fixture
def world(store: Store) -> World:
    return World(store).sell()


def paid_in_full(world: World) -> str:
    return world.pay(incoming("Оплата по счету № 71 от 01.03.2026", "1000.00"))[0]


def effect(world: World, payment_id: str, kind: EffectKind) -> tuple[EffectState, str | None]:
    row = next(item for item in world.effects(payment_id) if item.kind is kind)
    return row.state, row.reason


def test_money_for_the_whole_deal_moves_it_marks_the_invoice_and_tells_the_manager(world: World) -> None:
    payment = paid_in_full(world)
    world.settle()
    assert world.payment(payment).state is PaymentState.MATCHED
    assert world.crm.moves_of("1") == ["SHIP"]
    assert world.crm.invoice_stage["71"] == "P"
    assert [text for _, text, _ in world.crm.comments.values()] == ["Оплачено: счёт № 71 на 1\u00a0000,00\u00a0₽"]
    (_, draft, _), *rest = world.crm.tasks.values()
    assert draft.responsible_id == "17"
    assert not rest


@pytest.mark.parametrize(
    ("zone", "due_on"),
    [("UTC", date(2026, 3, 12)), ("Europe/Moscow", date(2026, 3, 13)), ("America/New_York", date(2026, 3, 12))],
)
def test_days_of_a_task_are_counted_from_the_companys_day(world: World, zone: str, due_on: date) -> None:
    """Half past nine in the evening by UTC: in Moscow it is tomorrow already."""
    world.clock.at = datetime(2026, 3, 10, 21, 30, tzinfo=UTC)
    world.rt = replace(world.rt, upkeep=Upkeep(watch=WatchSettings(zone=ZoneInfo(zone))))
    paid_in_full(world)
    world.settle()
    ((_, draft, _),) = world.crm.tasks.values()
    assert draft.due_on == due_on


def test_an_advance_moves_to_prepaid_and_only_the_rest_ships(world: World) -> None:
    world.crm.add(invoice("72", "72", "300"), invoice("73", "73", "700"), Removed(ItemKind.INVOICE, "71"))
    world.sync()
    world.pay(incoming("Аванс по счету 72", "300.00"))
    world.settle()
    assert world.crm.deals["1"].stage_id == "PREPAID"
    assert not world.crm.tasks
    world.pay(incoming("Оплата по счету 73", "700.00", day=6, number="246"))
    world.settle()
    assert world.crm.moves_of("1") == ["PREPAID", "SHIP"]


def test_in_observe_nothing_is_written_and_the_intention_is_kept(store: Store) -> None:
    world = World(store)
    world.crm.add(client(), deal(), invoice())
    world.sync()
    payment = paid_in_full(world)
    world.settle()
    assert not world.crm.writes
    assert {row.state for row in world.effects(payment)} == {EffectState.PLANNED}
    world.act()
    world.settle()
    assert not world.crm.writes, "switching on never sends old intentions"


def test_money_older_than_the_starting_date_moves_nothing(store: Store) -> None:
    world = World(store).act(date(2026, 3, 6))
    world.crm.add(client(), deal(), invoice())
    world.sync()
    payment = paid_in_full(world)
    world.settle()
    assert world.payment(payment).state is PaymentState.MATCHED
    assert not world.crm.writes


@pytest.mark.parametrize("fault", ["lost", "dropped"])
def test_a_lost_answer_is_read_back_and_ends_in_one_effective_write(world: World, fault: str) -> None:
    world.crm.faults.extend([fault] * 4)
    payment = paid_in_full(world)
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]
    assert len(world.crm.comments) == 1
    assert len(world.crm.tasks) == 1
    assert {row.state for row in world.effects(payment)} == {EffectState.DONE}


def test_while_an_unanswered_write_may_still_take_effect_it_is_not_repeated(world: World) -> None:
    world.crm.invoice_stage["71"] = "P"
    world.crm.faults.append("dropped")
    paid_in_full(world)
    for _ in range(5):
        world.deliver_due()
        world.clock.sleep(5)
    assert world.crm.moves_of("1") == []
    world.clock.sleep(60)
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_deal_that_a_person_moved_further_is_left(world: World) -> None:
    payment = paid_in_full(world)
    world.crm.human_moves("1", "WON")
    world.settle()
    assert world.crm.moves_of("1") == []
    assert effect(world, payment, EffectKind.MOVE_DEAL)[0] is EffectState.DONE


@pytest.mark.parametrize("stage", ["LOSE", "UC_UNKNOWN"])
def test_a_lost_deal_or_an_unknown_stage_goes_to_a_person_with_a_reason(world: World, stage: str) -> None:
    payment = paid_in_full(world)
    world.crm.human_moves("1", stage)
    world.settle()
    state, reason = effect(world, payment, EffectKind.MOVE_DEAL)
    assert state is EffectState.PARKED
    assert reason
    assert effect(world, payment, EffectKind.TASK)[0] is EffectState.CANCELLED
    assert world.crm.moves_of("1") == []


def test_a_deleted_deal_parks_the_move_and_not_the_hub(world: World) -> None:
    payment = paid_in_full(world)
    world.crm.deals.clear()
    world.settle()
    assert effect(world, payment, EffectKind.MOVE_DEAL) == (EffectState.PARKED, "Сделку удалили в CRM.")


def test_a_refused_move_is_parked_in_the_systems_own_words_and_can_be_sent_again(world: World) -> None:
    world.crm.invoice_stage["71"] = "P"
    world.crm.faults.append(Refused("required", "Заполните поле «Договор».", "CRM_FIELD_ERROR_REQUIRED", ("Договор",)))
    payment = paid_in_full(world)
    world.settle()
    assert effect(world, payment, EffectKind.MOVE_DEAL) == (EffectState.PARKED, "Заполните поле «Договор».")
    move = next(row for row in world.effects(payment) if row.kind is EffectKind.MOVE_DEAL)
    send_again(world.rt, move.id, "Ольга")
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_human_hand_between_read_and_write_is_told_to_a_person(world: World) -> None:
    world.crm.invoice_stage["71"] = "P"
    world.crm.faults.append(lambda: world.crm.human_moves("1", "PREPAID"))
    payment = paid_in_full(world)
    world.settle()
    _, reason = effect(world, payment, EffectKind.MOVE_DEAL)
    assert reason is not None
    assert "двигал кто-то ещё" in reason


def test_a_step_back_by_a_person_stops_the_next_move(world: World) -> None:
    world.crm.add(invoice("72", "72", "300"), invoice("73", "73", "700"), Removed(ItemKind.INVOICE, "71"))
    world.sync()
    world.pay(incoming("Аванс по счету 72", "300.00"))
    world.settle()
    world.crm.human_moves("1", "NEW")
    second = world.pay(incoming("Оплата по счету 73", "700.00", day=6, number="246"))[0]
    world.settle()
    assert effect(world, second, EffectKind.MOVE_DEAL)[0] is EffectState.PARKED
    assert world.crm.moves_of("1") == ["PREPAID"]


def test_passing_trouble_is_retried_and_shown_on_the_connection(world: World) -> None:
    payment = paid_in_full(world)
    world.crm.read_faults.extend([RetryLater("503", "Портал перегружен."), RetryLater("503", "Портал перегружен.")])
    world.deliver_due()
    with world.store.read() as uow:
        assert uow.connections.ensure(CRM).health is Health.TROUBLE
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]
    assert {row.state for row in world.effects(payment)} == {EffectState.DONE}
    with world.store.read() as uow:
        assert uow.connections.ensure(CRM).health is Health.OK


def test_a_dead_credential_stops_the_connection_until_it_works_again(world: World) -> None:
    paid_in_full(world)
    world.crm.read_faults.append(Reauthorise("401", "Вебхук больше не действует."))
    world.deliver_due()
    calls = len(world.crm.calls)
    world.clock.sleep(3600)
    assert world.deliver_due() == 0
    assert len(world.crm.calls) == calls
    world.sync()
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_pause_keeps_the_queue_and_writes_nothing(world: World) -> None:
    pause(world.rt, "Ольга")
    paid_in_full(world)
    world.settle()
    assert not world.crm.writes
    resume(world.rt, "Ольга")
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_rule_that_runs_away_is_capped_by_the_hour_and_says_so(store: Store) -> None:
    world = World(store, moves_per_hour=3).act()
    world.crm.add(client())
    for n in range(1, 7):
        world.crm.add(deal(str(n), f"{n}00"), invoice(str(n), f"4{n}", f"{n}00", str(n)))
    world.sync()
    world.pay(*(incoming(f"Оплата по счету 4{n}", f"{n}00.00", number=str(n)) for n in range(1, 7)))
    world.settle()
    moved = [n for n in range(1, 7) if world.crm.moves_of(str(n))]
    assert len(moved) == 3
    with world.store.read() as uow:
        assert uow.connections.ensure(CRM).capped
    world.clock.sleep(7200)
    resume(world.rt, "Ольга", CRM)
    world.settle()
    assert all(world.crm.moves_of(str(n)) == ["SHIP"] for n in range(1, 7))


def test_undo_reopens_both_sides_and_steps_the_deal_back(world: World) -> None:
    payment = paid_in_full(world)
    world.settle()
    undo_match(world.rt, payment, "Ольга")
    world.settle()
    assert world.crm.deals["1"].stage_id == "NEW"
    assert world.crm.invoice_stage["71"] == "N"
    row = world.payment(payment)
    assert row.state is PaymentState.NEEDS_YOU
    assert row.decision is not None
    assert row.decision.kind is DecisionKind.SUGGEST, "a person said no once: the machine only suggests"
    with world.store.read() as uow:
        found = uow.invoices.get("crm/71")
    assert found is not None
    assert not found.invoice.paid


def test_undo_after_somebody_moved_the_deal_explains_what_blocks_it(world: World) -> None:
    payment = paid_in_full(world)
    world.settle()
    world.crm.human_moves("1", "WON")
    undo_match(world.rt, payment, "Ольга")
    world.settle()
    assert world.crm.deals["1"].stage_id == "WON"
    state, reason = effect(world, payment, EffectKind.STEP_BACK)
    assert state is EffectState.PARKED
    assert reason is not None
    assert "человек" in reason


def test_undo_before_anything_was_sent_withdraws_it(world: World) -> None:
    payment = paid_in_full(world)
    undo_match(world.rt, payment, "Ольга")
    world.settle()
    assert not world.crm.writes


def test_a_deal_that_is_no_longer_paid_when_its_turn_comes_is_put_before_a_person(world: World) -> None:
    world.crm.add(invoice("72", "72", "300"), invoice("73", "73", "700"), Removed(ItemKind.INVOICE, "71"))
    world.sync()
    pause(world.rt, "Ольга")
    advance = world.pay(incoming("Аванс по счету 72", "300.00"))[0]
    rest = world.pay(incoming("Оплата по счету 73", "700.00", day=6, number="246"))[0]
    undo_match(world.rt, advance, "Ольга")
    resume(world.rt, "Ольга")
    world.settle()
    assert world.crm.moves_of("1") == []
    assert not world.crm.tasks
    state, reason = effect(world, rest, EffectKind.MOVE_DEAL)
    assert state is EffectState.PARKED
    assert reason is not None
    assert "не хватает" in reason
    assert world.crm.invoice_stage["73"] == "P", "the invoice itself is paid"


def test_undo_while_the_call_is_on_its_way_is_taken_back_afterwards(world: World) -> None:
    world.crm.invoice_stage["71"] = "P"
    payment = paid_in_full(world)
    world.crm.faults.append(lambda: undo_match(world.rt, payment, "Ольга"))
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP", "NEW"]
    assert world.crm.deals["1"].stage_id == "NEW"


def test_the_whole_story_is_in_the_journal_and_the_journal_holds(world: World) -> None:
    payment = paid_in_full(world)
    world.settle()
    undo_match(world.rt, payment, "Ольга")
    world.settle()
    with world.store.write() as uow:
        assert uow.audit.seal(world.clock.now()) > 5
        assert uow.audit.verify() is None
