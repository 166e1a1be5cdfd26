"""The command line as a person meets it: help, wrong calls, failures."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hub.cli.app import COMMANDS, cli
from hub.cli.failures import report
from hub.cli.session import Problem, Session
from hub.domain.errors import Refused

LOADABLE = tuple(COMMANDS)


def test_the_help_names_every_command_and_where_to_start() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    for name, (_, purpose) in COMMANDS.items():
        assert f"  {name} " in result.output
        assert purpose in re.sub(r"\s+", " ", result.output)
    assert "С чего начать:" in result.output
    assert "Usage" not in result.output


@pytest.mark.parametrize("name", LOADABLE)
def test_the_table_says_what_the_command_itself_says(name: str) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert (command.help or "").split("\n")[0] == COMMANDS[name][1]


def every_command() -> list[list[str]]:
    paths: list[list[str]] = []
    for name in LOADABLE:
        module, _, attribute = COMMANDS[name][0].partition(":")
        command = getattr(import_module(module), attribute)
        paths.append([name])
        if isinstance(command, click.Group) and name != "sandbox":
            paths.extend([name, inner] for inner in command.commands)
    return paths


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_every_command_teaches_with_an_example_in_russian(path: list[str]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Вызов: sverka {' '.join(path)}")
    assert "Пример:" in result.output
    assert f"sverka {path[0]}" in result.output
    assert "Эта справка." in result.output
    assert not re.search(r"\b(Usage|Options|Commands|Show this)\b", result.output)


def test_help_is_fast_because_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, hub.cli.app as app\n"
        "try:\n    app.cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pydantic', 'yaml', 'sqlalchemy', 'structlog', 'httpx', 'starlette', 'dramatiq'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    best_s = 10.0
    for _ in range(3):
        before = os.times()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
        after = os.times()
        spent_s = after.children_user - before.children_user + after.children_system - before.children_system
        best_s = min(best_s, spent_s)
        assert done.returncode == 0, done.stderr
    assert best_s < 0.4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["statu"], "sverka: нет команды statu; похоже: status"),
        (["--lan", "en"], "sverka: нет параметра --lan; похоже: --lang"),
        (["--lang", "de"], "sverka: --lang: можно: ru, en"),
        (["--config"], "sverka: параметру --config нужно значение"),
        (["act", "main"], "sverka act: не хватает параметра --from"),
        (["act", "main", "--from", "вчера"], "sverka act: --from: нужна дата вида 2026-03-01"),
        (["pause", "x"], "sverka pause: лишнее в строке: x"),
        (["import"], "sverka import: не хватает параметра ФАЙЛ… или --invoices ФАЙЛ"),
        (["import", "no-such-file"], "sverka import: ФАЙЛ…: no-such-file: такого файла нет"),
        (["demo", "--port", "x"], "sverka demo: --port: нужно целое число"),
    ],
)
def test_a_wrong_call_is_explained_in_russian_with_code_2(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == said
    assert "--help" in result.stderr
    assert result.stdout == ""


def test_settings_that_cannot_be_read_end_every_command_with_code_2(tmp_path: Path) -> None:
    path = tmp_path / "sverka.yaml"
    path.write_text("company:\n  nam: x\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["pause", "--config", str(path)])
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"{path}:1: company.name: поля нет, а оно обязательно",
        f"{path}:2: company.nam: такого поля нет: может быть, «name»?",
    ]


def test_the_settings_file_may_come_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    result = CliRunner().invoke(cli, ["pause"], env={"SVERKA_CONFIG": str(path)})
    assert result.stderr == f"{path}: файла нет: создайте его (sverka init) или укажите, где он: --config ФАЙЛ\n"


def test_an_unforeseen_failure_is_one_sentence_and_its_trace_is_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError("POST https://p.bitrix24.ru/rest/1/abcdef123/crm.deal.get failed")
    assert report(caught.value, Session()) == 1
    log = tmp_path / "sverka.log"
    said = capsys.readouterr().err
    assert said == f"Внутренняя ошибка (RuntimeError), команда не закончена. Подробности в журнале: {log}.\n"
    line = json.loads(log.read_text(encoding="utf-8"))
    assert line["event"] == "cli.failed"
    assert "Traceback" in line["exception"]
    assert "abcdef123" not in line["exception"]


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        (Problem("Не вышло."), "Не вышло.\n", 1),
        (Refused("403 insufficient_scope", "Не хватает прав."), "Не хватает прав.\n", 1),
        (PermissionError(13, "Permission denied", "/x/y"), "/x/y: нет прав\n", 1),
        (click.Abort(), "Прервано.\n", 1),
        (Refused("x", "Токен token=abc123 отклонён"), "Токен token=*** отклонён\n", 1),
    ],
)
def test_known_failures_say_their_own_sentence(
    error: Exception, said: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(error, Session()) == code
    assert capsys.readouterr().err == said


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(cli, ["--version"])
    assert result.exit_code == 0
    assert result.output.startswith("sverka ")
