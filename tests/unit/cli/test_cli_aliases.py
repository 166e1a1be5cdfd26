"""`sverka aliases`: who pays for whom, ended lines on request."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli.app import cli
from hub.composition.hub import open_hub
from hub.config import create_key_file, load_config
from hub.domain.models import Client, Party, TaxId, TaxIdKind
from hub.services.aliases import CannotAlias, add_alias, end_alias

SETTINGS = """\
company:
  name: Ромашка
  tax_ids: ["7707654321"]
matching:
  shared_tax_ids: ["7700000049"]
"""


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    """Settings of a company whose CRM had one client."""
    path = tmp_path / "sverka.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    create_key_file(tmp_path / "data" / "secret.key")
    client = Client("5", ("ООО «Пион»",), (TaxId(TaxIdKind.RU_INN, "7700000016"),))
    with open_hub(load_config(path), connect=False) as hub, hub.rt.store.write() as uow:
        uow.clients.upsert("main", client)
    return path


def said(config_path: Path, *arguments: str) -> list[str]:
    result = CliRunner().invoke(cli, ["aliases", *arguments, "--config", str(config_path)])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.output.splitlines()


def test_the_list_says_who_pays_for_whom_by_whose_word_and_how_often(config_path: Path) -> None:
    assert said(config_path) == ["Правил нет."]
    assert said(config_path, "--lang", "en") == ["There are no rules."]
    with open_hub(load_config(config_path), connect=False) as hub:
        add_alias(hub.rt, Party("ИП Иванов", "500100732259"), "7700000016", "olga", "письмо")
        old = add_alias(hub.rt, Party(account="40802810100000000001"), "7700000016", "olga")
        end_alias(hub.rt, old.id, "ivan")
        today = f"{hub.clock.now().astimezone():%d.%m.%Y}"
    first = "1: ИП Иванов, 500100732259 платит за ООО «Пион», 7700000016"
    assert said(config_path) == [f"{first}; записано: olga, {today}; решено платежей: 0; письмо"]
    (_, ended) = said(config_path, "--all")
    assert ended.startswith("2: 40802810100000000001 платит за ООО «Пион», 7700000016; ")
    assert ended.endswith(f"прекращено: ivan, {today}")
    english = said(config_path, "--all", "--lang", "en")[1]
    assert english.endswith(f"ended by ivan, {today}")


def test_a_long_list_is_told_to_its_end(config_path: Path) -> None:
    with open_hub(load_config(config_path), connect=False) as hub:
        for number in range(203):
            add_alias(hub.rt, Party(tax_id=f"{5_001_000_000 + number}"), "7700000016", "olga")
    assert len(said(config_path)) == 203


@pytest.mark.parametrize(
    ("tax_id", "refusal"), [("7700000049", "платят за многих"), ("7707654321", "наше собственное юрлицо")]
)
def test_the_settings_say_who_we_are_and_who_else_pays_for_many(config_path: Path, tax_id: str, refusal: str) -> None:
    with open_hub(load_config(config_path), connect=False) as hub, pytest.raises(CannotAlias, match=refusal):
        add_alias(hub.rt, Party(tax_id=tax_id), "7700000016", "olga")
