"""Settings of the hub of `tests.support.house`, as its file would hold them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.bank.sandbox.testing import RunningSandbox as RunningBanks
from hub.config import Config, parse_config
from tests.support.sale import ACCOUNTS, AMO, HOOK_SECRETS, HOOK_TOKEN, NEW, PAID, SALES, TBANK, TOCHKA
from tests.support.statements import OUR_ACCOUNT, OUR_TAX_ID

_RULES: Final = f"""\
pipelines:
  "{SALES}":
    deal_partly_paid:
      stage: "{NEW}"
      comment: "Часть: {{invoices}}; осталось {{deal_rest}}"
    deal_paid:
      stage: "{PAID}"
      comment: "Оплачено: {{invoices}}"
      task:
        title: "Отгрузить: {{invoices}}"
        due_days: 1
mark_invoices_paid: true
"""


def house_config(
    amo: RunningAmo,
    banks: RunningBanks | None,
    folder: Path,
    *,
    pair: bool,
    connections: Mapping[str, Mapping[str, Any]] | None = None,
    more_banks: Mapping[str, Mapping[str, Any]] | None = None,
) -> Config:
    """Settings that stand in a folder; without a `pair` of tokens in the store a long-lived one stands in them.

    `connections` and `more_banks` stand there too.
    """
    (folder / "rules.yaml").write_text(_RULES, encoding="utf-8")
    connection: dict[str, Any] = {
        "system": "amocrm",
        "address": amo.url,
        "hook_secret": HOOK_SECRETS[AMO],
        "rules": "rules.yaml",
        "mode": "act",
        "act_from": "2026-03-01",
        "moves_per_hour": 1000,
    }
    settings: dict[str, Any] = {
        "company": {"name": "Наша фирма", "accounts": [OUR_ACCOUNT, *ACCOUNTS.values()], "tax_ids": [OUR_TAX_ID]},
        "connections": {
            AMO: connection if pair else {**connection, "token": amo.access_token},
            **(connections or {}),
        },
        "banks": dict(more_banks or {}),
    }
    if banks is not None:
        common = {"read_from": "2026-03-13", "mode": "act", "act_from": "2026-03-01"}
        tochka = {
            "bank": TOCHKA,
            "token": banks.tochka.token,
            "client_id": banks.tochka.client_id,
            "hook_secret": HOOK_SECRETS[TOCHKA],
            "api_url": banks.tochka.base_url,
            "keys_url": banks.tochka.public_key_url,
        }
        tbank = {
            "bank": TBANK,
            "token": banks.tbank.token,
            "hook_secret": HOOK_SECRETS[TBANK],
            "hook_token": HOOK_TOKEN,
            "api_url": banks.tbank.base_url,
        }
        settings["banks"] |= {TOCHKA: common | tochka, TBANK: common | tbank}
    # JSON is YAML too.
    return parse_config(json.dumps(settings, ensure_ascii=False), folder / "sverka.yaml")
