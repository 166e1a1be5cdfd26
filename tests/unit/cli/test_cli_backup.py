"""`sverka backup` and `sverka restore`: what they ask, refuse and say."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.app import cli
from hub.composition.hub import open_hub
from hub.config import create_key_file, load_config
from tests.unit.cli.test_cli_hub import SETTINGS, STATEMENT

PORT = "desk: {port: %d}\n"


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    """Settings of a hub that has taken one statement in."""
    path = tmp_path / "sverka.yaml"
    path.write_text(SETTINGS + PORT % 0, encoding="utf-8")
    create_key_file(tmp_path / "data" / "secret.key")
    file = tmp_path / "март.txt"
    file.write_text(STATEMENT.format(more=""), encoding="utf-8")
    assert run(path, "import", file).exit_code == 0
    return path


def run(config_path: Path, *arguments: str | Path, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config_path), *map(str, arguments)], input=typed)


def payments(config_path: Path) -> int:
    with open_hub(load_config(config_path), connect=False) as hub:
        return sum(totals.count for name, totals in hub.queries.piles().items() if name.value == "all")


def test_a_copy_is_made_and_says_that_the_key_is_not_in_it(config_path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gz"
    result = run(config_path, "backup", copy)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "secret.key храните отдельно" in result.output
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    key = (tmp_path / "data" / "secret.key").read_bytes().strip()
    assert key not in copy.read_bytes()


def test_a_file_that_is_there_is_not_overwritten_unless_told(config_path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gz"
    copy.write_bytes(b"mine")
    result = run(config_path, "backup", copy)
    assert (result.exit_code, "--force" in result.stderr) == (1, True)
    assert copy.read_bytes() == b"mine"
    assert run(config_path, "backup", copy, "--force").exit_code == 0
    assert copy.read_bytes() != b"mine"


def test_a_restored_hub_has_the_copys_payments_is_paused_and_says_what_to_do(config_path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gz"
    run(config_path, "backup", copy)
    file = tmp_path / "апрель.txt"
    file.write_text(STATEMENT.format(more="").replace("1500.00", "1700.00"), encoding="utf-8")
    run(config_path, "import", file)
    assert payments(config_path) == 2
    result = run(config_path, "restore", copy, typed="y\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "before-restore" in result.output
    assert "sverka resume" in result.output
    assert payments(config_path) == 1
    assert run(config_path, "status").output.startswith("ОСТАНОВЛЕНО (cli")
    assert "журнал: цепочка записей цела" in run(config_path, "doctor").output
    journal = run(config_path, "export-audit", "--subject", "hub").output
    assert '"event": "hub.restored"' in journal


def test_without_a_yes_nothing_is_restored(config_path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gz"
    run(config_path, "backup", copy)
    result = run(config_path, "restore", copy, typed="n\n")
    assert result.exit_code == 1
    assert "Прервано" in result.stderr
    assert "ОСТАНОВЛЕНО" not in run(config_path, "status").output


def test_a_running_hub_is_noticed_by_its_database_and_by_its_address(config_path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gz"
    run(config_path, "backup", copy)
    with open_hub(load_config(config_path), connect=False) as hub:
        hub.queries.overview()
        result = run(config_path, "restore", copy, "--yes")
        assert (result.exit_code, "остановите его" in result.stderr) == (1, True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        config_path.write_text(SETTINGS + PORT % port, encoding="utf-8")
        result = run(config_path, "restore", copy, "--yes")
        assert (result.exit_code, f"127.0.0.1:{port}" in result.stderr) == (1, True)
    assert payments(config_path) == 1


def test_a_file_that_is_no_copy_is_refused_in_a_sentence(config_path: Path, tmp_path: Path) -> None:
    strange = tmp_path / "copy.gz"
    strange.write_bytes(b"PK\x03\x04")
    result = run(config_path, "restore", strange, "--yes")
    assert result.exit_code == 1
    assert "это не резервная копия sverka" in result.stderr
    assert payments(config_path) == 1
