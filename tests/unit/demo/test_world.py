"""The demo's folder: complete, private, and with a secret of its own in every run."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from hub.config import load_config, rules_of
from hub.demo.expectations import load_expectations
from hub.demo.processes import DemoError
from hub.demo.world import CONNECTION, make_world, write_config

WEBHOOK = "http://127.0.0.1:4567/rest/1/abc/"


def test_the_settings_load_and_let_the_hub_act_from_the_storys_day(tmp_path: Path) -> None:
    expected = load_expectations()
    world = make_world(tmp_path / "demo", None)
    write_config(world, expected, WEBHOOK, 8123)
    config = load_config(world.config)
    connection = config.connections[CONNECTION]
    assert connection.acting_since == expected.act_from
    assert set(config.company.accounts) == set(expected.own_accounts)
    assert config.desk.port == 8123
    assert set(rules_of(config, CONNECTION).rules.pipelines) == {"0", "4"}


def test_every_run_has_another_webhook_code_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    worlds = [make_world(tmp_path / name, None) for name in ("one", "two")]
    codes = {json.loads(world.seed.read_text("utf-8"))["webhooks"][0]["code"] for world in worlds}
    assert len(codes) == 2
    write_config(worlds[0], load_expectations(), WEBHOOK, 1)
    for path in (worlds[0].seed, worlds[0].config):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_other_statements_may_stand_in_for_the_shipped_ones(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "a.txt").write_bytes(b"1CClientBankExchange\r\n")
    (mine / "notes.md").write_text("not a statement", "utf-8")
    world = make_world(tmp_path / "demo", mine)
    assert [path.name for path in world.statements.iterdir()] == ["a.txt"]


def test_a_folder_without_statements_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(DemoError, match=r"mine: нет ни одного файла выписки"):
        make_world(tmp_path / "demo", tmp_path / "mine")


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(DemoError, match="папка не пуста"):
        make_world(tmp_path, None)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
