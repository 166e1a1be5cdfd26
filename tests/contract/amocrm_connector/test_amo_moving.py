from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.domain.errors import ConnectorError, Gone, Reauthorise, Refused, RetryLater, Unavailable
from hub.domain.models import Invoice, StageKind
from hub.ports.crm import ItemKind, MoveOutcome, Position, TaskDraft

from .account import ELSEWHERE, INVOICES, LOST, PAID, PERSON, WAITING, WON, Account, invoice, lead, seed, served

PATCH = "PATCH /api/v4/leads/70001"
PATCH_INVOICE = f"PATCH /api/v4/catalogs/{INVOICES}/elements"
GET = "GET /api/v4/leads/70001"
PAID_ON = date(2026, 1, 14)

LOST_ANSWERS = [
    pytest.param({"kind": "lose_reply", "applied": False}, id="lost before it ran"),
    pytest.param({"kind": "lose_reply", "applied": True}, id="lost after it ran"),
    pytest.param({"kind": "half_reply"}, id="half reply with a length"),
    pytest.param({"kind": "half_reply", "content_length": False}, id="half reply in chunks"),
    pytest.param({"kind": "html", "status": 200}, id="a page under 200"),
    pytest.param({"kind": "html", "status": 502}, id="a page under 502"),
    pytest.param({"kind": "html", "status": 504, "applied": True}, id="cut off after it ran"),
    pytest.param({"kind": "html", "status": 504}, id="cut off before it ran"),
    pytest.param({"kind": "refuse", "status": 500}, id="internal error"),
    pytest.param({"kind": "refuse", "status": 500, "applied": True}, id="internal error after it ran"),
    pytest.param({"kind": "refuse", "status": 503}, id="not available"),
    pytest.param({"kind": "refuse", "status": 418}, id="a status nobody knows"),
    pytest.param({"kind": "late_apply", "after_s": 30}, id="applied later"),
]


def human_at(account: Account, method: str, timing: str = "before", **deed: Any) -> None:
    account.fault(method, kind="human", timing=timing, do={"user_id": PERSON} | deed)


def test_a_move_is_written_once_and_read_back(account: Account) -> None:
    result = account.crm.move("70001", WAITING, PAID, "op")
    assert (result.outcome, result.position, result.reason) == (MoveOutcome.MOVED, PAID, "")
    assert result.touched == str(account.sandbox.control.lead(70001)["updated_at"])
    assert result.mark == account.crm.history("70001")[-1].id
    assert account.standing() == (9001, 61003)
    assert account.requests(PATCH) == 1


def test_only_the_stage_is_sent(account: Account) -> None:
    account.crm.move("70001", WAITING, PAID, "op")
    (effect,) = account.sandbox.control.write_log.effects("lead")
    assert set(effect.changed) <= {"status_id", "updated_at", "updated_by", "pipeline_id", "closed_at"}


def test_winning_names_the_pipeline_because_its_number_is_the_same_everywhere(account: Account) -> None:
    assert account.crm.move("70001", WAITING, WON, "op").outcome is MoveOutcome.MOVED
    assert account.standing() == (9001, 142)
    assert account.crm.deal("70001").stage_kind is StageKind.WON


def test_a_move_into_another_pipeline_names_the_pipeline_too(account: Account) -> None:
    target = Position("9002", "62001")
    assert account.crm.move("70001", WAITING, target, "op").position == target
    assert account.standing() == (9002, 62001)


def test_the_same_number_in_another_pipeline_is_another_stage(account: Account) -> None:
    account.human(act="move", id=70001, status_id=142, pipeline_id=9002)
    result = account.crm.move("70001", WAITING, WON, "op")
    assert (result.outcome, result.position) == (MoveOutcome.CHANGED_BY_OTHER, Position("9002", "142"))


def test_a_deal_that_stands_there_already_is_not_written_to(account: Account) -> None:
    account.human(act="move", id=70001, status_id=61003)
    result = account.crm.move("70001", WAITING, PAID, "op")
    assert (result.outcome, result.position) == (MoveOutcome.ALREADY_THERE, PAID)
    assert account.requests(PATCH) == 0


def test_a_deal_that_stands_elsewhere_is_not_written_to(account: Account) -> None:
    account.human(act="move", id=70001, status_id=61001)
    result = account.crm.move("70001", WAITING, PAID, "op")
    assert (result.outcome, result.position) == (MoveOutcome.CHANGED_BY_OTHER, ELSEWHERE)
    assert "Первичный контакт" in result.reason
    assert account.requests(PATCH) == 0


def test_a_person_who_moved_between_our_read_and_our_write_is_reported(account: Account) -> None:
    human_at(account, PATCH, act="move", id=70001, status_id=61001)
    result = account.crm.move("70001", WAITING, PAID, "op")
    assert (result.outcome, result.position) == (MoveOutcome.CHANGED_BY_OTHER, PAID)
    assert "Первичный контакт" in result.reason


def test_a_person_who_moves_right_after_us_leaves_our_move_ours(account: Account) -> None:
    human_at(account, PATCH, "after", act="move", id=70001, status_id=61001)
    result = account.crm.move("70001", WAITING, PAID, "op")
    assert (result.outcome, result.position) == (MoveOutcome.MOVED, PAID)
    assert "Первичный контакт" in result.reason
    assert [change.position for change in account.crm.history("70001")][-2:] == [PAID, ELSEWHERE]


def test_a_deal_that_was_taken_back_at_once_was_moved_all_the_same(account: Account) -> None:
    human_at(account, PATCH, "after", act="move", id=70001, status_id=61002)
    assert account.crm.move("70001", WAITING, PAID, "op").outcome is MoveOutcome.MOVED


def test_an_older_visit_of_the_stage_does_not_pass_for_our_move(account: Account) -> None:
    account.human(act="move", id=70001, status_id=61003)
    account.sandbox.control.advance(5)
    account.human(act="move", id=70001, status_id=61002)
    account.sandbox.control.advance(5)
    human_at(account, PATCH, "after", act="move", id=70001, status_id=61002)
    account.fault("GET /api/v4/events", times=None, kind="refuse", status=403)
    assert account.crm.move("70001", WAITING, PAID, "op").outcome is MoveOutcome.REFUSED


def test_a_person_who_deleted_the_deal_makes_it_gone(account: Account) -> None:
    account.human(act="delete", id=70001)
    with pytest.raises(Gone):
        account.crm.move("70001", WAITING, PAID, "op")


def test_the_history_tells_who_moved_and_where_the_deal_was_made(account: Account) -> None:
    account.human(act="move", id=70001, status_id=61001)
    account.sandbox.control.advance(2)
    account.crm.move("70001", ELSEWHERE, PAID, "op")
    history = account.crm.history("70001")
    assert [(change.position, change.by) for change in history[-2:]] == [(ELSEWHERE, str(PERSON)), (PAID, "1")]
    assert [change.at for change in history] == sorted(change.at for change in history)


@pytest.mark.parametrize("fault", LOST_ANSWERS)
def test_a_lost_or_unreadable_answer_is_unknown_and_is_not_repeated(account: Account, fault: dict[str, Any]) -> None:
    account.fault(PATCH, **fault)
    result = account.crm.move("70001", WAITING, PAID, "op")
    assert (result.outcome, result.position) == (MoveOutcome.UNKNOWN, None)
    assert result.reason
    assert account.requests(PATCH) == 1


@pytest.mark.parametrize("fault", LOST_ANSWERS)
def test_a_lost_answer_of_a_paid_mark_is_unknown_and_is_not_repeated(account: Account, fault: dict[str, Any]) -> None:
    account.fault(PATCH_INVOICE, **fault)
    assert account.crm.mark_paid("880101", "op").outcome is MoveOutcome.UNKNOWN
    assert account.requests(PATCH_INVOICE) == 1


def test_a_move_that_took_effect_is_told_whatever_cannot_be_read_afterwards(account: Account) -> None:
    account.sandbox.control.add_faults(
        {"match": {"method": GET, "nth": 2}, "times": 1, "action": {"kind": "refuse", "status": 403}}
    )
    result = account.crm.move("70001", WAITING, PAID, "op")
    assert (result.outcome, result.position) == (MoveOutcome.MOVED, PAID)
    assert result.reason


def test_a_stage_that_is_gone_is_refused_in_the_accounts_words(account: Account) -> None:
    result = account.crm.move("70001", WAITING, Position("9001", "69999"), "op")
    assert result.outcome is MoveOutcome.REFUSED
    assert "amoCRM ответил отказом" in result.reason


def test_required_fields_are_named_where_the_account_insists() -> None:
    required = {"id": 700, "name": "Договор", "required_statuses": [{"status_id": 61003, "pipeline_id": 9001}]}
    fields = [*seed()["custom_fields"], required]
    strict = seed(custom_fields=fields, settings={"enforce_required_statuses": True})
    with served(strict) as account:
        result = account.crm.move("70001", WAITING, PAID, "op")
    assert (result.outcome, result.missing) == (MoveOutcome.REFUSED, ("Договор",))


def test_a_required_field_that_the_account_let_pass_is_told() -> None:
    required = {"id": 700, "name": "Договор", "required_statuses": [{"status_id": 61003, "pipeline_id": 9001}]}
    with served(seed(custom_fields=[*seed()["custom_fields"], required])) as account:
        result = account.crm.move("70001", WAITING, PAID, "op")
    assert result.outcome is MoveOutcome.MOVED
    assert "Договор" in result.reason


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param({"kind": "refuse", "status": 401}, Reauthorise, id="access refused"),
        pytest.param({"kind": "refuse", "status": 402}, Unavailable, id="not paid for"),
        pytest.param({"kind": "html", "status": 403}, Unavailable, id="shut out"),
        pytest.param({"kind": "html", "status": 429}, Unavailable, id="throttled by a page"),
        pytest.param({"kind": "refuse", "status": 404}, Gone, id="gone"),
        pytest.param({"kind": "redirect", "location": "https://other.amocrm.ru/"}, Reauthorise, id="moved away"),
    ],
)
def test_what_proves_that_nothing_was_written_is_an_error(
    account: Account, fault: dict[str, Any], error: type[ConnectorError]
) -> None:
    account.fault(PATCH, **fault)
    with pytest.raises(error) as raised:
        account.crm.move("70001", WAITING, PAID, "op")
    assert raised.value.for_person
    assert account.standing() == (9001, 61002)
    assert account.requests(PATCH) == 1


@pytest.mark.parametrize("status", [400, 403, 405, 422])
def test_a_refusal_is_an_outcome(account: Account, status: int) -> None:
    account.fault(PATCH, kind="refuse", status=status, title="Bad Request", detail="No")
    assert account.crm.move("70001", WAITING, PAID, "op").outcome is MoveOutcome.REFUSED


# Invoices


def test_a_paid_mark_changes_the_status_and_nothing_else(account: Account) -> None:
    before = account.sandbox.control.invoice(880101)
    came_from = account.crm.invoice_now("880101").position
    result = account.crm.mark_paid("880101", "op")
    assert result.outcome is MoveOutcome.MOVED
    assert result.position == account.crm.invoice_now("880101").position != came_from
    assert account.status() == "paid"
    after = account.sandbox.control.invoice(880101)
    assert after["name"] == before["name"]
    assert account.sandbox.control.value("catalog_elements", 880101, "BILL_PRICE") is not None
    assert account.crm.mark_paid("880101", "op").outcome is MoveOutcome.ALREADY_THERE
    assert account.requests(PATCH_INVOICE) == 1


def day_of(account: Account) -> Any:
    """The day of the payment as the card holds it: Unix seconds."""
    return account.sandbox.control.value("catalog_elements", 880101, "BILL_PAYMENT_DATE")


def local(day: date, hour: int) -> int:
    return int(datetime.combine(day, time(hour), ZoneInfo("Europe/Moscow")).timestamp())


@pytest.mark.parametrize(("kind", "hour"), [("date", 0), ("date_time", 12)])
def test_the_day_of_the_money_goes_with_the_mark_in_one_call_and_is_read_back(kind: str, hour: int) -> None:
    with served(seed(settings={"payment_date_type": kind})) as account:
        result = account.crm.mark_paid("880101", "op", PAID_ON)
        assert (result.outcome, result.reason) == (MoveOutcome.MOVED, "")
        assert (account.status(), day_of(account)) == ("paid", local(PAID_ON, hour))
        assert account.requests(PATCH_INVOICE) == 1


def test_a_day_that_the_account_sets_itself_is_told_and_the_mark_stands() -> None:
    with served(seed(settings={"payment_date": "server"})) as account:
        result = account.crm.mark_paid("880101", "op", PAID_ON)
        assert result.outcome is MoveOutcome.MOVED
        assert "14.01.2026" in result.reason
        assert account.status() == "paid"


@pytest.mark.parametrize("way", ["switched off", "no field", "no day"])
def test_the_day_is_left_alone_where_it_has_no_place(way: str) -> None:
    absent = ["BILL_PAYMENT_DATE"] if way == "no field" else []
    catalogs = [{"id": INVOICES, "name": "Счета", "type": "invoices", "absent_fields": absent}]
    with served(seed(catalogs=catalogs), invoices={"payment_date": way != "switched off"}) as account:
        result = account.crm.mark_paid("880101", "op", PAID_ON if way != "no day" else None)
        assert (result.outcome, result.reason) == (MoveOutcome.MOVED, "")
        assert account.status() == "paid"
        assert day_of(account) is None


def test_a_day_that_is_refused_does_not_keep_the_mark_away(account: Account) -> None:
    complaint = {"code": "InvalidType", "path": "custom_fields_values.1.values.0.value", "detail": "No"}
    errors = {"validation-errors": [{"request_id": "0", "errors": [complaint]}]}
    account.fault(PATCH_INVOICE, kind="refuse", status=400, title="Bad Request", detail="No", extra=errors)
    result = account.crm.mark_paid("880101", "op", PAID_ON)
    assert result.outcome is MoveOutcome.MOVED
    assert "без даты оплаты" in result.reason
    assert (account.status(), day_of(account)) == ("paid", None)
    assert account.requests(PATCH_INVOICE) == 2


def test_a_mark_that_is_refused_as_a_whole_is_not_tried_again(account: Account) -> None:
    account.fault(PATCH_INVOICE, kind="refuse", status=403, title="Forbidden", detail="No")
    assert account.crm.mark_paid("880101", "op", PAID_ON).outcome is MoveOutcome.REFUSED
    assert account.requests(PATCH_INVOICE) == 1


def test_a_lost_answer_of_a_mark_with_its_day_is_not_repeated(account: Account) -> None:
    account.fault(PATCH_INVOICE, kind="lose_reply", applied=True)
    assert account.crm.mark_paid("880101", "op", PAID_ON).outcome is MoveOutcome.UNKNOWN
    assert (account.status(), day_of(account)) == ("paid", local(PAID_ON, 12))
    assert account.requests(PATCH_INVOICE) == 1


def test_the_day_goes_with_the_mark_that_is_taken_back(account: Account) -> None:
    before = account.crm.invoice_now("880101").position
    marked = account.crm.mark_paid("880101", "op", PAID_ON).position
    assert before is not None
    assert marked is not None
    result = account.crm.restore_invoice("880101", marked, before, "op")
    assert (result.outcome, result.reason) == (MoveOutcome.MOVED, "")
    assert (account.status(), day_of(account)) == ("created", None)


def test_our_mark_is_taken_back_only_while_it_stands(account: Account) -> None:
    before = account.crm.invoice_now("880101").position
    marked = account.crm.mark_paid("880101", "op").position
    assert before is not None
    assert marked is not None
    assert account.crm.restore_invoice("880101", marked, before, "op").outcome is MoveOutcome.MOVED
    assert account.status() == "created"
    assert account.crm.restore_invoice("880101", marked, before, "op").outcome is MoveOutcome.ALREADY_THERE
    account.human(act="edit", entity="element", id=880101, fields=_status("partially_paid"))
    assert account.crm.restore_invoice("880101", marked, before, "op").outcome is MoveOutcome.CHANGED_BY_OTHER
    assert account.status() == "partially_paid"


def _status(code: str) -> dict[str, Any]:
    return {"custom_fields_values": [{"field_code": "BILL_STATUS", "values": [{"enum_code": code}]}]}


def test_an_advance_counts_as_paid_and_a_part_does_not() -> None:
    invoices = [invoice(880101, status="paid_in_advance"), invoice(880102, status="partially_paid")]
    with served(seed(invoices=invoices)) as account:
        assert account.crm.mark_paid("880101", "op").outcome is MoveOutcome.ALREADY_THERE
        assert account.crm.mark_paid("880102", "op").outcome is MoveOutcome.MOVED


def test_the_states_of_invoices_are_a_pipeline_of_their_own(account: Account) -> None:
    (pipeline,) = account.crm.invoice_pipelines()
    kinds = {stage.name: stage.kind for stage in pipeline.stages}
    assert pipeline.id == str(INVOICES)
    assert kinds["Оплачен"] is kinds["Оплачен в аванс"] is StageKind.WON
    assert kinds["Создан"] is kinds["Частично оплачен"] is StageKind.OPEN


def test_a_list_without_its_status_field_is_read_but_not_marked() -> None:
    catalogs = [{"id": INVOICES, "name": "Счета", "type": "invoices", "absent_fields": ["BILL_STATUS"]}]
    with served(seed(catalogs=catalogs, invoices=[invoice(880101, 70001, status=None)])) as account:
        assert account.crm.invoice_now("880101").position is None
        assert account.crm.invoice_pipelines() == ()
        with pytest.raises(Refused):
            account.crm.mark_paid("880101", "op")


def test_a_deleted_invoice_is_gone(account: Account) -> None:
    account.human(act="delete", entity="element", id=880101)
    with pytest.raises(Gone):
        account.crm.mark_paid("880101", "op")


def test_an_invoice_that_lives_in_a_deal_has_no_mark_of_its_own(account: Account) -> None:
    assert account.crm.invoice_now("D_70001").position is None


# Notes and tasks


def test_a_note_is_found_again_by_its_key(account: Account) -> None:
    made = account.crm.comment("70001", "Пришло 125 000,50 ₽", "op-1")
    assert account.crm.find_comment("70001", "op-1") == made
    assert account.crm.find_comment("70001", "op-2") is None
    (note,) = account.sandbox.control.notes()
    assert "Пришло 125 000,50 ₽" in str(note["params"])


def test_a_note_sets_no_trigger_off() -> None:
    with served(seed(paid_triggers=[{"pipeline_id": 9001, "status_id": 61003}])) as account:
        account.crm.comment("70001", "Оплата", "op")
        assert account.standing() == (9001, 61002)


def test_a_lost_answer_of_a_note_is_unknown_and_the_note_is_found(account: Account) -> None:
    account.fault("POST /api/v4/leads/notes", kind="lose_reply", applied=True)
    with pytest.raises(ConnectorError) as raised:
        account.crm.comment("70001", "Оплата", "op")
    assert type(raised.value).__name__ == "UnknownOutcome"
    assert account.crm.find_comment("70001", "op") is not None


def test_a_note_is_found_among_hundreds_and_without_filters(account: Account) -> None:
    account.sandbox.control.switch_filters(enabled=False)
    made = account.crm.comment("70001", "Первая", "op-0")
    for number in range(1, 4):
        account.crm.comment("70001", f"Ещё {number}", f"op-{number}")
    assert account.crm.find_comment("70001", "op-0") == made
    assert account.crm.find_comment("70001", "op-9") is None


def test_a_task_is_found_again_and_closed_once(account: Account) -> None:
    draft = TaskDraft("Проверить оплату", "Сумма меньше счёта", str(PERSON), date(2030, 3, 1))
    made = account.crm.task("70001", draft, "op")
    assert account.crm.find_task("70001", "op") == made
    (task,) = account.sandbox.control.tasks()
    assert (task["responsible_user_id"], task["entity_id"]) == (PERSON, 70001)
    # Evening of that day in Moscow.
    assert task["complete_till"] == 1898611200
    account.crm.complete_task(made)
    account.crm.complete_task(made)
    assert account.crm.find_task("70001", "op") == made


def test_a_task_of_somebody_who_left_falls_to_our_own_user(account: Account) -> None:
    account.human(act="deactivate_user", id=PERSON)
    account.crm.task("70001", TaskDraft("Проверить", "", str(PERSON)), "op")
    (task,) = account.sandbox.control.tasks()
    assert task["responsible_user_id"] != PERSON


def test_a_task_that_turns_out_closed_is_no_error(account: Account) -> None:
    made = account.crm.task("70001", TaskDraft("Проверить", ""), "op")
    account.fault(f"PATCH /api/v4/tasks/{made}", kind="lose_reply", applied=True)
    account.crm.complete_task(made)


def test_a_deal_of_an_unsorted_stage_takes_notes_and_stays_there() -> None:
    with served(seed(leads=[lead(70001, unsorted=True, status_id=None)], invoices=[])) as account:
        before = account.standing()
        account.crm.comment("70001", "Оплата", "op")
        assert account.standing() == before


def test_a_lost_deal_moves_like_any_other_when_told_to(account: Account) -> None:
    account.human(act="lose", id=70001)
    assert account.crm.deal("70001").stage_kind is StageKind.LOST
    assert account.crm.move("70001", LOST, WAITING, "op").outcome is MoveOutcome.MOVED


def test_a_pause_for_everybody_stops_writes_before_they_are_sent(account: Account) -> None:
    account.fault(GET, kind="html", status=429)
    with pytest.raises(RetryLater):
        account.crm.deal("70001")
    with pytest.raises(Unavailable) as raised:
        account.crm.comment("70001", "Оплата", "op")
    assert raised.value.after_s
    assert account.requests("POST /api/v4/leads/notes") == 0


def test_one_look_at_an_invoice_tells_its_sum_as_reading_it_does(account: Account) -> None:
    (told,) = [item for item in account.crm.reread(ItemKind.INVOICE, "880101") if isinstance(item, Invoice)]
    assert account.crm.invoice_now("880101").asks == told.amount.amount > 0
