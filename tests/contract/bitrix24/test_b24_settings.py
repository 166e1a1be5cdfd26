from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.bitrix24.config import Bitrix24Config, InvoiceSource, split_webhook
from connectors.bitrix24.connector import Bitrix24
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Runtime

from .portal import seed, served

URL = "https://acme.bitrix24.ru/rest/17/k7d2secret9/"


def test_a_webhook_is_taken_apart() -> None:
    webhook = split_webhook(URL)
    assert (webhook.origin.netloc, webhook.user_id) == ("acme.bitrix24.ru", "17")
    assert webhook.path("crm.item.get") == "/rest/17/k7d2secret9/crm.item.get"


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.bitrix24.ru/rest/17/k7d2secret9",
        " https://acme.bitrix24.ru/rest/17/k7d2secret9/ ",
        "https://acme.bitrix24.ru/rest/17/k7d2secret9/profile.json",
        "https://acme.bitrix24.ru/rest/17/k7d2secret9/crm.deal.list/?x=1",
        "https://acme.bitrix24.ru//rest//17//k7d2secret9//",
    ],
)
def test_a_webhook_is_taken_as_people_copy_it(url: str) -> None:
    assert split_webhook(url) == split_webhook(URL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "acme.bitrix24.ru",
        "http://acme.bitrix24.ru/rest/17/k7d2secret9/",
        "https://acme.bitrix24.ru/",
        "https://acme.bitrix24.ru/rest/k7d2secret9/",
        "https://acme.bitrix24.ru/rest/17/k7d2secret9/a/b/",
        "https://u:p@acme.bitrix24.ru/rest/17/k7d2secret9/",
    ],
)
def test_what_is_no_webhook_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Bitrix24Config.model_validate({"webhook_url": url})
    assert "k7d2secret9" not in str(caught.value)


def test_secrets_never_show() -> None:
    config = Bitrix24Config.model_validate({"webhook_url": URL, "application_token": "token-51f3"})
    shown = f"{config!r} {config} {config.webhook!r} {config.model_dump()} {config.model_dump_json()}"
    assert "k7d2secret9" not in shown
    assert "token-51f3" not in shown


@pytest.mark.parametrize(
    "parts",
    [
        {"invoices": {"source": "deal_fields"}},
        {"invoices": {"source": "deal", "fields": {"number": "UF_CRM_1"}}},
        {"invoices": {"source": "somewhere"}},
        {"plan": "gold"},
        {"unknown": 1},
        {"timeouts": {"deadline_s": 0}},
        {"default_currency": "руб"},
    ],
)
def test_wrong_settings_are_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Bitrix24Config.model_validate({"webhook_url": URL, **parts})


def test_defaults_suit_a_common_portal() -> None:
    config = Bitrix24Config.model_validate({"webhook_url": URL})
    assert config.invoices.source is InvoiceSource.SMART_INVOICE
    assert config.timeouts.deadline_s > 60
    assert config.watches("0")


def test_probe_names_the_user_and_finds_nothing_missing() -> None:
    with served() as portal:
        probe = portal.crm.probe()
        assert (probe.user, probe.user_id, probe.missing_rights) == ("Хаб", "1", ())
        assert probe.account in portal.sandbox.url
        assert abs(probe.clock_skew_s) < 2
        assert portal.sandbox.control.write_log.records() == []


def test_probe_tells_how_far_the_clocks_are_apart() -> None:
    with served() as portal:
        clock = SystemClock()
        portal.sandbox.control.advance(300)
        crm = Bitrix24(
            Bitrix24Config.model_validate({"webhook_url": portal.sandbox.webhook_url}),
            Runtime("probe", clock, MemoryQuota(clock)),
        )
        assert crm.probe().clock_skew_s == pytest.approx(300, abs=2)
        crm.close()


def test_probe_names_the_rights_to_tick() -> None:
    with served(seed(webhooks=[{"user_id": 1, "code": "sandboxsecret", "scopes": ["crm"]}])) as portal:
        (missing,) = portal.crm.probe().missing_rights
    assert missing.startswith("task — отметьте")


def test_probe_without_the_crm_right_names_it_first() -> None:
    with served(seed(webhooks=[{"user_id": 1, "code": "sandboxsecret", "scopes": ["task"]}])) as portal:
        missing = portal.crm.probe().missing_rights
    assert missing[0].startswith("crm — отметьте")
    assert any(line.startswith("сделки: insufficient_scope") for line in missing)
