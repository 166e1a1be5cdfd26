"""`payment_reports` of `sverka.yaml`: secrets of the right shape, names of their own, an account for acting."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from hub.composition.reports import report_doors, report_hook_secrets, report_sources
from hub.config import Config, ConfigError, inspect_config, parse_config
from mappings.faults import Severity
from tests.support.world import HandClock

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
NEXT = "whsec_" + base64.b64encode(b"n" * 24).decode()
ACCOUNT = "40702810000000000001"
COMPANY = f'company:\n  name: Ромашка\n  tax_ids: ["7700000023"]\n  accounts: ["{ACCOUNT}"]\n'
LEAST = f"hook_secret: 0f4c8a1d9e7b6352\nsigning_secret: {KEY}\n"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SVERKA_DATABASE", "SVERKA_SECRET_KEY", "SVERKA_SECRET_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


def text(body: str, name: str = "shop", more: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{COMPANY}{more}payment_reports:\n  {name}:\n{lines}"


def parse(body: str, folder: Path = Path("/srv/sverka")) -> Config:
    return parse_config(text(body), folder / "sverka.yaml")


def faults(whole: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_config(whole, Path("sverka.yaml"))
    return [str(fault) for fault in caught.value.faults]


def test_a_system_needs_two_secrets_and_is_only_shown() -> None:
    shop = parse(LEAST).payment_reports["shop"]
    assert (shop.act, shop.account, shop.patience_days) == (False, None, 7)
    assert [item.get_secret_value() for item in shop.signing_secret] == [KEY]


def test_nobody_reports_by_default() -> None:
    config = parse_config(COMPANY, Path("sverka.yaml"))
    assert (report_doors(config, HandClock()), report_sources(config), report_hook_secrets(config)) == ({}, {}, {})


def test_secrets_come_from_files_and_the_environment_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hook").write_text("0f4c8a1d9e7b6352\n")
    monkeypatch.setenv("SHOP_SECRET", KEY)
    shop = parse(f"hook_secret: file:hook\nsigning_secret: [env:SHOP_SECRET, {NEXT}]", tmp_path).payment_reports["shop"]
    assert shop.hook_secret.get_secret_value() == "0f4c8a1d9e7b6352"
    assert [item.get_secret_value() for item in shop.signing_secret] == [KEY, NEXT]


def test_what_services_and_doors_get_of_it() -> None:
    config = parse(f'{LEAST}act: true\naccount: "{ACCOUNT}"\npatience_days: 3')
    source = report_sources(config)["shop"]
    assert (source.counts_to, source.organisation_tax_id, source.patience.days) == (ACCOUNT, "7700000023", 3)
    assert report_sources(parse(LEAST))["shop"].counts_to is None
    assert report_doors(config, HandClock()).keys() == report_hook_secrets(config).keys() == {"shop"}
    assert KEY not in repr(report_doors(config, HandClock()))
    assert KEY not in repr(config)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (f"signing_secret: {KEY}", "hook_secret"),
        ("hook_secret: 0f4c8a1d9e7b6352", "signing_secret"),
        (f"hook_secret: short\nsigning_secret: {KEY}", "hook_secret"),
        ("hook_secret: 0f4c8a1d9e7b6352\nsigning_secret: whsec_short", "signing_secret"),
        ("hook_secret: 0f4c8a1d9e7b6352\nsigning_secret: []", "signing_secret"),
        (f"hook_secret: 0f4c8a1d9e7b6352\nsigning_secret: [{KEY}, {KEY}, {KEY}]", "signing_secret"),
        (f"{LEAST}patience_days: 0", "patience_days"),
        (f"{LEAST}acct: 1", "acct"),
    ],
)
def test_a_wrong_field_is_named_and_no_secret_repeated(body: str, field: str) -> None:
    (fault,) = faults(text(body))
    assert f"payment_reports.shop.{field}" in fault
    assert KEY not in fault


def test_acting_needs_an_account_of_ours() -> None:
    (fault,) = faults(text(f"{LEAST}act: true"))
    assert "payment_reports.shop: для act: true нужно account" in fault
    (fault,) = faults(text(f'{LEAST}act: true\naccount: "40702810000000000777"'))
    assert "shop.account: такого счёта нет в company.accounts" in fault


def test_a_name_that_a_connection_has_is_refused() -> None:
    (fault,) = faults(text(LEAST, "main", "connections:\n  main: {system: bitrix24}\n"))
    assert "payment_reports" in fault
    assert "имя «main» занято подключением connections.main" in fault


def test_trust_before_a_statement_is_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "sverka.yaml"
    file.write_text(text(f'{LEAST}act: true\naccount: "{ACCOUNT}"'), encoding="utf-8")
    config, found = inspect_config(file)
    assert config is not None
    (warning,) = (fault for fault in found if fault.severity is Severity.WARNING and "payment_reports" in fault.field)
    assert "верят до выписки" in str(warning)


def test_a_name_is_part_of_an_address() -> None:
    (fault,) = faults(text(LEAST, "Магазин"))
    assert "латинские строчные буквы" in fault
