"""What the sink writes into a portal and how it judges the answers; the portal is laid out by each test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.domain.errors import Refused
from hub.ports.crm import MoveOutcome, MoveResult, Position, StageChange
from tests.unit.bitrix24.small_portal import (
    DEAL,
    FIELDS,
    HISTORY,
    INVOICE,
    PLAN,
    READ,
    REFUSED,
    WRITE,
    SmallPortal,
    item,
    trail,
)

WAITING, SHIP, ELSEWHERE = (Position("0", stage) for stage in ("NEW", "SHIP", "ELSE"))
MOVED_AT = "2026-03-10T12:00:01+03:00"
BROKEN = "Битрикс24 прислал непонятный ответ. Проверим, что получилось, и повторим, если нужно."
OURS = trail((1, "NEW", 0), (2, "SHIP", 0))


@pytest.fixture
def portal() -> SmallPortal:
    return SmallPortal()


def move(portal: SmallPortal, target: Position = SHIP, expected: Position = WAITING) -> MoveResult:
    return portal.sink().move(2, str(DEAL), expected, target)


def judged(portal: SmallPortal, answer: Any, history: Any) -> MoveResult:
    portal.lay(WRITE, answer)
    portal.lay(HISTORY, history)
    return move(portal)


# Reading


def test_a_record_is_read_as_it_is_now(portal: SmallPortal) -> None:
    portal.lay(READ, item(DEAL, "NEW", title="Сделка"))
    assert portal.sink().item(2, "7").title == "Сделка"
    assert portal.sent(READ) == [{"entityTypeId": 2, "id": 7}]


def test_user_fields_are_asked_for_by_their_own_names(portal: SmallPortal) -> None:
    portal.sink("UF_CRM_1").item(2, "7")
    assert portal.sent(READ) == [{"entityTypeId": 2, "id": 7, "useOriginalUfNames": "Y"}]


@pytest.mark.parametrize("answer", [{}, {"item": None}, {"item": {"id": "x"}}])
def test_a_record_that_cannot_be_read_is_refused(portal: SmallPortal, answer: Any) -> None:
    portal.lay(READ, answer)
    with pytest.raises(Refused, match=r"^crm\.item\.get: unreadable item$") as raised:
        portal.sink().item(2, "7")
    assert raised.value.for_person == "Битрикс24 прислал запись, которую не удалось прочитать."


# The write


@pytest.mark.parametrize(
    ("target", "fields"),
    [(SHIP, {"stageId": "SHIP"}), (Position("3", "C3:NEW"), {"stageId": "C3:NEW", "categoryId": 3})],
)
def test_what_changes_is_written_once_and_nothing_else(
    portal: SmallPortal, target: Position, fields: dict[str, Any]
) -> None:
    portal.lay(WRITE, item(DEAL, target.stage_id, int(target.pipeline_id)))
    assert move(portal, target) == MoveResult(MoveOutcome.MOVED, target, MOVED_AT)
    assert portal.sent(WRITE) == [{"entityTypeId": 2, "id": DEAL, "fields": fields}]


def test_a_lost_answer_is_unknown(portal: SmallPortal) -> None:
    portal.lay(WRITE, 500)
    assert move(portal) == MoveResult(MoveOutcome.UNKNOWN, reason=BROKEN)
    assert len(portal.sent(WRITE)) == 1


@pytest.mark.parametrize("answer", [True, {}, {"item": {"id": "x"}}])
def test_an_answer_without_the_record_proves_nothing(portal: SmallPortal, answer: Any) -> None:
    portal.lay(WRITE, answer)
    reason = "Битрикс24 ответил, но без записи: проверим её чтением."
    assert move(portal) == MoveResult(MoveOutcome.UNKNOWN, reason=reason)


def refusal(text: str, code: str = "100") -> dict[str, Any]:
    return {"error": code, "error_description": text}


TITLES = {
    "fields": {
        "ufCrm1": {"title": "Номер договора", "upperName": "UF_CRM_1"},
        "opportunity": {"title": "Сумма", "upperName": "OPPORTUNITY"},
        "bare": [],
    }
}


@pytest.mark.parametrize(
    ("text", "code", "missing"),
    [
        ("Не заполнено поле «Номер договора»", "100", ("Номер договора",)),
        ('Fill in "номер ДОГОВОРА " and “Сумма”', "100", ("номер ДОГОВОРА", "Сумма")),
        ("«Сумма», «Сумма»", "100", ("Сумма",)),
        ("«opportunity» «ufCrm1» «bare»", "100", ("opportunity", "ufCrm1", "bare")),
        ("«OPPORTUNITY» «uf_crm_1»", "100", ("OPPORTUNITY", "uf_crm_1")),
        ("Нет стадии «Отгрузка»", "100", ()),
        ("Нет поля «Отгрузка» «Отгрузка»", "crm_field_error_required", ("Отгрузка",)),
        ("«Отгрузка» и «Сумма»", "CRM_FIELD_ERROR_REQUIRED", ("Сумма",)),
        ("« »", "100", ()),
    ],
)
def test_a_refusal_names_the_fields_that_it_quotes(
    portal: SmallPortal, text: str, code: str, missing: tuple[str, ...]
) -> None:
    portal.lay(FIELDS, TITLES)
    portal.lay(WRITE, refusal(text, code))
    found = move(portal)
    assert (found.outcome, found.position, found.missing) == (MoveOutcome.REFUSED, None, missing)
    assert found.reason == f"Битрикс24 ответил отказом: {text}"
    assert portal.sent(FIELDS) == [{"entityTypeId": 2}]


def test_a_refusal_that_quotes_nothing_names_no_field(portal: SmallPortal) -> None:
    portal.lay(WRITE, refusal("Нельзя", "CRM_FIELD_ERROR_REQUIRED"))
    assert move(portal).missing == ()
    assert portal.sent(FIELDS) == []


def test_a_refusal_stands_where_the_fields_cannot_be_read(portal: SmallPortal) -> None:
    portal.lay(FIELDS, REFUSED)
    portal.lay(WRITE, refusal("«Сумма»"))
    assert (move(portal).outcome, move(portal).missing) == (MoveOutcome.REFUSED, ())


# After the write


def test_a_move_carries_the_mark_of_its_row(portal: SmallPortal) -> None:
    found = judged(portal, item(DEAL, "SHIP"), OURS)
    assert found == MoveResult(MoveOutcome.MOVED, SHIP, MOVED_AT, mark="2")
    (asked,) = portal.sent(HISTORY)
    assert (asked["entityTypeId"], asked["filter"]["OWNER_ID"]) == (2, DEAL)


def test_a_portal_that_tells_no_time_is_believed_all_the_same(portal: SmallPortal) -> None:
    assert judged(portal, item(DEAL, "SHIP", movedTime=""), OURS) == MoveResult(MoveOutcome.MOVED, SHIP, mark="2")


def test_a_record_that_stayed_was_put_back_or_never_moved(portal: SmallPortal) -> None:
    reason = "Битрикс24 ответил успехом, но запись стоит на прежней стадии: возможно, её вернул робот."
    assert judged(portal, item(DEAL, "NEW"), OURS) == MoveResult(MoveOutcome.REFUSED, WAITING, MOVED_AT, reason)
    assert portal.sent(HISTORY) == []


def test_a_move_onto_the_stage_where_the_record_stands_is_no_refusal(portal: SmallPortal) -> None:
    portal.lay(WRITE, item(DEAL, "NEW"))
    assert move(portal, WAITING).outcome is MoveOutcome.MOVED


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        ({"movedBy": 17}, MoveOutcome.ALREADY_THERE),
        ({"movedBy": 17, "movedTime": ""}, MoveOutcome.ALREADY_THERE),
        ({"movedBy": ""}, MoveOutcome.MOVED),
        ({"movedTime": "2026-03-10T11:59:58+03:00"}, MoveOutcome.ALREADY_THERE),
        ({"movedTime": "2026-03-10T11:59:59+03:00"}, MoveOutcome.MOVED),
        ({"movedTime": "2026-03-10T12:00:00+03:00"}, MoveOutcome.MOVED),
        ({"movedTime": "2026-03-10T11:00:00"}, MoveOutcome.MOVED),
        ({"movedTime": "yesterday"}, MoveOutcome.MOVED),
    ],
)
def test_a_record_that_stood_there_before_our_call_was_not_moved_by_us(
    portal: SmallPortal, parts: dict[str, Any], outcome: MoveOutcome
) -> None:
    found = judged(portal, item(DEAL, "SHIP", **parts), OURS)
    touched = parts.get("movedTime", MOVED_AT) or None
    assert (found.outcome, found.position, found.touched) == (outcome, SHIP, touched)
    assert (found.mark is None) is (outcome is MoveOutcome.ALREADY_THERE)


def test_a_move_is_told_where_its_row_cannot_be_read(portal: SmallPortal) -> None:
    found = judged(portal, item(DEAL, "SHIP"), REFUSED)
    assert (found.outcome, found.position, found.touched, found.mark) == (MoveOutcome.MOVED, SHIP, MOVED_AT, None)
    assert found.reason.startswith("Историю стадий проверить не удалось: crm.stagehistory.list: 400 ACCESS_DENIED")


@pytest.mark.parametrize("history", [trail(), trail((1, "SHIP", 0)), trail((1, "NEW", 0), (2, "ELSE", 0))])
def test_a_history_that_does_not_tell_leaves_a_record_on_its_target_ours(portal: SmallPortal, history: Any) -> None:
    assert judged(portal, item(DEAL, "SHIP"), history) == MoveResult(MoveOutcome.MOVED, SHIP, MOVED_AT)


def test_a_record_elsewhere_without_a_move_of_ours_was_moved_by_another(portal: SmallPortal) -> None:
    found = judged(portal, item(DEAL, "ELSE"), trail((1, "NEW", 0), (2, "ELSE", 0)))
    reason = "Запись стоит на стадии «Переговоры», нашего перевода в истории нет."
    assert found == MoveResult(MoveOutcome.CHANGED_BY_OTHER, ELSEWHERE, MOVED_AT, reason)


def test_a_record_that_went_on_at_once_was_moved_by_us(portal: SmallPortal) -> None:
    found = judged(portal, item(DEAL, "ELSE"), trail((1, "NEW", 0), (2, "SHIP", 0), (3, "ELSE", 0)))
    reason = "Сразу после перевода запись ушла дальше: «Переговоры»."
    assert found == MoveResult(MoveOutcome.MOVED, SHIP, MOVED_AT, reason, mark="2")


def test_a_person_whose_move_lies_beneath_ours_is_told_of(portal: SmallPortal) -> None:
    found = judged(portal, item(DEAL, "SHIP"), trail((1, "NEW", 0), (2, "ELSE", 0), (3, "SHIP", 0)))
    reason = (
        "Пока шёл перевод, запись переставили на стадию «Переговоры»; "
        "наш перевод лёг поверх. Проверьте, какая стадия верна."
    )
    assert found == MoveResult(MoveOutcome.CHANGED_BY_OTHER, SHIP, MOVED_AT, reason)


def test_of_two_moves_onto_the_stage_the_last_one_is_ours(portal: SmallPortal) -> None:
    history = trail((1, "ELSE", 0), (2, "SHIP", 0), (3, "NEW", 0), (4, "SHIP", 0), (5, "ELSE", 0))
    found = judged(portal, item(DEAL, "ELSE"), history)
    assert (found.outcome, found.mark) == (MoveOutcome.MOVED, "4")


def test_stages_of_other_pipelines_are_others(portal: SmallPortal) -> None:
    found = judged(portal, item(DEAL, "C3:NEW", 3), trail((1, "NEW", 0), (2, "SHIP", 3)))
    assert (found.outcome, found.position) == (MoveOutcome.CHANGED_BY_OTHER, Position("3", "C3:NEW"))
    assert "«Опт: ждём»" in found.reason


@pytest.mark.parametrize("trouble", ["no such stage", "no plan"])
def test_a_stage_without_a_name_is_told_by_its_number(portal: SmallPortal, trouble: str) -> None:
    if trouble == "no plan":
        portal.lay(PLAN, REFUSED)
    assert "«GONE»" in judged(portal, item(DEAL, "GONE"), trail()).reason


def test_the_history_is_oldest_first_and_names_nobody(portal: SmallPortal) -> None:
    portal.lay(HISTORY, trail((1, "NEW", 0), (2, "C3:NEW", 3)))
    assert portal.sink().history(2, str(DEAL)) == (
        StageChange("1", WAITING, datetime(2026, 3, 10, 8, 0, 1, tzinfo=UTC)),
        StageChange("2", Position("3", "C3:NEW"), datetime(2026, 3, 10, 8, 0, 2, tzinfo=UTC)),
    )
    assert portal.sent(HISTORY)[0]["entityTypeId"] == 2


@pytest.mark.parametrize("category", ["", None])
def test_a_record_without_a_pipeline_is_of_the_common_one(portal: SmallPortal, category: Any) -> None:
    stayed = judged(portal, item(DEAL, "NEW", category), OURS)
    assert (stayed.outcome, stayed.position) == (MoveOutcome.REFUSED, WAITING)
    row = {"ID": 1, "OWNER_ID": DEAL, "CATEGORY_ID": category, "STAGE_ID": "NEW", "CREATED_TIME": MOVED_AT}
    portal.lay(HISTORY, {"items": [row]})
    assert [change.position for change in portal.sink().history(2, str(DEAL))] == [WAITING]


# Invoices

NEW, PAID, LATER, DECLINED = (Position("11", f"DT31_11:{stage}") for stage in ("N", "P", "P2", "D"))


def bill(stage: str = "N", category: int = 11, **parts: Any) -> dict[str, Any]:
    return item(INVOICE, f"DT31_{category}:{stage}", category, **parts)


def mark(portal: SmallPortal) -> MoveResult:
    return portal.sink().mark_paid(str(INVOICE))


def test_a_paid_mark_is_the_first_won_stage_of_the_invoices_own_pipeline(portal: SmallPortal) -> None:
    portal.lay(READ, bill())
    portal.lay(WRITE, bill("P"))
    assert mark(portal) == MoveResult(MoveOutcome.MOVED, PAID, MOVED_AT)
    assert portal.sent(READ) == [{"entityTypeId": 31, "id": INVOICE}]
    assert portal.sent(WRITE) == [{"entityTypeId": 31, "id": INVOICE, "fields": {"stageId": "DT31_11:P"}}]


@pytest.mark.parametrize(("moved_time", "touched"), [(MOVED_AT, MOVED_AT), ("", None)])
def test_a_paid_invoice_is_not_marked_again(portal: SmallPortal, moved_time: str, touched: str | None) -> None:
    portal.lay(READ, bill("P2", movedTime=moved_time))
    assert mark(portal) == MoveResult(MoveOutcome.ALREADY_THERE, LATER, touched)
    assert portal.sent(WRITE) == []


def test_a_declined_invoice_is_not_marked(portal: SmallPortal) -> None:
    portal.lay(READ, bill("D"))
    reason = "Счёт в Битрикс24 отклонён или отменён."
    assert mark(portal) == MoveResult(MoveOutcome.REFUSED, DECLINED, reason=reason)
    assert portal.sent(WRITE) == []


@pytest.mark.parametrize("category", [12, 13])
def test_a_pipeline_without_a_won_stage_has_nothing_to_mark_with(portal: SmallPortal, category: int) -> None:
    portal.lay(READ, bill("N", category))
    reason = "В воронке счетов нет стадии с исходом «успех»: оплату отметить нечем."
    here = Position(str(category), f"DT31_{category}:N")
    assert mark(portal) == MoveResult(MoveOutcome.REFUSED, here, reason=reason)


def restore(portal: SmallPortal, expected: Position = PAID) -> MoveResult:
    return portal.sink().restore(str(INVOICE), expected, NEW)


def test_our_mark_is_taken_back(portal: SmallPortal) -> None:
    portal.lay(READ, bill("P"))
    portal.lay(WRITE, bill())
    assert restore(portal) == MoveResult(MoveOutcome.MOVED, NEW, MOVED_AT)
    assert portal.sent(READ) == [{"entityTypeId": 31, "id": INVOICE}]
    assert portal.sent(WRITE) == [{"entityTypeId": 31, "id": INVOICE, "fields": {"stageId": "DT31_11:N"}}]


@pytest.mark.parametrize(("moved_time", "touched"), [(MOVED_AT, MOVED_AT), ("", None)])
def test_a_mark_that_is_gone_or_changed_is_not_taken_back(
    portal: SmallPortal, moved_time: str, touched: str | None
) -> None:
    portal.lay(READ, bill(movedTime=moved_time))
    assert restore(portal) == MoveResult(MoveOutcome.ALREADY_THERE, NEW, touched)
    portal.lay(READ, bill("P2", movedTime=moved_time))
    reason = "Счёт уже переведён на стадию «Оплачен позже»: возвращать его не стали."
    assert restore(portal) == MoveResult(MoveOutcome.CHANGED_BY_OTHER, LATER, touched, reason)
    assert portal.sent(WRITE) == []
