"""Faults on demand: refusals, lost, half and late replies, heavy batches, people meanwhile."""

from typing import Any

import httpx
import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox

from .conftest import StartSandbox
from .rest import Rest

MOVE = {"status_id": 61003}
OLD, NEW = 61002, 61003


def arm(sandbox: RunningSandbox, action: dict[str, Any], **rule: Any) -> None:
    match = rule.pop("match", {"method": "PATCH /api/v4/leads*"})
    sandbox.control.add_faults({"match": match, "action": action, **rule})


def stage(sandbox: RunningSandbox, lead_id: int = 70001) -> object:
    return sandbox.control.lead(lead_id)["status_id"]


@pytest.mark.parametrize("applied", [False, True])
def test_a_refusal_has_its_status_and_may_follow_the_write(rest: Rest, sandbox: RunningSandbox, applied: bool) -> None:
    arm(sandbox, {"kind": "refuse", "status": 500, "extra": {"trace_id": "t1"}, "applied": applied})
    response = rest.send("PATCH", "leads/70001", MOVE)
    assert response.status_code == 500
    assert (response.json()["title"], response.json()["trace_id"]) == ("ErrInternalServer", "t1")
    assert stage(sandbox) == (NEW if applied else OLD)
    call = sandbox.control.write_log.calls()[0]
    assert (call.applied, call.error) == (applied, "500")
    rest.move(70001, NEW)


def test_a_rule_finds_any_record_of_a_batch(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "refuse"}, match={"method": "PATCH *", "entity_id": 70002})
    assert rest.send("PATCH", "leads", [{"id": 70001, "price": 1}]).status_code == 200
    assert rest.send("PATCH", "leads", [{"id": 70001, "price": 2}, {"id": 70002, "price": 2}]).status_code == 500
    assert sandbox.control.lead(70001)["price"] == 1


def test_the_nth_call_counts_requests_not_records(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "refuse"}, match={"method": "PATCH *", "nth": 2})
    body = [{"id": 70001, "price": 1}, {"id": 70002, "price": 1}]
    assert [rest.send("PATCH", "leads", body).status_code for _ in range(3)] == [200, 500, 200]


@pytest.mark.parametrize("applied", [False, True])
def test_a_lost_reply_drops_the_connection_before_or_after_the_write(
    rest: Rest, sandbox: RunningSandbox, applied: bool
) -> None:
    arm(sandbox, {"kind": "lose_reply", "applied": applied})
    with pytest.raises(httpx.TransportError):
        rest.send("PATCH", "leads/70001", MOVE)
    assert stage(sandbox) == (NEW if applied else OLD)
    assert sandbox.control.requests[-1].status == 0
    call = sandbox.control.write_log.calls()[0]
    assert (call.applied, call.error) == (applied, None if applied else "lost")


@pytest.mark.parametrize("reply", ["lost", "504"])
def test_a_late_write_applies_after_its_delay(rest: Rest, sandbox: RunningSandbox, reply: str) -> None:
    arm(sandbox, {"kind": "late_apply", "after_s": 30, "reply": reply})
    if reply == "lost":
        with pytest.raises(httpx.TransportError):
            rest.send("PATCH", "leads/70001", MOVE)
    else:
        assert rest.send("PATCH", "leads/70001", MOVE).status_code == 504
    sandbox.control.freeze()
    sandbox.control.advance(20)
    assert stage(sandbox) == OLD
    sandbox.control.advance(11)
    assert stage(sandbox) == NEW
    assert [effect.source for effect in sandbox.control.write_log.effects()] == ["late"]
    assert [call.error for call in sandbox.control.write_log.calls()] == ["late"]


@pytest.mark.parametrize(("status", "applied"), [(502, False), (504, True)])
def test_an_html_page_stands_where_json_should(rest: Rest, sandbox: RunningSandbox, status: int, applied: bool) -> None:
    arm(sandbox, {"kind": "html", "status": status, "applied": applied})
    response = rest.send("PATCH", "leads/70001", MOVE)
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert stage(sandbox) == (NEW if applied else OLD)


def test_half_a_reply_stops_in_the_middle(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "half_reply"})
    with pytest.raises(httpx.RemoteProtocolError):
        rest.send("PATCH", "leads/70001", MOVE)
    assert stage(sandbox) == NEW


def test_a_redirect_names_the_new_address(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "redirect", "location": "http://127.0.0.1:9{path}"})
    response = rest.send("PATCH", "leads/70001?x=1", MOVE)
    assert response.headers["location"] == "http://127.0.0.1:9/api/v4/leads/70001?x=1"
    assert stage(sandbox) == OLD


@pytest.mark.parametrize("applied", [False, True])
def test_a_batch_that_is_too_heavy_is_504(start: StartSandbox, applied: bool) -> None:
    sandbox, rest = start(heavy_batch={"above": 1, "applied": applied})
    both = [{"id": 70001, **MOVE}, {"id": 70002, **MOVE}]
    assert rest.send("PATCH", "leads", both).status_code == 504
    assert stage(sandbox, 70002) == (NEW if applied else OLD)
    assert rest.send("PATCH", "leads", both[:1]).status_code == 200
    assert [call.error for call in sandbox.control.write_log.calls()][:2] == [None if applied else "504"] * 2


def test_a_person_moves_the_lead_between_read_and_write(rest: Rest, sandbox: RunningSandbox) -> None:
    deed = {"act": "move", "status_id": 61005, "user_id": 517}
    arm(sandbox, {"kind": "human", "timing": "after", "do": deed}, match={"method": "GET /api/v4/leads/70001"})
    assert rest.lead(70001)["status_id"] == OLD
    lead = rest.lead(70001)
    assert (lead["status_id"], lead["updated_by"]) == (61005, 517)
    (effect,) = sandbox.control.write_log.effects()
    assert (effect.source, effect.user_id, effect.changed) == ("control", 517, {"status_id": (OLD, 61005)})


def test_a_person_deletes_the_lead_just_before_the_write(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "human", "do": {"act": "delete"}})
    assert rest.send("PATCH", "leads/70001", MOVE).status_code == 404
    assert rest.get("leads/70001") is None
    assert rest.ids("leads", **{"with": "only_deleted"}) == [70001, 70005]


def test_people_lose_add_link_and_deactivate(rest: Rest, sandbox: RunningSandbox) -> None:
    control = sandbox.control
    control.human({"act": "lose", "id": 70001, "loss_reason_id": 5501})
    assert rest.lead(70001)["status_id"] == 143
    made = control.human({"act": "add", "entity": "lead", "fields": {"name": "Вручную"}, "user_id": 517})
    assert made is not None
    assert rest.lead(made)["created_by"] == 517
    control.human({"act": "link", "id": made, "to": "element", "to_id": 880101})
    assert [element["id"] for element in rest.lead(made)["_embedded"]["catalog_elements"]] == [880101]
    control.human({"act": "unlink", "id": made, "to": "element", "to_id": 880101})
    assert rest.lead(made)["_embedded"]["catalog_elements"] == []
    control.human({"act": "deactivate_user", "id": 517})
    assert rest.refused("PATCH", "leads/70002", {"responsible_user_id": 517})[1] == "NotSupportedChoice"


def test_people_merge_cards(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.human({"act": "merge", "entity": "company", "id": 40022, "to_id": 40021, "user_id": 517})
    assert rest.get("companies/40022") is None
    assert [company["id"] for company in rest.lead(70002)["_embedded"]["companies"]] == [40021]
    assert [event["type"] for event in sandbox.control.events()] == ["entity_merged", "company_deleted"]
    assert sandbox.control.events()[0]["entity_id"] == 40021


def test_a_script_that_cannot_be_played_is_named_apart(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "human", "do": {"act": "move", "status_id": 5}})
    response = rest.send("PATCH", "leads/70001", MOVE)
    assert (response.status_code, response.json()["title"]) == (500, "SandboxFaultScript")


def test_faults_are_counted_by_name(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "refuse"}, name="first", times=2)
    for _ in range(3):
        rest.send("PATCH", "leads/70001", MOVE)
    assert sandbox.control.state()["faults_fired"] == {"first": 2}
