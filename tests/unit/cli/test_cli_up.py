"""`sverka up` as a person runs it: it says where the desk is, answers, and stops when asked."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
from click.testing import CliRunner

from hub.cli.app import cli
from hub.composition.hub import Hub, open_hub
from hub.config import load_config
from hub.ports.records import PaymentState
from tests.store.builders import add_payment, decision
from tests.support.live import environment, wait_for
from tests.unit.matching.own_tables import LEAST, own

SETTINGS = "company: {name: Ромашка}\ndesk: {port: 0}\n"


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hub", "up", "--config", str(folder / "sverka.yaml")]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(PYTHONUTF8="1")
    )


def test_up_prints_the_desks_address_answers_and_ends_on_sigterm(tmp_path: Path) -> None:
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    (tmp_path / "sverka.yaml").write_text(SETTINGS, encoding="utf-8")
    with start(tmp_path) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            assert said.startswith("Страница бухгалтера: http://127.0.0.1:")
            assert httpx.get(f"{said.split()[-1]}/health", timeout=30).status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_up_decides_anew_what_waits_by_the_word_of_another_table(tmp_path: Path) -> None:
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    settings = tmp_path / "sverka.yaml"
    settings.write_text(f"{SETTINGS}matching: {{table: own.toml}}\n", encoding="utf-8")
    (tmp_path / "own.toml").write_text(LEAST, encoding="utf-8")
    with open_hub(load_config(settings), connect=False) as hub, hub.rt.store.write() as uow:
        payment = add_payment(uow)
        by_another = replace(decision(payment), version="reader 1, table 1")
        uow.payments.decide(payment, by_another, PaymentState.NEEDS_YOU, (), hub.clock.now())
    with start(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            with open_hub(load_config(settings), connect=False) as hub:
                version = own(LEAST).version
                wait_for(lambda: (decided_by(hub, payment) or "").endswith(version), 60, "the payment decided anew")
                assert [line.event for line in hub.queries.journal()].count("table.changed") == 1
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def decided_by(hub: Hub, payment_id: str) -> str | None:
    with hub.rt.store.read() as uow:
        row = uow.payments.get(payment_id)
    return row.decision.version if row is not None and row.decision is not None else None


def test_up_without_its_key_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "sverka.yaml").write_text(SETTINGS, encoding="utf-8")
    with start(tmp_path) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "sverka init" in said
    assert "Traceback" not in said


def test_up_on_a_taken_port_names_the_setting(tmp_path: Path) -> None:
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "sverka.yaml").write_text(SETTINGS.replace("port: 0", f"port: {port}"), encoding="utf-8")
        with start(tmp_path) as process:
            _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"127.0.0.1:{port} занят" in said
    assert "desk.port" in said
