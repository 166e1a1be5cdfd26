"""Connecting a bank, against the local stand-in over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connectors.bank.sandbox.testing import RunningSandbox, running_sandbox
from hub.cli.app import cli
from hub.composition.hub import open_hub
from hub.config import load_config
from tests.contract.bank.conftest import TBANK, TOCHKA, paid


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    seed = {
        "settings": {"tochka": {"created_polls": 0}},
        "accounts": [
            {"bank": "tochka", "number": TOCHKA, "opening_balance": "1000.00"},
            {"bank": "tbank", "number": TBANK, "opening_balance": "500.00"},
        ],
        "operations": [paid("tbank"), paid("tochka")],
    }
    with running_sandbox(seed) as running:
        yield running


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    return tmp_path / "sverka.yaml"


def run(config_path: Path, *arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config_path), *arguments], input=typed)


def connect(config_path: Path, sandbox: RunningSandbox, system: str, *more: str) -> Result:
    bank = sandbox.tochka if system == "tochka" else sandbox.tbank
    options = ["--api-url", bank.base_url, "--token-stdin", *more]
    if system == "tochka":
        options += ["--keys-url", sandbox.tochka.public_key_url, "--client-id", sandbox.tochka.client_id]
    return run(config_path, "connect", "bank", system, *options, typed=f"{bank.token}\n")


@pytest.mark.parametrize("system", ["tochka", "tbank"])
def test_connecting_tries_saves_and_observes(config_path: Path, sandbox: RunningSandbox, system: str) -> None:
    result = connect(config_path, sandbox, system, "--skip-read")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Доступ есть, счетов: 1." in result.output
    bank = sandbox.tochka if system == "tochka" else sandbox.tbank
    assert bank.token not in result.output
    config = load_config(config_path)
    assert config.banks[system].token is None
    assert config.banks[system].hook_secret is not None
    with open_hub(config, connect=False) as hub:
        assert hub.tokens.get(system, "bank_token") == bank.token
        row = next(row for row in hub.queries.overview().connections if row.id == system)
        assert row.acting is False
    folder = config_path.parent
    assert all(bank.token.encode() not in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert run(config_path, "check").exit_code == 0


def test_the_first_read_brings_the_payments(config_path: Path, sandbox: RunningSandbox) -> None:
    result = connect(config_path, sandbox, "tbank")
    assert result.exit_code == 0
    assert "Прочитано дней: 31" in result.output
    shown = run(config_path, "status").output
    assert "сходится, остаток 12 700,00 ₽" in shown.replace("\u00a0", " ")


def test_acting_is_switched_on_by_the_command_that_crms_have(config_path: Path, sandbox: RunningSandbox) -> None:
    connect(config_path, sandbox, "tbank", "--skip-read")
    assert run(config_path, "act", "tbank", "--from", "2026-03-01").exit_code == 0
    assert "действует с 01.03.2026" in run(config_path, "status").output
    assert run(config_path, "observe", "tbank").exit_code == 0


def test_a_dead_token_saves_nothing(config_path: Path, sandbox: RunningSandbox) -> None:
    before = config_path.read_bytes()
    result = run(
        config_path, "connect", "bank", "tbank", "--api-url", sandbox.tbank.base_url, "--token-stdin", typed="dead\n"
    )
    assert result.exit_code != 0
    assert "не принимает токен" in result.stderr
    assert config_path.read_bytes() == before


def test_an_account_that_the_token_does_not_see_saves_nothing(config_path: Path, sandbox: RunningSandbox) -> None:
    before = config_path.read_bytes()
    result = connect(config_path, sandbox, "tbank", "--account", "40702810000000009999")
    assert result.exit_code != 0
    assert "40702810000000009999" in result.stderr
    assert config_path.read_bytes() == before


def test_two_banks_stand_side_by_side_and_accounts_can_be_chosen(config_path: Path, sandbox: RunningSandbox) -> None:
    assert connect(config_path, sandbox, "tbank", "--skip-read").exit_code == 0
    assert connect(config_path, sandbox, "tochka", "--skip-read", "--account", TOCHKA, "--name", "ip").exit_code == 0
    config = load_config(config_path)
    assert sorted(config.banks) == ["ip", "tbank"]
    assert config.banks["ip"].accounts == (TOCHKA,)
    assert config_path.read_text(encoding="utf-8").count("# Банки, которые хаб читает сам") == 1


@pytest.mark.parametrize(
    ("option", "value", "line"),
    [
        ("--client-id", "other-client", "banks.tochka.client_id: здесь записано другое: поправьте его и повторите"),
        ("--customer-code", "17", "banks.tochka.customer_code: customer_code здесь нет: впишите его и повторите"),
        ("--account", TBANK, "banks.tochka.accounts: accounts здесь нет: впишите его и повторите"),
        ("--api-url", "https://other.example", "banks.tochka.api_url: здесь записано другое"),
    ],
)
def test_what_a_second_call_says_otherwise_is_not_ignored(
    config_path: Path, sandbox: RunningSandbox, option: str, value: str, line: str
) -> None:
    assert connect(config_path, sandbox, "tochka", "--skip-read").exit_code == 0
    assert connect(config_path, sandbox, "tochka", "--skip-read").exit_code == 0, "the same words give a new token"
    before = config_path.read_bytes()
    result = run(config_path, "connect", "bank", "tochka", option, value, "--token-stdin", typed="x\n")
    assert result.exit_code == 1
    assert line in result.stderr
    assert config_path.read_bytes() == before


def test_the_accounts_of_a_second_call_may_come_in_any_order(config_path: Path, sandbox: RunningSandbox) -> None:
    account = f"{TOCHKA[:5]} {TOCHKA[5:]}"
    assert connect(config_path, sandbox, "tochka", "--skip-read", "--account", TOCHKA).exit_code == 0
    assert connect(config_path, sandbox, "tochka", "--skip-read", "--account", account).exit_code == 0


@pytest.mark.parametrize(
    ("system", "option", "value", "said"),
    [
        ("tbank", "--client-id", "abc", "--client-id — не для этого банка (tbank): уберите."),
        ("tbank", "--account", "123", "--account: счёт — 20 цифр или IBAN."),
        ("tochka", "--customer-code", "abc", "--customer-code: код компании — до 20 цифр, как его показывает банк."),
        ("tochka", "--api-url", "ftp://x", "--api-url: нужен адрес целиком, начиная с https://."),
    ],
)
def test_what_does_not_fit_is_said_by_its_option(
    config_path: Path, system: str, option: str, value: str, said: str
) -> None:
    result = run(config_path, "connect", "bank", system, option, value, typed="x\n")
    assert (result.exit_code, result.stderr) == (1, f"{said}\n")
    assert result.stdout == ""
