"""From a statement file to the CRM, calm: everything is written once, and nobody reacts to our own writes."""

from __future__ import annotations

from hub.ports.records import EffectState, PaymentState
from tests.integration.office import Office, lines


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
