"""Pipelines and moves: 142 and 143, Incoming, closing stamps, required fields, deleted stages."""

from typing import Any

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox

from .conftest import StartSandbox, seeded
from .rest import Rest, items


def test_pipelines_have_incoming_first_and_the_two_closing_stages_last(rest: Rest) -> None:
    page = rest.get("leads/pipelines")
    assert page["_total_items"] == 3
    assert "_page" not in page
    main = items(page)[0]
    stages = main["_embedded"]["statuses"]
    assert [stage["id"] for stage in stages] == [61000, 61001, 61002, 61003, 61004, 61005, 61006, 142, 143]
    assert [(stages[n]["type"], stages[n]["is_editable"]) for n in (0, 1, 7)] == [(1, False), (0, True), (0, False)]
    assert [stage["sort"] for stage in stages[-2:]] == [10000, 11000]
    assert [pipeline["is_archive"] for pipeline in items(page)] == [False, False, True]


def test_one_pipeline_its_statuses_and_one_status(rest: Rest) -> None:
    assert rest.get("leads/pipelines/9002")["name"] == "Сервис"
    assert len(items(rest.get("leads/pipelines/9002/statuses"))) == 9
    assert rest.get("leads/pipelines/9002/statuses/62002")["name"] == "Ждём оплату"
    assert rest.get("leads/pipelines/1") is None
    assert [reason["name"] for reason in items(rest.get("leads/loss_reasons"))] == ["Дорого"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"status_id": 61003}, (9001, 61003)),
        ({"status_id": 62003}, (9002, 62003)),
        ({"status_id": 142}, (9001, 142)),
        ({"status_id": 142, "pipeline_id": 9002}, (9002, 142)),
        ({"pipeline_id": 9002}, (9002, 62001)),
        ({"pipeline_id": 9001}, (9001, 61002)),
    ],
)
def test_where_a_lead_lands(rest: Rest, body: dict[str, int], place: tuple[int, int]) -> None:
    rest.patch("leads/70001", body)
    lead = rest.lead(70001)
    assert (lead["pipeline_id"], lead["status_id"]) == place


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"status_id": 99}, "status_id"),
        ({"status_id": 62003, "pipeline_id": 9001}, "status_id"),
        ({"status_id": 61000}, "status_id"),
        ({"pipeline_id": 9009}, "pipeline_id"),
        ({"pipeline_id": 5}, "pipeline_id"),
    ],
)
def test_wrong_pairs_incoming_and_archives_are_refused(rest: Rest, body: dict[str, int], path: str) -> None:
    assert rest.refused("PATCH", "leads/70001", body) == (400, "NotSupportedChoice", path)


def test_closing_is_stamped_and_a_reason_belongs_to_lost_leads_only(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.freeze()
    rest.move(70001, 143, loss_reason_id=5501)
    lead = rest.lead(70001)
    assert (lead["closed_at"], lead["loss_reason_id"]) == (sandbox.control.account.now(), 5501)
    assert [reason["name"] for reason in lead["_embedded"]["loss_reason"]] == ["Дорого"]
    rest.move(70001, 61002, loss_reason_id=5501)
    lead = rest.lead(70001)
    assert (lead["closed_at"], lead["loss_reason_id"]) == (None, None)


def test_any_update_takes_a_lead_out_of_incoming(rest: Rest) -> None:
    assert rest.lead(70004)["status_id"] == 61000
    assert rest.refused("PATCH", "leads/70004", {"price": 1, "status_id": 61000})[1] == "NotSupportedChoice"
    rest.patch("leads/70004", {"price": 5})
    assert rest.lead(70004)["status_id"] == 61001


def test_a_repeated_move_changes_nothing(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.freeze()
    before = rest.lead(70001)["updated_at"]
    sandbox.control.advance(10)
    rest.move(70001, 61002)
    assert rest.lead(70001)["updated_at"] == before
    assert sandbox.control.events() == []
    (call,) = sandbox.control.write_log.calls()
    assert (call.applied, call.no_op, call.entity_id) == (True, True, 70001)


def test_a_seller_may_be_kept_from_a_stage(start: StartSandbox) -> None:
    seed = seeded()
    seed["users"][1]["locked_statuses"] = [61004]
    sandbox, rest = start(seed)
    seller = Rest(sandbox.url, sandbox.tokens[1])
    assert seller.send("PATCH", "leads/70001", {"status_id": 61004}).status_code == 403
    assert seller.send("PATCH", "leads/70001", {"status_id": 61003}).status_code == 200
    seller.close()
    assert rest.move(70001, 61004)["id"] == 70001


def test_required_fields_of_a_stage_are_told_and_enforced_by_a_switch(start: StartSandbox) -> None:
    needed: list[dict[str, Any]] = [{"status_id": 61004, "pipeline_id": 9001}]
    seed = seeded(enforce_required_statuses=True)
    seed["custom_fields"][1]["required_statuses"] = needed
    _, rest = start(seed)
    assert rest.get("leads/custom_fields/91002")["required_statuses"] == needed
    assert rest.refused("PATCH", "leads/70001", {"status_id": 61004})[1:] == (
        "FieldMissing",
        "custom_fields_values.91002",
    )
    filled = [{"field_id": 91002, "values": [{"value": 1768456800}]}]
    assert rest.move(70001, 61004, custom_fields_values=filled)["id"] == 70001


def test_by_default_required_fields_are_told_only(start: StartSandbox) -> None:
    seed = seeded()
    seed["custom_fields"][1]["required_statuses"] = [{"status_id": 61004, "pipeline_id": 9001}]
    _, rest = start(seed)
    assert rest.move(70001, 61004)["id"] == 70001


def test_v2_lock_refuses_an_update_time_that_is_not_newer(start: StartSandbox) -> None:
    sandbox, rest = start(v2_lock=True)
    sandbox.control.freeze()
    now = rest.lead(70001)["updated_at"]
    assert rest.refused("PATCH", "leads/70001", {"price": 1, "updated_at": now})[2] == "updated_at"
    rest.patch("leads/70001", {"price": 1, "updated_at": now + 1})
    assert rest.lead(70001)["updated_at"] == now + 1


def test_without_the_lock_the_last_write_wins(rest: Rest) -> None:
    rest.patch("leads/70001", {"price": 1, "updated_at": 1700000000})
    assert (rest.lead(70001)["price"], rest.lead(70001)["updated_at"]) == (1, 1700000000)


def test_people_rename_sort_and_delete_stages(rest: Rest, sandbox: RunningSandbox) -> None:
    stage = {"pipeline_id": 9001, "status_id": 61002}
    sandbox.control.human({"act": "rename_stage", **stage, "name": "Ждём деньги"})
    sandbox.control.human({"act": "sort_stage", **stage, "sort": 500})
    stages = items(rest.get("leads/pipelines/9001/statuses"))
    assert [s["id"] for s in stages].index(61002) == 6
    assert rest.get("leads/pipelines/9001/statuses/61002")["name"] == "Ждём деньги"
    sandbox.control.human({"act": "remove_stage", **stage})
    assert rest.get("leads/pipelines/9001/statuses/61002") is None
    assert [rest.lead(n)["status_id"] for n in (70001, 70002)] == [61001, 61001]


def test_leads_of_a_deleted_stage_may_stay_where_they_were(start: StartSandbox) -> None:
    sandbox, rest = start(removed_stage_leads="keep")
    sandbox.control.human({"act": "remove_stage", "pipeline_id": 9001, "status_id": 61002})
    assert rest.lead(70001)["status_id"] == 61002
