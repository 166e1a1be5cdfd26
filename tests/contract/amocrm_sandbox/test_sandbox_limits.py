"""Seven requests a second, the cap of the account, the block that repeated violations bring."""

from typing import Any

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox

from .conftest import StartSandbox
from .rest import Rest


def fill(rest: Rest, count: int) -> list[int]:
    return [rest.send("GET", "account").status_code for _ in range(count)]


def frozen(start: StartSandbox, **limit: Any) -> tuple[RunningSandbox, Rest]:
    sandbox, rest = start(rate_limit=limit)
    sandbox.control.freeze()
    return sandbox, rest


def test_the_eighth_request_of_a_second_is_429_with_retry_after_in_the_body(start: StartSandbox) -> None:
    sandbox, rest = frozen(start)
    assert fill(rest, 7) == [200] * 7
    refused = rest.send("GET", "account")
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.json()["retry_after"], refused.json()["status"]) == (300, 429)
    assert "retry-after" not in refused.headers
    sandbox.control.advance(1)
    assert fill(rest, 1) == [200]


def test_a_429_may_be_a_page_of_the_web_server(start: StartSandbox) -> None:
    _, rest = frozen(start, per_second=1, answer="html")
    fill(rest, 1)
    refused = rest.send("GET", "account")
    assert (refused.status_code, "nginx" in refused.text) == (429, True)
    assert refused.headers["content-type"].startswith("text/html")


def test_the_window_slides(start: StartSandbox) -> None:
    sandbox, rest = frozen(start, per_second=2)
    fill(rest, 1)
    sandbox.control.advance(0.6)
    assert fill(rest, 2) == [200, 429]
    sandbox.control.advance(0.5)
    assert fill(rest, 2) == [200, 429]


@pytest.mark.parametrize(("counted_by", "status"), [("account", 429), ("ip", 429), ("token", 200)])
def test_who_is_counted_is_a_switch(start: StartSandbox, counted_by: str, status: int) -> None:
    sandbox, rest = frozen(start, per_second=3, counted_by=counted_by)
    assert fill(rest, 3) == [200] * 3
    other = Rest(sandbox.url, sandbox.tokens[1])
    assert fill(other, 1) == [status]
    other.close()


def test_other_integrations_may_have_eaten_the_cap_of_the_account(start: StartSandbox) -> None:
    _, rest = frozen(start, foreign_per_second=49)
    assert fill(rest, 2) == [200, 429]


def test_violations_in_several_seconds_bring_403_on_everything_until_support_lifts_it(start: StartSandbox) -> None:
    sandbox, rest = frozen(start, per_second=1, block_after=3)
    for _ in range(3):
        fill(rest, 3)
        sandbox.control.advance(1)
    blocked = rest.send("GET", "leads")
    assert (blocked.status_code, "nginx" in blocked.text) == (403, True)
    assert rest.send("POST", "/oauth2/access_token", {}).status_code == 403
    sandbox.control.advance(86400)
    assert fill(rest, 1) == [403]
    assert sandbox.control.state()["blocked"] is True
    sandbox.control.unblock()
    assert fill(rest, 1) == [200]


def test_violations_long_ago_are_forgotten(start: StartSandbox) -> None:
    sandbox, rest = frozen(start, per_second=1, block_after=2)
    for _ in range(3):
        fill(rest, 2)
        sandbox.control.advance(301)
    assert fill(rest, 1) == [200]


def test_a_write_over_the_limit_is_logged_as_not_applied(start: StartSandbox) -> None:
    sandbox, rest = frozen(start, per_second=1)
    fill(rest, 1)
    rest.send("PATCH", "leads", [{"id": 70001, "price": 1}, {"id": 70002, "price": 1}])
    calls = sandbox.control.write_log.calls()
    assert [(call.entity_id, call.applied, call.error) for call in calls] == [
        (70001, False, "429"),
        (70002, False, "429"),
    ]


def test_control_calls_are_outside_the_limit(start: StartSandbox) -> None:
    sandbox, rest = frozen(start, per_second=1)
    fill(rest, 2)
    assert rest.send("GET", sandbox.control_url + "state").json()["statuses"] == {"200": 1, "429": 1}
