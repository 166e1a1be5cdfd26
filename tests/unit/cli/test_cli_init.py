"""`sverka init` and `sverka check --offline`: a folder from nothing, and its faults."""

from __future__ import annotations

import stat
from pathlib import Path

from click.testing import CliRunner, Result

from hub.cli.app import cli
from hub.composition.hub import open_hub
from hub.config import load_config

FINE = """\
company:
  name: Ромашка
  tax_ids: ["7707083893"]
  accounts: ["40702810900000012345"]
connections:
  main:
    system: bitrix24
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(item) for item in arguments])


def test_init_makes_settings_key_and_folders_and_says_what_is_next(tmp_path: Path) -> None:
    folder = tmp_path / "сверка"
    result = run("init", folder)
    assert result.exit_code == 0
    assert (folder / "sverka.yaml").is_file()
    assert (folder / "mappings").is_dir()
    assert stat.S_IMODE((folder / "data" / "secret.key").stat().st_mode) == 0o600
    assert "sverka connect bitrix24" in result.output


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "sverka.yaml").write_text("# моё\n", encoding="utf-8")
    result = run("init", tmp_path)
    assert result.exit_code == 1
    assert "уже есть, ничего не изменено" in result.stderr
    assert (tmp_path / "sverka.yaml").read_text(encoding="utf-8") == "# моё\n"
    assert not (tmp_path / "data").exists()


def test_init_keeps_an_old_key(tmp_path: Path) -> None:
    run("init", tmp_path)
    key = (tmp_path / "data" / "secret.key").read_bytes()
    (tmp_path / "sverka.yaml").unlink()
    result = run("init", tmp_path)
    assert "уже был, он остался" in result.output
    assert (tmp_path / "data" / "secret.key").read_bytes() == key


def test_settings_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    run("init", tmp_path)
    assert stat.S_IMODE((tmp_path / "sverka.yaml").stat().st_mode) == 0o600


def test_init_makes_the_key_that_ready_settings_miss(tmp_path: Path) -> None:
    config = tmp_path / "моё.yaml"
    config.write_text(FINE + "secret_key_file: ключи/key\n", encoding="utf-8")
    assert "sverka init" in run("status", "--config", config).stderr
    result = run("--config", config, "init")
    assert result.exit_code == 0
    assert f"Создан ключ {tmp_path / 'ключи' / 'key'}" in result.output
    assert "введите их заново: sverka connect" in result.output
    assert config.read_text(encoding="utf-8") == FINE + "secret_key_file: ключи/key\n"
    assert run("status", "--config", config).exit_code == 0
    again = run("--config", config, "init")
    assert (again.exit_code, "ничего не изменено" in again.stderr) == (1, True)


def test_what_the_lost_key_encrypted_is_named_by_the_check(tmp_path: Path) -> None:
    run("init", tmp_path)
    config = tmp_path / "sverka.yaml"
    config.write_text(FINE, encoding="utf-8")
    with open_hub(load_config(config), connect=False) as hub:
        hub.tokens.put("main", "webhook_url", "https://company.bitrix24.ru/rest/1/abcdef/")
    (tmp_path / "data" / "secret.key").unlink()
    assert run("init", tmp_path).exit_code == 0
    result = run("check", "--config", config)
    assert result.exit_code == 1
    assert "зашифрована другим ключом" in result.output
    assert "Внутренняя ошибка" not in result.output


def test_fresh_settings_pass_the_check_with_advice(tmp_path: Path) -> None:
    run("init", tmp_path)
    result = run("check", "--offline", "--config", tmp_path / "sverka.yaml")
    assert result.exit_code == 0
    assert "предупреждение: company.tax_ids" in result.output
    assert result.output.endswith("Ошибок: 0, предупреждений: 2.\n")


def test_check_speaks_english_when_asked(tmp_path: Path) -> None:
    run("init", tmp_path)
    result = run("check", "--offline", "--lang", "en", "--config", tmp_path / "sverka.yaml")
    assert result.output.endswith("Errors: 0, warnings: 2.\n")


def test_check_names_faults_of_settings_and_rules_with_their_lines(tmp_path: Path) -> None:
    run("init", tmp_path)
    config = tmp_path / "sverka.yaml"
    config.write_text(FINE, encoding="utf-8")
    rules = tmp_path / "mappings" / "main.yaml"
    rules.write_text("pipelines:\n  0:\n    deal_payd: {stage: X}\n", encoding="utf-8")
    result = run("check", "--offline", "--config", config)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{rules}:3: pipelines.0.deal_payd: такого поля нет: может быть, «deal_paid»?",
        "Ошибок: 1, предупреждений: 0.",
    ]


def test_check_of_unreadable_settings_ends_with_code_2(tmp_path: Path) -> None:
    config = tmp_path / "sverka.yaml"
    config.write_text("company:\n\tname: x\n", encoding="utf-8")
    result = run("check", "--offline", "--config", config)
    assert result.exit_code == 2
    assert result.output.splitlines()[0] == f"{config}:2: отступ табуляцией: в YAML отступают пробелами"


def test_check_misses_the_key_file(tmp_path: Path) -> None:
    config = tmp_path / "sverka.yaml"
    config.write_text(FINE, encoding="utf-8")
    result = run("check", "--offline", "--config", config)
    assert result.exit_code == 1
    assert "secret_key_file: файла ключа" in result.output
