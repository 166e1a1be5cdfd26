"""Calls that would quietly do nothing, or wait for what cannot come: refused with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.app import cli

SETTINGS = """\
company:
  name: Ромашка
connections:
  main:
    system: bitrix24
  trade:
    system: bitrix24
"""


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    path = tmp_path / "sverka.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


def run(config_path: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["--config", str(config_path), *arguments], input=typed)


@pytest.mark.parametrize(
    "call",
    [("replay",), ("export-audit",), ("events", "list"), ("events", "replay")],
    ids=" ".join,
)
def test_a_period_that_ends_before_it_begins(config_path: Path, call: tuple[str, ...]) -> None:
    result = run(config_path, *call, "--since", "2026-03-02", "--until", "2026-03-01")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--until раньше, чем --since" in result.stderr


@pytest.mark.parametrize(
    "call", [("redrive", "--connection"), ("replay", "--pile", "matched", "--connection"), ("resume", "--connection")]
)
def test_a_connection_that_nobody_knows(config_path: Path, call: tuple[str, ...]) -> None:
    result = run(config_path, *call, "nosuch")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Подключения «nosuch» в {config_path} нет. Есть: main, trade.\n"


@pytest.mark.parametrize("login", ["", " ", " olga", "ol\nga", "x" * 101])
def test_a_login_that_nobody_could_type(config_path: Path, login: str) -> None:
    result = run(config_path, "user", "add", login, "--password-stdin", typed="long-password\n")
    assert result.exit_code == 2
    assert "ИМЯ для входа" in result.stderr


def test_a_secret_on_the_input_leaves_no_place_for_questions(config_path: Path) -> None:
    result = run(config_path, "connect", "amocrm", "--name", "amo", "--token-stdin", typed="abc\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "с --token-stdin нужен и --address" in result.stderr
    result = run(config_path, "connect", "1c", "--password-stdin", "--login", "Сверка", typed="abc\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "с --password-stdin нужны и --address, --configuration" in result.stderr


@pytest.mark.parametrize("command", ["status", "check", "up", "doctor"])
def test_the_first_call_without_settings_says_where_they_come_from(tmp_path: Path, command: str) -> None:
    path = tmp_path / "sverka.yaml"
    result = run(path, command)
    assert result.exit_code == 2
    assert f"{path}: файла нет: создайте его (sverka init) или укажите, где он: --config ФАЙЛ\n" in result.output
