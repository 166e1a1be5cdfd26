"""Leads: the envelope, pages, filters, order, changes of one and of many."""

from typing import Any

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox

from .conftest import StartSandbox, seeded
from .rest import Rest, items, value_of


def test_a_list_is_hal_with_links_and_no_total(rest: Rest, sandbox: RunningSandbox) -> None:
    response = rest.send("GET", "leads", params={"limit": 2})
    assert response.headers["content-type"] == "application/hal+json"
    page = response.json()
    assert page["_page"] == 1
    assert page["_links"]["next"]["href"] == f"{sandbox.url}/api/v4/leads?limit=2&page=2"
    assert "_total_items" not in page
    lead = items(page)[0]
    assert lead["_links"]["self"]["href"] == f"{sandbox.url}/api/v4/leads/70001"
    assert [company["id"] for company in lead["_embedded"]["companies"]] == [40021]
    assert "contacts" not in lead["_embedded"]
    assert (lead["price"], lead["closed_at"], lead["is_deleted"]) == (125000, None, False)


def test_with_brings_contacts_and_invoices_and_unknown_names_do_no_harm(rest: Rest) -> None:
    lead = rest.get("leads/70001", **{"with": "contacts,catalog_elements,tags,nonsense"})
    assert [(c["id"], c["is_main"]) for c in lead["_embedded"]["contacts"]] == [(30011, True)]
    linked = lead["_embedded"]["catalog_elements"]
    assert [(e["id"], e["metadata"]["catalog_id"]) for e in linked] == [(880101, 7301), (880103, 7301)]


def test_an_unknown_id_an_empty_list_and_a_page_past_the_end_are_204(rest: Rest) -> None:
    for path in ("leads/999", "leads?page=9", "leads?filter[id][]=999", "leads/70005"):
        response = rest.send("GET", path)
        assert (response.status_code, response.content) == (204, b"")


def test_a_full_last_page_links_to_an_empty_one(rest: Rest) -> None:
    page = rest.get("leads", limit=5)
    assert len(items(page)) == 5
    assert rest.send("GET", page["_links"]["next"]["href"]).status_code == 204


def test_pages_hold_fifty_unless_asked_and_never_more_than_250(start: StartSandbox) -> None:
    seed = {"settings": {"rate_limit": {"enabled": False}}, "leads": [{"id": n} for n in range(1, 301)]}
    _, rest = start(seed)
    assert [len(rest.ids("leads")), len(rest.ids("leads", limit=500))] == [50, 250]
    assert rest.ids("leads", limit=250, page=2) == list(range(251, 301))
    links = rest.get("leads", limit=100, page=2)["_links"]
    assert set(links) == {"self", "next", "first", "prev"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter[id][]=70001&filter[id][]=70003", [70001, 70003]),
        ("filter[id][0]=70001", [70001]),
        ("filter[id]=70001,70002", [70001, 70002]),
        ("filter%5Bid%5D%5B%5D=70002", [70002]),
        ("filter[price][from]=80000&filter[price][to]=90000", [70002]),
        ("filter[pipeline_id][]=9002", [70003]),
        ("filter[statuses][0][pipeline_id]=9001&filter[statuses][0][status_id]=61002", [70001, 70002]),
        ("filter[statuses][0][status_id]=142", [70006]),
        ("filter[statuses][]=142", [70001, 70002, 70003, 70004, 70006]),
        ("filter[responsible_user_id]=517&query=насос", [70001]),
        ("filter[custom_fields_values][91001][]=Д-118", [70001]),
        ("query=Д-118", [70001]),
        ("filter[name]=Монтаж на объекте", [70002]),
        ("filter[nonsense]=1&filter[id]=70001", [70001]),
        ("with=only_deleted", [70005]),
    ],
)
def test_filters_in_every_spelling_seen_on_the_wire(rest: Rest, query: str, found: list[int]) -> None:
    assert rest.ids(f"leads?{query}") == found


def test_times_are_filtered_by_from_and_to_and_a_bare_one_finds_nothing(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.freeze()
    sandbox.control.advance(100)
    rest.patch("leads/70002", {"name": "Новое имя"})
    now = sandbox.control.account.now()
    assert rest.ids(f"leads?filter[updated_at][from]={now}&filter[updated_at][to]={now}") == [70002]
    assert rest.ids(f"leads?filter[updated_at][from]={now + 1}") == []
    assert rest.ids(f"leads?filter[updated_at]={now}") == []


def test_order_by_update_time_both_ways(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.freeze()
    sandbox.control.advance(10)
    rest.patch("leads/70001", {"price": 5})
    assert rest.ids("leads?order[updated_at]=asc")[-1] == 70001
    assert rest.ids("leads?order[updated_at]=desc")[0] == 70001
    assert rest.ids("leads?order[id]=desc") == [70006, 70004, 70003, 70002, 70001]


def test_with_the_account_flag_off_filters_are_ignored_without_a_word(rest: Rest, sandbox: RunningSandbox) -> None:
    assert rest.get("account?with=is_api_filter_enabled")["is_api_filter_enabled"] is True
    sandbox.control.switch_filters(enabled=False)
    assert rest.get("account?with=is_api_filter_enabled")["is_api_filter_enabled"] is False
    assert len(rest.ids("leads?filter[id]=70001")) == 5
    assert rest.ids("leads?query=насос") == [70001]


def test_one_is_changed_by_an_object_and_answers_id_and_time(rest: Rest, sandbox: RunningSandbox) -> None:
    answer = rest.patch("leads/70001", {"price": 130000})
    assert set(answer) == {"id", "updated_at", "_links"}
    assert rest.lead(70001)["price"] == 130000
    assert sandbox.control.lead(70001)["updated_by"] == 501
    assert rest.refused("PATCH", "leads/999", {"price": 1})[0] == 404
    assert rest.refused("PATCH", "leads/70001", [{"price": 1}])[0] == 400


def test_many_are_changed_by_an_array_and_answered_with_request_ids(rest: Rest) -> None:
    answer = rest.patch("leads", [{"id": 70002, "price": 7, "request_id": "b"}, {"id": 70001, "price": 8}])
    assert [(lead["id"], lead["request_id"]) for lead in items(answer)] == [(70002, "b"), (70001, "1")]
    assert [rest.lead(n)["price"] for n in (70001, 70002)] == [8, 7]


def test_a_bad_item_refuses_the_whole_batch_and_is_named_by_its_request_id(rest: Rest) -> None:
    body = [{"id": 70001, "price": 1}, {"id": 70002, "status_id": 99, "request_id": "x2"}, {"id": 5, "price": 1}]
    response = rest.send("PATCH", "leads", body)
    assert response.json() == {
        "validation-errors": [
            {
                "request_id": "x2",
                "errors": [
                    {
                        "code": "NotSupportedChoice",
                        "path": "status_id",
                        "detail": "The value you selected is not a valid choice.",
                    }
                ],
            },
            {
                "request_id": "2",
                "errors": [
                    {
                        "code": "NotSupportedChoice",
                        "path": "id",
                        "detail": "The value you selected is not a valid choice.",
                    }
                ],
            },
        ],
        "title": "Bad Request",
        "type": "https://httpstatus.es/400",
        "status": 400,
        "detail": "Request validation failed",
    }
    assert rest.lead(70001)["price"] == 125000


def test_partial_batches_keep_their_good_items(start: StartSandbox) -> None:
    _, rest = start(batch_atomicity="partial")
    assert rest.refused("PATCH", "leads", [{"id": 70001, "price": 1}, {"id": 70002, "status_id": 99}])[0] == 400
    assert rest.lead(70001)["price"] == 1


def test_an_empty_body_and_more_than_250_items(rest: Rest) -> None:
    empty = rest.send("PATCH", "leads", [])
    assert (empty.status_code, empty.json()["detail"]) == (400, "Request data can not be empty")
    many = rest.send("PATCH", "leads", [{"id": 70001, "price": n} for n in range(251)])
    assert (many.status_code, many.json()["detail"]) == (422, "Limit 250 per page")
    assert many.json()["title"] == "Unprocessable Entity"
    assert rest.refused("POST", "leads/complex", [{"name": "x"}] * 51)[0] == 422


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({"price": "12"}, "InvalidType", "price"),
        ({"price": 12.5}, "InvalidType", "price"),
        ({"name": 5}, "InvalidType", "name"),
        ({"nonsense": 1}, "FieldNotExpected", "nonsense"),
        ({"responsible_user_id": 519}, "NotSupportedChoice", "responsible_user_id"),
        ({"created_by": 519}, "NotSupportedChoice", "created_by"),
        ({"responsible_user_id": 0}, "NotSupportedChoice", "responsible_user_id"),
        (
            {"custom_fields_values": [{"field_id": 1, "values": []}]},
            "NotSupportedChoice",
            "custom_fields_values.0.field_id",
        ),
        ({"custom_fields_values": [{"values": []}]}, "FieldMissing", "custom_fields_values.0.field_id"),
        ({"_embedded": {"companies": [{"id": 1}]}}, "NotSupportedChoice", "_embedded.companies.0.id"),
    ],
)
def test_what_a_write_may_not_send(rest: Rest, body: dict[str, Any], code: str, path: str) -> None:
    assert rest.refused("PATCH", "leads/70001", body) == (400, code, path)


def test_fields_that_are_not_mentioned_stay_and_null_clears(rest: Rest) -> None:
    rest.patch("leads/70001", {"custom_fields_values": [{"field_id": 91002, "values": [{"value": 1768456800}]}]})
    assert value_of(rest.lead(70001), "Номер договора") == {"value": "Д-118"}
    rest.patch("leads/70001", {"custom_fields_values": [{"field_id": 91001, "values": None}]})
    assert value_of(rest.lead(70001), "Номер договора") is None


def test_tags_are_replaced_whole_or_changed_one_by_one(rest: Rest) -> None:
    def tags() -> list[str]:
        return [tag["name"] for tag in rest.lead(70001)["_embedded"]["tags"]]

    rest.patch("leads/70001", {"tags_to_add": [{"name": "оплачен"}]})
    assert tags() == ["насосы", "оплачен"]
    rest.patch("leads/70001", {"tags_to_delete": [{"name": "насосы"}]})
    assert tags() == ["оплачен"]
    rest.patch("leads/70001", {"_embedded": {"tags": [{"name": "другой"}]}})
    assert tags() == ["другой"]
    rest.patch("leads/70001", {"_embedded": {"tags": None}})
    assert tags() == []


def test_an_added_lead_has_the_vendors_defaults(rest: Rest, sandbox: RunningSandbox) -> None:
    answer = rest.post("leads", [{"price": 10, "_embedded": {"companies": [{"id": 40022}]}, "request_id": "n"}])
    (made,) = items(answer)
    assert made["request_id"] == "n"
    lead = rest.lead(made["id"])
    assert (lead["name"], lead["pipeline_id"], lead["status_id"]) == (f"Сделка #{made['id']}", 9001, 61001)
    assert [company["id"] for company in lead["_embedded"]["companies"]] == [40022]
    assert lead["created_by"] == lead["responsible_user_id"] == 501


def test_leads_complex_adds_clients_with_the_lead_and_answers_a_bare_array(rest: Rest) -> None:
    body = [{"name": "Со всеми", "_embedded": {"contacts": [{"first_name": "Пётр"}], "companies": [{"name": "ООО"}]}}]
    (made,) = rest.post("leads/complex", body)
    lead = rest.lead(made["id"])
    assert [contact["id"] for contact in lead["_embedded"]["contacts"]] == [made["contact_id"]]
    assert [company["id"] for company in lead["_embedded"]["companies"]] == [made["company_id"]]
    assert (made["request_id"], made["merged"]) == (["0"], False)


def test_duplicate_control_and_landing_in_unsorted_are_switches(start: StartSandbox) -> None:
    _, rest = start(duplicate_control=True, complex_lands_in_unsorted=True)
    merged, fresh = rest.post("leads/complex", [{"name": "Поставка насосов", "price": 1}, {"name": "Другая"}])
    assert (merged["id"], merged["merged"]) == (70001, True)
    assert rest.lead(fresh["id"])["status_id"] == 61000


def test_wrong_paths_and_verbs(rest: Rest) -> None:
    wrong = rest.send("GET", "nowhere")
    assert (wrong.status_code, wrong.json()["detail"]) == (404, "Cannot GET /api/v4/nowhere")
    assert rest.send("PUT", "leads").status_code == 405


def test_a_chunked_body_is_read(rest: Rest) -> None:
    chunks = iter([b'{"price"', b": 77}"])
    headers = {"content-type": "application/json"}
    assert rest.send("PATCH", "leads/70001", content=chunks, headers=headers).status_code == 200
    assert rest.lead(70001)["price"] == 77


def test_an_unpaid_account_is_402(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.pay(paid=False)
    assert rest.send("GET", "leads").status_code == 402


def test_kommo_prices_have_fractions(start: StartSandbox) -> None:
    seed = seeded(brand="kommo")
    seed["leads"][0]["price"] = "125000.50"
    _, rest = start(seed)
    lead = rest.lead(70001)
    assert (lead["price"], lead["price_with_minor_units"]) == (125000, 125000.5)
    rest.patch("leads/70001", {"price": 10.25})
    assert rest.lead(70001)["price_with_minor_units"] == 10.25
