"""The portal's write log: the demo's own writes are told from everything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.demo.expectations import Effect
from hub.demo.seen import Writes, classify, read_write_log

INVOICES = {"301": "1201"}
PAID = "DT31_3:P"


def row(**fields: Any) -> dict[str, Any]:
    return {"seq": 1, "kind": "effect", "source": "rest", "method": "crm.item.update", **fields}


def one(**fields: Any) -> Writes:
    return classify([row(**fields)], INVOICES, PAID)


@pytest.mark.parametrize(
    ("fields", "effect"),
    [
        (
            {"entity_type": "deal", "entity_id": 9001, "changed": {"stageId": ["NEW", "EXECUTING"]}},
            Effect("move", "9001", "NEW → EXECUTING"),
        ),
        (
            {"entity_type": "invoice", "entity_id": 301, "changed": {"stageId": ["DT31_3:S", PAID]}},
            Effect("paid", "1201"),
        ),
        (
            {
                "entity_type": "comment",
                "entity_id": 7,
                "owner": "deal:9001",
                "changed": {"comment": [None, "Аванс 10 ₽ от 05.03.2026 (п/п № 45-Б), плательщик"]},
            },
            Effect("comment", "9001", "45-Б"),
        ),
        (
            {
                "entity_type": "task",
                "entity_id": 8,
                "owner": "deal:9001",
                "changed": {"title": [None, "Отгрузить"], "description": [None, "платёж (п/п № 45), плательщик"]},
            },
            Effect("task", "9001", "45"),
        ),
    ],
)
def test_the_demos_own_writes_are_known(fields: dict[str, Any], effect: Effect) -> None:
    assert one(**fields) == Writes((effect,), ())


@pytest.mark.parametrize(
    "fields",
    [
        {"entity_type": "deal", "entity_id": 1, "changed": {"stageId": ["A", "B"], "title": ["x", "y"]}},
        {"entity_type": "deal", "entity_id": 1, "changed": {"opportunity": ["1", "2"]}},
        {"entity_type": "invoice", "entity_id": 301, "changed": {"stageId": ["DT31_3:S", "DT31_3:D"]}},
        {"entity_type": "comment", "entity_id": 1, "owner": "company:5", "changed": {}},
        {"entity_type": "company", "entity_id": 5, "changed": {"title": ["x", "y"]}},
        {"entity_type": "deal", "entity_id": 1, "changed": {"stageId": ["A", "B"]}, "source": "robot"},
    ],
)
def test_anything_else_is_strange(fields: dict[str, Any]) -> None:
    got = one(**fields)
    assert got.effects == ()
    assert len(got.strange) == 1
    assert got.strange[0].startswith("лишняя запись")


def test_a_refused_call_is_strange_and_an_accepted_one_is_silent() -> None:
    assert one(kind="call").strange == ()
    assert one(kind="call", error="ACCESS_DENIED").strange == (
        "отказ CRM на crm.item.update: ACCESS_DENIED (строка 1)",
    )


def test_a_log_file_is_read_line_by_line_and_no_file_means_no_writes(tmp_path: Path) -> None:
    path = tmp_path / "writes.jsonl"
    assert read_write_log(path, INVOICES, PAID) == Writes()
    move = row(entity_type="deal", entity_id=9001, changed={"stageId": ["NEW", "EXECUTING"]})
    path.write_text(json.dumps(move) + "\n", "utf-8")
    assert read_write_log(path, INVOICES, PAID).effects == (Effect("move", "9001", "NEW → EXECUTING"),)
