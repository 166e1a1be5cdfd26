"""The published formats, the command line, the write log on disk, the examples of the guide."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.bank.sandbox.cli import command
from connectors.bank.sandbox.defaults import default_seed
from connectors.bank.sandbox.faults import FaultScript
from connectors.bank.sandbox.formats import published_schema
from connectors.bank.sandbox.seed import Seed
from connectors.bank.sandbox.testing import running_sandbox
from tests.support.stand_ins import assert_file_refused, assert_seed_refused, validator_of

from .banks import TOCHKA, paid, seed
from .clients import Tochka

ROOT = Path(__file__).parents[3]


def test_the_default_seed_passes_both_the_schema_and_the_loader() -> None:
    validator_of(published_schema("seed")).validate(json.loads(default_seed().model_dump_json()))


def test_the_default_banks_have_something_of_everything() -> None:
    with running_sandbox() as sandbox:
        operations = sandbox.control.operations()
    assert {row["status"] for row in operations} == {"booked", "pending", "hold"}
    assert {row["direction"] for row in operations} == {"in", "out"}


@pytest.mark.parametrize(
    ("name", "model", "document", "field"),
    [
        ("seed", Seed, {"operations": [{"account": TOCHKA, "amount": "1.00", "sum": 1}]}, "operations[0].sum"),
        ("seed", Seed, {"operations": [{"account": TOCHKA}]}, "operations[0].amount"),
        ("seed", Seed, {"operations": [{"account": "408", "amount": "1.00"}]}, "operations[0].account"),
        ("seed", Seed, {"settings": {"tochka": {"jwk_form": "pem"}}}, "settings.tochka.jwk_form"),
        ("seed", Seed, {"accounts": []}, "accounts"),
        ("faults", FaultScript, {"rules": [{"action": {"kind": "explode"}}]}, "rules[0].action"),
        ("faults", FaultScript, {"rules": [{"action": {"kind": "act", "do": {"act": "burn"}}}]}, "rules[0].action"),
    ],
)
def test_faulty_files_are_refused_by_schema_and_loader_with_file_and_field(
    tmp_path: Path, name: str, model: type[Seed] | type[FaultScript], document: dict[str, Any], field: str
) -> None:
    assert_file_refused(tmp_path, published_schema, name, model, document, field)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (seed(paid("4" * 20, 1)), "operations[0].account"),
        (seed(paid(TOCHKA, 1, id=1), paid(TOCHKA, 2, id=1)), "operations[1].id"),
        ({"accounts": [{"bank": "tochka", "number": TOCHKA}] * 2}, "accounts[1].number"),
    ],
)
def test_a_seed_that_does_not_fit_together_is_refused(tmp_path: Path, document: dict[str, Any], field: str) -> None:
    assert_seed_refused(tmp_path, command, document, field)


def test_the_examples_of_the_guide_are_valid() -> None:
    guide = (ROOT / "docs" / "sandbox-bank.md").read_text(encoding="utf-8")
    announced, given, faults, line = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    with running_sandbox(json.loads(given), FaultScript.model_validate_json(faults)) as sandbox:
        assert sandbox.control.operation(1)["amount"] == "12200.00"
    assert json.loads(announced)["system"] == "bank"
    validator_of(published_schema("write_log")).validate(json.loads(line))


def test_every_line_of_the_write_log_fits_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "writes.jsonl"
    with running_sandbox(seed(paid(TOCHKA, 15, id=1)), write_log=path) as sandbox:
        tochka = Tochka(sandbox)
        tochka.order("2026-02-15", "2026-02-15")
        tochka.order("2026-02-15", "2026-02-14")
        sandbox.control.add(paid(TOCHKA, 16, tax={"kbk": "1"}))
        sandbox.control.correct(1, counterparty={"name": "Другой"}, document_date="2026-02-13")
        tochka.http.close()
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        validator_of(published_schema("write_log")).validate(line)
    assert [(line["kind"], line["source"], line["method"], line["applied"]) for line in lines] == [
        ("effect", "rest", "tochka.statements.create", True),
        ("call", "rest", "tochka.statements.create", True),
        ("call", "rest", "tochka.statements.create", False),
        ("effect", "control", "add", True),
        ("effect", "control", "correct", True),
    ]


def test_the_command_announces_both_banks_in_one_line_and_stops_on_sigterm() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "connectors.bank.sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    with process.stdout as out:
        announced = json.loads(out.readline())
        for bank, path in (("tochka", "/open-banking/v1.0/accounts"), ("tbank", "/api/v4/bank-accounts")):
            headers = {"Authorization": f"Bearer {announced[bank]['token']}"}
            answer = httpx.get(announced[bank]["base_url"] + path, headers=headers, trust_env=False)
            assert announced[bank]["accounts"][0]["number"] in answer.text
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert out.read() == ""
