"""From a statement file to the CRM, calm: everything is written once, and nobody reacts to our own writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.ports.crm import ItemKind, Removed
from hub.ports.records import EffectKind, EffectState, PaymentState
from hub.services.apply_changes import apply_changes
from hub.services.delivery import Delivery, LeaseLost
from hub.services.move_deal import move_deal
from tests.integration.office import CONNECTION, Office, lines


def test_money_moves_the_deal_marks_the_invoice_and_tells_the_manager_once(office: Office) -> None:
    office.pay(*lines((701, "1000.00")))
    office.settle()
    assert office.payment().state is PaymentState.MATCHED
    assert office.moves(9001) == ["EXECUTING"]
    assert office.invoice_stage(701).endswith(":P")
    assert [row["entityId"] for row in office.control.comments()] == [9001]
    (task,) = office.control.tasks()
    assert (task["responsibleId"], task["ufCrmTask"]) == (17, ["D_9001"])
    assert {row.state for row in office.effects()} == {EffectState.DONE}
    assert len(office.ours()) == len(office.sent()) == 4
    assert office.journal_holds()


def test_the_echo_of_our_own_writes_changes_nothing(office: Office) -> None:
    office.pay(*lines((701, "1000.00")))
    office.settle()
    before = office.end_state(), len(office.sent()), len(office.all_effects())
    for _ in range(3):
        office.sync()
        office.settle()
    assert (office.end_state(), len(office.sent()), len(office.all_effects())) == before
    assert office.poll() == 0


def test_a_removal_of_what_was_never_known_is_no_change(office: Office) -> None:
    office.poll()
    unknown = [Removed(ItemKind.DEAL, "404"), Removed(ItemKind.INVOICE, "404"), Removed(ItemKind.CLIENT, "CO_404")]
    assert apply_changes(office.rt, CONNECTION, unknown) == 0
    assert apply_changes(office.rt, CONNECTION, [Removed(ItemKind.INVOICE, "701")]) == 1
    assert apply_changes(office.rt, CONNECTION, [Removed(ItemKind.INVOICE, "701")]) == 0


def test_a_worker_that_lost_its_lease_sends_nothing(office: Office) -> None:
    office.pay(*lines((701, "1000.00")))
    with office.store.write() as uow:
        row = uow.outbox.claim(office.effect(EffectKind.MOVE_DEAL).id, "slow", office.clock.now(), 140)
    assert row is not None
    office.clock.sleep(141)
    slow = Delivery(replace(office.rt, owner="slow"), office.crm, office.rt.connections[CONNECTION], row)
    with pytest.raises(LeaseLost):
        move_deal(slow)
    assert office.sent() == []
    office.settle()
    assert office.moves(9001) == ["EXECUTING"]
