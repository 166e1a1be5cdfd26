"""Webhooks: subscribing, the v2 form and its oddities, retries, switching off, disorder on demand."""

from typing import Any

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox

from .conftest import StartSandbox, seeded
from .receiver import Receiver
from .rest import Rest, items

LEAD_HOOKS = ["add_lead", "update_lead", "status_lead", "delete_lead", "restore_lead", "responsible_lead", "note_lead"]


def subscribe(rest: Rest, receiver: Receiver, *settings: str) -> dict[str, Any]:
    body = {"destination": receiver.url, "settings": list(settings), "sort": 10}
    made: dict[str, Any] = rest.post("webhooks", body)
    return made


def test_subscriptions_are_keyed_by_their_destination(rest: Rest, receiver: Receiver) -> None:
    assert rest.get("webhooks") is None
    made = subscribe(rest, receiver, "status_lead")
    assert (made["settings"], made["disabled"], made["created_by"]) == (["status_lead"], False, 501)
    subscribe(rest, receiver, "update_lead")
    page = rest.get(f"webhooks?filter[destination]={receiver.url}")
    assert page["_total_items"] == 1
    assert items(page)[0]["settings"] == ["update_lead"]
    assert rest.send("DELETE", "webhooks", {"destination": receiver.url}).status_code == 204
    assert rest.get("webhooks") is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"settings": ["status_lead"]}, "destination"),
        ({"destination": "ftp://x", "settings": ["status_lead"]}, "destination"),
        ({"destination": "http://x/"}, "settings"),
        ({"destination": "http://x/", "settings": []}, "settings"),
    ],
)
def test_subscriptions_that_are_refused(rest: Rest, body: dict[str, Any], path: str) -> None:
    assert rest.refused("POST", "webhooks", body)[::2] == (400, path)


def test_switches_of_subscribing(start: StartSandbox) -> None:
    _, rest = start(hooks={"repeated_post": "refuse", "unknown_settings": "refuse"})
    body = {"destination": "http://127.0.0.1:1/", "settings": ["update_catalog_7301"]}
    rest.post("webhooks", body)
    assert rest.refused("POST", "webhooks", body)[2] == "destination"
    assert rest.refused("POST", "webhooks", {**body, "settings": ["nonsense"]})[2] == "settings.0"
    _, poor = start(webhooks_in_plan=False)
    assert poor.send("POST", "webhooks", body).status_code == 403


def test_sellers_may_not_subscribe(sandbox: RunningSandbox) -> None:
    seller = Rest(sandbox.url, sandbox.tokens[1])
    assert seller.send("GET", "webhooks").status_code == 403
    seller.close()


def test_a_move_is_told_twice_in_the_v2_form(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    subscribe(rest, receiver, "status_lead", "update_lead")
    rest.move(70001, 61003)
    sandbox.control.wait_hooks()
    assert receiver.told() == [("leads", "status", "70001"), ("leads", "update", "70001")]
    assert receiver.content_types == ["application/x-www-form-urlencoded"] * 2
    flat = receiver.flat()[0]
    assert flat["leads[status][0][status_id]"] == "61003"
    assert flat["leads[status][0][old_status_id]"] == "61002"
    assert flat["leads[status][0][pipeline_id]"] == "9001"
    assert flat["leads[status][0][price]"] == "125000"
    assert flat["leads[status][0][modified_user_id]"] == "501"
    assert flat["leads[status][0][custom_fields][0][values][0][value]"] == "Д-118"
    assert flat["account[id]"] == "300100"
    assert flat["account[subdomain]"] == "sandbox"
    assert flat["account[_links][self]"] == "https://sandbox.amocrm.ru"
    assert not [key for key in flat if "custom_fields_values" in key]


def test_oddities_of_field_values(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    subscribe(rest, receiver, "update_lead")
    values = [
        {"field_id": 91002, "values": [{"value": 1768424400}]},
        {"field_id": 91003, "values": [{"enum_id": 71001}]},
    ]
    rest.patch("leads/70002", {"custom_fields_values": values})
    sandbox.control.wait_hooks()
    flat = receiver.flat()[0]
    assert flat["leads[update][0][custom_fields][0][values][0]"] == "1768424400"
    assert flat["leads[update][0][custom_fields][1][values][value]"] == "Банк"
    assert flat["leads[update][0][custom_fields][1][values][enum]"] == "71001"


def test_each_kind_of_change_has_its_hook(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    subscribe(rest, receiver, *LEAD_HOOKS, "add_task")
    rest.patch("leads/70001", {"responsible_user_id": 501})
    rest.post("leads/70001/notes", [{"note_type": "common", "params": {"text": "а"}}])
    sandbox.control.human({"act": "delete", "id": 70001})
    sandbox.control.human({"act": "restore", "id": 70001})
    rest.post("leads", [{"name": "Новая"}])
    rest.post("tasks", [{"text": "а", "complete_till": 1900000000}])
    sandbox.control.wait_hooks()
    assert receiver.told() == [
        ("leads", "responsible", "70001"),
        ("leads", "update", "70001"),
        ("leads", "note", "70001"),
        ("leads", "delete", "70001"),
        ("leads", "restore", "70001"),
        ("leads", "add", "70007"),
        ("task", "add", "50001"),
    ]
    flat = receiver.flat()
    assert flat[0]["leads[responsible][0][old_responsible_user_id]"] == "517"
    assert flat[2]["leads[note][0][note][note_type]"] == "4"
    assert flat[2]["leads[note][0][note][metadata]"] == '{"text": "а"}'
    assert set(flat[3]) - {key for key in flat[3] if key.startswith("account")} == {
        "leads[delete][0][id]",
        "leads[delete][0][status_id]",
        "leads[delete][0][pipeline_id]",
    }
    assert flat[6]["task[add][0][complete_till]"].startswith("2030-03-17 ")


def test_companies_come_as_contacts_with_a_type(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    subscribe(rest, receiver, "update_company", "responsible_company")
    rest.patch("companies/40021", {"responsible_user_id": 501})
    sandbox.control.wait_hooks()
    assert receiver.told() == [("contacts", "update", "40021")] * 2
    flat = receiver.flat()[0]
    assert flat["contacts[update][0][type]"] == "company"
    assert flat["contacts[update][0][old_responsible_user_id]"] == "517"


@pytest.mark.parametrize("setting", ["update_catalog", "update_catalog_7301"])
def test_invoices_come_as_catalogs(rest: Rest, sandbox: RunningSandbox, receiver: Receiver, setting: str) -> None:
    subscribe(rest, receiver, setting, "delete_catalog_7301", "update_catalog_7302")
    fields = {"custom_fields_values": [{"field_code": "BILL_STATUS", "values": [{"enum_code": "paid"}]}]}
    sandbox.control.human({"act": "edit", "entity": "element", "id": 880101, "user_id": 517, "fields": fields})
    sandbox.control.human({"act": "delete", "entity": "element", "id": 880102})
    sandbox.control.wait_hooks()
    assert receiver.told() == [("catalogs", "update", "880101"), ("catalogs", "delete", "880102")]
    changed, deleted = receiver.flat()
    assert changed["catalogs[update][0][catalog_id]"] == "7301"
    assert changed["catalogs[update][0][modified_by]"] == "517"
    assert changed["catalogs[update][0][custom_fields][0][code]"] == "BILL_STATUS"
    assert changed["catalogs[update][0][type]"] == "catalog"
    assert [key for key in deleted if key.startswith("catalogs")] == [
        "catalogs[delete][0][id]",
        "catalogs[delete][0][catalog_id]",
        "catalogs[delete][0][type]",
    ]


def test_a_batch_may_be_told_in_one_hook(start: StartSandbox, receiver: Receiver) -> None:
    sandbox, rest = start(hooks={"grouping": "batch"})
    subscribe(rest, receiver, "update_lead")
    rest.patch("leads", [{"id": 70001, "price": 1}, {"id": 70002, "price": 1}])
    sandbox.control.wait_hooks()
    (form,) = receiver.forms()
    assert [form["leads"]["update"][n]["id"] for n in ("0", "1")] == ["70001", "70002"]


def test_an_invalid_answer_is_retried_by_the_table(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    sandbox.control.freeze()
    receiver.status = 500
    subscribe(rest, receiver, "update_lead")
    rest.patch("leads/70001", {"price": 1})
    sandbox.control.wait_hooks()
    tries = [len(receiver.bodies)]
    for pause_s in (299, 1, 900, 900, 3600, 99999):
        sandbox.control.advance(pause_s)
        sandbox.control.wait_hooks()
        tries.append(len(receiver.bodies))
    assert tries == [1, 1, 2, 3, 4, 5, 5]
    assert [delivery.attempt for delivery in sandbox.control.deliveries] == [1, 2, 3, 4, 5]


def test_redirects_and_slow_receivers_are_invalid(start: StartSandbox, receiver: Receiver) -> None:
    sandbox, rest = start(hooks={"timeout_s": 0.2})
    subscribe(rest, receiver, "update_lead")
    receiver.status = 302
    rest.patch("leads/70001", {"price": 1})
    sandbox.control.wait_hooks()
    receiver.pause_s = 0.6
    rest.patch("leads/70001", {"price": 2})
    sandbox.control.wait_hooks()
    assert [delivery.status for delivery in sandbox.control.deliveries] == [302, None]
    assert sandbox.control.account.timers.pending() == 2


def test_more_than_a_hundred_invalid_answers_in_two_hours_switch_it_off(
    start: StartSandbox, receiver: Receiver
) -> None:
    sandbox, rest = start(hooks={"retries_s": []})
    sandbox.control.freeze()
    subscribe(rest, receiver, "update_lead")
    receiver.status = 500
    for price in range(1, 101):
        rest.patch("leads/70001", {"price": price})
    sandbox.control.wait_hooks()
    assert items(rest.get("webhooks"))[0]["disabled"] is False
    rest.patch("leads/70001", {"price": 101})
    sandbox.control.wait_hooks()
    assert items(rest.get("webhooks"))[0]["disabled"] is True
    rest.patch("leads/70001", {"price": 102})
    sandbox.control.wait_hooks()
    assert len(receiver.bodies) == 101
    subscribe(rest, receiver, "update_lead")
    assert items(rest.get("webhooks"))[0]["disabled"] is False


def test_old_invalid_answers_do_not_count(start: StartSandbox, receiver: Receiver) -> None:
    sandbox, rest = start(hooks={"retries_s": [], "disable_after": 2})
    sandbox.control.freeze()
    subscribe(rest, receiver, "update_lead")
    receiver.status = 500
    for price in range(1, 4):
        rest.patch("leads/70001", {"price": price})
        sandbox.control.wait_hooks()
        sandbox.control.advance(3601)
    assert items(rest.get("webhooks"))[0]["disabled"] is False


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ({"kind": "drop_hook"}, ["update"]),
        ({"kind": "double_hook"}, ["status", "status", "update"]),
        ({"kind": "shuffle_hooks", "window": 2}, ["update", "status"]),
    ],
)
def test_hooks_are_lost_doubled_and_shuffled_on_demand(
    rest: Rest, sandbox: RunningSandbox, receiver: Receiver, action: dict[str, Any], told: list[str]
) -> None:
    subscribe(rest, receiver, "status_lead", "update_lead")
    sandbox.control.add_faults({"match": {"method": "status_lead"}, "action": action})
    rest.move(70001, 61003)
    sandbox.control.wait_hooks()
    assert [what for _, what, _ in receiver.told()] == told


def test_a_delayed_hook_waits_for_the_clock(rest: Rest, sandbox: RunningSandbox, receiver: Receiver) -> None:
    sandbox.control.freeze()
    subscribe(rest, receiver, "update_lead")
    sandbox.control.add_faults({"action": {"kind": "delay_hook", "seconds": 60}})
    rest.patch("leads/70001", {"price": 1})
    sandbox.control.wait_hooks()
    assert receiver.bodies == []
    sandbox.control.advance(60)
    sandbox.control.wait_hooks()
    assert len(receiver.bodies) == 1


@pytest.mark.parametrize(("retries", "tries"), [([], 1), ([10, 10], 3)])
def test_a_hook_of_the_digital_pipeline_goes_to_its_stage(
    start: StartSandbox, receiver: Receiver, retries: list[float], tries: int
) -> None:
    seed = seeded(hooks={"digital_pipeline_retries_s": retries})
    seed["stage_hooks"] = [{"pipeline_id": 9001, "status_id": 61003, "url": receiver.url}]
    sandbox, rest = start(seed)
    sandbox.control.freeze()
    receiver.status = 500
    rest.move(70002, 61004)
    rest.move(70001, 61003)
    for _ in range(4):
        sandbox.control.wait_hooks()
        sandbox.control.advance(10)
    assert len(receiver.bodies) == tries
    flat = receiver.flat()[0]
    assert (flat["leads[status][0][id]"], flat["leads[status][0][old_status_id]"]) == ("70001", "61002")
