"""Addresses, encodings, authorisation and the order of checks."""

import httpx
import pytest

from connectors.bitrix24.sandbox.testing import RunningSandbox

from .conftest import StartSandbox
from .rest import Rest


def test_method_name_ignores_case_and_takes_a_json_suffix(rest: Rest) -> None:
    assert rest.result("CRM.Item.List.json", entityTypeId=2)["items"]


def test_double_slashes_are_collapsed(sandbox: RunningSandbox) -> None:
    url = sandbox.webhook_url.replace("/rest/", "/rest//")
    assert httpx.post(url + "/server.time", trust_env=False, verify=False).status_code == 200


def test_get_query_form_and_json_bodies_give_the_same_answer(sandbox: RunningSandbox) -> None:
    url = sandbox.webhook_url + "crm.item.list"
    flat = {"entityTypeId": "2", "filter[@id][0]": "9041", "filter[@id][1]": "9042", "select[]": "id"}
    nested = {"entityTypeId": 2, "filter": {"@id": [9041, 9042]}, "select": ["id"]}
    replies = [
        httpx.get(url, params=flat, trust_env=False, verify=False),
        httpx.post(url, data=flat, trust_env=False, verify=False),
        httpx.post(url, files={name: (None, value) for name, value in flat.items()}, trust_env=False, verify=False),
        httpx.post(url, json=nested, trust_env=False, verify=False),
    ]
    ids = [[item["id"] for item in reply.json()["result"]["items"]] for reply in replies]
    assert ids == [[9041, 9042]] * 4


def test_body_wins_over_the_query(sandbox: RunningSandbox) -> None:
    url = sandbox.webhook_url + "crm.item.get?entityTypeId=2&id=9041"
    assert httpx.post(url, json={"id": 9042}, trust_env=False, verify=False).json()["result"]["item"]["id"] == 9042


def test_json_that_does_not_parse_counts_as_an_empty_body(sandbox: RunningSandbox) -> None:
    headers = {"content-type": "application/json"}
    reply = httpx.post(
        sandbox.webhook_url + "crm.item.get", content=b"{oops", headers=headers, trust_env=False, verify=False
    )
    assert (reply.status_code, reply.json()["error"]) == (400, 100)


def test_replies_are_utf8_json_with_a_time_block(rest: Rest) -> None:
    response = rest.send("server.time")
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    time = response.json()["time"]
    assert time["date_start"].endswith("+03:00")
    assert time["operating_reset_at"] > time["start"]


def test_wrong_code_is_401_no_auth_found(sandbox: RunningSandbox) -> None:
    wrong = Rest(f"{sandbox.url}/rest/1/wrongcode/")
    assert wrong.error("server.time") == (401, "NO_AUTH_FOUND")
    wrong.close()


def test_a_method_is_looked_up_before_the_code_is_checked(sandbox: RunningSandbox) -> None:
    wrong = Rest(f"{sandbox.url}/rest/1/wrongcode/")
    assert wrong.error("no.such.method") == (404, "ERROR_METHOD_NOT_FOUND")
    wrong.close()


def test_expired_webhook_is_401_and_a_missing_scope_403(start: StartSandbox) -> None:
    webhooks = [
        {"user_id": 1, "code": "narrow", "scopes": ["user"]},
        {"user_id": 1, "code": "old", "expires_at": "2020-01-01T00:00:00Z"},
    ]
    sandbox, rest = start({"webhooks": webhooks})
    assert rest.error("crm.item.list", entityTypeId=2) == (403, "insufficient_scope")
    old = Rest(f"{sandbox.url}/rest/1/old/")
    assert old.error("crm.item.list", entityTypeId=2) == (401, "NO_AUTH_FOUND")
    old.close()


def test_application_methods_are_refused_to_a_webhook(rest: Rest) -> None:
    assert rest.error("event.bind", event="ONCRMDEALUPDATE") == (403, "WRONG_AUTH_TYPE")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"require_https": True}, (400, "INVALID_REQUEST")), ({"plan": "no_rest"}, (403, "ACCESS_DENIED"))],
)
def test_portal_switches_refuse_every_call(
    start: StartSandbox, settings: dict[str, object], expected: tuple[int, str]
) -> None:
    _, rest = start({"settings": settings})
    assert rest.error("server.time") == expected


def test_a_proxy_that_ended_tls_satisfies_the_https_switch(start: StartSandbox) -> None:
    sandbox, _ = start({"settings": {"require_https": True}})
    headers = {"x-forwarded-proto": "https"}
    reply = httpx.post(sandbox.webhook_url + "server.time", headers=headers, trust_env=False, verify=False)
    assert reply.status_code == 200


def test_discovery_tells_methods_scopes_and_features(rest: Rest) -> None:
    assert "crm.item.update" in rest.result("methods")
    assert rest.result("method.get", name="crm.item.get") == {"isExisting": True, "isAvailable": True}
    assert rest.result("method.get", name="no.such") == {"isExisting": False, "isAvailable": False}
    assert "crm" in rest.result("scope")
    assert rest.result("feature.get", CODE="rest_offline_extended") == {"value": "N"}


def test_profile_and_users_name_the_acting_user(rest: Rest) -> None:
    assert rest.result("profile")["ID"] == "1"
    assert rest.result("user.current")["ID"] == "1"
    assert [user["ID"] for user in rest.result("user.get", FILTER={"ID": 17})] == ["17"]
