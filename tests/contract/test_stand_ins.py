"""What is the same for every stand-in: its published schemas, and how its command says that it cannot start."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

SYSTEMS = ("accounting_1c", "amocrm", "bank", "bitrix24")


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def of(system: str, module: str, name: str) -> Any:
    return getattr(import_module(f"connectors.{system}.sandbox.{module}"), name)


def test_the_shipped_schemas_are_what_the_loaders_accept(system: str) -> None:
    formats = of(system, "formats", "FORMATS")
    published, generated = of(system, "formats", "published_schema"), of(system, "formats", "generated_schema")
    assert set(formats) == {"seed", "faults", "write_log"}
    for name in formats:
        assert published(name) == generated(name), name


def test_the_command_prints_its_schemas(system: str) -> None:
    command: click.Command = of(system, "cli", "command")
    for name in of(system, "formats", "FORMATS"):
        outcome = CliRunner().invoke(command, ["--schema", name])
        assert json.loads(outcome.output) == json.loads(of(system, "formats", "published_schema")(name)), name


def test_a_taken_port_and_a_log_that_cannot_be_written_are_explained(system: str, tmp_path: Path) -> None:
    command: click.Command = of(system, "cli", "command")
    running: Callable[[], AbstractContextManager[Any]] = of(system, "testing", "running_sandbox")
    log = tmp_path / "none" / "writes.jsonl"
    outcome = CliRunner().invoke(command, ["--write-log", str(log)])
    assert (outcome.exit_code, str(log) in outcome.output) == (1, True)
    with running() as sandbox:
        port = sandbox.url.rsplit(":", 1)[1]
        outcome = CliRunner().invoke(command, ["--port", port])
    assert (outcome.exit_code, f"Порт {port}" in outcome.output) == (1, True)
