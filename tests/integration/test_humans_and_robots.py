"""People and robots at work in the portal at the same time: the hub never fights them and says what it met."""

from __future__ import annotations

from typing import Any

import pytest

from hub.ports.records import EffectKind, EffectState, Health
from hub.services.control import send_again
from hub.services.settle_payment import undo_match
from hub.store.unit_of_work import SqlStore
from tests.integration.office import MANAGER, Office, lines, seed, served

DEAL = 9001
PAID = ((701, "1000.00"),)
SECOND_PIPELINE = [
    {"entity_type_id": 2, "id": 0, "name": "Продажи"},
    {"entity_type_id": 2, "id": 4, "name": "Опт", "sort": 200},
    {"entity_type_id": 31, "id": 3, "name": "Счета"},
]


def settled_move(office: Office, payment: str = "p1") -> tuple[EffectState, str]:
    row = office.effect(EffectKind.MOVE_DEAL, payment)
    return row.state, row.reason or ""


# Before we read


@pytest.mark.parametrize("stage", ["EXECUTING", "FINAL_INVOICE", "WON"])
def test_a_deal_that_is_there_or_further_is_left_and_the_rest_of_the_work_is_done(office: Office, stage: str) -> None:
    office.pay(*lines(*PAID))
    office.human("move", DEAL, stage_id=stage)
    office.settle()
    assert office.moves(DEAL) == []
    assert settled_move(office)[0] is EffectState.DONE
    assert office.invoice_stage(701).endswith(":P")
    assert len(office.control.comments()) == len(office.control.tasks()) == 1


def test_a_deal_that_a_person_moved_a_little_forward_is_moved_on(office: Office) -> None:
    office.pay(*lines(*PAID))
    office.human("move", DEAL, stage_id="PREPARATION")
    office.settle()
    assert office.moves(DEAL) == ["EXECUTING"]


@pytest.mark.row(24)
def test_a_lost_deal_waits_for_a_person_with_the_reason(office: Office) -> None:
    office.pay(*lines(*PAID))
    office.human("lose", DEAL)
    office.settle()
    state, reason = settled_move(office)
    assert state is EffectState.PARKED
    assert "проигранная" in reason
    assert office.effect(EffectKind.TASK).state is EffectState.CANCELLED
    assert office.moves(DEAL) == []


@pytest.mark.row(24)
def test_a_deal_in_another_pipeline_waits_for_a_person(store: SqlStore) -> None:
    with served(seed(categories=SECOND_PIPELINE), store) as office:
        office.act().pay(*lines(*PAID))
        office.human("move", DEAL, stage_id="C4:PREPARATION", category_id=4)
        office.settle()
        state, reason = settled_move(office)
        assert state is EffectState.PARKED
        assert "другую воронку" in reason
        assert office.moves(DEAL) == []


@pytest.mark.row(24)
def test_a_deleted_deal_parks_its_effects_and_the_other_deal_goes_on(office: Office) -> None:
    office.pay(*lines((701, "1000.00"), (702, "2000.50")))
    office.human("delete", DEAL)
    office.settle()
    assert settled_move(office)[0] is EffectState.PARKED
    assert office.effect(EffectKind.COMMENT).state is EffectState.CANCELLED, "a person is told once"
    assert office.invoice_stage(701).endswith(":P"), "the invoice is there and is paid"
    assert office.moves(9002) == ["EXECUTING"]
    assert office.connection().health is Health.OK


# Between read and write


def meanwhile(office: Office, act: str, **more: Any) -> None:
    """A manager acts just before our write runs."""
    do = {"act": act, "user_id": MANAGER} | more
    office.fault("crm.item.update", DEAL, kind="human", timing="before", do=do)


@pytest.mark.parametrize("stage", ["PREPARATION", "FINAL_INVOICE", "LOSE"])
@pytest.mark.row(24)
def test_a_move_between_read_and_write_is_told_to_a_person_and_not_repeated(office: Office, stage: str) -> None:
    office.pay(*lines(*PAID))
    meanwhile(office, "move", stage_id=stage)
    office.settle()
    state, reason = settled_move(office)
    assert state is EffectState.PARKED
    assert "переставили" in reason
    assert office.moves(DEAL) == ["EXECUTING"], "one write, sent before we could know"
    assert office.effect(EffectKind.TASK).state is EffectState.CANCELLED


@pytest.mark.row(24)
def test_a_person_who_moved_to_our_stage_in_between_is_the_one_who_moved(office: Office) -> None:
    office.pay(*lines(*PAID))
    meanwhile(office, "move", stage_id="EXECUTING")
    office.settle()
    assert settled_move(office)[0] is EffectState.DONE
    assert office.moves(DEAL) == []
    undo_match(office.rt, "p1", "Ольга")
    office.settle()
    assert office.stage(DEAL) == "EXECUTING", "a person's move is not ours to take back"


@pytest.mark.row(24)
def test_a_deal_deleted_between_read_and_write_parks_the_move(office: Office) -> None:
    office.pay(*lines(*PAID))
    meanwhile(office, "delete")
    office.settle()
    assert settled_move(office)[0] is EffectState.PARKED
    assert office.moves(DEAL) == []


@pytest.mark.row(24)
def test_a_deal_sent_to_another_pipeline_between_read_and_write_stays_there(store: SqlStore) -> None:
    with served(seed(categories=SECOND_PIPELINE), store) as office:
        office.act().pay(*lines(*PAID))
        meanwhile(office, "move", stage_id="C4:PREPARATION", category_id=4)
        office.settle()
        state, reason = settled_move(office)
        assert state is EffectState.PARKED
        assert reason
        assert office.stage(DEAL) == "C4:PREPARATION"


# After a lost answer


@pytest.mark.parametrize("stage", ["NEW", "PREPARATION", "FINAL_INVOICE", "LOSE"])
@pytest.mark.row(14)
@pytest.mark.row(24)
def test_a_person_who_moved_the_deal_after_our_unanswered_move_has_the_last_word(office: Office, stage: str) -> None:
    office.pay(*lines(*PAID))
    office.fault("crm.item.update", DEAL, kind="lose_reply", applied=True)
    office.deliver_due()
    assert office.moves(DEAL) == ["EXECUTING"]
    office.clock.sleep(1)
    office.human("move", DEAL, stage_id=stage)
    office.settle()
    assert office.stage(DEAL) == stage
    assert office.moves(DEAL) == ["EXECUTING"]
    assert settled_move(office)[0] in (EffectState.DONE, EffectState.PARKED)
    assert settled_move(office)[1]


# Stages and rights


@pytest.mark.row(25)
def test_a_renamed_stage_is_still_the_same_stage(office: Office) -> None:
    office.pay(*lines(*PAID))
    office.human("rename_stage", None, stage_id="EXECUTING", name="Отгружаем")
    office.settle()
    assert office.moves(DEAL) == ["EXECUTING"]


@pytest.mark.row(25)
def test_a_removed_target_stage_parks_the_move_and_is_guessed_by_nothing(office: Office) -> None:
    office.pay(*lines((701, "1000.00"), (702, "2000.50")))
    office.human("remove_stage", None, stage_id="EXECUTING")
    office.settle()
    assert [settled_move(office, key)[0] for key in ("p1", "p2")] == [EffectState.PARKED] * 2
    assert all(settled_move(office, key)[1] for key in ("p1", "p2"))
    assert office.stage(DEAL) == "NEW"
    office.clock.sleep(3700)
    office.settle()
    send_again(office.rt, office.effect(EffectKind.MOVE_DEAL).id, "Ольга")
    office.settle()
    assert "больше нет" in settled_move(office)[1]


@pytest.mark.row(25)
def test_a_deal_on_a_removed_stage_waits_for_a_person(office: Office) -> None:
    office.human("move", DEAL, stage_id="PREPARATION")
    office.pay(*lines(*PAID))
    office.human("remove_stage", None, stage_id="PREPARATION")
    office.clock.sleep(3700)
    office.poll()
    office.settle()
    state, reason = settled_move(office)
    assert state is EffectState.PARKED
    assert "неизвестной стадии" in reason


def test_a_missing_field_is_named_and_after_it_is_filled_the_move_goes_at_once(store: SqlStore) -> None:
    categories = [
        {"entity_type_id": 2, "id": 0, "name": "Продажи", "required_fields": {"EXECUTING": ["UF_CRM_CONTRACT"]}},
        {"entity_type_id": 31, "id": 3, "name": "Счета"},
    ]
    fields = [{"entity_type_id": 2, "name": "UF_CRM_CONTRACT", "title": "Договор"}]
    with served(seed(categories=categories, user_fields=fields), store) as office:
        office.act().pay(*lines(*PAID))
        office.settle()
        row = office.effect(EffectKind.MOVE_DEAL)
        assert row.state is EffectState.PARKED
        assert "Договор" in (row.reason or "")
        assert (row.result or {})["missing"] == ["Договор"]
        for _ in range(7):
            send_again(office.rt, row.id, "Ольга")
            office.settle()
        assert "Договор" in settled_move(office)[1], "however often it was sent again, the true reason is shown"
        office.human("edit", DEAL, fields={"UF_CRM_CONTRACT": "12/26"})
        send_again(office.rt, row.id, "Ольга")
        assert office.deliver_due() == 1
        assert office.moves(DEAL) == ["EXECUTING"], "a refused write left nothing to wait for"
        office.settle()
        assert len(office.control.tasks()) == 1


def test_missing_rights_for_one_pipeline_park_its_moves_and_the_connection_lives(store: SqlStore) -> None:
    users = [{"id": 1, "name": "Интеграция", "rights": {"deal_write": []}}, {"id": MANAGER, "name": "Менеджер"}]
    with served(seed(users=users), store) as office:
        office.act().pay(*lines(*PAID))
        office.settle()
        state, reason = settled_move(office)
        assert state is EffectState.PARKED
        assert "прав" in reason
        assert office.connection().health is Health.OK
        assert office.invoice_stage(701).endswith(":P")


# Robots


@pytest.mark.parametrize("after_s", [0, 30])
def test_a_robot_that_moves_on_after_us_is_let_be(store: SqlStore, after_s: int) -> None:
    robots = [{"stage_id": "EXECUTING", "set_stage_id": "FINAL_INVOICE", "after_s": after_s}]
    with served(seed(robots=robots), store) as office:
        office.act().pay(*lines(*PAID))
        office.settle()
        office.sync()
        office.sync()
        office.settle()
        assert office.moves(DEAL) == ["EXECUTING"]
        assert office.stage(DEAL) == "FINAL_INVOICE"
        assert settled_move(office)[0] is EffectState.DONE
        assert len(office.control.tasks()) == 1
        undo_match(office.rt, "p1", "Ольга")
        office.settle()
        back = office.effect(EffectKind.STEP_BACK)
        assert back.state is EffectState.PARKED
        assert "робот" in (back.reason or "")
        assert office.stage(DEAL) == "FINAL_INVOICE"


@pytest.mark.parametrize("after_s", [0, 30])
def test_a_robot_that_moves_back_is_not_fought(store: SqlStore, after_s: int) -> None:
    robots = [{"stage_id": "PREPAYMENT_INVOICE", "set_stage_id": "NEW", "after_s": after_s}]
    with served(seed(robots=robots), store) as office:
        office.act().pay(*lines((701, "300.00")))
        office.settle()
        office.sync()
        office.settle()
        assert office.moves(DEAL) == ["PREPAYMENT_INVOICE"]
        office.pay(*lines((701, "300.00")), *lines((701, "200.00")))
        office.settle()
        assert office.stage(DEAL) == "NEW"
        assert len(office.moves(DEAL)) <= 2
        assert settled_move(office)[0] in (EffectState.DONE, EffectState.PARKED)
