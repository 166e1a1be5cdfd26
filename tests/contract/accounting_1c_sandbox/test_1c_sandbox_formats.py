"""The published formats, the command line, the write log on disk, the examples of the guide."""

import json
import os
import re
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.accounting_1c.sandbox.cli import command
from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.accounting_1c.sandbox.faults import FaultScript
from connectors.accounting_1c.sandbox.formats import published_schema
from connectors.accounting_1c.sandbox.seed import ConfigName, Seed
from connectors.accounting_1c.sandbox.testing import running_sandbox
from tests.support.stand_ins import assert_file_refused, assert_seed_refused, validator_of

from .client import CLIENTS, INVOICES, ORDERS, PAYMENTS, OData

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("config", ["bp30", "ut11"])
def test_the_default_seeds_pass_both_the_schema_and_the_loader(config: ConfigName) -> None:
    seed = default_seed(config)
    validator_of(published_schema("seed")).validate(json.loads(seed.model_dump_json()))
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
    assert_file_refused(tmp_path, published_schema, name, model, document, field)


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
    assert_seed_refused(tmp_path, command, {"objects": objects}, field)


def test_the_examples_of_the_guide_are_valid() -> None:
    guide = (ROOT / "docs" / "sandbox-1c.md").read_text(encoding="utf-8")
    announced, given, faults, line = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    with running_sandbox(json.loads(given), FaultScript.model_validate_json(faults)) as sandbox:
        assert [row["Number"] for row in sandbox.control.rows(INVOICES)] == ["АБ00-000117"]
    assert json.loads(announced)["system"] == "1c"
    validator_of(published_schema("write_log")).validate(json.loads(line))


def test_every_switch_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "sandbox-1c.md").read_text(encoding="utf-8")
    settings = json.loads(published_schema("seed"))["$defs"]["Settings"]["properties"]
    assert [name for name in settings if f"`{name}`" not in guide] == []


def test_the_base_answers_over_https_under_its_own_certificate() -> None:
    with running_sandbox(tls=True) as sandbox:
        assert sandbox.certificate is not None
        trust = ssl.create_default_context(cafile=str(sandbox.certificate))
        answer = httpx.get(sandbox.base_url, auth=(sandbox.user, sandbox.password), verify=trust, trust_env=False)
    assert (answer.url.scheme, answer.status_code) == ("https", 200)
    assert f'xml:base="{sandbox.base_url}/"' in answer.text


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
        validator_of(published_schema("write_log")).validate(line)
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
        guide = (ROOT / "docs" / "sandbox-1c.md").read_text(encoding="utf-8").partition("```json\n")[2]
        assert set(announced) == set(json.loads(guide.partition("```")[0]))
        auth = (announced["user"], announced["password"])
        answer = httpx.get(f"{announced['base_url']}/{ORDERS}?$format=json", auth=auth, trust_env=False)
        assert len(answer.json()["value"]) == 24
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert out.read() == ""
