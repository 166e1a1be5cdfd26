"""The leaky bucket, the run-time budget, the 60-second cut."""

from typing import Any

import pytest

from .conftest import StartSandbox
from .rest import Rest


def fill(rest: Rest, count: int) -> list[int]:
    return [rest.send("server.time").status_code for _ in range(count)]


@pytest.mark.parametrize(("plan", "burst", "drain"), [("standard", 50, 2), ("enterprise", 250, 5)])
def test_the_bucket_blocks_above_the_burst_and_drains_each_second(
    start: StartSandbox, plan: str, burst: int, drain: int
) -> None:
    sandbox, rest = start({"settings": {"plan": plan}})
    sandbox.control.freeze()
    assert fill(rest, burst) == [200] * burst
    refused = rest.send("server.time")
    assert (refused.status_code, refused.json()["error"]) == (503, "QUERY_LIMIT_EXCEEDED")
    assert "time" not in refused.json()
    assert "retry-after" not in refused.headers
    sandbox.control.advance(1)
    assert fill(rest, drain + 1) == [200] * drain + [503]


def test_a_batch_is_one_request_and_unknown_methods_count_too(start: StartSandbox) -> None:
    sandbox, rest = start({"settings": {"rate_limit": {"block_above": 3, "drain_per_s": 1}}})
    sandbox.control.freeze()
    rest.call("batch", cmd={f"k{n}": "server.time" for n in range(50)})
    rest.send("no.such")
    assert fill(rest, 2) == [200, 503]


def test_the_bucket_can_be_switched_off(start: StartSandbox) -> None:
    _, rest = start({"settings": {"rate_limit": {"enabled": False}}})
    assert fill(rest, 60) == [200] * 60


def test_control_calls_are_outside_the_limits(start: StartSandbox) -> None:
    sandbox, rest = start({"settings": {"rate_limit": {"block_above": 1, "drain_per_s": 1}}})
    sandbox.control.freeze()
    assert fill(rest, 2) == [200, 503]
    assert rest._client.get(sandbox.control_url + "state").json()["statuses"] == {"200": 1, "503": 1}


def budget(**operating: Any) -> dict[str, Any]:
    costs = {"crm.item.update": 1.0, "server.time": 0.1, "user.*": 1.0}
    operating = {"limit_s": 2.5, "cost_s": costs, **operating}
    return {
        "settings": {"rate_limit": {"enabled": False}, "operating": operating},
        "deals": [{"id": n, "title": "Сделка"} for n in range(1, 61)],
    }


def rename(rest: Rest, text: str) -> Any:
    return rest.send("crm.item.update", {"entityTypeId": 2, "id": 1, "fields": {"title": text}})


def test_a_method_is_blocked_once_its_sum_exceeds_the_limit(start: StartSandbox) -> None:
    sandbox, rest = start(budget())
    sandbox.control.freeze()
    times = [rename(rest, f"t{n}").json()["time"] for n in range(3)]
    assert [time["operating"] for time in times] == [1, 2, 3]
    blocked = rename(rest, "t4")
    assert (blocked.status_code, blocked.json()["error"]) == (429, "OPERATION_TIME_LIMIT")
    assert "time" not in blocked.json()
    assert rest.send("crm.item.get", {"entityTypeId": 2, "id": 1}).status_code == 200
    assert sandbox.control.write_log.calls()[-1].error == "OPERATION_TIME_LIMIT"


def test_only_the_oldest_basket_is_dropped_at_reset(start: StartSandbox) -> None:
    sandbox, rest = start(budget())
    sandbox.control.freeze()
    first = rename(rest, "a").json()["time"]
    sandbox.control.advance(120)
    rename(rest, "b")
    rename(rest, "c")
    assert rename(rest, "d").status_code == 429
    sandbox.control.advance(480)
    assert sandbox.control.portal.clock.timestamp() >= first["operating_reset_at"]
    after = rename(rest, "e").json()["time"]
    assert after["operating"] == 3
    assert after["operating_reset_at"] == first["operating_reset_at"] + 120


def test_a_tenth_of_a_second_is_free(start: StartSandbox) -> None:
    _, rest = start(budget(limit_s=0.05))
    assert [rest.call("server.time")["time"]["operating"] for _ in range(3)] == [0, 0, 0]


def test_credentials_have_budgets_of_their_own(start: StartSandbox) -> None:
    seed = {**budget(limit_s=0.5), "webhooks": [{"user_id": 1, "code": "one"}, {"user_id": 1, "code": "two"}]}
    sandbox, one = start(seed)
    two = Rest(f"{sandbox.url}/rest/1/two/")
    assert [rename(one, "a").status_code, rename(one, "b").status_code] == [200, 429]
    assert rename(two, "c").status_code == 200
    two.close()


def updates(count: int) -> dict[str, str]:
    return {f"k{n}": f"crm.item.update?entityTypeId=2&id={n}&fields[title]=x{n}" for n in range(1, count + 1)}


def test_nested_accounting_blocks_commands_inside_the_batch(start: StartSandbox) -> None:
    _, rest = start(budget())
    reply = rest.call("batch", cmd=updates(5))
    assert set(reply["result"]["result"]) == {"k1", "k2", "k3"}
    codes = {error["error"] for error in reply["result"]["result_error"].values()}
    assert codes == {"OPERATION_TIME_LIMIT"}
    assert "operating" not in reply["time"]


def test_batch_accounting_bills_the_batch_and_not_its_commands(start: StartSandbox) -> None:
    _, rest = start(budget(batch_accounting="batch"))
    first = rest.call("batch", cmd=updates(5))
    assert first["time"]["operating"] == 5
    assert "operating" not in first["result"]["result_time"]["k1"]
    assert rest.error("batch", cmd=updates(1)) == (429, "OPERATION_TIME_LIMIT")
    assert rename(rest, "alone").status_code == 200


def test_the_limiter_off_tells_no_operating(start: StartSandbox) -> None:
    _, rest = start(budget(enabled=False))
    assert "operating" not in rename(rest, "a").json()["time"]


def test_a_request_of_more_than_a_minute_is_cut_after_what_fitted(start: StartSandbox) -> None:
    seed = budget(limit_s=480, cost_s={"crm.item.update": 1.35})
    sandbox, rest = start(seed)
    response = rest.send("batch", {"cmd": updates(50)})
    assert response.status_code == 504
    assert response.headers["content-type"].startswith("text/html")
    assert len(sandbox.control.write_log.effects()) == 44
    assert sandbox.control.deal(44)["title"] == "x44"
    assert sandbox.control.deal(45)["title"] == "Сделка"
    assert sandbox.control.write_log.calls()[-1].error == "504"


def test_costs_can_be_slept_for_real(start: StartSandbox) -> None:
    seed = budget(cost_s={"server.time": 0.2})
    seed["settings"]["sleep_costs"] = True
    _, rest = start(seed)
    assert rest.send("server.time").elapsed.total_seconds() >= 0.2
