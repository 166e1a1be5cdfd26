"""Lists: pages, filters, order, select, value types."""

from typing import Any

import pytest

from .conftest import StartSandbox
from .rest import Rest

DEALS = [
    {"id": n, "title": f"Сделка {n}", "opportunity": f"{n}.50", "updated_at": f"2026-09-21T12:00:{n % 60:02}+03:00"}
    for n in range(1, 132)
]
OPEN = {"settings": {"rate_limit": {"enabled": False}}}


def ids(rest: Rest, **params: Any) -> list[int]:
    return [item["id"] for item in rest.result("crm.item.list", entityTypeId=2, **params)["items"]]


def test_pages_hold_fifty_and_tell_next_and_total(start: StartSandbox) -> None:
    _, rest = start({**OPEN, "deals": DEALS})
    first = rest.call("crm.item.list", entityTypeId=2)
    assert (len(first["result"]["items"]), first["next"], first["total"]) == (50, 50, 131)
    last = rest.call("crm.item.list", entityTypeId=2, start=100)
    assert (len(last["result"]["items"]), last.get("next"), last["total"]) == (31, None, 131)


def test_start_minus_one_counts_nothing_and_walks_by_id(start: StartSandbox) -> None:
    _, rest = start({**OPEN, "deals": DEALS})
    seen: list[int] = []
    while True:
        params = {"filter": {">id": seen[-1] if seen else 0}, "order": {"id": "ASC"}, "start": -1}
        page = rest.call("crm.item.list", entityTypeId=2, **params)
        assert page["total"] == 0
        assert "next" not in page
        seen += [item["id"] for item in page["result"]["items"]]
        if len(page["result"]["items"]) < 50:
            break
    assert seen == list(range(1, 132))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"opportunity": "48000"}, [9042]),
        ({"=opportunity": 48000.0}, [9042]),
        ({"!opportunity": 48000}, [9041, 9043]),
        ({"!=id": 9041}, [9042, 9043]),
        ({">opportunity": "48000"}, [9041]),
        ({">=opportunity": "48000"}, [9041, 9042]),
        ({"<opportunity": "48000"}, [9043]),
        ({"<=opportunity": "48000"}, [9042, 9043]),
        ({"@id": [9041, 9043]}, [9041, 9043]),
        ({"id": [9041, 9043]}, [9041, 9043]),
        ({"!@id": [9041, 9043]}, [9042]),
        ({"%title": "МОНТАЖ"}, [9042]),
        ({"=%title": "Поставка%"}, [9041]),
        ({"%=title": "%7"}, [9042]),
        ({"!%title": "заказу"}, [9042, 9043]),
        ({"!=%title": "Поставка%"}, [9042, 9043]),
        ({"ID": 9041}, [9041]),
        ({"ufCrm_INVOICE_NUMBER": "118"}, [9041]),
        ({"UF_CRM_INVOICE_NUMBER": "118"}, [9041]),
        ({"UF_CRM_INVOICE_DATE": "2026-09-18"}, [9041]),
        ({"UF_CRM_INVOICE_NUMBER": ""}, [9042, 9043]),
        ({"categoryId": 0}, [9042, 9043]),
        ({"companyId": 512, "categoryId": 0}, [9043]),
        ({"0": {"logic": "OR", "0": {"id": 9041}, "1": {"companyId": 513}}}, [9041, 9042]),
        ({"categoryId": 0, "0": {"logic": "OR", "0": {"id": 9041}, "1": {"companyId": 513}}}, [9042]),
    ],
)
def test_filter_prefixes(rest: Rest, condition: dict[str, Any], expected: list[int]) -> None:
    assert ids(rest, filter=condition) == expected


@pytest.mark.parametrize("moment", ["2026-09-21T12:00:30+03:00", "2026-09-21 12:00:30", "2026-09-21T09:00:30Z"])
def test_date_filters_take_both_formats_at_one_second(start: StartSandbox, moment: str) -> None:
    _, rest = start({"deals": DEALS[:59]})
    assert ids(rest, filter={">=updatedTime": moment}) == list(range(30, 60))


def test_iso_date_filters_can_be_switched_to_find_nothing(start: StartSandbox) -> None:
    _, rest = start({"settings": {"iso_date_filters": False}, "deals": DEALS[:10]})
    assert ids(rest, filter={">=updatedTime": "2020-01-01T00:00:00+03:00"}) == []
    assert len(ids(rest, filter={">=updatedTime": "2020-01-01 00:00:00"})) == 10


def test_order_by_field_and_by_id_in_either_case(rest: Rest) -> None:
    assert ids(rest, order={"opportunity": "ASC"}) == [9043, 9042, 9041]
    assert ids(rest, order={"ID": "DESC"}) == [9043, 9042, 9041]
    assert ids(rest) == [9041, 9042, 9043]


def test_unknown_field_in_filter_or_order_is_invalid_arg_value(rest: Rest) -> None:
    assert rest.error("crm.item.list", entityTypeId=2, filter={"inn": "1"}) == (400, "INVALID_ARG_VALUE")
    assert rest.error("crm.item.list", entityTypeId=2, order={"inn": "ASC"}) == (400, "INVALID_ARG_VALUE")


def test_select_keeps_to_the_named_fields(rest: Rest) -> None:
    items = rest.result("crm.item.list", entityTypeId=2, select=["title"], filter={"id": 9041})["items"]
    assert set(items[0]) == {"id", "title", "entityTypeId"}


def test_user_field_names_follow_the_switch(rest: Rest) -> None:
    plain = rest.deal(9041)
    original = rest.result("crm.item.get", entityTypeId=2, id=9041, useOriginalUfNames="Y")["item"]
    assert plain["ufCrm_INVOICE_NUMBER"] == original["UF_CRM_INVOICE_NUMBER"] == "118"


def test_universal_items_have_numbers_and_older_methods_strings(rest: Rest) -> None:
    item = rest.deal(9041)
    assert (item["id"], item["opportunity"], item["companyId"], item["contactId"]) == (9041, 125000.5, 512, 0)
    assert (item["closed"], item["stageSemanticId"], item["originId"]) == ("N", "P", None)
    deal = rest.result("crm.deal.get", id=9041)
    assert (deal["ID"], deal["OPPORTUNITY"], deal["COMPANY_ID"]) == ("9041", "125000.50", "512")
    listed = rest.result("crm.deal.list", filter={">ID": 9041}, select=["ID", "STAGE_ID"])
    assert listed == [{"ID": "9042", "STAGE_ID": "EXECUTING"}, {"ID": "9043", "STAGE_ID": "NEW"}]


def test_star_adds_communications_to_clients(rest: Rest) -> None:
    companies = rest.result("crm.item.list", entityTypeId=4, select=["*"], filter={"id": 512})["items"]
    assert {entry["typeId"] for entry in companies[0]["fm"]} == {"PHONE", "EMAIL"}
    assert "fm" not in rest.result("crm.item.list", entityTypeId=4, select=["fm"], filter={"id": 512})["items"][0]


def test_own_companies_are_found_by_flag(rest: Rest) -> None:
    items = rest.result("crm.item.list", entityTypeId=4, filter={"isMyCompany": "Y"})["items"]
    assert [item["id"] for item in items] == [3]


def test_old_invoices_and_unknown_types_are_refused(rest: Rest) -> None:
    assert rest.error("crm.item.list", entityTypeId=5) == (400, "ENTITY_TYPE_NOT_SUPPORTED")
    assert rest.error("crm.item.list", entityTypeId=999) == (400, "NOT_FOUND")
    assert rest.error("crm.item.get", entityTypeId=2, id=1) == (400, "NOT_FOUND")


def test_fields_are_described(rest: Rest) -> None:
    fields = rest.result("crm.item.fields", entityTypeId=31)["fields"]
    assert fields["accountNumber"]["isReadOnly"] is True
    assert fields["opportunity"]["upperName"] == "OPPORTUNITY"
    assert rest.result("crm.deal.fields")["UF_CRM_PAID_SUM"]["type"] == "double"
