"""The event feed: what is told, its shape, its filters."""

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox

from .conftest import StartSandbox
from .rest import Rest, items

PAID = {"custom_fields_values": [{"field_code": "BILL_STATUS", "values": [{"enum_code": "paid"}]}]}


def kinds(rest: Rest, query: str = "") -> list[str]:
    page = rest.get(f"events?{query}")
    return [event["type"] for event in items(page)] if page else []


def test_a_move_is_told_with_both_stages(rest: Rest, sandbox: RunningSandbox) -> None:
    rest.move(70001, 61003)
    (event,) = items(rest.get("events"))
    assert event["type"] == "lead_status_changed"
    assert event["value_before"] == [{"lead_status": {"id": 61002, "pipeline_id": 9001}}]
    assert event["value_after"] == [{"lead_status": {"id": 61003, "pipeline_id": 9001}}]
    assert (event["entity_type"], event["entity_id"], event["created_by"]) == ("lead", 70001, 501)
    assert len(event["id"]) == 26
    assert event["_embedded"]["entity"]["_links"]["self"]["href"] == f"{sandbox.url}/api/v4/leads/70001"
    assert rest.get(f"events/{event['id']}")["id"] == event["id"]


def test_the_newest_event_comes_first_and_a_page_has_at_most_a_hundred(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.freeze()
    for price in range(120):
        rest.patch("leads/70002", {"price": price})
    page = rest.get("events?limit=250")
    assert len(items(page)) == 100
    assert items(page)[0]["value_after"] == [{"sale_field_value": {"sale": 119}}]
    assert "next" in page["_links"]


def test_every_kind_of_change_has_its_type(rest: Rest, sandbox: RunningSandbox) -> None:
    rest.patch("leads/70001", {"name": "Новое", "responsible_user_id": 501, "price": 1})
    rest.patch("leads/70001", {"custom_fields_values": [{"field_id": 91001, "values": [{"value": "1"}]}]})
    rest.post("leads/70001/notes", [{"note_type": "common", "params": {"text": "а"}}])
    link = {"to_entity_id": 40022, "to_entity_type": "companies"}
    rest.post("leads/70003/link", [link])
    sandbox.control.human({"act": "delete", "id": 70002})
    sandbox.control.human({"act": "restore", "id": 70002})
    rest.post("leads", [{"name": "Ещё"}])
    assert kinds(rest)[::-1] == [
        "entity_responsible_changed",
        "sale_field_changed",
        "name_field_changed",
        "custom_field_91001_value_changed",
        "common_note_added",
        "entity_linked",
        "lead_deleted",
        "lead_restored",
        "lead_added",
    ]


def test_an_invoice_becoming_paid_is_an_event_of_its_list(rest: Rest) -> None:
    fields = {field["code"]: field for field in items(rest.get("catalogs/7301/custom_fields"))}
    status = fields["BILL_STATUS"]
    paid = next(enum["id"] for enum in status["enums"] if enum["code"] == "paid")
    rest.patch("catalogs/7301/elements/880101", PAID)
    rest.patch("leads/70001", {"price": 1})
    query = f"filter[entity]=catalog_7301&filter[type]=custom_field_{status['id']}_value_changed"
    (event,) = items(rest.get(f"events?{query}&filter[value_after][custom_field_values]={paid}"))
    assert event["entity_id"] == 880101
    assert event["value_after"][0]["custom_field_value"]["enum_id"] == paid
    assert rest.get(f"events?{query}&filter[value_after][custom_field_values]=1") is None


def test_lists_may_be_silent(start: StartSandbox) -> None:
    sandbox, rest = start(catalog_events=False)
    rest.patch("catalogs/7301/elements/880101", PAID)
    assert sandbox.control.events() == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter[type]=lead_status_changed,sale_field_changed", 2),
        ("filter[type][]=lead_status_changed&filter[type][]=name_field_changed", 2),
        ("filter[entity]=lead&filter[entity_id][]=70001", 1),
        ("filter[entity][]=company", 1),
        ("filter[created_by][]=517", 1),
        ("filter[created_by][]=999", 0),
        (
            "filter[value_after][leads_statuses][0][pipeline_id]=9001&filter[value_after][leads_statuses][0][status_id]=142",
            1,
        ),
        (
            "filter[value_before][leads_statuses][0][pipeline_id]=9001&filter[value_before][leads_statuses][0][status_id]=142",
            0,
        ),
        ("filter[value_after][value]=5", 1),
        ("filter[created_at][from]=99999999999", 0),
        ("filter[created_at]=1", 3),
    ],
)
def test_filters(rest: Rest, sandbox: RunningSandbox, query: str, found: int) -> None:
    rest.move(70001, 142)
    rest.patch("leads/70002", {"price": 5})
    sandbox.control.human(
        {"act": "edit", "entity": "company", "id": 40021, "user_id": 517, "fields": {"name": "Другая"}}
    )
    assert len(kinds(rest, query)) == found


def test_an_entity_id_needs_its_entity(rest: Rest) -> None:
    assert rest.send("GET", "events?filter[entity_id][]=70001").status_code == 400


def test_fresh_changes_may_be_late_in_lists(start: StartSandbox) -> None:
    sandbox, rest = start(list_lag_s=60)
    sandbox.control.freeze()
    rest.move(70001, 61003)
    now = sandbox.control.account.now()
    query = f"filter[updated_at][from]={now}&filter[updated_at][to]={now + 100}"
    assert rest.ids(f"leads?{query}") == []
    assert kinds(rest, f"filter[created_at][from]={now}") == []
    sandbox.control.advance(60)
    assert 70001 in rest.ids(f"leads?{query}")
    assert kinds(rest, f"filter[created_at][from]={now}") == ["lead_status_changed"]


def test_types_are_listed(rest: Rest) -> None:
    assert "lead_status_changed" in [kind["key"] for kind in items(rest.get("events/types"))]
