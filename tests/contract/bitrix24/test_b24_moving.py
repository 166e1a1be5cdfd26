from __future__ import annotations

from typing import Any

import pytest

from hub.domain.errors import Gone, Reauthorise, RetryLater
from hub.domain.models import Invoice
from hub.ports.crm import ItemKind, MoveOutcome, Position

from .portal import PAID, PERSON, WAITING, Portal, deal, invoice, seed, served

ELSEWHERE = "C4:PREPARATION"


def human_before(portal: Portal, method: str, **deed: Any) -> None:
    portal.fault(method, kind="human", timing="before", do={"user_id": PERSON} | deed)


def test_a_move_is_written_once_and_read_back(portal: Portal) -> None:
    result = portal.crm.move("9041", WAITING, PAID, "op")
    assert (result.outcome, result.position, result.reason) == (MoveOutcome.MOVED, PAID, "")
    assert result.touched == portal.sandbox.control.deal(9041)["movedTime"]
    assert portal.moved(9041) == [PAID.stage_id]


def test_a_move_into_another_pipeline_names_the_pipeline_too(portal: Portal) -> None:
    target = Position("0", "EXECUTING")
    assert portal.crm.move("9041", WAITING, target, "op").position == target
    assert portal.sandbox.control.deal(9041)["categoryId"] == 0


def test_a_deal_that_stood_there_already_is_not_called_ours(portal: Portal) -> None:
    portal.sandbox.control.human({"act": "move", "id": 9041, "user_id": PERSON, "stage_id": PAID.stage_id})
    result = portal.crm.move("9041", WAITING, PAID, "op")
    assert (result.outcome, result.position) == (MoveOutcome.ALREADY_THERE, PAID)
    assert portal.moved(9041) == [PAID.stage_id]


def test_our_own_earlier_move_repeated_is_already_there(portal: Portal) -> None:
    portal.crm.move("9041", WAITING, PAID, "op")
    portal.sandbox.control.advance(5)
    assert portal.crm.move("9041", WAITING, PAID, "op").outcome is MoveOutcome.ALREADY_THERE
    assert portal.moved(9041) == [PAID.stage_id]


def test_a_person_who_moved_in_between_is_reported(portal: Portal) -> None:
    human_before(portal, "crm.item.update", act="move", stage_id=ELSEWHERE)
    result = portal.crm.move("9041", WAITING, PAID, "op")
    assert result.outcome is MoveOutcome.CHANGED_BY_OTHER
    assert result.position == PAID
    assert "Подготовка документов" in result.reason


def test_a_person_who_shares_the_webhooks_user_is_reported_too(portal: Portal) -> None:
    human_before(portal, "crm.item.update", act="move", stage_id=ELSEWHERE, user_id=1)
    assert portal.crm.move("9041", WAITING, PAID, "op").outcome is MoveOutcome.CHANGED_BY_OTHER


def test_a_person_who_lost_the_deal_in_between_is_reported(portal: Portal) -> None:
    human_before(portal, "crm.item.update", act="lose")
    result = portal.crm.move("9041", WAITING, PAID, "op")
    assert result.outcome is MoveOutcome.CHANGED_BY_OTHER
    assert "Сделка провалена" in result.reason


def test_a_person_who_moves_right_after_us_leaves_our_move_ours(portal: Portal) -> None:
    do = {"act": "move", "stage_id": ELSEWHERE, "user_id": PERSON}
    portal.fault("crm.item.update", kind="human", timing="after", do=do)
    result = portal.crm.move("9041", WAITING, PAID, "op")
    assert result.outcome is MoveOutcome.MOVED
    assert [change.position.stage_id for change in portal.crm.history("9041")][-2:] == [PAID.stage_id, ELSEWHERE]


def test_a_person_who_deleted_the_deal_in_between_makes_it_gone(portal: Portal) -> None:
    human_before(portal, "crm.item.update", act="delete")
    with pytest.raises(Gone):
        portal.crm.move("9041", WAITING, PAID, "op")


def test_a_robot_that_moves_on_after_us_is_no_conflict() -> None:
    robots = [{"stage_id": PAID.stage_id, "set_stage_id": "C4:FINAL_INVOICE"}]
    with served(seed(robots=robots)) as portal:
        result = portal.crm.move("9041", WAITING, PAID, "op")
    assert result.outcome is MoveOutcome.MOVED
    assert result.position is not None


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "lose_reply", "applied": False}, id="lost before it ran"),
        pytest.param({"kind": "lose_reply", "applied": True}, id="lost after it ran"),
        pytest.param({"kind": "half_reply"}, id="half reply with a length"),
        pytest.param({"kind": "half_reply", "content_length": False}, id="half reply in chunks"),
        pytest.param({"kind": "html", "status": 200}, id="a page under 200"),
        pytest.param({"kind": "html", "status": 502}, id="a page under 502"),
        pytest.param({"kind": "html", "status": 504, "applied": True}, id="cut at 60 s"),
        pytest.param({"kind": "refuse", "status": 200, "code": "INTERNAL_SERVER_ERROR"}, id="an error under 200"),
        pytest.param({"kind": "refuse", "status": 200, "code": "ACCESS_DENIED"}, id="a refusal under 200"),
        pytest.param({"kind": "refuse", "status": 500, "code": "INTERNAL_SERVER_ERROR"}, id="internal error"),
        pytest.param({"kind": "refuse", "status": 500, "code": "NEVER_SEEN"}, id="an error nobody knows"),
        pytest.param({"kind": "refuse", "status": 503, "code": "NEVER_SEEN"}, id="unknown trouble under 503"),
        pytest.param({"kind": "late_apply", "after_s": 30}, id="applied later"),
    ],
)
def test_a_lost_or_unreadable_answer_is_unknown_and_is_not_repeated(portal: Portal, fault: dict[str, Any]) -> None:
    portal.fault("crm.item.update", **fault)
    result = portal.crm.move("9041", WAITING, PAID, "op")
    assert (result.outcome, result.position) == (MoveOutcome.UNKNOWN, None)
    assert result.reason
    assert len(portal.sandbox.control.write_log.calls("crm.item.update")) <= 1
    assert portal.requests("crm.item.update") == 1


def test_a_page_with_success_status_and_html_does_not_pass_for_success(portal: Portal) -> None:
    portal.fault("crm.item.update", kind="html", status=200)
    assert portal.crm.move("9041", WAITING, PAID, "op").outcome is MoveOutcome.UNKNOWN
    assert portal.moved(9041) == []


@pytest.mark.parametrize("method", ["crm.category.list", "batch", "crm.stagehistory.list"])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "half_reply"}, id="half reply"),
        pytest.param({"kind": "refuse", "status": 503, "code": "QUERY_LIMIT_EXCEEDED"}, id="asked to wait"),
        pytest.param({"kind": "refuse", "status": 403, "code": "ACCESS_DENIED"}, id="refused"),
    ],
)
def test_a_move_that_took_effect_is_told_whatever_cannot_be_read_afterwards(
    portal: Portal, method: str, fault: dict[str, Any]
) -> None:
    for robot in (False, True):
        if robot:
            do = {"act": "move", "stage_id": ELSEWHERE, "user_id": PERSON}
            portal.fault("crm.item.update", kind="human", timing="after", do=do)
        portal.fault(method, times=None, **fault)
        here, target = (PAID, WAITING) if robot else (WAITING, PAID)
        assert portal.crm.move("9041", here, target, "op").outcome is MoveOutcome.MOVED
        assert portal.requests("crm.item.update") == 1 + robot


def test_after_a_lost_answer_the_read_shows_whether_it_took_effect(portal: Portal) -> None:
    portal.fault("crm.item.update", kind="lose_reply", applied=True)
    portal.crm.move("9041", WAITING, PAID, "op")
    assert portal.crm.deal("9041").stage_id == PAID.stage_id
    assert portal.crm.history("9041")[-1].position == PAID


@pytest.mark.parametrize("code", ["CRM_FIELD_ERROR_REQUIRED", "", "100", "SOME_OTHER_CODE"])
def test_a_required_field_is_named_whatever_code_the_portal_uses(code: str) -> None:
    categories = [
        {"id": 4, "name": "Опт", "required_fields": {PAID.stage_id: ["UF_CRM_CONTRACT"]}},
        {"entity_type_id": 31, "id": 3, "name": "Счета"},
    ]
    with served(
        seed(
            categories=categories,
            user_fields=[{"name": "UF_CRM_CONTRACT", "title": "Номер договора"}],
            settings={"required_field_error": code},
        )
    ) as portal:
        result = portal.crm.move("9041", WAITING, PAID, "op")
        assert (result.outcome, result.missing) == (MoveOutcome.REFUSED, ("Номер договора",))
        assert "Номер договора" in result.reason
        assert portal.moved(9041) == []


def test_a_stage_that_is_not_there_is_refused(portal: Portal) -> None:
    result = portal.crm.move("9041", WAITING, Position("4", "C4:NO_SUCH"), "op")
    assert result.outcome is MoveOutcome.REFUSED
    assert result.missing == ()


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("NO_AUTH_FOUND", 401, Reauthorise),
        ("expired_token", 401, Reauthorise),
        ("ACCESS_DENIED", 403, Reauthorise),
        ("QUERY_LIMIT_EXCEEDED", 503, RetryLater),
        ("OPERATION_TIME_LIMIT", 429, RetryLater),
        ("OVERLOAD_LIMIT", 503, RetryLater),
    ],
)
def test_answers_that_prove_nothing_was_written_are_errors_of_their_kind(
    portal: Portal, code: str, status: int, kind: type[Exception]
) -> None:
    portal.fault("crm.item.update", kind="refuse", status=status, code=code)
    with pytest.raises(kind):
        portal.crm.move("9041", WAITING, PAID, "op")
    assert portal.moved(9041) == []


def test_a_stage_without_right_is_refused_and_the_connection_lives() -> None:
    users = [{"id": 1, "name": "Хаб", "rights": {"forbidden_stages": [PAID.stage_id]}}]
    with served(
        seed(
            users=users,
            webhooks=[{"user_id": 1, "code": "sandboxsecret"}],
            deals=[deal(9041, assigned_by_id=1)],
            invoices=[],
        )
    ) as portal:
        assert portal.crm.move("9041", WAITING, PAID, "op").outcome is MoveOutcome.REFUSED
        assert portal.crm.deal("9041").stage_id == WAITING.stage_id


def test_a_move_stands_even_when_its_history_cannot_be_read(portal: Portal) -> None:
    portal.fault("crm.stagehistory.list", times=None, kind="refuse", status=400, code="INVALID_ARG_VALUE")
    result = portal.crm.move("9041", WAITING, PAID, "op")
    assert result.outcome is MoveOutcome.MOVED
    assert "Историю стадий проверить не удалось" in result.reason


# Invoices


def test_an_invoice_is_marked_paid_by_the_success_stage_of_its_own_pipeline(portal: Portal) -> None:
    before = portal.crm.invoice_now("771").position
    assert before == Position("3", "DT31_3:S")
    result = portal.crm.mark_paid("771", "op")
    assert (result.outcome, result.position) == (MoveOutcome.MOVED, Position("3", "DT31_3:P"))
    assert portal.crm.mark_paid("771", "op").outcome is MoveOutcome.ALREADY_THERE
    assert portal.requests("crm.item.update") == 1


def test_the_paid_stage_is_found_by_its_meaning_and_not_by_its_letter() -> None:
    stages = [
        {"id": "DT31_3:N", "name": "Новый"},
        {"id": "DT31_3:P", "name": "Печать"},
        {"id": "DT31_3:UC_1", "name": "Деньги пришли", "semantics": "S"},
        {"id": "DT31_3:D", "name": "Отказ", "semantics": "F"},
    ]
    with served(
        seed(
            categories=[{"id": 4, "name": "Опт"}, {"entity_type_id": 31, "id": 3, "name": "С", "stages": stages}],
            invoices=[invoice(771, 9041, stage_id="DT31_3:P")],
        )
    ) as portal:
        assert portal.crm.mark_paid("771", "op").position == Position("3", "DT31_3:UC_1")


def test_a_declined_invoice_is_not_marked_paid() -> None:
    with served(seed(invoices=[invoice(771, 9041, stage_id="DT31_3:D")])) as portal:
        assert portal.crm.mark_paid("771", "op").outcome is MoveOutcome.REFUSED
        assert portal.sandbox.control.write_log.effects("invoice") == []


def test_our_paid_mark_is_taken_back_while_it_stands(portal: Portal) -> None:
    sent, paid = Position("3", "DT31_3:S"), Position("3", "DT31_3:P")
    portal.crm.mark_paid("771", "op")
    assert portal.crm.restore_invoice("771", paid, sent, "undo").outcome is MoveOutcome.MOVED
    assert portal.crm.invoice_now("771").position == sent
    assert portal.crm.restore_invoice("771", paid, sent, "undo").outcome is MoveOutcome.ALREADY_THERE


def test_an_invoice_that_a_person_moved_on_is_not_taken_back(portal: Portal) -> None:
    portal.crm.mark_paid("771", "op")
    portal.sandbox.control.human(
        {"act": "move", "entity_type_id": 31, "id": 771, "user_id": PERSON, "stage_id": "DT31_3:D"}
    )
    result = portal.crm.restore_invoice("771", Position("3", "DT31_3:P"), Position("3", "DT31_3:S"), "undo")
    assert result.outcome is MoveOutcome.CHANGED_BY_OTHER
    assert "Не оплачен" in result.reason


def test_a_lost_answer_to_a_paid_mark_is_unknown(portal: Portal) -> None:
    portal.fault("crm.item.update", kind="lose_reply", applied=True)
    assert portal.crm.mark_paid("771", "op").outcome is MoveOutcome.UNKNOWN
    assert portal.crm.mark_paid("771", "op").outcome is MoveOutcome.ALREADY_THERE


def test_a_deleted_invoice_is_gone(portal: Portal) -> None:
    with pytest.raises(Gone):
        portal.crm.invoice_now("404")
    with pytest.raises(Gone):
        portal.crm.mark_paid("404", "op")


def test_one_look_at_an_invoice_tells_its_sum_as_reading_it_does(portal: Portal) -> None:
    (told,) = [item for item in portal.crm.reread(ItemKind.INVOICE, "771") if isinstance(item, Invoice)]
    assert portal.crm.invoice_now("771").asks == told.amount.amount > 0
