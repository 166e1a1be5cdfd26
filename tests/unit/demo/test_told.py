"""The bank's side of the demo: the hub is subscribed, money comes, and every hook is waited for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.bank.sandbox.testing import running_sandbox
from hub.demo.processes import DemoError, ask
from hub.demo.story.calendar import TOCHKA
from hub.demo.story.days import moved
from hub.demo.told import BankLine
from hub.demo.world import World, make_world, moscow_today

NOBODY = "http://127.0.0.1:9/hooks/tochka/secret"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path / "demo", None)


def test_every_movement_is_told_twice_and_nobody_took_it_yet(world: World) -> None:
    seed = json.loads(world.seed_of("banks").read_text("utf-8"))
    rules = json.loads(world.bank_faults.read_text("utf-8"))["rules"]
    with running_sandbox(seed=seed, faults=rules) as sandbox:
        bank = BankLine(sandbox.control_url, NOBODY)
        bank.subscribe()
        acts = json.loads(world.hooks.read_text("utf-8"))["acts"]
        assert bank.tell(world.hooks) == 2 * len(acts) > 0
        assert not bank.is_silent()
        added = [item for item in sandbox.control.write_log.effects("operation") if item.method == "add"]
        assert {item.changed["account"][1] for item in added} == {TOCHKA.number}


def test_nothing_told_is_silence(world: World) -> None:
    with running_sandbox(seed=json.loads(world.seed_of("banks").read_text("utf-8"))) as sandbox:
        assert BankLine(sandbox.control_url, NOBODY).is_silent()


def test_a_stand_in_that_is_not_there_is_named() -> None:
    with pytest.raises(DemoError, match=r"127\.0\.0\.1:9/x"):
        ask("http://127.0.0.1:9/x")


def test_dates_of_the_story_move_together_in_any_encoding() -> None:
    today = moscow_today()
    raw = "Дата=30.06.2099 и 2099-06-30, а это 05.03.2026".encode("cp866")
    assert moved(raw, today).decode("cp866") == f"Дата={today:%d.%m.%Y} и {today.isoformat()}, а это 05.03.2026"
