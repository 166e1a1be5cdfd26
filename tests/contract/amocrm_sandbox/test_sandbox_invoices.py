"""Invoices: the list, its predefined fields, the payer's two shapes, paying, linking."""

from typing import Any

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox

from .conftest import StartSandbox, seeded
from .rest import Rest, items, value_of

INVOICES = "catalogs/7301/elements"
PAID = {"field_code": "BILL_STATUS", "values": [{"enum_code": "paid"}]}
CODES = [
    "BILL_STATUS",
    "LEGAL_ENTITY",
    "PAYER",
    "ITEMS",
    "BILL_COMMENT",
    "BILL_PRICE",
    "BILL_VAT_TYPE",
    "BILL_REASON_FOR_NO_VAT",
    "BILL_PAYMENT_DATE",
]


def link_body(element_id: int, **metadata: Any) -> list[dict[str, Any]]:
    return [
        {
            "to_entity_id": element_id,
            "to_entity_type": "catalog_elements",
            "metadata": {"catalog_id": 7301, "quantity": 1, **metadata},
        }
    ]


def test_the_invoices_list_is_found_by_its_type(rest: Rest) -> None:
    assert {catalog["id"]: catalog["type"] for catalog in items(rest.get("catalogs"))} == {
        7301: "invoices",
        7302: "products",
    }
    assert rest.ids("catalogs", type="invoices") == [7301]
    assert rest.get("catalogs/7301")["name"] == "Счета/покупки"
    assert rest.get("catalogs/1") is None


def test_its_fields_have_the_vendors_codes(rest: Rest) -> None:
    fields = items(rest.get("catalogs/7301/custom_fields"))
    assert [field["code"] for field in fields] == CODES
    status = fields[0]
    assert [enum["code"] for enum in status["enums"]] == ["created", "paid", "paid_in_advance", "partially_paid"]
    assert [enum["value"] for enum in status["enums"]] == ["Создан", "Оплачен", "Оплачен в аванс", "Частично оплачен"]


def test_people_may_have_deleted_predefined_fields(start: StartSandbox) -> None:
    seed: dict[str, Any] = {"settings": {"rate_limit": {"enabled": False}}}
    seed |= {"catalogs": [{"id": 7301, "name": "Счета", "type": "invoices", "absent_fields": ["BILL_STATUS"]}]}
    _, rest = start(seed)
    assert "BILL_STATUS" not in [field["code"] for field in items(rest.get("catalogs/7301/custom_fields"))]
    assert rest.refused("POST", INVOICES, [{"custom_fields_values": [PAID]}])[1] == "NotSupportedChoice"
    assert items(rest.post(INVOICES, [{"name": "Счет #1"}]))[0]["name"] == "Счет #1"


def test_an_invoice_has_its_number_in_the_name_and_its_sum_as_text(rest: Rest) -> None:
    invoice = rest.get(f"{INVOICES}/880101")
    assert (invoice["name"], invoice["is_deleted"], invoice["catalog_id"]) == ("Счет #118", None, 7301)
    assert value_of(invoice, "BILL_PRICE") == {"value": "125000.5"}
    assert value_of(invoice, "BILL_STATUS")["enum_code"] == "created"
    payer = value_of(invoice, "PAYER")["value"]
    assert (payer["type"], payer["vat_id"], payer["entity_id"]) == ("legal", "7700112239", 40021)
    assert value_of(invoice, "LEGAL_ENTITY")["value"]["vat_id"] == "7700000016"
    assert "invoice_link" not in invoice
    assert rest.get(f"{INVOICES}/880101", **{"with": "invoice_link"})["invoice_link"].startswith("https://")


def test_a_payer_of_the_older_shape_names_only_the_linked_card(rest: Rest) -> None:
    payer = value_of(rest.get(f"{INVOICES}/880103"), "PAYER")["value"]
    assert payer == {"name": "ООО «Вектор-Насос»", "entity_type": "companies", "entity_id": 40021}


def test_an_account_of_2021_has_payers_as_linked_entities(start: StartSandbox) -> None:
    seed = seeded()
    seed["catalogs"][0]["payer_type"] = "linked_entity"
    seed["invoices"] = [
        {"id": 1, "name": "Счет #1", "payer": {"name": "ООО", "entity_type": "companies", "entity_id": 40021}}
    ]
    _, rest = start(seed)
    (invoice,) = items(rest.get(INVOICES))
    kinds = {field["field_code"]: field["field_type"] for field in invoice["custom_fields_values"]}
    assert kinds["PAYER"] == "linked_entity"


def test_elements_are_listed_by_id_and_text_without_time_or_order(rest: Rest) -> None:
    assert rest.ids(INVOICES) == [880101, 880102, 880103, 880104]
    assert rest.ids(f"{INVOICES}?filter[id][]=880102") == [880102]
    assert rest.ids(f"{INVOICES}?id[]=880103") == [880103]
    assert rest.ids(INVOICES, query="7700112239") == [880101]
    assert len(rest.ids(f"{INVOICES}?filter[updated_at][from]=99999999999")) == 4
    assert rest.ids(f"{INVOICES}?order[id]=desc")[0] == 880101
    assert rest.send("GET", "catalogs/1/elements").status_code == 404


def test_paying_by_code_keeps_the_other_fields_and_answers_the_whole_element(rest: Rest) -> None:
    date = {"field_code": "BILL_PAYMENT_DATE", "values": [{"value": "2026-01-15T09:00:00+03:00"}]}
    (paid,) = items(rest.patch(INVOICES, [{"id": 880101, "custom_fields_values": [PAID, date]}]))
    assert paid["request_id"] == 0
    assert value_of(paid, "BILL_STATUS")["value"] == "Оплачен"
    assert value_of(paid, "BILL_PAYMENT_DATE")["value"] == 1768456800
    assert value_of(paid, "BILL_PRICE") == {"value": "125000.5"}
    assert value_of(rest.get(f"{INVOICES}/880101"), "PAYER")["value"]["vat_id"] == "7700112239"


def test_one_element_is_changed_by_an_object(rest: Rest) -> None:
    changed = rest.patch(f"{INVOICES}/880102", {"custom_fields_values": [PAID]})
    assert value_of(changed, "BILL_STATUS")["enum_code"] == "paid"
    assert rest.refused("PATCH", f"{INVOICES}/5", {"name": "x"})[0] == 404


def test_the_server_may_stamp_the_payment_date_itself(start: StartSandbox) -> None:
    sandbox, rest = start(payment_date="server")
    sandbox.control.freeze()
    date = {"field_code": "BILL_PAYMENT_DATE", "values": [{"value": 1}]}
    (paid,) = items(rest.patch(INVOICES, [{"id": 880101, "custom_fields_values": [PAID, date]}]))
    assert value_of(paid, "BILL_PAYMENT_DATE")["value"] == sandbox.control.account.now()


def test_the_payment_date_may_be_a_date_without_a_time(start: StartSandbox) -> None:
    seed = seeded(payment_date_type="date")
    _, rest = start(seed)
    date = {"field_code": "BILL_PAYMENT_DATE", "values": [{"value": "2026-01-15T09:00:00+03:00"}]}
    (paid,) = items(rest.patch(INVOICES, [{"id": 880101, "custom_fields_values": [date]}]))
    assert value_of(paid, "BILL_PAYMENT_DATE")["value"] == 1768424400


def test_a_new_invoice_needs_a_name_and_a_status(rest: Rest) -> None:
    assert rest.refused("POST", INVOICES, [{"custom_fields_values": [PAID]}])[2] == "name"
    assert rest.refused("POST", INVOICES, [{"name": "Счет #5"}])[2] == "custom_fields_values.BILL_STATUS"
    (made,) = items(rest.post(INVOICES, [{"name": "Счет #5", "custom_fields_values": [PAID]}]))
    assert value_of(rest.get(f"{INVOICES}/{made['id']}"), "BILL_STATUS")["enum_code"] == "paid"


def test_a_payer_needs_its_type_when_written(rest: Rest) -> None:
    payer = {"name": "ООО", "entity_type": "companies", "entity_id": 40021}
    body = {"custom_fields_values": [{"field_code": "PAYER", "values": [{"value": payer}]}]}
    assert rest.refused("PATCH", f"{INVOICES}/880101", body)[1] == "NotSupportedChoice"
    payer["type"] = "legal"
    assert value_of(rest.patch(f"{INVOICES}/880101", body), "PAYER")["value"]["name"] == "ООО"


def test_links_are_seen_from_both_ends_and_in_bulk(rest: Rest) -> None:
    lead_side = items(rest.get("leads/70001/links?filter[to_entity_type]=catalog_elements"))
    assert [link["to_entity_id"] for link in lead_side] == [880101, 880103]
    invoice_side = items(rest.get(f"{INVOICES}/880103/links"))
    assert [(link["to_entity_type"], link["to_entity_id"]) for link in invoice_side] == [
        ("leads", 70001),
        ("leads", 70003),
    ]
    bulk = rest.get("leads/links?filter[entity_id][]=70002&filter[entity_id][]=70003&filter[to_catalog_id]=7301")
    assert [(link["entity_id"], link["to_entity_id"]) for link in items(bulk)] == [(70002, 880102), (70003, 880103)]
    assert rest.get("leads/70004/links") is None


def test_linking_and_unlinking_an_invoice(rest: Rest) -> None:
    answer = rest.post("leads/70002/link", link_body(880101))
    assert answer["_total_items"] == 1
    assert items(answer)[0]["metadata"] == {"quantity": 1, "catalog_id": 7301, "price_id": None}
    linked = rest.lead(70002)["_embedded"]["catalog_elements"]
    assert [element["id"] for element in linked] == [880102, 880101]
    assert rest.send("POST", "leads/70002/unlink", link_body(880101)).status_code == 204
    assert [element["id"] for element in rest.lead(70002)["_embedded"]["catalog_elements"]] == [880102]
    mass = [{"entity_id": 70002, **link_body(880101)[0]}]
    assert rest.post("leads/link", mass)["_total_items"] == 1


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (link_body(880101, colour=1), "FieldNotExpected", "metadata.colour"),
        (link_body(880101, catalog_id=7302), "NotSupportedChoice", "metadata.catalog_id"),
        (link_body(5), "NotSupportedChoice", "to_entity_id"),
        ([{"to_entity_id": 880101, "to_entity_type": "bills"}], "NotSupportedChoice", "to_entity_type"),
        ([{"to_entity_id": 880101}], "FieldMissing", "to_entity_type"),
    ],
)
def test_links_that_are_refused(rest: Rest, body: list[dict[str, Any]], code: str, path: str) -> None:
    assert rest.refused("POST", "leads/70002/link", body) == (400, code, path)


def test_another_company_takes_the_place_of_the_old_one(rest: Rest) -> None:
    rest.post("leads/70001/link", [{"to_entity_id": 40022, "to_entity_type": "companies"}])
    assert [company["id"] for company in rest.lead(70001)["_embedded"]["companies"]] == [40022]


def test_people_edit_and_delete_invoices(rest: Rest, sandbox: RunningSandbox) -> None:
    fields = {"name": "Счет #118-1", "custom_fields_values": [PAID]}
    sandbox.control.human({"act": "edit", "entity": "element", "id": 880101, "user_id": 517, "fields": fields})
    assert sandbox.control.value("catalog_elements", 880101, "BILL_STATUS") == "paid"
    assert rest.get(f"{INVOICES}/880101")["updated_by"] == 517
    sandbox.control.human({"act": "delete", "entity": "element", "id": 880101})
    assert rest.get(f"{INVOICES}/880101") is None
    links = items(rest.get("leads/70001/links?filter[to_entity_type]=catalog_elements"))
    assert [link["to_entity_id"] for link in links] == [880103]
