"""A person takes a match back: our moves step back where nobody touched them since, else say why not."""

from __future__ import annotations

import pytest

from hub.domain.decision import DecisionKind
from hub.ports.records import EffectKind, EffectState, PaymentState
from hub.services.control import send_again
from hub.services.settle_payment import confirm_candidate, undo_match
from tests.integration.office import Office, lines

DEAL = 9001


@pytest.fixture
def done(office: Office) -> Office:
    """Deal 9001 is paid and moved."""
    office.pay(*lines((701, "1000.00")))
    office.settle()
    return office


def undo(office: Office, payment: str = "p1") -> None:
    undo_match(office.rt, payment, "Ольга")


def test_an_untouched_deal_steps_back_and_the_invoice_is_open_again(done: Office) -> None:
    undo(done)
    done.settle()
    assert done.moves(DEAL) == ["EXECUTING", "NEW"]
    assert done.invoice_stage(701).endswith(":N")
    done.sync()
    done.settle()
    row = done.payment()
    assert row.state is PaymentState.NEEDS_YOU
    assert row.decision is not None
    assert row.decision.kind is DecisionKind.SUGGEST
    assert row.decision.candidates


def test_after_the_undo_the_same_payment_may_be_confirmed_and_moves_the_deal_again(done: Office) -> None:
    undo(done)
    done.settle()
    done.sync()
    done.settle()
    decision = done.payment().decision
    assert decision is not None
    confirm_candidate(done.rt, "p1", decision.candidates[0], "Ольга")
    done.settle()
    assert done.moves(DEAL) == ["EXECUTING", "NEW", "EXECUTING"]
    assert done.invoice_stage(701).endswith(":P")
    assert done.journal_holds()


@pytest.mark.parametrize("stage", ["FINAL_INVOICE", "WON", "LOSE", "PREPARATION"])
def test_a_deal_that_a_person_moved_since_stays_and_the_page_says_why(done: Office, stage: str) -> None:
    done.human("move", DEAL, stage_id=stage)
    undo(done)
    done.settle()
    back = done.effect(EffectKind.STEP_BACK)
    assert back.state is EffectState.PARKED
    assert "человек" in (back.reason or "")
    assert done.stage(DEAL) == stage


def test_a_deal_that_left_our_stage_and_came_back_stays(done: Office) -> None:
    done.human("move", DEAL, stage_id="FINAL_INVOICE")
    done.human("move", DEAL, stage_id="EXECUTING")
    undo(done)
    done.settle()
    assert done.effect(EffectKind.STEP_BACK).state is EffectState.PARKED
    assert done.moves(DEAL) == ["EXECUTING"]


def test_an_invoice_that_a_person_restaged_stays(done: Office) -> None:
    stage = done.invoice_stage(701).replace(":P", ":D")
    done.human("move", 701, entity_type_id=31, stage_id=stage)
    undo(done)
    done.settle()
    assert done.effect(EffectKind.UNMARK_PAID).state is EffectState.PARKED
    assert done.invoice_stage(701) == stage


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_answer_to_the_step_back_is_read_back(done: Office, applied: bool) -> None:
    done.fault("crm.item.update", DEAL, kind="lose_reply", applied=applied)
    done.fault("crm.item.update", 701, kind="lose_reply", applied=applied)
    undo(done)
    done.settle()
    assert done.moves(DEAL) == ["EXECUTING", "NEW"]
    assert done.invoice_stage(701).endswith(":N")
    assert not done.parked()


def test_a_move_whose_answer_was_lost_can_be_taken_back_like_any_other(office: Office) -> None:
    office.pay(*lines((701, "1000.00")))
    office.fault("crm.item.update", DEAL, kind="lose_reply", applied=True)
    office.settle()
    undo(office)
    office.settle()
    assert office.moves(DEAL) == ["EXECUTING", "NEW"]


def test_undo_before_anything_was_sent_sends_nothing(office: Office) -> None:
    office.pay(*lines((701, "1000.00")))
    undo(office)
    office.settle()
    assert office.sent() == []


@pytest.mark.parametrize("applied", [True, False])
def test_undo_while_an_answer_is_awaited_leaves_the_deal_where_it_was(office: Office, applied: bool) -> None:
    office.pay(*lines((701, "1000.00")))
    for card in (DEAL, 701):
        office.fault("crm.item.update", card, kind="lose_reply", applied=applied)
    office.deliver_due()
    undo(office)
    office.settle()
    assert office.moves(DEAL) == (["EXECUTING", "NEW"] if applied else [])
    assert office.invoice_stage(701).endswith(":N")
    assert len([row for row in office.sent() if row.entity_id == DEAL and "update" in row.method]) == 1 + applied


def test_an_effect_that_waits_for_a_person_is_not_sent_again_after_the_undo(office: Office) -> None:
    office.pay(*lines((701, "1000.00")))
    office.fault("crm.item.update", DEAL, kind="refuse", status=403, code="insufficient_scope")
    office.settle()
    undo(office)
    office.settle()
    move = office.effect(EffectKind.MOVE_DEAL)
    if move.state is EffectState.PARKED:
        send_again(office.rt, move.id, "Ольга")
        office.settle()
    assert office.effect(EffectKind.MOVE_DEAL).state is EffectState.CANCELLED
    assert office.moves(DEAL) == []
