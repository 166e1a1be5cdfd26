"""The published formats, the command line, the write log on disk, the control API."""

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
from click.testing import CliRunner

from connectors.amocrm.sandbox.cli import command
from connectors.amocrm.sandbox.defaults import default_seed
from connectors.amocrm.sandbox.faults import FaultScript
from connectors.amocrm.sandbox.formats import published_schema
from connectors.amocrm.sandbox.seed import Seed
from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox
from tests.support.stand_ins import assert_file_refused, assert_seed_refused, validator_of

from .rest import Rest

ROOT = Path(__file__).parents[3]
SCRIPT = {
    "version": 1,
    "seed": 7,
    "rules": [
        {"match": {"method": "PATCH /api/v4/leads*", "nth": 2}, "action": {"kind": "lose_reply", "applied": True}},
        {"times": None, "match": {"probability": 0.1}, "action": {"kind": "refuse"}},
        {"action": {"kind": "human", "do": {"act": "move", "status_id": 142, "id": 70001}}},
        {"match": {"method": "status_lead"}, "action": {"kind": "shuffle_hooks", "window": 4}},
    ],
}


def test_samples_pass_both_the_schema_and_the_loader() -> None:
    validator_of(published_schema("seed")).validate(json.loads(default_seed().model_dump_json()))
    validator_of(published_schema("faults")).validate(SCRIPT)
    assert len(FaultScript.model_validate(SCRIPT).rules) == 4


@pytest.mark.parametrize(
    ("name", "model", "document", "field"),
    [
        ("seed", Seed, {"leads": [{"id": 1, "stage": "NEW"}]}, "leads[0].stage"),
        ("seed", Seed, {"leads": [{"name": "x"}]}, "leads[0].id"),
        ("seed", Seed, {"settings": {"brand": "gold"}}, "settings.brand"),
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
        ({"leads": [{"id": 1, "status_id": 5}]}, "leads[0].status_id"),
        ({"leads": [{"id": 1, "pipeline_id": 9}]}, "leads[0].pipeline_id"),
        ({"leads": [{"id": 1, "company_id": 9}]}, "leads[0].company_id"),
        ({"leads": [{"id": 1, "responsible_user_id": 9}]}, "leads[0].responsible_user_id"),
        ({"leads": [{"id": 1, "fields": {"Нет такого": 1}}]}, "leads[0].fields.Нет такого"),
        ({"companies": [{"id": 1, "fields": {"PHONE": 5}}]}, "companies[0].fields"),
        ({"invoices": [{"id": 1, "name": "x"}, {"id": 1, "name": "y"}]}, "invoices[1].id"),
        ({"invoices": [{"id": 1, "name": "x", "lead_ids": [9]}]}, "invoices[0].lead_ids[0]"),
        ({"elements": [{"id": 1, "name": "x", "catalog_id": 9}]}, "elements[0].catalog_id"),
        ({"long_lived_tokens": [{"user_id": 9}]}, "long_lived_tokens[0].user_id"),
    ],
)
def test_a_seed_that_does_not_fit_together_is_refused(tmp_path: Path, seed: dict[str, Any], field: str) -> None:
    assert_seed_refused(tmp_path, command, seed, field)


def test_the_examples_of_the_guide_are_valid() -> None:
    guide = (ROOT / "docs" / "sandbox-amocrm.md").read_text(encoding="utf-8")
    _, seed, faults, _ = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    with running_sandbox(json.loads(seed), FaultScript.model_validate_json(faults)) as sandbox:
        assert sandbox.control.lead(70001)["status_id"] == 61002


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text('{\n "rules": [,]\n}', encoding="utf-8")
    outcome = CliRunner().invoke(command, ["--faults", str(path)])
    assert outcome.exit_code == 1
    assert f"{path}: не JSON, строка 2" in outcome.output


def test_every_line_of_the_write_log_fits_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "writes.jsonl"
    with running_sandbox(write_log=path) as sandbox:
        rest = Rest(sandbox.url, sandbox.access_token)
        rest.move(70001, 61003)
        rest.refused("PATCH", "leads/70001", {"price": "x"})
        sandbox.control.human({"act": "move", "id": 70001, "status_id": 142, "user_id": 517})
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
    assert lines[0]["changed"] == {"status_id": [61002, 61003]}
    assert (lines[0]["entity_type"], lines[0]["entity_id"]) == ("lead", 70001)
    assert lines[2]["error"] == "InvalidType"


@pytest.mark.parametrize("options", [[], ["--tls"]])
def test_the_command_announces_itself_in_one_line_and_stops_on_sigterm(tmp_path: Path, options: list[str]) -> None:
    log = tmp_path / "writes.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "connectors.amocrm.sandbox", "--port", "0", "--write-log", str(log), *options],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    with process.stdout as out:
        announced = json.loads(out.readline())
        trust = {"verify": ssl.create_default_context(cafile=announced["certificate"])} if options else {}
        rest = Rest(announced["url"], announced["access_token"], **trust)
        assert rest.move(70001, 61003)["id"] == 70001
        rest.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert out.read() == ""
    assert announced["system"] == "amocrm"
    assert announced["url"].startswith("https://127.0.0.1:" if options else "http://127.0.0.1:")
    assert len(log.read_text(encoding="utf-8").splitlines()) == 2
    assert not options or not Path(announced["certificate"]).exists()


def control(sandbox: RunningSandbox, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    url = sandbox.control_url + path
    return httpx.get(url, trust_env=False) if body is None else httpx.post(url, json=body, trust_env=False)


def test_the_control_api_moves_clock_people_faults_and_state(rest: Rest, sandbox: RunningSandbox) -> None:
    assert control(sandbox, "clock", {"set": "2026-09-21T12:00:00+03:00", "freeze": True}).status_code == 200
    moved = control(sandbox, "human", {"act": "move", "id": 70001, "status_id": 142, "user_id": 517})
    assert moved.json() == {"ok": True, "id": 70001}
    state = control(sandbox, "state").json()
    assert next(lead for lead in state["leads"] if lead["id"] == 70001)["closed_at"] == 1789981200
    assert control(sandbox, "faults", SCRIPT["rules"][1]).status_code == 200  # type: ignore[index]
    assert control(sandbox, "faults", SCRIPT).status_code == 200
    assert httpx.delete(sandbox.control_url + "faults", trust_env=False).status_code == 200
    assert [line["source"] for line in control(sandbox, "write-log?kind=effect").json()] == ["control"]
    rest.get("account")
    assert [line["method"] for line in control(sandbox, "requests").json()] == ["GET /api/v4/account"]
    assert control(sandbox, "reset", {}).status_code == 200
    assert sandbox.control.lead(70001)["status_id"] == 61002


def test_the_control_api_changes_the_account_and_gives_codes(rest: Rest, sandbox: RunningSandbox) -> None:
    assert control(sandbox, "code", {"user_id": 517}).json()["code"]
    control(sandbox, "account", {"paid": False, "api_filter_enabled": False, "subdomain": "other"})
    assert rest.send("GET", "account").status_code == 402
    control(sandbox, "account", {"paid": True})
    account = rest.get("account?with=is_api_filter_enabled")
    assert (account["is_api_filter_enabled"], account["subdomain"]) == (False, "other")
    control(sandbox, "account", {"revoke_tokens": True})
    assert rest.send("GET", "account").status_code == 401
    assert control(sandbox, "uninstall", {}).json() == {"ok": True, "status": None}


def test_the_control_api_keeps_a_list_of_deliveries(rest: Rest, sandbox: RunningSandbox) -> None:
    assert control(sandbox, "hooks", {"destination": "http://127.0.0.1:1/", "settings": ["update_lead"]}).is_success
    rest.patch("leads/70001", {"price": 1})
    sandbox.control.wait_hooks()
    (sent,) = control(sandbox, "hooks").json()
    assert sent == {"url": "http://127.0.0.1:1/", "event": "update_lead", "status": None, "attempt": 1}


def test_the_control_api_names_what_is_wrong(sandbox: RunningSandbox) -> None:
    wrong = control(sandbox, "human", {"act": "dance"})
    assert wrong.status_code == 422
    assert wrong.json()["problems"][0]["field"] == "act"
    absent = control(sandbox, "human", {"act": "delete", "id": 1})
    assert (absent.status_code, absent.json()["error"]) == (400, "404")


def test_reset_keeps_the_long_lived_tokens(rest: Rest, sandbox: RunningSandbox) -> None:
    sandbox.control.revoke()
    sandbox.control.reset()
    assert rest.get("account")["id"] == sandbox.account_id
