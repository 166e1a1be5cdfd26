"""The batch method: order, halt, caps, references, PHP's encoding of maps."""

from typing import Any

from connectors.bitrix24.sandbox.testing import RunningSandbox

from .rest import Rest

GET = "crm.item.get?entityTypeId=2&id=9041"


def batch(rest: Rest, cmd: Any, **more: Any) -> dict[str, Any]:
    outer = rest.call("batch", cmd=cmd, **more)
    assert "operating" not in outer["time"]
    result: dict[str, Any] = outer["result"]
    return result


def test_commands_run_in_turn_and_keep_their_keys(rest: Rest) -> None:
    move = "crm.item.update?entityTypeId=2&id=9041&fields[stageId]=C4%3AEXECUTING&__order=1&"
    reply = batch(rest, {"move": move, "list": "crm.item.list?entityTypeId=2&select[]=id", "get": GET})
    assert reply["result"]["get"]["item"]["stageId"] == "C4:EXECUTING"
    assert reply["result_total"] == {"list": 3}
    assert reply["result_error"] == []
    assert reply["result_next"] == []
    assert set(reply["result_time"]) == {"move", "list", "get"}
    assert reply["result_time"]["move"]["operating"] == 0.53


def test_a_failed_command_lands_in_result_error_and_the_rest_runs(rest: Rest) -> None:
    reply = batch(rest, {"bad": "crm.item.get?entityTypeId=2&id=1", "none": "no.such", "good": GET})
    assert {key: error["error"] for key, error in reply["result_error"].items()} == {
        "bad": "NOT_FOUND",
        "none": "ERROR_METHOD_NOT_FOUND",
    }
    assert set(reply["result"]) == set(reply["result_time"]) == {"good"}


def test_halt_stops_at_the_first_failure(rest: Rest) -> None:
    reply = batch(rest, {"a": GET, "b": "no.such", "c": GET}, halt=1)
    assert set(reply["result"]) == {"a"}
    assert set(reply["result_error"]) == {"b"}


def test_commands_beyond_fifty_are_refused_one_by_one(rest: Rest) -> None:
    reply = batch(rest, {f"k{n}": "server.time" for n in range(52)})
    assert len(reply["result"]) == 50
    assert reply["result_error"]["k50"]["error"] == "ERROR_BATCH_LENGTH_EXCEEDED"
    assert set(reply["result_error"]) == {"k50", "k51"}


def test_a_batch_in_a_batch_is_not_allowed(rest: Rest) -> None:
    reply = batch(rest, {"inner": "batch?cmd[a]=server.time"})
    assert reply["result_error"]["inner"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


def test_numeric_keys_follow_the_php_list_rule(rest: Rest) -> None:
    reply = batch(rest, ["server.time", "no.such", "server.time"])
    assert set(reply["result"]) == {"0", "2"}
    assert set(reply["result_error"]) == {"1"}
    whole = batch(rest, {"0": "server.time", "1": "server.time"})
    assert isinstance(whole["result"], list)


def test_entries_that_are_not_text_are_skipped(rest: Rest) -> None:
    assert set(batch(rest, {"a": "server.time", "b": {"method": "server.time"}})["result"]) == {"a"}


def test_a_reference_takes_a_value_of_an_earlier_command(rest: Rest) -> None:
    cmd = {
        "first": "crm.item.list?entityTypeId=2&filter[categoryId]=4",
        "second": "crm.item.get?entityTypeId=2&id=$RESULT[first][items][0][id]",
        "third": "crm.item.list?entityTypeId=2&filter[>id]=$result[first][items][0][id]",
    }
    reply = batch(rest, cmd)
    assert reply["result"]["second"]["item"]["id"] == 9041
    assert [item["id"] for item in reply["result"]["third"]["items"]] == [9042, 9043]


def test_a_reference_that_ends_early_gives_what_it_reached(rest: Rest) -> None:
    cmd = {
        "list": "crm.item.list?entityTypeId=2&filter[id]=1",
        "next": "crm.item.list?entityTypeId=2&filter[>id]=$result[list][items][49][id]",
        "text": "crm.item.update?entityTypeId=2&id=9041&fields[title]=was $result[list] end",
    }
    reply = batch(rest, cmd)
    assert reply["result_error"] == []
    assert reply["result"]["text"]["item"]["title"] == "was Array end"


def test_write_calls_of_a_batch_are_logged_under_one_request(rest: Rest, sandbox: RunningSandbox) -> None:
    cmd = {f"m{n}": f"crm.item.update?entityTypeId=2&id={n}&fields[title]=x" for n in (9041, 9042)}
    batch(rest, cmd)
    calls = sandbox.control.write_log.calls("crm.item.update")
    assert [call.entity_id for call in calls] == [9041, 9042]
    assert len({call.request_id for call in calls}) == 1
