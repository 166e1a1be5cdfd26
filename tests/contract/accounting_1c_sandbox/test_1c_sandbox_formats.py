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

from connectors.accounting_1c.sandbox.cli import command
from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.accounting_1c.sandbox.faults import FaultScript
from connectors.accounting_1c.sandbox.formats import FORMATS, generated_schema, published_schema
from connectors.accounting_1c.sandbox.seed import ConfigName, Seed
from connectors.accounting_1c.sandbox.testing import running_sandbox
from connectors.sandbox_kit.documents import DocumentError, load_document

from .client import CLIENTS, INVOICES, ORDERS, PAYMENTS, OData

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


@pytest.mark.parametrize("config", ["bp30", "ut11"])
def test_the_default_seeds_pass_both_the_schema_and_the_loader(config: ConfigName) -> None:
    seed = default_seed(config)
    validator("seed").validate(json.loads(seed.model_dump_json()))
    with running_sandbox(config=config) as sandbox:
        counts: Any = sandbox.control.state()["counts"]
    assert (seed.config, counts[INVOICES if config == "bp30" else ORDERS]) == (config, 5 if config == "bp30" else 4)


@pytest.mark.parametrize(
    ("name", "model", "document", "field"),
    [
        ("seed", Seed, {"config": "erp"}, "config"),
        ("seed", Seed, {"settings": {"if_match": "sometimes"}}, "settings.if_match"),
        ("seed", Seed, {"users": []}, "users"),
        ("seed", Seed, {"users": [{"nmae": "x"}]}, "users[0].nmae"),
        ("seed", Seed, {"generate": {"quirks": ["ghosts"]}}, "generate.quirks[0]"),
        ("seed", Seed, {"node": {"key": "x"}}, "node.key"),
        ("faults", FaultScript, {"rules": [{"action": {"kind": "explode"}}]}, "rules[0].action"),
        ("faults", FaultScript, {"rules": [{"action": {"kind": "act", "do": {"act": "burn"}}}]}, "rules[0].action"),
        (
            "faults",
            FaultScript,
            {"rules": [{"action": {"kind": "refuse", "code": "x"}}]},
            "rules[0].action.refuse.code",
        ),
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
    ("objects", "field"),
    [
        ({"Catalog_Выдумка": []}, "objects.Catalog_Выдумка"),
        ({f"{INVOICES}_Товары": []}, f"objects.{INVOICES}_Товары"),
        ({CLIENTS: [{"Наименование": "x"}]}, f"objects.{CLIENTS}[0].Наименование"),
        ({CLIENTS: [{"IsFolder": "может быть"}]}, f"objects.{CLIENTS}[0]"),
        ({CLIENTS: [{"Ref_Key": "11111111-2222-4333-8444-555555555555"}] * 2}, f"objects.{CLIENTS}[1]"),
    ],
)
def test_a_seed_that_does_not_fit_the_configuration_is_refused(
    tmp_path: Path, objects: dict[str, Any], field: str
) -> None:
    path = tmp_path / "seed.json"
    path.write_text(json.dumps({"objects": objects}), encoding="utf-8")
    outcome = CliRunner().invoke(command, ["--seed", str(path)])
    assert (outcome.exit_code, field in outcome.output, "Traceback" in outcome.output) == (1, True, False)


def test_the_examples_of_the_guide_are_valid() -> None:
    guide = (ROOT / "docs" / "sandbox-1c.md").read_text(encoding="utf-8")
    announced, given, faults, line = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    with running_sandbox(json.loads(given), FaultScript.model_validate_json(faults)) as sandbox:
        assert [row["Number"] for row in sandbox.control.rows(INVOICES)] == ["АБ00-000117"]
    with running_sandbox() as sandbox:
        assert set(json.loads(announced)) == set(announcement(sandbox.control))
    validator("write_log").validate(json.loads(line))


def announcement(control: Any) -> dict[str, Any]:
    """What the command prints about a base of these fields."""
    names = ("system", "config", "url", "base_url", "user", "password", "exchange_plan", "node", "control_url")
    return dict.fromkeys(names, control)


def test_every_switch_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "sandbox-1c.md").read_text(encoding="utf-8")
    settings = json.loads(published_schema("seed"))["$defs"]["Settings"]["properties"]
    assert [name for name in settings if f"`{name}`" not in guide] == []


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
    with running_sandbox(write_log=path) as sandbox:
        odata = OData(sandbox)
        odata.create(CLIENTS, Description="Новый")
        odata.refused("POST", PAYMENTS, {})
        sandbox.control.create(INVOICES, {"Date": "2026-05-01T00:00:00", "СуммаДокумента": "5.10"}, post=True)
        odata.http.close()
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        validator("write_log").validate(line)
    assert [(line["kind"], line["source"], line["method"], line["applied"]) for line in lines] == [
        ("effect", "rest", "create", True),
        ("call", "rest", "create", True),
        ("call", "rest", "create", False),
        ("effect", "control", "create", True),
        ("effect", "control", "create", True),
    ]
    assert lines[3]["changed"]["СуммаДокумента"] == [None, "5.10"]


def test_the_command_announces_the_base_in_one_line_and_stops_on_sigterm() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "connectors.accounting_1c.sandbox", "--config", "ut11", "--invoices", "20"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    with process.stdout as out:
        announced = json.loads(out.readline())
        auth = (announced["user"], announced["password"])
        answer = httpx.get(f"{announced['base_url']}/{ORDERS}?$format=json", auth=auth, trust_env=False)
        assert len(answer.json()["value"]) == 24
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert out.read() == ""
