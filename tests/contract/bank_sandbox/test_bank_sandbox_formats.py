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
import jsonschema
import pytest
from click.testing import CliRunner

from connectors.bank.sandbox.cli import command
from connectors.bank.sandbox.defaults import default_seed
from connectors.bank.sandbox.faults import FaultScript
from connectors.bank.sandbox.formats import FORMATS, generated_schema, published_schema
from connectors.bank.sandbox.seed import Seed
from connectors.bank.sandbox.testing import running_sandbox
from connectors.sandbox_kit.documents import DocumentError, load_document

from .banks import TOCHKA, paid, seed
from .clients import Tochka

ROOT = Path(__file__).parents[3]


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(published_schema(name))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_shipped_schema_is_what_the_loader_accepts(name: str) -> None:
    assert published_schema(name) == generated_schema(name)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_command_prints_its_schemas(name: str) -> None:
    outcome = CliRunner().invoke(command, ["--schema", name])
    assert json.loads(outcome.output) == json.loads(published_schema(name))


def test_the_default_seed_passes_both_the_schema_and_the_loader() -> None:
    validator("seed").validate(json.loads(default_seed().model_dump_json()))


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
    assert not validator(name).is_valid(document)
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DocumentError) as refused:
        load_document(path, model)
    assert f"{path}: {field}" in str(refused.value)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (seed(paid("4" * 20, 1)), "operations[0].account"),
        (seed(paid(TOCHKA, 1, id=1), paid(TOCHKA, 2, id=1)), "operations[1].id"),
        ({"accounts": [{"bank": "tochka", "number": TOCHKA}] * 2}, "accounts[1].number"),
    ],
)
def test_a_seed_that_does_not_fit_together_is_refused(tmp_path: Path, document: dict[str, Any], field: str) -> None:
    path = tmp_path / "seed.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    outcome = CliRunner().invoke(command, ["--seed", str(path)])
    assert (outcome.exit_code, field in outcome.output, "Traceback" in outcome.output) == (1, True, False)


def test_the_examples_of_the_guide_are_valid() -> None:
    guide = (ROOT / "docs" / "sandbox-bank.md").read_text(encoding="utf-8")
    announced, given, faults, line = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    with running_sandbox(json.loads(given), FaultScript.model_validate_json(faults)) as sandbox:
        assert sandbox.control.operation(1)["amount"] == "12200.00"
    assert json.loads(announced)["system"] == "bank"
    validator("write_log").validate(json.loads(line))


def test_a_taken_port_and_a_log_that_cannot_be_written_are_explained(tmp_path: Path) -> None:
    log = tmp_path / "none" / "writes.jsonl"
    outcome = CliRunner().invoke(command, ["--write-log", str(log)])
    assert (outcome.exit_code, str(log) in outcome.output) == (1, True)
    with running_sandbox() as sandbox:
        port = sandbox.url.rsplit(":", 1)[1]
        outcome = CliRunner().invoke(command, ["--port", port])
    assert (outcome.exit_code, f"Порт {port}" in outcome.output) == (1, True)


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
        validator("write_log").validate(line)
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
