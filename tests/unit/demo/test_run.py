"""The whole demo with real processes: it proves the story, notices an altered statement, serves, and leaves nothing."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.demo.expectations import ExpectedPayment, load_expectations
from hub.demo.make import DATA
from hub.demo.processes import answers, ask, child_environment
from hub.demo.run import run

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


def test_once_proves_every_figure_of_the_story(tmp_path: Path) -> None:
    said: list[str] = []
    code = run(once=True, keep=tmp_path / "demo", say=said.append)
    text = "\n".join(said)
    assert code == 0, text
    assert "Каждая цифра сошлась с журналами записей обеих CRM, 1С и банков" in text
    assert "новых платежей 0, новых записей в CRM и 1С 0" in text
    assert "пароль" not in text


def altered(folder: Path) -> ExpectedPayment:
    """A copy of the statements where one payment's sum is ten roubles more; returns that payment."""
    victim = next(item for item in load_expectations().payments if item.case == "full" and len(item.sources) == 1)
    for source in (DATA / "statements").iterdir():
        raw = source.read_bytes()
        if source.name == victim.sources[0]:
            was = f"Номер={victim.number}".encode("cp1251")
            at = raw.index(f"Сумма={victim.amount.amount}".encode("cp1251"), raw.index(was))
            more = f"Сумма={victim.amount.amount + 10}".encode("cp1251")
            raw = raw[:at] + more + raw[at + len(more) :]
        (folder / source.name).write_bytes(raw)
    return victim


def test_one_changed_sum_fails_the_demo_and_names_the_payment(tmp_path: Path) -> None:
    folder = tmp_path / "statements"
    folder.mkdir()
    victim = altered(folder)
    said: list[str] = []
    assert run(once=True, statements=folder, keep=tmp_path / "demo", say=said.append) == 1
    (told,) = [line for line in "\n".join(said).splitlines() if "ожидалось сумма" in line]
    assert f"п/п № {victim.number} от {victim.booked_on:%d.%m.%Y}" in told
    assert victim.sources[0] in told


@pytest.fixture
def serving() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "hub", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=child_environment(),
    )
    with process:
        yield process
        process.kill()


def said_until_it_serves(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Остановить"):
            break
    return "".join(lines)


def address(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, text
    return found[1]


def test_without_once_it_serves_takes_one_more_payment_and_stops_everything(serving: subprocess.Popen[str]) -> None:
    text = said_until_it_serves(serving)
    desk = address(text, r"Страница бухгалтера: (\S+)")
    stand_ins = [
        address(text, rf"{name} работа\w+: (\S+)")
        for name in ("Битрикс24", "amoCRM", "1С:Бухгалтерия", "Точка и Т-Банк")
    ]
    assert re.search(r"Вход: demo, пароль: \S{10,}", text)
    assert answers(f"{desk}/health")
    moved = one_more(text, stand_ins[1])
    assert len(moved) == 1
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(30) == 0
    for url in (f"{desk}/health", *(f"{stand_in}/__control__/state" for stand_in in stand_ins)):
        assert not answers(url)


def one_more(text: str, amo: str) -> list[dict[str, Any]]:
    """Let the payment come that the demo offers; the moves of deals in amoCRM that follow."""
    order, bank = re.findall(r"--data-binary @(\S+) (\S+)", text)[0]
    before = moves(amo)
    ask(bank, json.loads(Path(order).read_text("utf-8")))
    ends_at = time.monotonic() + 60
    while moves(amo) == before and time.monotonic() < ends_at:
        time.sleep(0.5)
    return moves(amo)[len(before) :]


def moves(amo: str) -> list[dict[str, Any]]:
    return [row for row in ask(f"{amo}/__control__/write-log?kind=effect") if "status_id" in row["changed"]]
