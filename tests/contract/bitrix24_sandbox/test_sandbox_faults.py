"""Faults on demand: refusals, lost, half, late, slow and endless replies, people meanwhile."""

import gzip
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox

from .rest import Rest

MOVE = {"entityTypeId": 2, "id": 9041, "fields": {"stageId": "C4:EXECUTING"}}
OLD, NEW = "C4:PREPAYMENT_INVOICE", "C4:EXECUTING"


def arm(sandbox: RunningSandbox, action: dict[str, Any], **rule: Any) -> None:
    match = rule.pop("match", {"method": "crm.item.update"})
    sandbox.control.add_faults({"match": match, "action": action, **rule})


def stage(sandbox: RunningSandbox) -> object:
    return sandbox.control.deal(9041)["stageId"]


@pytest.mark.parametrize("status", [200, 401, 403, 429, 500, 503])
@pytest.mark.parametrize("applied", [False, True])
def test_a_refusal_has_its_status_and_may_follow_the_write(
    rest: Rest, sandbox: RunningSandbox, status: int, applied: bool
) -> None:
    arm(sandbox, {"kind": "refuse", "status": status, "code": "SOME_CODE", "applied": applied})
    response = rest.send("crm.item.update", MOVE)
    assert (response.status_code, response.json()["error"]) == (status, "SOME_CODE")
    assert stage(sandbox) == (NEW if applied else OLD)
    call = sandbox.control.write_log.calls()[0]
    assert (call.applied, call.error) == (applied, "SOME_CODE")
    assert rest.move(9041, NEW)["stageId"] == NEW


def test_a_refusal_may_carry_retry_after(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "refuse", "status": 429, "headers": {"Retry-After": "30"}})
    assert rest.send("crm.item.update", MOVE).headers["retry-after"] == "30"


def test_a_refused_command_of_a_batch_lands_in_result_error(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "refuse", "code": "INTERNAL_SERVER_ERROR"}, match={"method": "*update", "entity_id": 9042})
    cmd = {f"k{n}": f"crm.item.update?entityTypeId=2&id={n}&fields[title]=x" for n in (9041, 9042)}
    reply = rest.result("batch", cmd=cmd)
    assert set(reply["result"]) == {"k9041"}
    assert reply["result_error"]["k9042"]["error"] == "INTERNAL_SERVER_ERROR"


def test_a_redirect_names_the_new_address_and_applies_nothing(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "redirect", "location": "http://127.0.0.1:9{path}"})
    response = rest.send("crm.item.update", MOVE)
    assert response.status_code == 302
    assert response.headers["location"] == "http://127.0.0.1:9/rest/1/sandboxsecret/crm.item.update"
    assert stage(sandbox) == OLD


@pytest.mark.parametrize(("status", "applied"), [(200, False), (502, False), (504, True)])
def test_an_html_page_stands_where_json_should(rest: Rest, sandbox: RunningSandbox, status: int, applied: bool) -> None:
    arm(sandbox, {"kind": "html", "status": status, "applied": applied})
    response = rest.send("crm.item.update", MOVE)
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert stage(sandbox) == (NEW if applied else OLD)


@pytest.mark.parametrize("applied", [False, True])
def test_a_lost_reply_drops_the_connection_before_or_after_the_write(
    rest: Rest, sandbox: RunningSandbox, applied: bool
) -> None:
    arm(sandbox, {"kind": "lose_reply", "applied": applied})
    with pytest.raises(httpx.TransportError):
        rest.send("crm.item.update", MOVE)
    assert stage(sandbox) == (NEW if applied else OLD)
    assert sandbox.control.requests[-1].status == 0
    call = sandbox.control.write_log.calls()[0]
    assert (call.applied, call.error) == (applied, None if applied else "lost")


def raw_reply(sandbox: RunningSandbox, method: str) -> bytes:
    address = urlsplit(sandbox.webhook_url)
    assert address.port is not None
    request = f"GET {address.path}{method} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", address.port), timeout=5) as sock:
        sock.sendall(request.encode())
        received = b""
        while chunk := sock.recv(65536):
            received += chunk
    return received


@pytest.mark.parametrize("content_length", [True, False])
def test_half_a_reply_stops_in_the_middle(rest: Rest, sandbox: RunningSandbox, content_length: bool) -> None:
    arm(sandbox, {"kind": "half_reply", "content_length": content_length}, times=2, match={})
    with pytest.raises(httpx.RemoteProtocolError):
        rest.send("crm.item.update", MOVE)
    assert stage(sandbox) == NEW
    head, _, body = raw_reply(sandbox, "server.time").partition(b"\r\n\r\n")
    assert (b"content-length" in head.lower()) is content_length
    assert body
    assert not body.endswith((b"}", b"0\r\n\r\n"))


@pytest.mark.parametrize("reply", ["lost", "504"])
def test_a_late_write_applies_after_its_delay(rest: Rest, sandbox: RunningSandbox, reply: str) -> None:
    arm(sandbox, {"kind": "late_apply", "after_s": 30, "reply": reply})
    if reply == "lost":
        with pytest.raises(httpx.TransportError):
            rest.send("crm.item.update", MOVE)
    else:
        assert rest.send("crm.item.update", MOVE).status_code == 504
    sandbox.control.advance(29)
    assert stage(sandbox) == OLD
    sandbox.control.advance(2)
    assert stage(sandbox) == NEW
    call, effect = sandbox.control.write_log.records()
    assert (call.kind, call.applied, call.error) == ("call", False, "late")
    assert (effect.kind, effect.source, effect.user_id) == ("effect", "late", 1)


def test_a_late_write_follows_real_time_without_help(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "late_apply", "after_s": 0.1, "reply": "504"})
    rest.send("crm.item.update", MOVE)
    assert sandbox.control.wait_timers()
    assert stage(sandbox) == NEW


def test_a_delay_comes_before_the_reply(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "delay", "seconds": 0.2})
    assert rest.send("crm.item.update", MOVE).elapsed.total_seconds() >= 0.2


def test_a_slow_drip_defeats_a_timeout_per_read(sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "slow_drip", "chunk_bytes": 40, "pause_s": 0.03}, match={"method": "server.time"})
    started = time.monotonic()
    reply = httpx.post(
        sandbox.webhook_url + "server.time", timeout=httpx.Timeout(5, read=0.2), trust_env=False, verify=False
    )
    assert reply.json()["result"]
    assert time.monotonic() - started > 0.15


def test_an_endless_body_lasts_until_the_client_leaves(sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "endless_body"}, match={"method": "server.time"})
    with httpx.stream("POST", sandbox.webhook_url + "server.time", trust_env=False, verify=False) as reply:
        received = 0
        for chunk in reply.iter_raw():
            received += len(chunk)
            if received > 500_000:
                break
    assert httpx.post(sandbox.webhook_url + "server.time", trust_env=False, verify=False).status_code == 200


def test_a_gzip_bomb_is_small_on_the_wire(sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "gzip_bomb", "megabytes": 20}, match={"method": "server.time"})
    with httpx.stream("POST", sandbox.webhook_url + "server.time", trust_env=False, verify=False) as reply:
        packed = b"".join(reply.iter_raw())
    assert reply.headers["content-encoding"] == "gzip"
    assert len(packed) < 100_000
    assert len(gzip.decompress(packed)) == 20 * 1024 * 1024


def test_rules_match_by_call_number_record_and_glob(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "refuse"}, match={"method": "crm.item.*", "entity_id": 9042, "nth": 2})
    statuses = [
        rest.send("crm.item.get", {"entityTypeId": 2, "id": number}).status_code
        for number in (9042, 9041, 9041, 9042, 9042)
    ]
    assert statuses == [200, 200, 200, 503, 200]


def test_a_rule_fires_as_often_as_it_says(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "refuse"}, match={"method": "server.time"}, times=3, name="busy")
    assert [rest.send("server.time").status_code for _ in range(4)] == [503, 503, 503, 200]
    assert sandbox.control.portal.faults.fired() == {"busy": 3}
    sandbox.control.clear_faults()
    arm(sandbox, {"kind": "refuse"}, match={"method": "server.time"}, times=None)
    assert [rest.send("server.time").status_code for _ in range(4)] == [503] * 4


def test_chances_are_repeatable(rest: Rest, sandbox: RunningSandbox) -> None:
    def run() -> list[int]:
        with_seed = {"kind": "refuse", "status": 500}
        sandbox.control.reset()
        sandbox.control.portal.faults.reseed(7)
        arm(sandbox, with_seed, match={"method": "server.time", "probability": 0.5}, times=None)
        return [rest.send("server.time").status_code for _ in range(20)]

    first = run()
    assert set(first) == {200, 500}
    assert run() == first


def test_a_refused_batch_may_have_run(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(
        sandbox,
        {"kind": "refuse", "status": 500, "code": "ERROR_UNEXPECTED_ANSWER", "applied": True},
        match={"method": "batch"},
    )
    cmd = {"k": "crm.item.update?entityTypeId=2&id=9041&fields[stageId]=C4:EXECUTING"}
    assert rest.error("batch", cmd=cmd) == (500, "ERROR_UNEXPECTED_ANSWER")
    assert stage(sandbox) == NEW
    arm(sandbox, {"kind": "refuse"}, match={"method": "batch"})
    assert rest.error("batch", cmd={"k": cmd["k"].replace("EXECUTING", "WON")}) == (503, "QUERY_LIMIT_EXCEEDED")
    assert stage(sandbox) == NEW
    assert sandbox.control.write_log.calls()[-1].error == "QUERY_LIMIT_EXCEEDED"


def test_a_transport_fault_finds_its_command_inside_a_batch(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, {"kind": "lose_reply", "applied": False}, match={"method": "crm.item.update", "entity_id": 9041})
    cmd = {"k": "crm.item.update?entityTypeId=2&id=9041&fields[stageId]=C4:EXECUTING"}
    with pytest.raises(httpx.TransportError):
        rest.send("batch", {"cmd": cmd})
    assert stage(sandbox) == OLD


def human(do: dict[str, Any], timing: str = "before") -> dict[str, Any]:
    return {"kind": "human", "timing": timing, "do": do}


def test_a_person_moves_the_deal_between_our_read_and_our_write(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(
        sandbox,
        human({"act": "move", "stage_id": "C4:FINAL_INVOICE", "user_id": 17}, "after"),
        match={"method": "crm.item.get", "entity_id": 9041},
    )
    assert rest.deal(9041)["stageId"] == OLD
    assert (rest.deal(9041)["stageId"], rest.deal(9041)["movedBy"]) == ("C4:FINAL_INVOICE", 17)
    effect = sandbox.control.write_log.effects()[0]
    assert (effect.source, effect.user_id, effect.method) == ("control", 17, "human.move")


def test_a_person_loses_deletes_or_moves_to_another_funnel(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, human({"act": "lose", "user_id": 17}))
    assert (
        rest.result("crm.item.update", entityTypeId=2, id=9041, fields={"title": "x"})["item"]["stageId"] == "C4:LOSE"
    )
    arm(sandbox, human({"act": "move", "stage_id": "WON"}))
    refused = rest.error("crm.item.update", **MOVE)
    assert refused == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
    arm(sandbox, human({"act": "delete"}))
    assert rest.error("crm.item.update", **MOVE) == (400, "NOT_FOUND")


def test_a_person_acts_before_a_command_of_a_batch(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, human({"act": "lose", "user_id": 17}), match={"entity_id": 9041})
    reply = rest.result("batch", cmd={"a": "server.time", "b": "crm.item.get?entityTypeId=2&id=9041"})
    assert reply["result"]["b"]["item"]["stageId"] == "C4:LOSE"


def test_an_impossible_act_is_named_as_the_script_s_mistake(rest: Rest, sandbox: RunningSandbox) -> None:
    arm(sandbox, human({"act": "move", "stage_id": "NO_SUCH"}))
    assert rest.error("crm.item.update", **MOVE) == (500, "SANDBOX_FAULT_SCRIPT")


def test_a_person_renames_and_removes_stages(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.human({"act": "rename_stage", "stage_id": NEW, "name": "Отгрузка"})
    rows = rest.result("crm.status.list", filter={"ENTITY_ID": "DEAL_STAGE_4"})
    assert "Отгрузка" in [row["NAME"] for row in rows]
    sandbox.control.human({"act": "remove_stage", "stage_id": NEW})
    assert rest.error("crm.item.update", **MOVE) == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")


def test_a_person_edits_a_company(rest: Rest, sandbox: RunningSandbox) -> None:
    deed = {"act": "edit", "entity_type_id": 4, "id": 512, "fields": {"title": "ООО «Новый вектор»"}}
    sandbox.control.human(deed)
    assert rest.result("crm.item.get", entityTypeId=4, id=512)["item"]["title"] == "ООО «Новый вектор»"
