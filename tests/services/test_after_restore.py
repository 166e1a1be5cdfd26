"""After a restore every write asks first whether it was made in the time that the copy does not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hub.domain.models import InvoiceStatus
from hub.ports.crm import TaskDraft
from hub.ports.records import EffectKind, EffectRow, EffectState, PaymentState
from hub.services.after_restore import begin_again, restored
from hub.services.control import resume, send_again
from hub.services.settle_payment import choose_invoices
from hub.store.unit_of_work import SqlStore
from tests.support.world import CRM, World, client, deal, incoming, invoice

DAY = timedelta(days=1)


@pytest.fixture
def world(store: SqlStore) -> World:
    """A hub that acts, restored from a copy of an hour ago and resumed; the CRM has a deal with its invoice."""
    world = World(store)
    world.crm.add(client(), deal(), invoice())
    world.act()
    world.sync()
    restore(world, world.clock.now() - timedelta(hours=1))
    resume(world.rt, "Ольга")
    return world


def restore(world: World, taken_at: datetime) -> None:
    with world.store.write() as uow:
        begin_again(uow, taken_at, world.clock.now(), "cli:ольга")


def effect(world: World, payment: str, kind: EffectKind) -> EffectRow:
    return next(row for row in world.effects(payment) if row.kind is kind)


def paid(world: World, day: int = 5) -> str:
    (payment,) = world.pay(incoming("Оплата по счету № 71", "1000", day))
    return payment


def test_it_starts_paused_and_says_so_in_the_journal(store: SqlStore) -> None:
    world = World(store)
    restore(world, world.clock.now() - DAY)
    with store.read() as uow:
        assert uow.switches.paused_by() == "cli:ольга"
        lost = restored(uow)
    assert lost is not None
    assert lost.taken_at == world.clock.now() - DAY


def test_the_time_of_an_earlier_restore_is_joined(store: SqlStore) -> None:
    world = World(store)
    restore(world, world.clock.now() - 3 * DAY)
    restore(world, world.clock.now() - DAY)
    with store.read() as uow:
        lost = restored(uow)
    assert lost is not None
    assert lost.taken_at == world.clock.now() - 3 * DAY


def test_an_operation_key_is_the_same_whatever_number_the_payment_gets(store: SqlStore) -> None:
    world = World(store)
    world.crm.add(client(), deal(), invoice())
    world.act()
    other, payment = world.pay(incoming("За мебель", "300", number="9"), incoming("Оплата по счету № 71", "1000"))
    keys = [row.operation_key for row in world.effects(payment)]
    assert other == "p1"
    assert all(f"{world.payment(payment).identity}:1" in key for key in keys)
    assert not any(f":{payment}:" in key for key in keys)
    content = world.payment(payment)
    assert replace(content, payment=replace(content.payment, id="p77")).identity == content.identity


def test_money_that_moved_nothing_yet_moves_its_deal(world: World) -> None:
    payment = paid(world)
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]
    assert {row.state for row in world.effects(payment)} == {EffectState.DONE}


def test_what_is_there_is_found_and_not_written_again(world: World) -> None:
    payment = paid(world)
    for row in world.effects(payment):
        if row.kind is EffectKind.COMMENT:
            world.crm.comment("1", "Оплачено", row.operation_key)
        if row.kind is EffectKind.TASK:
            world.crm.task("1", TaskDraft("Отгрузить", ""), row.operation_key)
    world.crm.human_moves("1", "SHIP")
    world.crm.invoice_stage["71"] = "P"
    writes = list(world.crm.writes)
    world.settle()
    assert world.crm.writes == writes
    assert {row.state for row in world.effects(payment)} == {EffectState.DONE}


def test_a_deal_that_was_there_and_left_is_asked_about_and_goes_when_told(world: World) -> None:
    payment = paid(world)
    later = world.clock.now()
    world.crm.human_moves("1", "SHIP")
    world.crm.human_moves("1", "NEW")
    world.crm.rows["1"] = [replace(row, at=later) for row in world.crm.rows["1"]]
    world.settle()
    move = effect(world, payment, EffectKind.MOVE_DEAL)
    assert (move.state, (move.result or {}).get("outcome")) == (EffectState.PARKED, "was_there")
    assert effect(world, payment, EffectKind.TASK).state is EffectState.CANCELLED
    assert world.crm.moves_of("1") == []
    send_again(world.rt, move.id, "Ольга")
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]
    assert effect(world, payment, EffectKind.TASK).state is EffectState.DONE


def test_a_visit_before_the_copy_is_no_reason_to_ask(world: World) -> None:
    long_ago = world.clock.now() - 30 * DAY
    world.crm.human_moves("1", "SHIP")
    world.crm.human_moves("1", "NEW")
    world.crm.rows["1"] = [replace(row, at=long_ago) for row in world.crm.rows["1"]]
    paid(world)
    world.settle()
    assert world.crm.moves_of("1") == ["SHIP"]


def test_a_mark_that_stood_and_was_taken_off_is_asked_about(world: World) -> None:
    payment = paid(world)
    later = world.clock.now()
    world.crm.mark_paid("71", "x")
    world.crm.invoice_stage["71"] = "N"
    world.crm.rows["invoice:71"] = [replace(row, at=later) for row in world.crm.rows["invoice:71"]]
    marks = world.crm.writes.count(("invoice", "71", "P"))
    world.settle()
    mark = effect(world, payment, EffectKind.MARK_PAID)
    assert (mark.state, (mark.result or {}).get("outcome")) == (EffectState.PARKED, "was_paid")
    assert world.crm.writes.count(("invoice", "71", "P")) == marks
    send_again(world.rt, mark.id, "Ольга")
    world.settle()
    assert effect(world, payment, EffectKind.MARK_PAID).state is EffectState.DONE


def test_a_task_of_a_move_that_was_made_before_is_asked_about_and_set_when_told(world: World) -> None:
    payment = paid(world)
    world.crm.human_moves("1", "SHIP")
    world.settle()
    task = effect(world, payment, EffectKind.TASK)
    assert (task.state, (task.result or {}).get("outcome")) == (EffectState.PARKED, "may_be_there")
    send_again(world.rt, task.id, "Ольга")
    world.settle()
    assert len(world.crm.tasks) == 1


def test_money_booked_after_the_restore_is_not_asked_about(world: World) -> None:
    world.clock.sleep(10 * 86400)
    payment = paid(world, day=18)
    later = world.clock.now()
    world.crm.human_moves("1", "SHIP")
    world.crm.human_moves("1", "NEW")
    world.crm.rows["1"] = [replace(row, at=later) for row in world.crm.rows["1"]]
    world.settle()
    assert effect(world, payment, EffectKind.MOVE_DEAL).state is EffectState.DONE
    assert world.crm.moves_of("1") == ["SHIP"]


def test_an_invoice_that_our_lost_mark_closed_is_found_by_the_money_of_that_time(world: World) -> None:
    world.crm.add(replace(world.crm.invoices["71"], status=InvoiceStatus.PAID))
    world.crm.invoice_stage["71"] = "P"
    world.crm.human_moves("1", "SHIP")
    writes = list(world.crm.writes)
    with world.store.write() as uow:
        uow.connections.polled(CRM, world.clock.now() - DAY)
    payment = paid(world)
    world.settle()
    assert world.payment(payment).state is PaymentState.MATCHED
    assert [kind for kind, *_ in world.crm.writes[len(writes) :]] == ["comment"]


def test_an_invoice_paid_before_the_copy_stays_closed(world: World) -> None:
    old = replace(invoice("72", "72"), status=InvoiceStatus.PAID)
    world.crm.add(old)
    with world.store.write() as uow:
        uow.connections.polled(CRM, world.clock.now() - DAY)
    (payment,) = world.pay(incoming("Оплата по счету № 72", "1000"))
    assert world.payment(payment).state is PaymentState.NEEDS_YOU
    with world.store.read() as uow:
        assert uow.invoices.search("72", 10) == []


def test_a_person_may_choose_an_invoice_that_our_lost_mark_closed(world: World) -> None:
    world.crm.add(replace(world.crm.invoices["71"], status=InvoiceStatus.PAID))
    with world.store.write() as uow:
        uow.connections.polled(CRM, world.clock.now() - DAY)
    (payment,) = world.pay(incoming("За товар", "900"))
    with world.store.read() as uow:
        assert [found.id for found in uow.invoices.search("71", 10)] == [f"{CRM}/71"]
    choose_invoices(world.rt, payment, [f"{CRM}/71"], "Ольга")
    assert world.payment(payment).state is PaymentState.MATCHED
