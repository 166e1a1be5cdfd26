"""The write logs: the demo's own writes are told from everything else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.demo.expectations import Effect, load_expectations
from hub.demo.seen import Writes
from hub.demo.story.days import TODAY
from hub.demo.world import World
from hub.demo.write_logs import accounting_effect, amocrm_effect, bitrix24_effect, classify, read_write_logs

INVOICES = {"301": "1201"}
PAID = "DT31_3:P"
CREATED_TO_PAID = ["created", "paid"]
REGISTER = "InformationRegister_СтатусыДокументов"
INVOICE_OF_1C = "StandardODATA.Document_СчетНаОплатуПокупателю"
COMPANY = "7a100000-0000-4000-8000-000000000001"
DOCUMENT = "1b7e0c52-0d4a-11f1-9a01-0050560000a1"
PAPERS = {(COMPANY, DOCUMENT): "БП00-005001"}
NOON = int(datetime(2026, 3, 6, 9, 0, tzinfo=UTC).timestamp())


def row(**fields: Any) -> dict[str, Any]:
    return {"seq": 1, "kind": "effect", "source": "rest", "method": "crm.item.update", **fields}


def portal(item: Mapping[str, Any]) -> Effect | None:
    return bitrix24_effect(item, INVOICES, PAID)


def amo(item: Mapping[str, Any]) -> Effect | None:
    return amocrm_effect(item, {"880001": "61 (amoCRM)"}, {"61 (amoCRM)": date(2026, 3, 6)})


def one(**fields: Any) -> Writes:
    return classify([row(**fields)], "Битрикс24", portal)


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
    assert got.strange[0].startswith("Битрикс24: лишняя запись")


def test_a_refused_call_is_strange_and_an_accepted_one_is_silent() -> None:
    assert one(kind="call").strange == ()
    assert one(kind="call", error="ACCESS_DENIED").strange == (
        "Битрикс24: отказ на crm.item.update: ACCESS_DENIED (строка 1)",
    )


@pytest.mark.parametrize(
    ("fields", "effect"),
    [
        (
            {"entity_type": "lead", "entity_id": 70001, "changed": {"status_id": [61002, 61004]}},
            Effect("move", "70001", "61002 → 61004", "amocrm"),
        ),
        (
            {
                "entity_type": "invoice",
                "entity_id": 880001,
                "changed": {"BILL_STATUS": CREATED_TO_PAID, "BILL_PAYMENT_DATE": [None, NOON]},
            },
            Effect("paid", "61 (amoCRM)", "", "amocrm"),
        ),
        (
            {
                "entity_type": "note",
                "entity_id": 7,
                "owner": "lead:70001",
                "changed": {"params": [None, {"text": "Аванс от 05.03.2026 (п/п № 45), плательщик"}]},
            },
            Effect("comment", "70001", "45", "amocrm"),
        ),
        (
            {
                "entity_type": "task",
                "entity_id": 8,
                "owner": "lead:70001",
                "changed": {"text": [None, "Отгрузить. Последний платёж (п/п № 45), плательщик"]},
            },
            Effect("task", "70001", "45", "amocrm"),
        ),
    ],
)
def test_the_demos_own_writes_to_amocrm_are_known(fields: dict[str, Any], effect: Effect) -> None:
    assert amo(row(**fields)) == effect


@pytest.mark.parametrize(
    "fields",
    [
        {"entity_type": "lead", "entity_id": 1, "changed": {"status_id": [1, 2], "price": [1, 2]}},
        {"entity_type": "lead", "entity_id": 1, "changed": {"name": ["x", "y"]}},
        {"entity_type": "invoice", "entity_id": 880001, "changed": {"BILL_STATUS": CREATED_TO_PAID[::-1]}},
        {"entity_type": "invoice", "entity_id": 880001, "changed": {"BILL_PRICE": [1, 2]}},
        {"entity_type": "invoice", "entity_id": 880001, "changed": {"BILL_STATUS": CREATED_TO_PAID}},
        {
            "entity_type": "invoice",
            "entity_id": 880001,
            "changed": {"BILL_STATUS": CREATED_TO_PAID, "BILL_PAYMENT_DATE": [None, NOON + 86_400]},
        },
        {"entity_type": "note", "entity_id": 1, "owner": "company:5", "changed": {}},
        {"entity_type": "company", "entity_id": 5, "changed": {"name": ["x", "y"]}},
    ],
)
def test_anything_else_in_amocrm_is_strange(fields: dict[str, Any]) -> None:
    assert amo(row(**fields)) is None


def status(document: str, organisation: str = COMPANY, **changed: list[str | None]) -> dict[str, Any]:
    key = f"Организация_Key=guid'{organisation}',Документ='{document}',Документ_Type='{INVOICE_OF_1C}'"
    whole: dict[str, list[str | None]] = {"Статус": [None, "Оплачен"]}
    return row(
        method="create",
        entity_type=REGISTER,
        entity_key=f"{REGISTER}({key})",
        changed=whole | changed,
    )


@pytest.mark.parametrize(
    "item",
    [
        status(DOCUMENT),
        status(DOCUMENT, Статус=["НеОплачен", "Оплачен"]),
        status(
            DOCUMENT,
            Организация_Key=[None, COMPANY],
            Документ=[None, DOCUMENT],
            Документ_Type=[None, INVOICE_OF_1C],
            Статус_Type=[None, "UnavailableEnums.СтатусОплатыСчета"],
        ),
    ],
)
def test_a_paid_mark_in_1c_is_known_by_the_number_of_its_document(item: dict[str, Any]) -> None:
    assert accounting_effect(item, PAPERS) == Effect("paid", "БП00-005001", "", "accounting_1c")


def test_a_mark_under_another_company_is_not_taken_for_the_documents_own() -> None:
    got = accounting_effect(status(DOCUMENT, organisation=DOCUMENT), PAPERS)
    assert got == Effect("paid", DOCUMENT, "", "accounting_1c")


@pytest.mark.parametrize(
    "item",
    [
        status(DOCUMENT, Статус=["Оплачен", "НеОплачен"]),
        status(DOCUMENT, Комментарий=["", "hub"]),
        status(DOCUMENT, Документ=[None, COMPANY]),
        row(method="patch", entity_type="Document_X", entity_key=f"Document_X(guid'{DOCUMENT}')", changed={}),
        row(method="post", entity_type=REGISTER, entity_key=None, changed={"Статус": ["", "Оплачен"]}),
    ],
)
def test_anything_else_in_1c_is_strange(item: dict[str, Any]) -> None:
    assert accounting_effect(item, PAPERS) is None


def write(world: World, name: str, *rows: Mapping[str, Any]) -> None:
    world.writes_of(name).write_text("".join(json.dumps(item) + "\n" for item in rows), "utf-8")


def test_every_log_is_read_and_no_file_means_no_writes(tmp_path: Path) -> None:
    expected, world = load_expectations(), World(tmp_path, TODAY, "secret")
    assert read_write_logs(world, expected) == Writes()
    write(world, "portal", row(entity_type="deal", entity_id=9001, changed={"stageId": ["NEW", "EXECUTING"]}))
    write(world, "amo", row(entity_type="lead", entity_id=70001, changed={"status_id": [61002, 61004]}))
    write(world, "books", status(DOCUMENT))
    effects = (
        Effect("move", "9001", "NEW → EXECUTING"),
        Effect("move", "70001", "61002 → 61004", "amocrm"),
        Effect("paid", DOCUMENT, "", "accounting_1c"),
    )
    assert read_write_logs(world, expected) == Writes(effects)


def test_a_bank_may_be_asked_for_statements_and_for_nothing_else(tmp_path: Path) -> None:
    world = World(tmp_path, TODAY, "secret")
    ordered = row(method="tochka.statements.create", entity_type="statement", entity_id=1)
    added = row(method="add", source="control", entity_type="operation", entity_id=1)
    hooked = row(method="tochka.webhooks.create", entity_type="webhook")
    write(world, "banks", ordered, added, hooked)
    (text,) = read_write_logs(world, load_expectations()).strange
    assert text.startswith("банки: лишняя запись tochka.webhooks.create")


def test_a_statement_that_the_bank_refused_is_strange(tmp_path: Path) -> None:
    world = World(tmp_path, TODAY, "secret")
    write(world, "banks", row(kind="call", method="tochka.statements.create", error="403"))
    assert len(read_write_logs(world, load_expectations()).strange) == 1
