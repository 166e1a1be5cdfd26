"""What the sink writes into an account and how it judges the answers; the account is laid out by each test."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.domain.errors import Refused
from hub.ports.crm import InvoiceNow, MoveOutcome, MoveResult, Position, StageChange
from tests.unit.amocrm.small_account import (
    DEAL,
    DEAL_FIELDS,
    EVENTS,
    INVOICE,
    INVOICE_FIELDS,
    LIST,
    PIPELINES,
    READ,
    READ_INVOICE,
    REFUSED,
    SALES,
    WHOLESALE,
    WRITE,
    WRITE_INVOICE,
    SmallAccount,
    complaint,
    deal,
    invoice,
    moved,
    rows,
    standing,
    status_field,
)

WAITING, PAID, ELSEWHERE, WON = (Position(str(SALES), stage) for stage in ("2", "3", "4", "142"))
NO_RIGHT = "не хватает прав"
LINKS: dict[str, Any] = {"_links": {}}
NO_RECORD = "amoCRM ответила, но без записи: проверим её чтением."
NOT_MOVED = "amoCRM ответила успехом, но запись стоит на прежнем месте: возможно, её вернул робот."
OURS = moved("e1", (SALES, 3), (SALES, 2))


@pytest.fixture
def account() -> SmallAccount:
    return SmallAccount()


def move(account: SmallAccount, target: Position = PAID) -> MoveResult:
    return account.sink().move(str(DEAL), WAITING, target)


def after_writing(account: SmallAccount, row: Any, *events: Any) -> MoveResult:
    """Move, where the deal then reads like that."""
    account.lay(READ, deal(2), row)
    account.lay(EVENTS, rows("events", *events))
    return move(account)


# Before the write


def test_a_deal_that_stands_there_already_is_not_written_to(account: SmallAccount) -> None:
    account.lay(READ, deal(3, updated_at=1234))
    assert move(account) == MoveResult(MoveOutcome.ALREADY_THERE, PAID, "1234")
    assert account.requests(WRITE) == []


def test_a_deal_that_stands_elsewhere_is_not_written_to(account: SmallAccount) -> None:
    account.lay(READ, deal(4, updated_at=1234))
    reason = "Сделка уже на этапе «Первичный контакт»: двигать её не стали."
    assert move(account) == MoveResult(MoveOutcome.CHANGED_BY_OTHER, ELSEWHERE, "1234", reason)
    assert account.requests(WRITE) == []


@pytest.mark.parametrize("trouble", ["no such stage", "no plan"])
def test_a_stage_without_a_name_is_told_by_its_number(account: SmallAccount, trouble: str) -> None:
    account.lay(READ, deal(99))
    if trouble == "no plan":
        account.lay(PIPELINES, REFUSED)
    assert move(account).reason == "Сделка уже на этапе «99»: двигать её не стали."


def test_stages_of_the_same_number_are_told_apart_by_their_pipelines(account: SmallAccount) -> None:
    account.lay(READ, deal(3, WHOLESALE))
    assert move(account).reason == "Сделка уже на этапе «Ждём оплату»: двигать её не стали."


# The write


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (PAID, {"status_id": 3}),
        (WON, {"status_id": 142, "pipeline_id": SALES}),
        (Position(str(SALES), "143"), {"status_id": 143, "pipeline_id": SALES}),
        (Position(str(WHOLESALE), "3"), {"status_id": 3, "pipeline_id": WHOLESALE}),
    ],
)
def test_what_changes_is_written_once_and_nothing_else(
    account: SmallAccount, target: Position, body: dict[str, Any]
) -> None:
    account.lay(READ, deal(2), deal(int(target.stage_id), int(target.pipeline_id), updated_at=1005))
    assert move(account, target) == MoveResult(MoveOutcome.MOVED, target, "1005")
    assert account.sent(WRITE) == body


def test_a_lost_answer_is_unknown(account: SmallAccount) -> None:
    account.lay(WRITE, 500)
    reason = "amoCRM прислал непонятный ответ. Проверим, что получилось, и повторим, если нужно."
    assert move(account) == MoveResult(MoveOutcome.UNKNOWN, reason=reason)
    assert len(account.requests(WRITE)) == len(account.requests(READ)) == 1


@pytest.mark.parametrize("answer", [None, LINKS, {"id": 8}, {"id": str(DEAL)}, LINKS | {"status_id": DEAL}])
def test_an_answer_that_does_not_name_our_record_proves_nothing(account: SmallAccount, answer: Any) -> None:
    account.lay(WRITE, answer)
    assert move(account) == MoveResult(MoveOutcome.UNKNOWN, reason=NO_RECORD)


def required(id_: int, name: str, *places: tuple[int, int]) -> dict[str, Any]:
    asked = [{"pipeline_id": pipeline, "status_id": stage} for pipeline, stage in places]
    return {"id": id_, "name": name, "required_statuses": asked}


FIELDS = rows(
    "custom_fields",
    required(31, "Договор", (SALES, 3)),
    required(32, "Акт", (SALES, 4), (SALES, 3)),
    required(33, "Склад", (SALES, 3)),
    required(34, "Доставка", (SALES, 4)),
    required(35, "Паспорт", (SALES, 3)),
)
#: «Склад» is filled, «Паспорт» is there and empty.
FILLED = [{"field_id": 33, "values": [{"value": "1"}]}, {"field_id": 35, "values": []}]


def test_a_refusal_names_the_empty_fields_that_the_stage_asks_for(account: SmallAccount) -> None:
    account.lay(READ, deal(2, custom_fields_values=FILLED))
    account.lay(DEAL_FIELDS, FIELDS)
    account.lay(WRITE, complaint("status_id", "custom_fields_values.0.values"))
    found = move(account)
    assert (found.outcome, found.position) == (MoveOutcome.REFUSED, None)
    assert found.missing == ("Договор", "Акт", "Паспорт")
    assert found.reason.startswith("amoCRM ответил отказом: status_id: Required")


@pytest.mark.parametrize("answer", [complaint("status_id"), 400])
def test_a_refusal_that_speaks_of_no_field_names_none(account: SmallAccount, answer: Any) -> None:
    account.lay(DEAL_FIELDS, FIELDS)
    account.lay(WRITE, answer)
    assert (move(account).outcome, move(account).missing) == (MoveOutcome.REFUSED, ())
    assert account.requests(DEAL_FIELDS) == []


def test_a_refusal_stands_where_the_fields_cannot_be_read(account: SmallAccount) -> None:
    account.lay(DEAL_FIELDS, REFUSED)
    account.lay(WRITE, complaint("custom_fields_values"))
    found = move(account)
    assert (found.outcome, found.missing) == (MoveOutcome.REFUSED, ())


# After the write


def test_a_move_carries_the_mark_of_its_event(account: SmallAccount) -> None:
    found = after_writing(account, deal(3, updated_at=1005), OURS)
    assert found == MoveResult(MoveOutcome.MOVED, PAID, "1005", mark="e1")


def test_a_move_is_told_where_the_deal_cannot_be_read_again(account: SmallAccount) -> None:
    found = after_writing(account, REFUSED)
    assert (found.outcome, found.position, found.touched, found.mark) == (MoveOutcome.MOVED, PAID, None, None)
    assert found.reason.startswith("Прочитать сделку после перевода не удалось: GET /api/v4/leads/7")


def test_a_move_is_told_where_its_event_cannot_be_read(account: SmallAccount) -> None:
    account.lay(READ, deal(2), deal(3, updated_at=1005))
    account.lay(EVENTS, REFUSED)
    found = move(account)
    assert (found.outcome, found.position, found.touched, found.mark) == (MoveOutcome.MOVED, PAID, "1005", None)
    assert found.reason.startswith("Историю этапов проверить не удалось: GET /api/v4/events")


def test_a_deal_that_never_left_was_put_back_or_never_moved(account: SmallAccount) -> None:
    found = after_writing(account, deal(2, updated_at=1005), moved("e1", (SALES, 4), (SALES, 2)))
    assert found == MoveResult(MoveOutcome.REFUSED, WAITING, "1005", NOT_MOVED)


def test_a_deal_elsewhere_without_a_move_of_ours_was_moved_by_another(account: SmallAccount) -> None:
    found = after_writing(account, deal(4, updated_at=1005), moved("e1", (SALES, 4), (SALES, 2)))
    reason = "Сделка стоит на этапе «Первичный контакт», нашего перевода в истории нет."
    assert found == MoveResult(MoveOutcome.CHANGED_BY_OTHER, ELSEWHERE, "1005", reason)


def test_a_deal_that_went_on_at_once_was_moved_by_us(account: SmallAccount) -> None:
    found = after_writing(account, deal(4, updated_at=1005), OURS, moved("e2", (SALES, 4), (SALES, 3), 1003))
    reason = "Сразу после перевода сделка ушла дальше: «Первичный контакт»."
    assert found == MoveResult(MoveOutcome.MOVED, PAID, "1005", reason, mark="e1")


def test_a_deal_that_was_taken_back_at_once_was_moved_by_us(account: SmallAccount) -> None:
    found = after_writing(account, deal(2), OURS, moved("e2", (SALES, 2), (SALES, 3), 1003))
    assert (found.outcome, found.position, found.mark) == (MoveOutcome.MOVED, PAID, "e1")
    assert "«Счёт выставлен»" in found.reason


def test_a_person_whose_move_lies_beneath_ours_is_told_of(account: SmallAccount) -> None:
    found = after_writing(account, deal(3, updated_at=1005), moved("e2", (SALES, 3), (SALES, 4), 1003))
    reason = (
        "Пока шёл перевод, сделку переставили на этап «Первичный контакт»; "
        "наш перевод лёг поверх. Проверьте, какой этап верен."
    )
    assert found == MoveResult(MoveOutcome.CHANGED_BY_OTHER, PAID, "1005", reason)


def test_an_event_that_does_not_say_whence_is_ours_all_the_same(account: SmallAccount) -> None:
    found = after_writing(account, deal(3), moved("e1", (SALES, 3)))
    assert (found.outcome, found.mark) == (MoveOutcome.MOVED, "e1")


def test_of_two_moves_onto_the_stage_the_last_one_is_ours(account: SmallAccount) -> None:
    events = [
        moved("e3", (SALES, 3), (SALES, 2), 1009),
        moved("e2", (SALES, 2), (SALES, 3), 1005),
        moved("e1", (SALES, 3), (SALES, 2), 1002),
    ]
    assert after_writing(account, deal(3), *events).mark == "e3"


def test_moves_of_one_second_are_in_the_order_of_their_numbers(account: SmallAccount) -> None:
    events = [moved(name, (SALES, 3), (SALES, 2)) for name in ("e2", "e3", "e1")]
    assert after_writing(account, deal(3), *events).mark == "e3"


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(moved("e1", (SALES, 3), (SALES, 2), at=999), id="older than our write"),
        pytest.param(moved("e1", (SALES, 3), (SALES, 2), entity_id=8), id="of another deal"),
        pytest.param(moved("e1", (SALES, 3), (SALES, 2), type="lead_linked"), id="of another kind"),
        pytest.param(moved("e1", (WHOLESALE, 3), (SALES, 2)), id="into another pipeline"),
        pytest.param(moved("e1", (SALES, 3), value_after=[]), id="to nowhere"),
        pytest.param(moved("e1", (SALES, 3), value_after=[{"lead_status": {"pipeline_id": SALES}}]), id="to no stage"),
    ],
)
def test_another_event_does_not_pass_for_our_move(account: SmallAccount, event: dict[str, Any]) -> None:
    # A reply that ignores our filters holds whatever the account has.
    assert after_writing(account, deal(3), event) == MoveResult(MoveOutcome.MOVED, PAID, "1000")


def test_an_event_of_the_second_of_our_reading_counts(account: SmallAccount) -> None:
    assert after_writing(account, deal(3), moved("e1", (SALES, 3), (SALES, 2), at=1000)).mark == "e1"


def test_a_required_field_that_the_account_let_pass_is_told(account: SmallAccount) -> None:
    account.lay(DEAL_FIELDS, FIELDS)
    found = after_writing(account, deal(3, custom_fields_values=FILLED), OURS)
    assert found.outcome is MoveOutcome.MOVED
    assert found.reason == "На этом этапе amoCRM просит заполнить: Договор, Акт, Паспорт."


def test_fields_that_cannot_be_read_say_nothing(account: SmallAccount) -> None:
    account.lay(DEAL_FIELDS, REFUSED)
    assert after_writing(account, deal(3), OURS).reason == ""


# Events


def test_only_moves_of_the_deal_since_our_reading_are_asked_for(account: SmallAccount) -> None:
    account.clock.at = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    after_writing(account, deal(3), OURS)
    (asked,) = account.requests(EVENTS)
    until = int(account.clock.at.timestamp()) + 3600
    assert asked.query == {
        "filter[entity][0]": "lead",
        "filter[entity_id][0]": str(DEAL),
        "filter[type][0]": "lead_added",
        "filter[type][1]": "lead_status_changed",
        "filter[created_at][from]": "1000",
        "filter[created_at][to]": str(until),
        "page": "1",
        "limit": "100",
    }


def test_the_whole_history_has_no_start(account: SmallAccount) -> None:
    account.sink().history(str(DEAL))
    (asked,) = account.requests(EVENTS)
    assert {name for name in asked.query if "created_at" in name} == set()


def test_every_page_of_the_history_is_read(account: SmallAccount) -> None:
    account.lay(
        EVENTS,
        rows("events", moved("e2", (SALES, 4), at=1002), more=True),
        rows("events", moved("e1", (SALES, 3), at=1001)),
    )
    assert [change.id for change in account.sink().history(str(DEAL))] == ["e1", "e2"]
    assert [asked.query["page"] for asked in account.requests(EVENTS)] == ["1", "2"]


def test_reading_stops_at_what_is_older_than_was_asked_for(account: SmallAccount) -> None:
    page = rows("events", OURS, moved("e0", (SALES, 2), at=999), more=True)
    account.lay(READ, deal(2), deal(3))
    account.lay(EVENTS, rows("events", moved("e2", (SALES, 4), (SALES, 3)), more=True), page)
    assert move(account).mark == "e1"
    assert len(account.requests(EVENTS)) == 2


def test_a_list_that_never_ends_is_left(account: SmallAccount) -> None:
    account.lay(EVENTS, rows("events", more=True))
    assert account.sink().history(str(DEAL)) == ()
    assert [asked.query["page"] for asked in account.requests(EVENTS)] == [str(page) for page in range(1, 50)]


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_the_history_begins_where_the_deal_was_made(account: SmallAccount) -> None:
    made = moved("e0", (0, 0), at=500, type="lead_added", value_after=[], created_by=0)
    events = [
        moved("e2", (SALES, 4), (SALES, 3), 1002, created_by="0"),
        moved("e1", (SALES, 3), (WHOLESALE, 2), 1001),
        made,
    ]
    account.lay(EVENTS, rows("events", *events))
    assert account.sink().history(str(DEAL)) == (
        StageChange("e0", Position(str(WHOLESALE), "2"), at(500), None),
        StageChange("e1", PAID, at(1001), "9"),
        StageChange("e2", ELSEWHERE, at(1002), None),
    )


def test_a_deal_that_was_never_moved_has_no_history(account: SmallAccount) -> None:
    account.lay(EVENTS, rows("events", moved("e0", (0, 0), type="lead_added", value_after=[])))
    assert account.sink().history(str(DEAL)) == ()


def test_what_an_event_leaves_out_is_left_out(account: SmallAccount) -> None:
    bare = {"lead_status": {"id": 3}}
    account.lay(
        EVENTS,
        rows(
            "events",
            moved("e1", (SALES, 3), value_after=[{"note": 1}, standing((SALES, 4)), standing((SALES, 3))]),
            moved("e2", (SALES, 3), value_after=[bare], created_by=None),
            moved("e3", (SALES, 3), value_after=[{"lead_status": {"id": 0}}]),
        ),
    )
    history = account.sink().history(str(DEAL))
    assert [(change.position, change.by) for change in history] == [(ELSEWHERE, "9"), (Position("", "3"), None)]


# Invoices

CREATED, ADVANCE, FULL, PART = (Position(str(LIST), enum) for enum in ("11", "12", "13", "14"))


def mark(account: SmallAccount) -> MoveResult:
    return account.sink().mark_paid(str(INVOICE))


def test_an_invoice_stands_where_its_status_says_and_asks_for_its_sum(account: SmallAccount) -> None:
    assert account.sink().invoice_now(str(INVOICE)) == InvoiceNow(CREATED)
    price = {"field_id": 91, "field_code": "BILL_PRICE", "values": [{"value": "125000.50"}]}
    account.lay(READ_INVOICE, invoice(custom_fields_values=[price]))
    assert account.sink().invoice_now(str(INVOICE)) == InvoiceNow(Position(str(LIST), ""), Decimal("125000.50"))


@pytest.mark.parametrize("status", [{}, {"enum_id": 99}])
def test_a_status_that_nobody_knows_is_none(account: SmallAccount, status: dict[str, Any]) -> None:
    account.lay(READ_INVOICE, invoice(status))
    assert account.sink().invoice_now(str(INVOICE)).position == Position(str(LIST), "")


@pytest.mark.parametrize(("call", "empty"), [("GET /catalogs", "catalogs"), (INVOICE_FIELDS, "custom_fields")])
def test_without_a_list_with_a_status_nothing_can_be_marked(account: SmallAccount, call: str, empty: str) -> None:
    account.lay(call, rows(empty))
    sink = account.sink()
    assert sink.invoice_now(str(INVOICE)) == InvoiceNow()
    with pytest.raises(Refused, match=r"^no list of invoices with a status$") as raised:
        sink.mark_paid(str(INVOICE))
    assert raised.value.for_person == "В аккаунте нет списка «Счета» с полем статуса: отмечать оплату негде."
    with pytest.raises(Refused):
        sink.restore(str(INVOICE), FULL, CREATED)
    assert account.requests(READ_INVOICE) == []


def test_a_paid_mark_is_the_status_and_nothing_else(account: SmallAccount) -> None:
    account.lay(READ_INVOICE, invoice({"enum_id": 11}), invoice({"enum_id": 13}, updated_at=2005))
    assert mark(account) == MoveResult(MoveOutcome.MOVED, FULL, "2005")
    status = {"field_code": "BILL_STATUS", "values": [{"enum_code": "paid"}]}
    assert account.sent(WRITE_INVOICE) == [{"id": INVOICE, "custom_fields_values": [status]}]


def test_a_status_without_a_code_is_given_by_its_number(account: SmallAccount) -> None:
    account.lay(INVOICE_FIELDS, rows("custom_fields", status_field({"id": 21, "value": "Новый"}, NAMED)))
    account.lay(READ_INVOICE, invoice({"enum_id": 21}), invoice({"enum_id": 22}))
    assert mark(account).position == Position(str(LIST), "22")
    (body,) = account.sent(WRITE_INVOICE)
    assert body["custom_fields_values"][0]["values"] == [{"enum_id": 22}]


NAMED: dict[str, Any] = {"id": 22, "value": "Оплачен"}


@pytest.mark.parametrize("enum", [12, 13])
def test_a_paid_invoice_is_not_marked_again(account: SmallAccount, enum: int) -> None:
    account.lay(READ_INVOICE, invoice({"enum_id": enum}))
    assert mark(account) == MoveResult(MoveOutcome.ALREADY_THERE, Position(str(LIST), str(enum)), "2000")
    assert account.requests(WRITE_INVOICE) == []


def test_states_of_another_language_are_known_by_their_codes(account: SmallAccount) -> None:
    full = {"id": 13, "value": "Bezahlt", "code": "paid"}
    account.lay(INVOICE_FIELDS, rows("custom_fields", status_field(full)))
    account.lay(READ_INVOICE, invoice({"enum_id": 13}))
    assert mark(account).outcome is MoveOutcome.ALREADY_THERE
    account.lay(INVOICE_FIELDS, rows("custom_fields", status_field({**full, "code": "paid_in_advance"})))
    account.lay(READ_INVOICE, invoice(), invoice({"enum_id": 13}))
    assert mark(account) == MoveResult(MoveOutcome.MOVED, FULL, "2000")


@pytest.mark.parametrize("status", [{"enum_id": 14}, {}])
def test_a_partly_paid_invoice_and_one_without_a_status_are_marked(
    account: SmallAccount, status: dict[str, Any]
) -> None:
    account.lay(READ_INVOICE, invoice(status), invoice({"enum_id": 13}))
    assert mark(account).outcome is MoveOutcome.MOVED


def test_without_a_status_that_means_paid_nothing_is_written(account: SmallAccount) -> None:
    account.lay(INVOICE_FIELDS, rows("custom_fields", status_field({"id": 11, "value": "Создан", "code": "created"})))
    reason = "У статуса счёта нет значения «Оплачен»: оплату отметить нечем."
    assert mark(account) == MoveResult(MoveOutcome.REFUSED, CREATED, reason=reason)
    assert account.requests(WRITE_INVOICE) == []


def test_a_lost_answer_of_a_mark_is_unknown(account: SmallAccount) -> None:
    account.lay(WRITE_INVOICE, 502)
    found = mark(account)
    assert (found.outcome, found.position) == (MoveOutcome.UNKNOWN, None)
    assert found.reason.startswith("amoCRM прислал непонятный ответ")


def test_a_refused_mark_is_told(account: SmallAccount) -> None:
    account.lay(WRITE_INVOICE, REFUSED)
    found = mark(account)
    assert (found.outcome, found.position) == (MoveOutcome.REFUSED, None)
    assert NO_RIGHT in found.reason


@pytest.mark.parametrize("answer", [None, LINKS, rows("elements"), rows("elements", {"id": 6}), {"id": INVOICE}])
def test_an_answer_that_does_not_name_our_invoice_proves_nothing(account: SmallAccount, answer: Any) -> None:
    account.lay(WRITE_INVOICE, answer)
    assert mark(account) == MoveResult(MoveOutcome.UNKNOWN, reason=NO_RECORD)


def test_our_invoice_may_be_named_among_others(account: SmallAccount) -> None:
    account.lay(WRITE_INVOICE, rows("elements", {"id": 6}, {"id": INVOICE}))
    account.lay(READ_INVOICE, invoice({"enum_id": 11}), invoice({"enum_id": 13}))
    assert mark(account).outcome is MoveOutcome.MOVED


def test_a_mark_is_told_where_the_invoice_cannot_be_read_again(account: SmallAccount) -> None:
    account.lay(READ_INVOICE, invoice({"enum_id": 11}), REFUSED)
    found = mark(account)
    assert (found.outcome, found.position, found.touched) == (MoveOutcome.MOVED, FULL, None)
    assert found.reason.startswith("Прочитать счёт после отметки не удалось: GET /api/v4/catalogs")


def test_an_invoice_whose_status_stayed_was_put_back_or_never_marked(account: SmallAccount) -> None:
    account.lay(READ_INVOICE, invoice({"enum_id": 11}), invoice({"enum_id": 11}, updated_at=2005))
    assert mark(account) == MoveResult(MoveOutcome.REFUSED, CREATED, "2005", NOT_MOVED)


def test_an_invoice_of_a_third_status_was_changed_by_another(account: SmallAccount) -> None:
    account.lay(READ_INVOICE, invoice({"enum_id": 11}), invoice({"enum_id": 14}, updated_at=2005))
    reason = "Статус счёта сменили сразу после нас."
    assert mark(account) == MoveResult(MoveOutcome.CHANGED_BY_OTHER, PART, "2005", reason)


# Taking a mark back


def restore(account: SmallAccount, target: Position = CREATED) -> MoveResult:
    return account.sink().restore(str(INVOICE), FULL, target)


def test_our_mark_is_taken_back(account: SmallAccount) -> None:
    account.lay(READ_INVOICE, invoice({"enum_id": 13}), invoice({"enum_id": 14}, updated_at=2005))
    assert restore(account, PART) == MoveResult(MoveOutcome.MOVED, PART, "2005")
    (body,) = account.sent(WRITE_INVOICE)
    assert body["custom_fields_values"][0]["values"] == [{"enum_code": "partially_paid"}]


def test_a_mark_that_is_gone_already_is_not_taken_back(account: SmallAccount) -> None:
    assert restore(account) == MoveResult(MoveOutcome.ALREADY_THERE, CREATED, "2000")
    assert account.requests(WRITE_INVOICE) == []


def test_a_mark_that_people_changed_is_theirs(account: SmallAccount) -> None:
    account.lay(READ_INVOICE, invoice({"enum_id": 12}))
    reason = "Статус счёта с тех пор изменили."
    assert restore(account) == MoveResult(MoveOutcome.CHANGED_BY_OTHER, ADVANCE, "2000", reason)
    assert account.requests(WRITE_INVOICE) == []


@pytest.mark.parametrize("stage", ["99", ""])
def test_a_status_that_is_gone_cannot_be_given_back(account: SmallAccount, stage: str) -> None:
    account.lay(READ_INVOICE, invoice({"enum_id": 13}))
    reason = "Прежнего статуса у счетов больше нет: верните его сами."
    assert restore(account, Position(str(LIST), stage)) == MoveResult(MoveOutcome.REFUSED, FULL, reason=reason)
    assert account.requests(WRITE_INVOICE) == []
