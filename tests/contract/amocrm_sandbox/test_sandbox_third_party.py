"""Clients from the package indexes, their code untouched, work against the stand-in."""

import importlib
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx
import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox

from .conftest import seeded

CLIENTS = Path(__file__).with_name("clients")


def needed(module: str, package: str) -> Any:
    """A client's module; without it the test is skipped here and fails in CI."""
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        _absent(f"{package} is not installed")
    return importlib.import_module(module)


def _absent(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class BodilessSession(httpx.Client):
    """amocrm-api-wrapper hands `json` to get and delete, which httpx takes by `request` only."""

    def get(self, url: Any, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def delete(self, url: Any, **options: Any) -> httpx.Response:
        return self.request("DELETE", url, **options)


@pytest.fixture
def pair(sandbox: RunningSandbox) -> dict[str, str]:
    body = {"grant_type": "authorization_code", "code": sandbox.code, "redirect_uri": sandbox.redirect_uri}
    body |= {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    given: dict[str, str] = httpx.post(f"{sandbox.url}/oauth2/access_token", json=body, trust_env=False).json()
    return given


@pytest.fixture
def wrapper(sandbox: RunningSandbox, pair: dict[str, str]) -> Iterator[Any]:
    package = needed("amocrm_api", "amocrm-api-wrapper")
    keys = (pair["access_token"], pair["refresh_token"], sandbox.url)
    client = package.AmoOAuthClient(*keys, sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri)

    # It forgets a session without closing it when it takes another.
    sessions: list[httpx.Client] = [client._session]

    def session(params: dict[str, str] | None = None) -> httpx.Client:
        headers = {**client._auth_headers(), **(params or {})}
        sessions.append(BodilessSession(trust_env=False, headers=headers))
        return sessions[-1]

    client._init_session, client._session = session, session()
    yield client
    for made in sessions:
        made.close()


def test_amocrm_api_wrapper_reads_moves_pays_and_subscribes(wrapper: Any, sandbox: RunningSandbox) -> None:
    assert [lead["id"] for lead in wrapper.iter_leads(limit=2)] == [70001, 70002, 70003, 70004, 70006]
    assert wrapper.get_leads(filters={"price__from": 100000})["_embedded"]["leads"][0]["id"] == 70001
    assert wrapper.get_lead(999) == {}
    wrapper.update_leads([{"id": 70001, "status_id": 61003}])
    assert sandbox.control.lead(70001)["status_id"] == 61003
    paid = {"field_code": "BILL_STATUS", "values": [{"enum_code": "paid"}]}
    wrapper.update_elements_in_catalog(7301, [{"id": 880101, "custom_fields_values": [paid]}])
    assert sandbox.control.value("catalog_elements", 880101, "BILL_STATUS") == "paid"
    assert wrapper.get_events(filter_by_entity="lead")["_embedded"]["events"][0]["type"] == "lead_status_changed"
    wrapper.create_entity_note("leads", [{"note_type": "common", "params": {"text": "а"}}], 70001)
    assert sandbox.control.notes()[0]["entity_id"] == 70001
    wrapper.subscribe_webhook("http://127.0.0.1:1/", ["status_lead"])
    assert wrapper.get_webhooks()["_total_items"] == 1
    wrapper.unsubscribe_webhook("http://127.0.0.1:1/")
    assert sandbox.control.webhooks() == []


def test_amocrm_api_wrapper_names_the_refused_field_and_refreshes(wrapper: Any, pair: dict[str, str]) -> None:
    with pytest.raises(Exception, match="NotSupportedChoice"):
        wrapper.update_leads([{"id": 70001, "status_id": 99}])
    wrapper.update_tokens()
    assert wrapper.refresh_token != pair["refresh_token"]
    assert wrapper.get_account_info()["id"] == 300100


def leading_to(url: str) -> Any:
    """An adapter of amocrm-api's HTTP library that sends every request to another address."""
    base: Any = importlib.import_module("requests.adapters").HTTPAdapter

    def send(self: Any, request: Any, *args: Any, **options: Any) -> Any:
        parts = urlsplit(request.url)
        request.headers["Host"] = parts.netloc
        request.url = f"{url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        options["proxies"] = {}
        return base.send(self, request, *args, **options)

    return type("Leading", (base,), {"send": send})()


@pytest.fixture
def amocrm(sandbox: RunningSandbox, pair: dict[str, str]) -> Iterator[Any]:
    """amocrm-api, whose address is fixed to the vendor's."""
    package = needed("amocrm.v2", "amocrm-api")
    session = importlib.import_module("amocrm.v2.interaction")._session
    session.mount("https://sandbox.amocrm.ru/", leading_to(sandbox.url))
    storage = package.tokens.MemoryTokensStorage()
    storage.save_tokens(pair["access_token"], pair["refresh_token"])
    manager = package.tokens.default_token_manager
    # It keeps the first storage it was ever given.
    manager._storage = storage
    manager(sandbox.client_id, sandbox.client_secret, "sandbox", sandbox.redirect_uri)
    yield package
    session.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_amocrm_api_reads_saves_and_adds(amocrm: Any, sandbox: RunningSandbox) -> None:
    lead = amocrm.Lead.objects.get(70001)
    assert (lead.name, lead.price, lead.status.name) == ("Поставка насосов", 125000, "Счёт выставлен")
    assert [found.id for found in amocrm.Lead.objects.all()] == [70001, 70002, 70003, 70004, 70006]
    lead.name = "Другое имя"
    lead.save()
    assert sandbox.control.lead(70001)["name"] == "Другое имя"
    fresh = amocrm.Lead(name="Новая", price=5)
    fresh.save()
    assert sandbox.control.lead(fresh.id)["price"] == 5
    with pytest.raises(amocrm.exceptions.NotFound):
        amocrm.Lead.objects.get(999)


def test_shevernitskiy_amo_exchanges_its_code_and_works_over_https() -> None:
    modules = Path(os.environ.get("AMOCRM_CLIENTS", CLIENTS)) / "node_modules"
    if shutil.which("node") is None:
        _absent("node is not installed")
    if not (modules / "@shevernitskiy" / "amo").is_dir():
        if os.environ.get("NPM_UNREACHABLE"):
            pytest.skip("the index of npm packages could not be reached")
        _absent("npm ci was not run in tests/contract/amocrm_sandbox/clients")
    with running_sandbox(seeded(), tls=True) as sandbox:
        told = {name: value for name, value in announced(sandbox).items() if isinstance(value, str)}
        trust = {"NODE_EXTRA_CA_CERTS": str(sandbox.certificate), "NODE_PATH": str(modules)}
        ran = subprocess.run(
            ["node", str(CLIENTS / "amo.js"), json.dumps(told)],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, **trust},
        )
        assert ran.returncode == 0, ran.stderr
        assert [sandbox.control.lead(n)["status_id"] for n in (70001, 70002)] == [61003, 61003]
        assert sandbox.control.value("catalog_elements", 880101, "BILL_STATUS") == "paid"
    assert json.loads(ran.stdout) == {
        "leads": [70001, 70002],
        "invoices": [[880101, 880103], [880102]],
        "moved": [70001, 70002],
        "paid": [880101],
        "wrong": "400 Bad Request",
        "absent": "204 No Content",
    }


def announced(sandbox: RunningSandbox) -> dict[str, Any]:
    """The announcement without the hand on the state, which cannot be copied."""
    return {name: getattr(sandbox, name) for name in sandbox.__dataclass_fields__ if name != "control"}
