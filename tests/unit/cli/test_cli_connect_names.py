"""Names that the settings could not hold are refused by `sverka connect` before anything is asked for or written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.app import cli
from hub.cli.connecting import write_settings
from hub.cli.session import Problem
from hub.config import load_config

SYSTEMS = (("bitrix24",), ("amocrm",), ("1c",), ("bank", "tochka"), ("bank", "tbank"))
BAD_NAMES = ("Плохое имя", "Amo", "Бух", "../../evil", "", "a" * 33, "x\n")
LEAST = "company:\n  name: Ромашка\n"
SIGNING_KEY = "whsec_" + "A" * 43 + "="
ONLY = "имя подключения: латинские строчные буквы, цифры, «-» и «_», до 32 знаков, первая — буква"

REPORTS = f"payment_reports:\n  tochka: {{hook_secret: 1234567890abcdef, signing_secret: {SIGNING_KEY}}}\n"


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    folder = tmp_path / "в" / "папке"
    CliRunner().invoke(cli, ["init", str(folder)])
    return folder / "sverka.yaml"


def run(config_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config_path), *arguments], input="тайна\n" * 5)


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("system", SYSTEMS, ids=" ".join)
@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_settings_cannot_hold_is_refused_first(
    config_path: Path, tmp_path: Path, system: tuple[str, ...], name: str
) -> None:
    before = files(tmp_path)
    result = run(config_path, "connect", *system, "--name", name)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"sverka connect {' '.join(system[:1])}: --name: {ONLY}")
    assert result.stdout == "", "nothing is asked for"
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("system", "block", "where"),
    [
        (("bitrix24",), "banks:\n  tochka:\n    bank: tochka\n", "banks.tochka"),
        (("1c",), "banks:\n  tochka:\n    bank: tochka\n", "banks.tochka"),
        (("amocrm",), REPORTS, "payment_reports.tochka"),
    ],
)
def test_a_name_of_a_bank_or_of_a_reporting_system_is_taken(
    config_path: Path, system: tuple[str, ...], block: str, where: str
) -> None:
    config_path.write_text(LEAST + block, encoding="utf-8")
    before = config_path.read_bytes()
    result = run(config_path, "connect", *system, "--name", "tochka")
    assert result.exit_code == 1, result.output
    assert f"Имя «tochka» уже занято в {config_path} ({where})" in result.stderr
    assert "--name" in result.stderr
    assert config_path.read_bytes() == before


def test_settings_that_the_addition_would_break_stay_as_they_were(config_path: Path) -> None:
    config_path.write_text(LEAST, encoding="utf-8")
    config = load_config(config_path)
    edited = f"{LEAST}connections:\n  Amo:\n    system: amocrm\n    address: https://a.amocrm.ru\n"
    with pytest.raises(Problem) as caught:
        write_settings(config, edited)
    assert "не изменён" in str(caught.value)
    assert "connections.Amo" in str(caught.value)
    assert config_path.read_text("utf-8") == LEAST
