"""Connecting an amoCRM account, against the local stand-in over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox
from hub.cli.app import cli
from hub.cli.connect_amocrm import CODE_VARIABLE, TOKEN_VARIABLE
from hub.composition.hub import open_hub
from hub.config import AmoConnection, load_config
from tests.contract.amocrm_connector.account import seed


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningSandbox]:
    with running_sandbox(seed(settings={"rate_limit": {"enabled": False}})) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: RunningSandbox) -> RunningSandbox:
    """The account as its seed has it."""
    shared.control.reset()
    return shared


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    """A fresh folder, as `sverka init` makes it."""
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    return tmp_path / "sverka.yaml"


def run(path: Path, *arguments: str, typed: str | None = None, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, ["--config", str(path), *arguments], input=typed, env=env)


def keys(sandbox: RunningSandbox) -> dict[str, str]:
    return {
        "SVERKA_AMO_CLIENT_ID": sandbox.client_id,
        "SVERKA_AMO_CLIENT_SECRET": sandbox.client_secret,
        "SVERKA_AMO_REDIRECT_URI": sandbox.redirect_uri,
        CODE_VARIABLE: sandbox.control.new_code(),
    }


def test_connecting_by_a_long_lived_token_tries_saves_proposes_and_reads(
    config_path: Path, sandbox: RunningSandbox
) -> None:
    arguments = ("connect", "amocrm", "--address", sandbox.url, "--token-stdin")
    result = run(config_path, *arguments, typed=f"{sandbox.access_token}\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Доступ есть: Песочница, Хаб." in result.output
    assert "Воронки: 2." in result.output
    config = load_config(config_path)
    settings = config.connections["main"]
    assert isinstance(settings, AmoConnection)
    assert (settings.address, settings.token) == (sandbox.url, None)
    with open_hub(config, connect=False) as hub, hub.rt.store.read() as uow:
        assert hub.tokens.get("main", "token") == sandbox.access_token
        invoice = uow.invoices.get("main/880101")
        assert invoice is not None
        assert invoice.invoice.deals == ("main/70001",)
    assert 'stage: "61003"' in config.rules_path("main").read_text(encoding="utf-8")
    assert run(config_path, "check").exit_code == 0


def test_no_secret_ever_shows(config_path: Path, sandbox: RunningSandbox) -> None:
    token = run(config_path, "connect", "amocrm", "--address", sandbox.url, env={TOKEN_VARIABLE: sandbox.access_token})
    pair = run(config_path, "connect", "amocrm", "--oauth", env=keys(sandbox))
    assert (token.exit_code, pair.exit_code) == (0, 0), token.output + pair.output
    with open_hub(load_config(config_path), connect=False) as hub:
        stored = hub.tokens.get("main", "oauth")
    assert stored is not None
    assert not hub.tokens.get("main", "token")
    shown = token.output + token.stderr + pair.output + pair.stderr
    assert sandbox.access_token not in shown
    assert sandbox.client_secret not in shown
    files = [path.read_bytes() for path in config_path.parent.rglob("*") if path.is_file()]
    for secret in (sandbox.access_token, sandbox.client_secret):
        assert all(secret.encode() not in content for content in files)


def test_a_dead_integration_is_brought_back_by_a_code_alone(config_path: Path, sandbox: RunningSandbox) -> None:
    first = run(config_path, "connect", "amocrm", "--oauth", "--address", sandbox.url, env=keys(sandbox))
    assert first.exit_code == 0, first.output
    sandbox.control.revoke()
    assert "sverka connect amocrm" in run(config_path, "check").output
    again = run(config_path, "connect", "amocrm", "--oauth", env={CODE_VARIABLE: sandbox.control.new_code()})
    assert (again.exit_code, again.stderr) == (0, "")
    assert run(config_path, "check").exit_code == 0


@pytest.mark.parametrize("address", ["https://example.com", "acme", "https://www.amocrm.ru", "http://acme.amocrm.ru"])
def test_an_address_that_is_no_account_is_refused(config_path: Path, address: str) -> None:
    result = run(config_path, "connect", "amocrm", "--address", address, "--token-stdin", typed="x\n")
    assert result.exit_code == 1
    assert "Адрес не подходит" in result.stderr


@pytest.mark.parametrize("token", ["", "две строки", "a b"])
def test_what_is_no_token_is_refused(config_path: Path, sandbox: RunningSandbox, token: str) -> None:
    result = run(config_path, "connect", "amocrm", "--address", sandbox.url, "--token-stdin", typed=f"{token}\n")
    assert result.exit_code == 1
    assert "Токен не подходит" in result.stderr


def test_a_token_that_the_account_refuses_is_not_saved(config_path: Path, sandbox: RunningSandbox) -> None:
    before = config_path.read_bytes()
    result = run(config_path, "connect", "amocrm", "--address", sandbox.url, "--token-stdin", typed="a.b.c\n")
    assert result.exit_code != 0
    assert "не принимает доступ" in result.output + result.stderr
    assert config_path.read_bytes() == before


def test_a_name_that_is_taken_by_another_system_is_refused(config_path: Path, sandbox: RunningSandbox) -> None:
    text = config_path.read_text(encoding="utf-8")
    config_path.write_text(text.replace("connections: {}", "connections:\n  main: {system: bitrix24}"), "utf-8")
    result = run(config_path, "connect", "amocrm", "--address", sandbox.url, "--token-stdin", typed="x\n")
    assert result.exit_code == 1
    assert "--name" in result.stderr
