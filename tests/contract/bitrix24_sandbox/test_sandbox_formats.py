"""The published formats, the command line, the write log on disk, the control API."""

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
from click.testing import CliRunner

from connectors.bitrix24.sandbox.cli import command
from connectors.bitrix24.sandbox.defaults import default_seed
from connectors.bitrix24.sandbox.faults import FaultScript
from connectors.bitrix24.sandbox.formats import published_schema
from connectors.bitrix24.sandbox.seed import Seed
from connectors.bitrix24.sandbox.testing import RunningSandbox, running_sandbox
from tests.support.stand_ins import assert_file_refused, assert_seed_refused, validator_of

from .rest import Rest

ROOT = Path(__file__).parents[3]
SCRIPT = {
    "version": 1,
    "seed": 7,
    "rules": [
        {"match": {"method": "crm.item.update", "nth": 2}, "action": {"kind": "lose_reply", "applied": True}},
        {"times": None, "match": {"probability": 0.1}, "action": {"kind": "refuse"}},
        {"action": {"kind": "human", "do": {"act": "move", "stage_id": "WON", "id": 1}}},
        {"match": {"method": "ONCRMDEAL*"}, "action": {"kind": "shuffle_hooks", "window": 4}},
    ],
}


def test_samples_pass_both_the_schema_and_the_loader() -> None:
    validator_of(published_schema("seed")).validate(json.loads(default_seed().model_dump_json()))
    validator_of(published_schema("faults")).validate(SCRIPT)
    assert len(FaultScript.model_validate(SCRIPT).rules) == 4


@pytest.mark.parametrize(
    ("name", "model", "document", "field"),
    [
        ("seed", Seed, {"deals": [{"id": 1, "title": "x", "stage": "NEW"}]}, "deals[0].stage"),
        ("seed", Seed, {"deals": [{"title": "x"}]}, "deals[0].id"),
        ("seed", Seed, {"settings": {"plan": "gold"}}, "settings.plan"),
        ("seed", Seed, {"users": []}, "users"),
        ("faults", FaultScript, {"rules": [{"action": {"kind": "explode"}}]}, "rules[0].action"),
        ("faults", FaultScript, {"rules": [{"match": {"nth": 0}, "action": {"kind": "refuse"}}]}, "rules[0].match.nth"),
    ],
)
def test_faulty_files_are_refused_by_schema_and_loader_with_file_and_field(
    tmp_path: Path, name: str, model: type[Seed] | type[FaultScript], document: dict[str, Any], field: str
) -> None:
    assert_file_refused(tmp_path, published_schema, name, model, document, field)


@pytest.mark.parametrize(
    ("seed", "field"),
    [
        ({"deals": [{"id": 1, "title": "x", "stage_id": "NOPE"}]}, "deals[0].stage_id"),
        ({"deals": [{"id": 1, "title": "x", "category_id": 9}]}, "deals[0].category_id"),
        ({"invoices": [{"id": 1, "title": "x"}, {"id": 1, "title": "y"}]}, "invoices[1].id"),
        ({"webhooks": [{"user_id": 9, "code": "x"}]}, "webhooks[0].user_id"),
        ({"deals": [{"id": 1, "title": "x", "user_fields": {"UF_CRM_X": 1}}]}, "UF_CRM_X"),
    ],
)
def test_a_seed_that_does_not_fit_together_is_refused(tmp_path: Path, seed: dict[str, Any], field: str) -> None:
    assert_seed_refused(tmp_path, command, seed, field)


def test_the_examples_of_the_guide_are_valid() -> None:
    guide = (ROOT / "docs" / "sandbox-bitrix24.md").read_text(encoding="utf-8")
    _, seed, faults, _ = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    with running_sandbox(json.loads(seed), FaultScript.model_validate_json(faults)) as sandbox:
        assert sandbox.control.deal(9041)["stageId"] == "C4:NEW"


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text('{\n "rules": [,]\n}', encoding="utf-8")
    outcome = CliRunner().invoke(command, ["--faults", str(path)])
    assert outcome.exit_code == 1
    assert f"{path}: не JSON, строка 2" in outcome.output


def test_every_line_of_the_write_log_fits_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "writes.jsonl"
    with running_sandbox(write_log=path) as sandbox:
        rest = Rest(sandbox.webhook_url)
        rest.move(9041, "C4:EXECUTING")
        rest.error("crm.item.update", entityTypeId=2, id=1, fields={"title": "x"})
        sandbox.control.human({"act": "move", "id": 9041, "stage_id": "C4:WON", "user_id": 17})
        rest.close()
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        validator_of(published_schema("write_log")).validate(line)
    assert [(line["seq"], line["kind"], line["source"], line["applied"]) for line in lines] == [
        (1, "effect", "rest", True),
        (2, "call", "rest", True),
        (3, "call", "rest", False),
        (4, "effect", "control", True),
    ]
    assert lines[0]["changed"] == {"stageId": ["C4:PREPAYMENT_INVOICE", "C4:EXECUTING"]}


def test_the_command_announces_itself_in_one_line_and_stops_on_sigterm(tmp_path: Path) -> None:
    log = tmp_path / "writes.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "connectors.bitrix24.sandbox", "--port", "0", "--write-log", str(log)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    with process.stdout as out:
        announced = json.loads(out.readline())
        rest = Rest(announced["webhook_url"])
        assert rest.move(9041, "C4:EXECUTING")["stageId"] == "C4:EXECUTING"
        rest.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert out.read() == ""
    assert announced["system"] == "bitrix24"
    assert announced["url"].startswith("http://127.0.0.1:")
    assert len(log.read_text(encoding="utf-8").splitlines()) == 2


def control(sandbox: RunningSandbox, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    url = sandbox.control_url + path
    if body is None:
        return httpx.get(url, trust_env=False, verify=False)
    return httpx.post(url, json=body, trust_env=False, verify=False)


def test_the_control_api_moves_clock_people_faults_and_state(rest: Rest, sandbox: RunningSandbox) -> None:
    assert control(sandbox, "clock", {"set": "2026-09-21T12:00:00+03:00", "freeze": True}).status_code == 200
    assert rest.result("server.time") == "2026-09-21T12:00:00+03:00"
    moved = control(sandbox, "human", {"act": "move", "id": 9041, "stage_id": "C4:WON", "user_id": 17})
    assert moved.json() == {"ok": True}
    state = control(sandbox, "state").json()
    assert next(deal for deal in state["deals"] if deal["id"] == 9041)["stageId"] == "C4:WON"
    assert control(sandbox, "faults", SCRIPT["rules"][1]).status_code == 200  # type: ignore[index]
    assert control(sandbox, "faults", SCRIPT).status_code == 200
    assert httpx.delete(sandbox.control_url + "faults", trust_env=False, verify=False).status_code == 200
    assert [line["source"] for line in control(sandbox, "write-log?kind=effect").json()] == ["control"]
    assert [line["method"] for line in control(sandbox, "requests").json()] == ["server.time"]
    assert control(sandbox, "reset", {}).status_code == 200
    assert sandbox.control.deal(9041)["stageId"] == "C4:PREPAYMENT_INVOICE"


def test_the_control_api_names_what_is_wrong(sandbox: RunningSandbox) -> None:
    wrong = control(sandbox, "human", {"act": "dance"})
    assert wrong.status_code == 422
    assert wrong.json()["problems"][0]["field"] == "act"
    absent = control(sandbox, "human", {"act": "delete", "id": 1})
    assert (absent.status_code, absent.json()["error"]) == (400, "NOT_FOUND")
