"""A database that does not answer or is broken: every command names it, without its password, and what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.app import cli
from hub.cli.database_trouble import database_trouble
from hub.config import Config, load_config
from hub.ports.store import StoreUnavailable

SECRET = "SECRETpw1"
SILENT = f"postgresql://sverka:{SECRET}@127.0.0.1:9/sverka?password={SECRET}"
COMMANDS = (("status",), ("check",), ("doctor",), ("aliases",), ("user", "passwd", "x", "--password-stdin"))


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    return tmp_path / "sverka.yaml"


def run(config_path: Path, *arguments: str, database: str) -> Result:
    environment = {"SVERKA_DATABASE": database}
    return CliRunner().invoke(cli, ["--config", str(config_path), *arguments], env=environment, input="long-password\n")


def text(result: Result) -> str:
    assert result.exit_code in (1, 2)
    assert "Внутренняя ошибка" not in result.output
    assert SECRET not in result.output
    return result.output.replace("База ", "база ")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_silent_server_is_named_without_its_password(config_path: Path, command: tuple[str, ...]) -> None:
    said = text(run(config_path, *command, database=SILENT))
    assert "postgresql://…@127.0.0.1:9/sverka не отвечает: проверьте" in said


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_damaged_file_is_named(config_path: Path, command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "broken.sqlite3"
    file.write_bytes(b"no database at all, " * 500)
    said = text(run(config_path, *command, database=f"sqlite:///{file}"))
    assert f"{file} повреждена" in said


def test_a_folder_in_place_of_the_file_is_said(config_path: Path, tmp_path: Path) -> None:
    said = text(run(config_path, "status", database=f"sqlite:///{tmp_path}"))
    assert f"база {tmp_path} не открывается: это папка" in said


@pytest.mark.parametrize("place", ["host:port/x", "host:99999/x", "host:0/x", f"127.0.0.1@{SECRET}:x/y", "a b:1:2/x"])
def test_an_address_that_cannot_be_read_is_a_fault_of_the_settings(config_path: Path, place: str) -> None:
    result = run(config_path, "status", database=f"postgresql://u:{SECRET}@{place}")
    assert result.exit_code == 2
    assert text(result).startswith("SVERKA_DATABASE: ")
    assert "порт" in result.output


@pytest.mark.parametrize(
    "place",
    ["h/x", "h:5432/x", "u@h/x", "u:p%40@h:5432/x?sslmode=require", "[::1]:5432/x", "/x?host=/var/run", "u:a/b#c@h/x"],
)
def test_addresses_that_can_be_read_stay(config_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVERKA_DATABASE", f"postgresql://{place}")
    assert load_config(config_path).database_url == f"postgresql+psycopg://{place}"


def test_the_doctor_says_it_in_the_line_of_the_database(config_path: Path) -> None:
    lines = text(run(config_path, "doctor", database=SILENT)).splitlines()
    assert lines[-1].startswith("внимание  база: postgresql://…@127.0.0.1:9/sverka не отвечает")
    assert any(line.startswith("порядок   ключ") for line in lines)


def test_the_doctor_names_a_folder_that_cannot_be_made(config_path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lines = text(run(config_path, "doctor", database=f"sqlite:///{tmp_path}/file/base.sqlite3")).splitlines()
    assert lines[-1].startswith("внимание  база: ")
    assert str(tmp_path / "file") in lines[-1]


def test_the_check_still_prints_what_the_files_say(config_path: Path) -> None:
    lines = text(run(config_path, "check", database=SILENT)).splitlines()
    assert any("company.tax_ids" in line for line in lines)
    assert lines[-2].startswith("SVERKA_DATABASE: база postgresql://…@127.0.0.1:9/sverka не отвечает")
    assert lines[-1] == "Ошибок: 1, предупреждений: 2."


def settings(tmp_path: Path, database: str) -> Config:
    path = tmp_path / "s.yaml"
    path.write_text(f"company: {{name: X}}\ndatabase: {database}\n", encoding="utf-8")
    return load_config(path)


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ('FATAL: password authentication failed for user "u"', "имя и пароль"),
        ("failed to resolve host 'nohost': [Errno -2]", "имя узла не найдено"),
        ('FATAL: database "x" does not exist', "такой базы"),
        ("anything else", "PostgreSQL запущен"),
    ],
)
def test_reasons_of_a_server(tmp_path: Path, said: str, part: str) -> None:
    error = StoreUnavailable("no answer")
    error.__cause__ = RuntimeError(said)
    found = database_trouble(error, settings(tmp_path, f"postgresql://u:{SECRET}@h/x"))
    assert found is not None
    assert found.startswith("база postgresql://…@h/x ")
    assert part in found


def test_other_errors_are_not_the_databases(tmp_path: Path) -> None:
    assert database_trouble(ValueError("x"), settings(tmp_path, "postgresql://h/x")) is None
    assert database_trouble(sqlite3.IntegrityError("x"), settings(tmp_path, "sqlite:///x.sqlite3")) is None


def test_a_busy_file_is_said_so(tmp_path: Path) -> None:
    config = settings(tmp_path, "sqlite:///x.sqlite3")
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert "занята другой программой" in (database_trouble(error, config) or "")
    assert "не отвечает" in (database_trouble(StoreUnavailable("x"), config) or "")
