"""The demo's folder: complete, private, and with a secret of its own in every run."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from hub.config import OneCConnection, load_config, rules_of
from hub.demo.expectations import load_expectations
from hub.demo.processes import DemoError
from hub.demo.story.calendar import MAIN, SERVICE, TBANK, TOCHKA
from hub.demo.world import Doors, make_world, write_config

ANNOUNCED = Doors(
    portal={"webhook_url": "http://127.0.0.1:4567/rest/1/abc/"},
    amo={"url": "http://127.0.0.1:4568", "access_token": "eyJ0"},
    books={
        "base_url": "http://127.0.0.1:4570/bp30/odata/standard.odata",
        "config": "bp30",
        "user": "Сверка",
        "password": "p1",
    },
    banks={
        "tochka": {
            "base_url": "http://127.0.0.1:4569/tochka/uapi",
            "public_key_url": "http://127.0.0.1:4569/tochka/key",
            "token": "t1",
            "accounts": [{"number": TOCHKA.number}],
        },
        "tbank": {
            "base_url": "http://127.0.0.1:4569/tbank/openapi",
            "token": "t2",
            "accounts": [{"number": TBANK.number}],
        },
    },
)


def test_the_settings_load_and_let_the_hub_act_from_the_storys_day(tmp_path: Path) -> None:
    world = make_world(tmp_path / "demo", None)
    expected = load_expectations(world.today)
    write_config(world, expected, ANNOUNCED, 8123)
    config = load_config(world.config)
    acting = [*config.connections.values(), *config.banks.values()]
    assert {item.acting_since for item in acting} == {expected.act_from}
    assert {name: item.system for name, item in config.connections.items()} == {
        "portal": "bitrix24",
        "amo": "amocrm",
        "books": "accounting_1c",
    }
    assert set(config.company.accounts) == set(expected.own_accounts)
    assert config.desk.port == 8123
    assert set(rules_of(config, "portal").rules.pipelines) == {"0", "4"}
    assert set(rules_of(config, "amo").rules.pipelines) == {"9101", "9104"}


def test_the_hub_marks_invoices_in_1c_and_may_write_nothing_else_there(tmp_path: Path) -> None:
    world = make_world(tmp_path / "demo", None)
    write_config(world, load_expectations(world.today), ANNOUNCED, 8123)
    config = load_config(world.config)
    books = config.connections["books"]
    assert isinstance(books, OneCConnection)
    assert (books.mark_paid, books.link_payments) == (True, False)
    assert rules_of(config, "books").rules.mark_invoices_paid
    (user,) = json.loads(world.seed_of("books").read_text("utf-8"))["users"]
    assert (user["write"], user["post"]) == (["InformationRegister_СтатусыДокументов"], [])


def test_each_bank_belongs_to_one_company_and_reads_the_last_days_only(tmp_path: Path) -> None:
    world = make_world(tmp_path / "demo", None)
    write_config(world, load_expectations(world.today), ANNOUNCED, 8123)
    banks = load_config(world.config).banks
    assert (banks["tochka"].tax_ids, banks["tbank"].tax_ids) == ((SERVICE.inn,), (MAIN.inn,))
    assert {bank.read_from for bank in banks.values()} == {world.today - timedelta(days=3)}


def test_every_run_has_other_secrets_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    worlds = [make_world(tmp_path / name, None) for name in ("one", "two")]
    seeds = [json.loads(world.seed_of("portal").read_text("utf-8")) for world in worlds]
    banks = [json.loads(world.seed_of("banks").read_text("utf-8")) for world in worlds]
    assert len({seed["webhooks"][0]["code"] for seed in seeds}) == 2
    books = [json.loads(world.seed_of("books").read_text("utf-8")) for world in worlds]
    assert len({seed["users"][0]["password"] for seed in books}) == 2
    assert len({seed[bank]["token"] for seed in banks for bank in ("tochka", "tbank")}) == 4
    assert len({world.hook_secret for world in worlds}) == 2
    write_config(worlds[0], load_expectations(), ANNOUNCED, 1)
    for path in (*(worlds[0].seed_of(name) for name in ("portal", "books", "banks")), worlds[0].config):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_last_days_end_today_in_every_file(tmp_path: Path) -> None:
    world = make_world(tmp_path / "demo", None)
    assert f"{world.today:%d.%m.%Y}".encode() in (world.statements / "09_tochka_till_noon.txt").read_bytes()
    for path in (world.seed_of("amo"), world.seed_of("books"), world.seed_of("banks"), world.hooks):
        assert b"2099-" not in path.read_bytes()


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
