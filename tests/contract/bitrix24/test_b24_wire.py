from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bitrix24.batching import Command, batch_parts
from connectors.bitrix24.client import ListCall
from connectors.bitrix24.config import Bitrix24Config
from connectors.bitrix24.envelope import BadReply, as_map, read_envelope, rows_in
from connectors.bitrix24.mapper import Mapper, printed_date, stage_kind
from connectors.bitrix24.schemas import ItemRow, RequisiteRow, rows_of
from connectors.shared.amounts import money_of
from connectors.shared.http import HttpReply
from connectors.shared.jsontypes import parse_json
from connectors.shared.outcomes import Answer
from connectors.shared.titles import number_in_title
from hub.domain.models import StageKind
from hub.domain.money import Money, MoneyError

CONFIG = Bitrix24Config.model_validate({"webhook_url": "https://acme.bitrix24.ru/rest/1/abc/"})


def reply(document: Any, status: int = 200) -> HttpReply:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return HttpReply(status, {}, body)


def row(**fields: Any) -> ItemRow:
    return ItemRow.model_validate(parse_json(json.dumps({"id": 1, **fields}).encode()))


# Envelope


def test_timing_of_a_reply_is_read() -> None:
    time = {"start": 1790000000.11, "operating": 0.27, "operating_reset_at": 1790000600}
    timing = read_envelope(reply({"result": True, "time": time})).timing
    assert timing.operating_s == 0.27
    assert timing.reset_at == datetime.fromtimestamp(1790000600, UTC)


@pytest.mark.parametrize("time", [None, [], {}, {"start": "x", "operating": None, "operating_reset_at": 0}])
def test_timing_may_be_absent_in_whole_or_in_part(time: Any) -> None:
    timing = read_envelope(reply({"result": [], "time": time})).timing
    assert (timing.started, timing.operating_s, timing.reset_at) == (None, None, None)


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [
        ({"error": "NOT_FOUND", "error_description": "x"}, 400, "NOT_FOUND"),
        ({"error": "", "error_description": "x"}, 400, ""),
        ({"error": 0, "error_description": "x"}, 400, "0"),
        ({"error": 100}, 400, "100"),
        ({"error": "ERROR_ARGUMENT", "result": True}, 200, "ERROR_ARGUMENT"),
        ({"error": {"code": "BITRIX_REST_V3_EXCEPTION_X", "message": "m"}}, 422, "BITRIX_REST_V3_EXCEPTION_X"),
        ({"time": {}}, 200, None),
        ({"result": True}, 500, None),
        ([], 200, None),
        (b"<html>", 200, None),
        (b'{"result":', 200, None),
        (b"", 200, None),
    ],
)
def test_what_is_no_success_is_a_bad_reply_with_its_code(document: Any, status: int, code: str | None) -> None:
    with pytest.raises(BadReply) as caught:
        read_envelope(reply(document, status))
    assert caught.value.answer == Answer(status, code)


def test_null_and_false_are_results() -> None:
    assert read_envelope(reply({"result": None})).result is None
    assert read_envelope(reply({"result": False})).result is False


# PHP maps and lists


def test_php_maps_come_as_objects_arrays_or_an_empty_array() -> None:
    assert as_map([]) == {}
    assert as_map(None) == {}
    assert as_map([{"a": 1}]) == {"0": {"a": 1}}
    assert as_map({"d1": 1}) == {"d1": 1}


@pytest.mark.parametrize(
    "result",
    [
        {"items": [{"id": 1}, {"id": 2}]},
        {"items": {"0": {"id": 1}, "2": {"id": 2}}},
        [{"id": 1}, {"id": 2}],
        {"3": {"id": 1}, "7": {"id": 2}},
    ],
)
def test_rows_are_found_under_their_key_or_bare_as_array_or_map(result: Any) -> None:
    assert [item["id"] for item in rows_in(result, "items")] == [1, 2]


@pytest.mark.parametrize("result", [None, [], {}, {"items": []}, {"items": None}, True])
def test_an_empty_list_in_any_clothes_has_no_rows(result: Any) -> None:
    assert list(rows_in(result, "items")) == []


COMMANDS = {"a": Command("m1", {}), "b": Command("m2", {})}


def test_a_batch_keeps_results_and_errors_by_key() -> None:
    body = {"result": {"a": [1]}, "result_error": {"b": {"error": "NOT_FOUND", "error_description": "x"}}}
    parts = batch_parts(body, COMMANDS)  # type: ignore[arg-type]
    assert parts["a"] == [1]
    assert isinstance(parts["b"], BadReply)
    assert parts["b"].answer == Answer(code="NOT_FOUND")


def test_a_batch_with_empty_maps_and_null_results_is_read() -> None:
    parts = batch_parts({"result": {"a": None, "b": []}, "result_error": []}, COMMANDS)
    assert parts == {"a": None, "b": []}


def test_a_command_without_an_answer_is_a_bad_reply() -> None:
    parts = batch_parts({"result": [], "result_error": []}, COMMANDS)
    assert all(isinstance(part, BadReply) for part in parts.values())


def test_pages_are_asked_for_in_the_vendors_fast_way() -> None:
    call = ListCall("crm.item.list", {"entityTypeId": 2, "filter": {"categoryId": 4}}, "items", "id", "id")
    assert call.page(50).params == {
        "entityTypeId": 2,
        "filter": {"categoryId": 4, ">id": 50},
        "order": {"id": "ASC"},
        "start": -1,
    }
    assert call.page(50).query() == (
        "crm.item.list?entityTypeId=2&filter[categoryId]=4&filter[%3Eid]=50&order[id]=ASC&start=-1"
    )


# Values


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("125000.5", "125000.50"),
        ("0.30000000000000004", "0.30"),
        ("124999.99999999999", "125000.00"),
        ("100.005", "100.01"),
        ("100.004", "100.00"),
        ("12345678901234.56", "12345678901234.56"),
        ("1e3", "1000.00"),
    ],
)
def test_amounts_are_the_figure_that_the_paper_shows(text: str, amount: str) -> None:
    assert money_of(Decimal(text), "RUB") == Money.of(amount, "RUB")


@pytest.mark.parametrize(("text", "currency"), [("1e400", "RUB"), ("NaN", "RUB"), ("1", ""), ("1", "РУБ")])
def test_what_is_no_amount_of_money_is_refused(text: str, currency: str) -> None:
    with pytest.raises(MoneyError):
        money_of(Decimal(text), currency)


@given(st.integers(min_value=0, max_value=10**14))
def test_an_amount_with_two_digits_survives_json_exactly(minor: int) -> None:
    text = f"{minor // 100}.{minor % 100:02d}"
    found = ItemRow.model_validate(parse_json(f'{{"id":1,"opportunity":{text}}}'.encode()))
    assert money_of(found.opportunity, "RUB").minor == minor


@pytest.mark.parametrize("value", [False, "１２", "сто", [1]])
def test_an_amount_that_is_no_figure_makes_the_row_unreadable(value: Any) -> None:
    assert rows_of(ItemRow, [{"id": 1, "opportunity": value}]) == []


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("Invoice #771", "771"),
        ("Счёт № 118/26", "118/26"),
        ("Счет на оплату № ТД-118 от 21.09.2026", "ТД-118"),
        ("счёт 45", "45"),
        ("№118", "118"),
        ("118-А", "118-А"),
        ("Счёт N 9.", "9"),
        ("Счёт от 21.09.2026", None),
        ("Счёт 21.09.2026", None),
        ("Оплата поставки", None),
        ("", None),
    ],
)
def test_a_number_is_taken_out_of_a_title(title: str, number: str | None) -> None:
    assert number_in_title(title) == number


def test_an_invoice_without_its_own_number_takes_the_one_of_its_title() -> None:
    bill = Mapper(CONFIG).smart_invoice(
        row(title="Счёт № 118", opportunity=10, currencyId="RUB"), StageKind.OPEN, None, None
    )
    assert bill.number == "118"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-18T03:00:00+03:00", date(2026, 9, 18)),
        ("2026-09-18T23:59:00-05:00", date(2026, 9, 18)),
        ("2026-09-18", date(2026, 9, 18)),
        ("18.09.2026", date(2026, 9, 18)),
        ("18.09.2026 12:00:00", date(2026, 9, 18)),
        ("", None),
        ("скоро", None),
    ],
)
def test_a_date_is_the_day_that_is_printed(text: str, day: date | None) -> None:
    assert printed_date(text) == day


@pytest.mark.parametrize(
    ("semantics", "details", "kind"),
    [
        ("S", None, StageKind.WON),
        ("F", None, StageKind.LOST),
        ("P", None, StageKind.OPEN),
        ("", None, StageKind.OPEN),
        ("", {"SEMANTICS": "success"}, StageKind.WON),
        ("", {"SEMANTICS": "apology"}, StageKind.LOST),
        ("", {"SEMANTICS": "process"}, StageKind.OPEN),
        ("", [], StageKind.OPEN),
    ],
)
def test_a_stage_means_what_its_semantics_say(semantics: str, details: object, kind: StageKind) -> None:
    assert stage_kind(semantics, details) is kind


@pytest.mark.parametrize("unset", [0, "0", "", None, False])
def test_an_unset_link_is_no_link_in_any_spelling(unset: Any) -> None:
    found = row(companyId=unset, contactId=unset, title=None, movedBy=0)
    assert (found.company_id, found.contact_id, found.title, found.moved_by) == ("", "", "", "0")


def test_a_sum_in_another_currency_keeps_it() -> None:
    found = Mapper(CONFIG).deal(row(opportunity=10, currencyId="USD"), StageKind.OPEN)
    assert found.amount == Money.of("10", "USD")


def test_numbers_and_texts_mix_in_requisites() -> None:
    (found,) = rows_of(
        RequisiteRow, [{"ID": "5", "ENTITY_TYPE_ID": 4, "ENTITY_ID": "7", "RQ_INN": 7700112239, "RQ_KPP": None}]
    )
    assert (found.id, found.entity_id, found.inn, found.kpp) == (5, 7, "7700112239", "")
