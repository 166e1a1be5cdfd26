"""Connecting a portal, against the local stand-in over real sockets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.app import cli
from hub.cli.connect import WEBHOOK_VARIABLE
from hub.composition.hub import open_hub
from hub.config import Bitrix24Connection, load_config
from tests.support.portal import seed
from tests.support.statements import Received, statement


@pytest.fixture(scope="module")
def webhook_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal that serves while this module's tests run."""
    portal = tmp_path_factory.mktemp("portal") / "seed.json"
    portal.write_text(json.dumps(seed(["100.00"])), encoding="utf-8")
    command = [sys.executable, "-m", "hub", "sandbox", "bitrix24", "--port", "0", "--seed", str(portal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["webhook_url"])
        process.terminate()


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    """A fresh folder, as `sverka init` makes it."""
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    return tmp_path / "sverka.yaml"


def run(
    config_path: Path, *arguments: str | Path, typed: str | None = None, env: dict[str, str] | None = None
) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config_path), *map(str, arguments)], input=typed, env=env)


def test_connecting_tries_saves_proposes_and_reads(config_path: Path, webhook_url: str) -> None:
    result = run(config_path, "connect", "bitrix24", "--webhook-url-stdin", typed=f"{webhook_url}\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Доступ есть: 127.0.0.1" in result.output
    assert "Воронки: 1." in result.output
    config = load_config(config_path)
    settings = config.connections["main"]
    assert isinstance(settings, Bitrix24Connection)
    assert settings.webhook_url is None
    with open_hub(config, connect=False) as hub:
        assert hub.tokens.get("main", "webhook_url") == webhook_url
        assert hub.queries.overview().connections[0].acting is False
    assert run(config_path, "check").exit_code == 0


def test_a_field_that_accounting_cannot_fill_is_named_by_connect_check_and_doctor(
    config_path: Path, webhook_url: str
) -> None:
    settings = config_path.read_text(encoding="utf-8")
    assert run(config_path, "connect", "bitrix24", "--webhook-url-stdin", typed=f"{webhook_url}\n").exit_code == 0
    named = config_path.read_text(encoding="utf-8").replace(
        "    system: bitrix24\n",
        "    system: bitrix24\n    fill_from_accounting: {invoice_number: {field: UF_CRM_NO}}\n",
        1,
    )
    assert named != settings
    config_path.write_text(named, encoding="utf-8")
    words = "у сделок Битрикс24 нет поля UF_CRM_NO"
    again = run(config_path, "connect", "bitrix24", "--webhook-url-stdin", "--skip-read", typed=f"{webhook_url}\n")
    assert (again.exit_code, words in again.output) == (0, True)
    checked = run(config_path, "check")
    assert checked.exit_code == 1
    assert f"connections.main.fill_from_accounting.invoice_number: {words}" in checked.output + checked.stderr
    assert f"поля main: fill_from_accounting.invoice_number: {words}" in run(config_path, "doctor").output


def test_the_webhook_never_shows(config_path: Path, webhook_url: str) -> None:
    result = run(config_path, "connect", "bitrix24", typed=f"{webhook_url}\n")
    code = webhook_url.rstrip("/").rpartition("/")[2]
    assert result.exit_code == 0
    assert "Разработчикам" in result.output
    assert code not in result.output + result.stderr
    folder = config_path.parent
    assert all(code.encode() not in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_last_payers_are_looked_up_among_the_clients(config_path: Path, webhook_url: str, tmp_path: Path) -> None:
    file = tmp_path / "march.txt"
    stranger = Received("2", "5.00", "Оплата", tax_id="7736050003", name="ООО Лютик", account="40702810500000054321")
    file.write_bytes(statement([Received("1", "10.00", "Оплата по счёту 701"), stranger]))
    assert run(config_path, "import", file).exit_code == 0
    result = run(config_path, "connect", "bitrix24", env={WEBHOOK_VARIABLE: webhook_url})
    assert "Узнано 1 из последних 2 плательщиков." in result.output


def test_a_dead_webhook_is_refused_and_nothing_is_saved(config_path: Path, webhook_url: str) -> None:
    before = config_path.read_bytes()
    dead = f"{webhook_url.rstrip('/')}x/"
    result = run(config_path, "connect", "bitrix24", "--webhook-url-stdin", typed=f"{dead}\n")
    assert result.exit_code == 1
    assert "Внутренняя ошибка" not in result.stderr
    assert config_path.read_bytes() == before
    assert not (config_path.parent / "mappings" / "main.yaml").exists()
    assert not (config_path.parent / "data" / "sverka.sqlite3").exists()


def test_what_is_no_webhook_is_refused_without_repeating_it(config_path: Path) -> None:
    result = run(config_path, "connect", "bitrix24", "--webhook-url-stdin", typed="https://p.ru/secret-path\n")
    assert result.exit_code == 1
    assert "нужен адрес входящего вебхука целиком" in result.stderr
    assert "secret-path" not in result.stderr


def test_a_missing_key_is_said_before_anything_is_asked_or_written(config_path: Path) -> None:
    (config_path.parent / "data" / "secret.key").unlink()
    result = run(config_path, "connect", "bitrix24")
    assert result.exit_code == 1
    assert "sverka init" in result.stderr
    assert result.output.count("Адрес вебхука") == 0
    assert list((config_path.parent / "mappings").iterdir()) == []


def test_own_rules_are_never_overwritten(config_path: Path, webhook_url: str) -> None:
    rules = config_path.parent / "mappings" / "main.yaml"
    rules.write_text("# моё\n", encoding="utf-8")
    result = run(config_path, "connect", "bitrix24", env={WEBHOOK_VARIABLE: webhook_url})
    assert "остались как были" in result.output
    assert rules.read_text(encoding="utf-8") == "# моё\n"


def test_settings_that_cannot_be_edited_surely_get_a_block_to_paste(config_path: Path, webhook_url: str) -> None:
    text = config_path.read_text(encoding="utf-8").replace("connections: {}", '"connections": {}')
    config_path.write_text(text, encoding="utf-8")
    result = run(config_path, "connect", "bitrix24", "--name", "opt", env={WEBHOOK_VARIABLE: webhook_url})
    assert result.exit_code == 1
    assert "  opt:\n    system: bitrix24\n    rules: mappings/opt.yaml\n" in result.output
    assert config_path.read_text(encoding="utf-8") == text


def test_an_address_set_in_the_file_is_not_replaced_by_the_command(config_path: Path, webhook_url: str) -> None:
    block = f"connections:\n  main:\n    system: bitrix24\n    webhook_url: {webhook_url}\n"
    text = config_path.read_text(encoding="utf-8").replace("connections: {}\n", block)
    config_path.write_text(text, encoding="utf-8")
    result = run(config_path, "connect", "bitrix24", env={WEBHOOK_VARIABLE: webhook_url})
    line = text.splitlines().index(f"    webhook_url: {webhook_url}") + 1
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{config_path}:{line}: connections.main.webhook_url: адрес уже задан здесь")


def test_check_asks_the_portal_about_stages(config_path: Path, webhook_url: str) -> None:
    run(config_path, "connect", "bitrix24", "--skip-read", env={WEBHOOK_VARIABLE: webhook_url})
    rules = config_path.parent / "mappings" / "main.yaml"
    rules.write_text("pipelines:\n  0:\n    deal_paid: {stage: LOSE}\n", encoding="utf-8")
    result = run(config_path, "check")
    assert result.exit_code == 1
    assert f"{rules}:3: pipelines.0.deal_paid.stage: стадия «Сделка провалена» означает проигрыш" in result.output


def test_check_and_doctor_name_a_connection_without_an_address(config_path: Path) -> None:
    text = config_path.read_text(encoding="utf-8").replace("connections: {}", "connections: {main: {system: bitrix24}}")
    config_path.write_text(text, encoding="utf-8")
    checked = run(config_path, "check")
    assert checked.exit_code == 1
    assert "connections.main: У подключения «main» нет адреса вебхука" in checked.output
    examined = run(config_path, "doctor")
    assert examined.exit_code == 1
    assert "внимание  main: У подключения «main» нет адреса вебхука" in examined.output


def test_a_silent_portal_is_said_in_one_sentence(config_path: Path, webhook_url: str) -> None:
    run(config_path, "connect", "bitrix24", "--skip-read", env={WEBHOOK_VARIABLE: webhook_url})
    result = run(config_path, "doctor")
    assert result.exit_code == 0
    assert "порядок   main: 127.0.0.1" in result.output
