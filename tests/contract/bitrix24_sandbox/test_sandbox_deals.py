"""Stages, moves, stage history, save rules, rights."""

import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox

from .conftest import StartSandbox
from .rest import Rest


def test_default_stages_come_in_order_with_semantics(rest: Rest) -> None:
    rows = rest.result("crm.status.list", filter={"ENTITY_ID": "DEAL_STAGE"}, order={"SORT": "ASC"})
    assert [row["STATUS_ID"] for row in rows] == [
        "NEW",
        "PREPARATION",
        "PREPAYMENT_INVOICE",
        "EXECUTING",
        "FINAL_INVOICE",
        "WON",
        "LOSE",
        "APOLOGY",
    ]
    assert [row["SORT"] for row in rows] == ["10", "20", "30", "40", "50", "60", "70", "80"]
    assert [row["SEMANTICS"] for row in rows] == [None] * 5 + ["S", "F", "F"]
    assert rows[-1]["EXTRA"]["SEMANTICS"] == "apology"


def test_stage_ids_are_cut_to_21_characters(start: StartSandbox) -> None:
    _, rest = start({"categories": [{"id": 9, "name": "Девять"}, {"id": 10, "name": "Десять"}]})
    found = {
        row["STATUS_ID"]
        for n in (9, 10)
        for row in rest.result("crm.status.list", filter={"ENTITY_ID": f"DEAL_STAGE_{n}"})
    }
    assert {"C9:PREPAYMENT_INVOICE", "C10:PREPAYMENT_INVOIC"} <= found
    assert max(map(len, found)) == 21


def test_categories_and_directories(rest: Rest) -> None:
    categories = rest.result("crm.category.list", entityTypeId=2)["categories"]
    assert [(c["id"], c["isDefault"]) for c in categories] == [(0, "Y"), (4, "N")]
    types = {row["ID"]: row for row in rest.result("crm.status.entity.types")}
    assert types["DEAL_STAGE_4"]["PREFIX"] == "C4"
    assert types["DEAL_STAGE_4"]["SEMANTIC_INFO"]["FINAL_SUCCESS_FIELD"] == "C4:WON"
    assert types["SMART_INVOICE_STAGE_3"]["PREFIX"] == "DT31_3"
    assert types["SMART_INVOICE_STAGE_3"]["SEMANTIC_INFO"] == []


def test_a_move_records_its_author_time_and_history(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.advance(60)
    before = rest.deal(9041)
    after = rest.move(9041, "C4:EXECUTING")
    assert (after["stageId"], after["movedBy"], after["updatedBy"]) == ("C4:EXECUTING", 1, 1)
    assert after["movedTime"] > before["movedTime"]
    rows = rest.result("crm.stagehistory.list", entityTypeId=2, filter={"OWNER_ID": 9041})["items"]
    assert [(row["TYPE_ID"], row["STAGE_ID"], row["CATEGORY_ID"]) for row in rows] == [
        (1, "C4:PREPAYMENT_INVOICE", 4),
        (2, "C4:EXECUTING", 4),
    ]


def test_a_final_stage_closes_the_deal_and_has_type_3(rest: Rest) -> None:
    after = rest.move(9041, "C4:WON")
    assert (after["stageSemanticId"], after["closed"]) == ("S", "Y")
    rows = rest.result("crm.stagehistory.list", entityTypeId=2, order={"ID": "DESC"})["items"]
    assert (rows[0]["TYPE_ID"], rows[0]["STAGE_SEMANTIC_ID"]) == (3, "S")


def test_history_is_walked_by_id(rest: Rest) -> None:
    last = rest.result("crm.stagehistory.list", entityTypeId=2, order={"ID": "DESC"})["items"][0]["ID"]
    rest.move(9042, "FINAL_INVOICE")
    page = rest.call("crm.stagehistory.list", entityTypeId=2, filter={">ID": last}, order={"ID": "ASC"}, start=-1)
    assert [row["OWNER_ID"] for row in page["result"]["items"]] == [9042]


def test_the_same_stage_again_changes_nothing(rest: Rest, sandbox: RunningSandbox) -> None:
    first = rest.move(9041, "C4:EXECUTING")
    sandbox.control.advance(60)
    again = rest.move(9041, "C4:EXECUTING")
    assert again == first
    assert len(sandbox.control.stage_history()) == 4
    assert [r.no_op for r in sandbox.control.write_log.calls()] == [False, True]
    assert len(sandbox.control.write_log.effects("deal")) == 1


def test_a_stage_of_another_funnel_needs_its_category(rest: Rest) -> None:
    refused = rest.error("crm.item.update", entityTypeId=2, id=9041, fields={"stageId": "EXECUTING"})
    assert refused == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
    fields = {"categoryId": 0, "stageId": "EXECUTING"}
    moved = rest.result("crm.item.update", entityTypeId=2, id=9041, fields=fields)["item"]
    assert (moved["categoryId"], moved["stageId"]) == (0, "EXECUTING")
    rows = rest.result("crm.stagehistory.list", entityTypeId=2, order={"ID": "DESC"})["items"]
    assert rows[0]["TYPE_ID"] == 5


def test_another_funnel_alone_puts_the_deal_on_its_first_stage(rest: Rest) -> None:
    moved = rest.result("crm.item.update", entityTypeId=2, id=9041, fields={"categoryId": 0})["item"]
    assert moved["stageId"] == "NEW"


def test_deal_update_drops_a_foreign_stage_without_a_word(rest: Rest, sandbox: RunningSandbox) -> None:
    fields = {"STAGE_ID": "EXECUTING", "TITLE": "Новое имя"}
    assert rest.result("crm.deal.update", id=9041, fields=fields) is True
    deal = sandbox.control.deal(9041)
    assert (deal["stageId"], deal["title"]) == ("C4:PREPAYMENT_INVOICE", "Новое имя")
    assert rest.result("crm.deal.update", id=9041, fields={"STAGE_ID": "C4:EXECUTING"}) is True
    assert sandbox.control.deal(9041)["stageId"] == "C4:EXECUTING"


def test_unknown_fields_are_ignored_and_bad_values_refused(rest: Rest) -> None:
    fields = {"noSuchField": 1, "UF_CRM_PAID_SUM": "100.10"}
    item = rest.result("crm.item.update", entityTypeId=2, id=9041, fields=fields)["item"]
    assert item["ufCrm_PAID_SUM"] == 100.1
    bad = rest.error("crm.item.update", entityTypeId=2, id=9041, fields={"opportunity": "много"})
    assert bad == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
    assert rest.error("crm.item.update", entityTypeId=2, id=9041, fields="x") == (400, 100)


def required(settings: dict[str, object] | None = None) -> dict[str, object]:
    return {
        "settings": settings or {},
        "categories": [{"id": 0, "name": "Общая", "required_fields": {"EXECUTING": ["UF_CRM_CONTRACT", "companyId"]}}],
        "user_fields": [{"name": "UF_CRM_CONTRACT", "title": "Договор"}],
        "companies": [{"id": 5, "title": "ООО «Пять»"}],
        "deals": [{"id": 1, "title": "Первая", "stage_id": "NEW"}],
    }


def test_a_required_field_left_empty_stops_the_move(start: StartSandbox) -> None:
    sandbox, rest = start(required())
    reply = rest.send("crm.item.update", {"entityTypeId": 2, "id": 1, "fields": {"stageId": "EXECUTING"}})
    assert (reply.status_code, reply.json()["error"]) == (400, "CRM_FIELD_ERROR_REQUIRED")
    assert "Договор" in reply.json()["error_description"]
    assert sandbox.control.deal(1)["stageId"] == "NEW"
    fields = {"stageId": "EXECUTING", "UF_CRM_CONTRACT": "7", "companyId": 5}
    assert rest.result("crm.item.update", entityTypeId=2, id=1, fields=fields)["item"]["stageId"] == "EXECUTING"


def test_the_required_field_code_and_rule_are_switches(start: StartSandbox) -> None:
    _, rest = start(required({"required_field_error": ""}))
    update = {"entityTypeId": 2, "id": 1, "fields": {"stageId": "EXECUTING"}}
    assert rest.error("crm.item.update", **update) == (400, "")
    _, free = start(required({"required_fields_enforced": False}))
    assert free.move(1, "EXECUTING")["stageId"] == "EXECUTING"


def test_a_mandatory_user_field_holds_on_every_stage_but_not_robots_or_people(start: StartSandbox) -> None:
    seed = {
        "user_fields": [{"name": "UF_CRM_X", "mandatory": True}],
        "deals": [{"id": 1, "title": "Первая"}],
    }
    sandbox, rest = start(seed)
    update = {"entityTypeId": 2, "id": 1, "fields": {"stageId": "EXECUTING"}}
    assert rest.error("crm.item.update", **update) == (400, "CRM_FIELD_ERROR_REQUIRED")
    sandbox.control.human({"act": "move", "id": 1, "stage_id": "PREPARATION"})
    assert sandbox.control.deal(1)["stageId"] == "PREPARATION"


RIGHTS = {
    "users": [
        {"id": 1, "admin": True},
        {"id": 2, "rights": {"deal_read": [0], "deal_write": [], "forbidden_stages": []}},
        {"id": 3, "rights": {"forbidden_stages": ["WON"], "invoice_read": False}},
    ],
    "webhooks": [{"user_id": 2, "code": "reader"}, {"user_id": 3, "code": "seller"}],
    "categories": [{"id": 0, "name": "Общая"}, {"id": 4, "name": "Опт"}],
    "deals": [{"id": 1, "title": "Своя", "category_id": 0}, {"id": 2, "title": "Чужая", "category_id": 4}],
    "invoices": [{"id": 7, "title": "Счёт"}],
}


def test_a_user_reads_and_writes_only_what_his_rights_give(start: StartSandbox) -> None:
    sandbox, reader = start(RIGHTS)
    listed = reader.result("crm.item.list", entityTypeId=2)["items"]
    assert [item["id"] for item in listed] == [1]
    assert [c["id"] for c in reader.result("crm.category.list", entityTypeId=2)["categories"]] == [0]
    assert reader.error("crm.item.get", entityTypeId=2, id=2) == (400, "ACCESS_DENIED")
    denied = reader.error("crm.item.update", entityTypeId=2, id=1, fields={"stageId": "WON"})
    assert denied == (400, "ACCESS_DENIED")
    seller = Rest(f"{sandbox.url}/rest/3/seller/")
    assert seller.error("crm.item.update", entityTypeId=2, id=1, fields={"stageId": "WON"}) == (400, "-")
    assert seller.move(1, "EXECUTING")["movedBy"] == 3
    assert seller.result("crm.item.list", entityTypeId=31)["items"] == []
    seller.close()


def test_items_are_created_with_defaults_and_deleted_for_good(rest: Rest) -> None:
    item = rest.result("crm.item.add", entityTypeId=2, fields={"title": "Новая", "opportunity": "10"})["item"]
    assert (item["stageId"], item["categoryId"], item["createdBy"], item["opportunity"]) == ("NEW", 0, 1, 10)
    assert rest.result("crm.item.delete", entityTypeId=2, id=item["id"]) == []
    assert rest.error("crm.item.get", entityTypeId=2, id=item["id"]) == (400, "NOT_FOUND")


@pytest.mark.parametrize("method", ["crm.item.update", "crm.item.delete", "crm.item.get"])
def test_a_missing_id_is_error_100(rest: Rest, method: str) -> None:
    assert rest.error(method, entityTypeId=2, fields={}) == (400, 100)
