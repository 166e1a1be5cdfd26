"""Tokens: long-lived, by code, refreshed, revoked; the account's address; the removal of the integration."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox

from .conftest import StartSandbox, seeded
from .receiver import Receiver
from .rest import Rest

DAY_S = 86400


def ask(sandbox: RunningSandbox, **form: Any) -> httpx.Response:
    body = {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "redirect_uri": sandbox.redirect_uri,
        **form,
    }
    return httpx.post(f"{sandbox.url}/oauth2/access_token", json=body, trust_env=False)


def first_pair(sandbox: RunningSandbox) -> dict[str, Any]:
    response = ask(sandbox, grant_type="authorization_code", code=sandbox.code)
    assert response.status_code == 200, response.text
    pair: dict[str, Any] = response.json()
    return pair


def refresh(sandbox: RunningSandbox, token: str) -> httpx.Response:
    return ask(sandbox, grant_type="refresh_token", refresh_token=token)


def status_with(sandbox: RunningSandbox, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return httpx.get(f"{sandbox.url}/api/v4/account", headers=headers, trust_env=False).status_code


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def test_a_long_lived_token_is_a_jwt_with_the_claims_clients_read(sandbox: RunningSandbox) -> None:
    found = claims(sandbox.access_token)
    assert found["account_id"] == sandbox.account_id
    assert found["api_domain"] == urlsplit(sandbox.url).netloc
    assert found["exp"] > found["iat"]
    assert status_with(sandbox, sandbox.access_token) == 200


def test_no_token_or_a_foreign_one_is_answered_401_as_problem_json(sandbox: RunningSandbox) -> None:
    response = httpx.get(f"{sandbox.url}/api/v4/leads", trust_env=False)
    assert (response.status_code, response.headers["content-type"]) == (401, "application/problem+json")
    assert response.json() == {
        "title": "Unauthorized",
        "type": "https://httpstatus.es/401",
        "status": 401,
        "detail": "Неверный логин или пароль",
    }
    assert response.headers["x-request-id"]
    assert status_with(sandbox, "abc") == 401


def test_a_long_lived_token_ends_on_its_date(start: StartSandbox) -> None:
    seed = seeded()
    seed["long_lived_tokens"] = [{"user_id": 501, "life_days": 1}]
    sandbox, _ = start(seed)
    sandbox.control.freeze()
    sandbox.control.advance(DAY_S + 1)
    assert status_with(sandbox, sandbox.access_token) == 401


def test_a_code_is_exchanged_once_within_twenty_minutes(sandbox: RunningSandbox) -> None:
    pair = first_pair(sandbox)
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", DAY_S)
    assert status_with(sandbox, pair["access_token"]) == 200
    assert ask(sandbox, grant_type="authorization_code", code=sandbox.code).status_code == 400
    late = sandbox.control.new_code()
    sandbox.control.advance(20 * 60 + 1)
    assert ask(sandbox, grant_type="authorization_code", code=late).status_code == 400


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"client_id": "other"}, 400),
        ({"client_secret": "other"}, 401),
        ({"redirect_uri": "http://other"}, 400),
        ({"grant_type": "password"}, 400),
    ],
)
def test_a_wrong_form_is_refused_with_a_hint(sandbox: RunningSandbox, form: dict[str, str], status: int) -> None:
    response = ask(sandbox, **{"grant_type": "authorization_code", "code": sandbox.code, **form})
    assert response.status_code == status
    assert response.json()["hint"]


def test_an_access_token_lives_a_day_and_a_refresh_token_three_months(sandbox: RunningSandbox) -> None:
    pair = first_pair(sandbox)
    sandbox.control.freeze()
    sandbox.control.advance(DAY_S)
    assert status_with(sandbox, pair["access_token"]) == 401
    sandbox.control.advance(88 * DAY_S)
    renewed = refresh(sandbox, pair["refresh_token"]).json()
    assert status_with(sandbox, renewed["access_token"]) == 200
    sandbox.control.advance(90 * DAY_S)
    assert refresh(sandbox, renewed["refresh_token"]).status_code == 401


def test_after_a_lost_answer_the_old_refresh_token_works_until_the_new_pair_is_used(sandbox: RunningSandbox) -> None:
    pair = first_pair(sandbox)
    assert refresh(sandbox, pair["refresh_token"]).status_code == 200
    second = refresh(sandbox, pair["refresh_token"])
    assert second.status_code == 200
    assert status_with(sandbox, second.json()["access_token"]) == 200
    spent = refresh(sandbox, pair["refresh_token"])
    assert spent.status_code == 401
    assert spent.json()["hint"] == "Token has been revoked"
    assert spent.json()["title"] == "Некорректный запрос"
    assert spent.json()["type"] == "https://developers.amocrm.ru/v3/errors/OAuthProblemJson"


def test_using_the_new_refresh_token_ends_the_old_one_too(sandbox: RunningSandbox) -> None:
    pair = first_pair(sandbox)
    second = refresh(sandbox, pair["refresh_token"]).json()
    assert refresh(sandbox, second["refresh_token"]).status_code == 200
    assert refresh(sandbox, pair["refresh_token"]).status_code == 401


def test_strict_grace_spends_a_refresh_token_at_once(start: StartSandbox) -> None:
    sandbox, _ = start(oauth={"refresh_grace": "strict"})
    pair = first_pair(sandbox)
    assert [refresh(sandbox, pair["refresh_token"]).status_code for _ in range(2)] == [200, 401]


def test_a_refresh_whose_answer_is_lost_has_happened(start: StartSandbox) -> None:
    sandbox, _ = start(oauth={"refresh_grace": "strict"})
    pair = first_pair(sandbox)
    rule = {"match": {"method": "POST /oauth2/*"}, "action": {"kind": "lose_reply", "applied": True}}
    sandbox.control.add_faults(rule)
    with pytest.raises(httpx.RemoteProtocolError):
        refresh(sandbox, pair["refresh_token"])
    assert refresh(sandbox, pair["refresh_token"]).status_code == 401


def test_a_token_acts_as_its_user_and_an_admin_as_another(sandbox: RunningSandbox, rest: Rest) -> None:
    seller = Rest(sandbox.url, sandbox.tokens[1])
    assert rest.get("account")["current_user_id"] == 501
    assert seller.get("account")["current_user_id"] == 517
    as_seller = {"x-context-user-id": "517"}
    assert rest.send("GET", "account", headers=as_seller).json()["current_user_id"] == 517
    assert seller.send("GET", "account", headers={"x-context-user-id": "501"}).status_code == 403
    assert seller.send("GET", "users").status_code == 403
    seller.close()


def test_a_renamed_account_answers_under_its_new_host_and_tells_it_to_the_refresh_token(
    sandbox: RunningSandbox, rest: Rest
) -> None:
    pair = first_pair(sandbox)
    port = urlsplit(sandbox.url).port
    sandbox.control.rename("newname", f"localhost:{port}")
    assert rest.send("GET", "account").status_code == 404
    assert refresh(sandbox, pair["refresh_token"]).status_code == 404
    question = f"{sandbox.url}/oauth2/account/current/subdomain"
    asked = httpx.get(question, headers={"x-refresh-token": pair["refresh_token"]}, trust_env=False)
    assert asked.json()["domain"] == f"localhost:{port}"
    moved = Rest(f"http://localhost:{port}", pair["access_token"])
    assert moved.get("account")["subdomain"] == "newname"
    moved.close()


def test_a_foreign_host_name_is_not_the_account(sandbox: RunningSandbox, rest: Rest) -> None:
    assert rest.send("GET", "account", headers={"host": "sandbox.amocrm.ru"}).status_code == 200
    assert rest.send("GET", "account", headers={"host": "other.amocrm.ru"}).status_code == 404


def test_consent_comes_back_with_a_code_and_the_host_to_use(sandbox: RunningSandbox) -> None:
    page = httpx.get(f"{sandbox.url}/oauth", params={"client_id": sandbox.client_id, "state": "s1"}, trust_env=False)
    back = parse_qs(urlsplit(page.headers["location"]).query)
    assert back["state"] == ["s1"]
    assert back["referer"] == [urlsplit(sandbox.url).netloc]
    assert ask(sandbox, grant_type="authorization_code", code=back["code"][0]).status_code == 200
    asked = {"client_id": sandbox.client_id, "deny": "1"}
    refusal = httpx.get(f"{sandbox.url}/oauth", params=asked, trust_env=False)
    assert "error=access_denied" in refusal.headers["location"]


def test_removing_the_integration_kills_its_tokens_and_tells_its_hook(start: StartSandbox, receiver: Receiver) -> None:
    seed = seeded()
    seed["integration"]["uninstall_hook_url"] = receiver.url
    sandbox, rest = start(seed)
    pair = first_pair(sandbox)
    assert sandbox.control.uninstall() == 200
    ((agent, query),) = receiver.asked
    text = f"{sandbox.client_id}|{sandbox.account_id}"
    signature = hmac.new(sandbox.client_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert agent == "amoService-oAuth-Code-Sender/1.0"
    assert query == {
        "client_uuid": [sandbox.client_id],
        "account_id": [str(sandbox.account_id)],
        "signature": [signature],
    }
    assert rest.send("GET", "account").status_code == 401
    assert refresh(sandbox, pair["refresh_token"]).json()["hint"] == "Token has been revoked"
