"""What the served demo tells its watcher to open."""

from __future__ import annotations

from pathlib import Path

from hub.demo.expectations import ExpectedPayment, load_expectations
from hub.demo.guide import guide
from hub.demo.seen import SeenPayment
from hub.demo.story.days import TODAY
from hub.demo.world import Doors, World

ADDRESS = "http://127.0.0.1:8350"
DOORS = Doors(*({"control_url": f"http://127.0.0.1:{port}/__control__/"} for port in (4567, 4568, 4570, 4569)))


def seen(item: ExpectedPayment, id_: str) -> SeenPayment:
    return SeenPayment(
        item.sources,
        item.account,
        item.number,
        item.booked_on,
        item.amount,
        item.direction,
        item.decision,
        item.pile,
        "",
        item.allocations,
        id=id_,
    )


def told(tmp_path: Path, *payments: SeenPayment) -> str:
    return guide(ADDRESS, World(tmp_path, TODAY, "secret"), DOORS, load_expectations().payments, payments)


def test_pages_worth_a_look_are_named_by_what_they_show(tmp_path: Path) -> None:
    item = [item for item in load_expectations().payments if item.case == "three_sources"][-1]
    (line,) = [line for line in told(tmp_path, seen(item, "p42")).splitlines() if "/payments/" in line]
    assert line.strip().startswith(f"{ADDRESS}/payments/p42 ")
    assert "вебхука" in line


def test_a_payment_that_did_not_come_is_not_named(tmp_path: Path) -> None:
    assert "/payments/" not in told(tmp_path)


def test_both_crms_1c_and_the_command_for_more_money_are_named(tmp_path: Path) -> None:
    text = told(tmp_path)
    for port in (4567, 4568, 4570):
        assert f"http://127.0.0.1:{port}/__control__/write-log" in text
    assert f"--data-binary @{tmp_path / 'one-more.json'} http://127.0.0.1:4569/__control__/act" in text
