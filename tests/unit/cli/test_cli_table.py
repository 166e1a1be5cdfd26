"""`sverka table`, and a company's table in `match`, `check`, `doctor` and `replay`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from hub.cli.app import cli
from hub.composition.hub import open_hub
from hub.config import create_key_file, load_config
from hub.domain.matching import SHIPPED
from hub.store import tables as t
from tests.unit.cli.test_cli_again import config_path
from tests.unit.cli.test_cli_matching import INVOICE, PAYMENT, decisions, lines_file
from tests.unit.matching.own_tables import LEAST, own, with_outcome

__all__ = ["config_path"]
STRICTER = with_outcome("number_sum_client", "suggest")
# The payment of the hub under test is known by its name alone.
STRICTER_OF_NAMES = with_outcome("number_sum_name", "suggest")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(item) for item in arguments])


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SVERKA_CONFIG", raising=False)
    return tmp_path


def stricter(folder: Path, text: str = STRICTER) -> Path:
    path = folder / "моя.toml"
    path.write_text(text, encoding="utf-8")
    return path


def named_in(config_path: Path, table: Path) -> None:
    text = config_path.read_text(encoding="utf-8")
    config_path.write_text(f"{text}matching:\n  table: {table.name}\n", encoding="utf-8")


def test_the_hubs_table_is_told_in_words_without_any_settings(elsewhere: Path) -> None:
    result = run("table")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Таблица решений, версия {SHIPPED.version}.")
    assert "21. number_sum_client\n   если номер — назван верно;\n" in result.stdout
    assert "   то   решает машина\n" in result.stdout
    assert result.stdout.count("   то   ") == len(SHIPPED.rows)
    assert "then the machine decides" in run("--lang", "en", "table").stdout


def test_the_active_table_is_told_where_the_settings_name_one(tmp_path: Path) -> None:
    path = tmp_path / "sverka.yaml"
    path.write_text("company: {name: Ромашка}\nlanguage: en\nmatching: {table: моя.toml}\n", encoding="utf-8")
    (tmp_path / "моя.toml").write_text(LEAST, encoding="utf-8")
    result = run("--config", path, "table")
    assert result.stdout.startswith(f"Decision table, version {own(LEAST).version}.")
    assert "1. everything\n   if   anything else\n   then suggest it to a person\n" in result.stdout


def test_a_copy_is_written_once_and_differs_in_nothing(elsewhere: Path) -> None:
    copy = elsewhere / "моя.toml"
    assert run("table", "--copy", copy).exit_code == 0
    assert copy.read_text(encoding="utf-8") == SHIPPED.text
    again = run("table", "--copy", copy)
    assert (again.exit_code, "уже есть" in again.stderr) == (2, True)
    result = run("table", "--check", copy)
    assert result.exit_code == 0
    assert result.stdout == "Ошибок нет. Версия 4, строк 57.\nРешает так же, как таблица хаба.\n"


def test_a_changed_table_is_told_with_what_it_changes(elsewhere: Path) -> None:
    result = run("table", "--check", stricter(elsewhere))
    assert (result.exit_code, result.stderr) == (0, "")
    first, second, outcome, shift = result.stdout.splitlines()
    assert first == f"Ошибок нет. Версия {own(STRICTER).version}, строк 57."
    assert second == "Отличия от таблицы хаба (версия 4):"
    assert outcome == "  ~ number_sum_client: решает машина → предложить человеку"
    assert shift.startswith("  = решает машина → предложить человеку: сочетаний вердиктов ")


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "строка 43 (sum_name), outcome: auto там"), ("en", "row 43 (sum")]
)
def test_a_table_that_breaks_a_law_is_refused(elsewhere: Path, language: str, words: str) -> None:
    path = elsewhere / "моя.toml"
    path.write_text(with_outcome("sum_name", "auto"), encoding="utf-8")
    result = run("--lang", language, "table", "--check", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{path}:" in result.stderr
    assert words in result.stderr


def test_two_wishes_at_once_are_refused(elsewhere: Path) -> None:
    path = stricter(elsewhere)
    assert run("table", "--check", path, "--copy", elsewhere / "x.toml").exit_code == 2


def test_files_are_matched_by_a_companys_table(elsewhere: Path) -> None:
    payments, invoices = lines_file(elsewhere / "p.jsonl", PAYMENT), lines_file(elsewhere / "i.jsonl", INVOICE)
    files = ("--payments", payments, "--invoices", invoices)
    assert decisions(run("match", *files).stdout)[0]["decision"] == "auto"
    result = run("match", *files, "--table", stricter(elsewhere))
    (line,) = decisions(result.stdout)
    assert line["decision"] == "suggest"
    assert line["reason"].endswith("Таблица решений компании оставляет это человеку.")
    assert result.stderr == f"Таблица решений: {own(STRICTER).version}\nsuggest 1\n"
    bundles = lines_file(elsewhere / "b.jsonl", {"payments": [PAYMENT], "invoices": [INVOICE]})
    assert (
        decisions(run("match", "--bundles", bundles, "--table", stricter(elsewhere)).stdout)[0]["decision"] == "suggest"
    )
    broken = elsewhere / "broken.toml"
    broken.write_text("x", encoding="utf-8")
    assert run("match", *files, "--table", broken).exit_code == 2


def test_check_and_doctor_look_at_the_companys_table(tmp_path: Path) -> None:
    path = tmp_path / "sverka.yaml"
    path.write_text("company: {name: Ромашка}\nmatching: {table: моя.toml}\n", encoding="utf-8")
    create_key_file(tmp_path / "data" / "secret.key")
    missing = run("--config", path, "check", "--offline")
    assert (missing.exit_code, "моя.toml: файл не читается: такого файла нет" in missing.output) == (1, True)
    assert "внимание  таблица решений: ошибок в файле" in run("--config", path, "doctor").output
    assert "такого файла нет" in run("--config", path, "status").stderr
    stricter(tmp_path)
    assert run("--config", path, "check", "--offline").exit_code == 0
    examined = run("--config", path, "doctor").output
    assert f"порядок   таблица решений: своя, {tmp_path / 'моя.toml'}, версия {own(STRICTER).version}" in examined


def test_a_replay_shows_what_another_table_would_decide(config_path: Path, tmp_path: Path) -> None:
    table = stricter(tmp_path, STRICTER_OF_NAMES)
    shown = run("--config", config_path, "replay", "p1", "--table", table)
    assert "стало: предложит человеку (number_sum_name)" in shown.output
    assert "стало: сопоставит машина" in run("--config", config_path, "replay", "p1").output
    refused = run("--config", config_path, "replay", "p1", "--table", table, "--apply")
    assert (refused.exit_code, "matching.table" in refused.stderr) == (2, True)


def test_every_decision_of_two_tables_follows_from_its_own(config_path: Path, tmp_path: Path) -> None:
    run("--config", config_path, "replay", "p1", "--apply", "--yes")
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.write() as uow:
        assert uow.decision_tables.text(SHIPPED.version) == SHIPPED.text
    named_in(config_path, stricter(tmp_path, STRICTER_OF_NAMES))
    run("--config", config_path, "replay", "p1", "--apply", "--yes", "--undo-changed")
    versions = run("--config", config_path, "replay", "p1", "--as-decided").output
    assert own(STRICTER_OF_NAMES).version in versions
    result = run("--config", config_path, "replay", "--verify")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.output.startswith("Решений 2: сошлось 2, не сошлось 0; принято без таблицы 0")
    assert run("--config", config_path, "replay", "--verify", "--apply").exit_code == 2
    assert run("--config", config_path, "replay", "--verify", "--file", "2").output.startswith("Решений 0:")
    assert "Decisions 2: the same 2" in run("--lang", "en", "--config", config_path, "replay", "p1", "--verify").output


def test_a_decision_changed_by_hand_and_a_table_that_is_gone_are_told(config_path: Path) -> None:
    run("--config", config_path, "replay", "p1", "--apply", "--yes")
    with open_hub(load_config(config_path), connect=False) as hub, hub.database.write() as connection:
        newest = connection.execute(select(t.decisions).order_by(t.decisions.c.id.desc())).first()
        assert newest is not None
        body = {**newest.body, "code": "sum_client"}
        connection.execute(update(t.decisions).where(t.decisions.c.id == newest.id).values(body=body))
    result = run("--config", config_path, "replay", "p1", "--verify")
    assert result.exit_code == 1
    assert "НЕ СОШЛОСЬ p1, " in result.output
    assert "таблица 4, code: записано «sum_client», следует «number_sum_name»" in result.output
    with open_hub(load_config(config_path), connect=False) as hub, hub.database.write() as connection:
        body = {**newest.body, "version": "reader 1, table 1"}
        connection.execute(update(t.decisions).where(t.decisions.c.id == newest.id).values(body=body))
    result = run("--config", config_path, "replay", "p1", "--verify")
    assert result.exit_code == 0
    assert "По таблице версии 1 решено раньше, чем таблицы стали храниться: не проверено решений 1" in result.output
    with open_hub(load_config(config_path), connect=False) as hub, hub.database.write() as connection:
        body = {**newest.body, "version": "reader 1, table 3+0123456789ab"}
        connection.execute(update(t.decisions).where(t.decisions.c.id == newest.id).values(body=body))
    result = run("--config", config_path, "replay", "p1", "--verify")
    assert "Таблицы версии 3+0123456789ab в базе нет: не проверено решений 1" in result.output
