"""`POST /api/v1/match`: closed without a token, answers as the command line does, leaves nothing behind."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.domain.matching import MatchContext
from hub.match_files import run_bundles
from hub.store import tables as t
from hub.store.engine import Database
from hub.web.app import create_app
from hub.web.match_api import MOST_BYTES
from tests.unit.matching.own_tables import own, with_outcome
from tests.web.conftest import anyio_backend, browsing
from tests.web.desk_world import DeskWorld

__all__ = ["anyio_backend"]
pytestmark = pytest.mark.anyio

PATH = "/api/v1/match"
TOKEN = "matching-0123456789"
HEADER = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
PION = {"name": "ООО «Пион»", "tax_id": "7700000016"}
PAYMENT = {
    "id": "p1",
    "direction": "in",
    "amount": "12200.00",
    "booked_on": "2026-03-02",
    "purpose": "Оплата по счету № 45 от 03.02.2026",
    "payer": PION,
}
INVOICE = {"id": "i45", "number": "45", "issued_on": "2026-02-03", "amount": "12200.00", "client": PION}
BUNDLE: dict[str, Any] = {"payments": [PAYMENT], "invoices": [INVOICE]}


@pytest.fixture
def desk(sqlite_database: Database) -> DeskWorld:
    return opened(DeskWorld(sqlite_database), api_token=TOKEN)


def opened(desk: DeskWorld, **more: object) -> DeskWorld:
    desk.context = replace(desk.context, **more)  # type: ignore[arg-type]
    desk.app = create_app(desk.context)
    return desk


async def ask(desk: DeskWorld, body: bytes | dict[str, Any], headers: dict[str, str] = HEADER) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with browsing(desk) as browser:
        answer = await browser.http.post(PATH, content=content, headers=headers)
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, answer.json()


async def test_without_a_token_in_the_settings_the_address_is_closed(desk: DeskWorld) -> None:
    opened(desk, api_token="")
    for header in (HEADER, {}, {"Authorization": "Bearer "}):
        status, answer = await ask(desk, BUNDLE, header)
        assert (status, "api.token" in answer["error"]) == (404, True)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"bearer {TOKEN}"]
)
async def test_another_token_is_refused(desk: DeskWorld, header: str) -> None:
    status, answer = await ask(desk, BUNDLE, {"Authorization": header})
    assert (status, "Authorization" in answer["error"]) == (401, True)


async def test_the_answer_is_that_of_the_command_line(desk: DeskWorld, tmp_path: Path) -> None:
    bundle = {
        "payments": [PAYMENT, {**PAYMENT, "id": "p2", "amount": "1"}, {"id": "p3"}, PAYMENT],
        "invoices": [INVOICE, {**INVOICE, "id": "i46", "number": "46"}, "x"],
    }
    file, out, faults = tmp_path / "bundle.jsonl", io.StringIO(), list[str]()
    file.write_text(json.dumps(bundle), encoding="utf-8")
    run_bundles(file, out, report=faults.append)
    expected = [json.loads(line) for line in out.getvalue().splitlines()]
    status, answer = await ask(desk, bundle)
    assert status == 200
    assert [{"bundle": None} | decision for decision in answer["decisions"]] == expected
    assert [f"bundle.jsonl, строка 1, {fault}" for fault in answer["faults"]] == faults
    assert (len(expected), len(faults)) == (2, 3)


async def test_the_companys_table_decides(desk: DeskWorld) -> None:
    table = own(with_outcome("number_sum_client", "suggest"))
    rt = replace(desk.rt, match_context=lambda own_ids: MatchContext(own_ids, table=table))
    for world, expected in ((desk.rt, "auto"), (rt, "suggest")):
        status, answer = await ask(opened(desk, rt=world), BUNDLE)
        assert (status, answer["decisions"][0]["decision"]) == (200, expected)
    assert answer["decisions"][0]["reason"].endswith("Таблица решений компании оставляет это человеку.")


async def test_nothing_is_stored(desk: DeskWorld, sqlite_database: Database) -> None:
    def counts() -> list[int]:
        with sqlite_database.read() as connection:
            tables = (t.payments, t.invoices, t.matches, t.outbox, t.audit, t.decisions)
            return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

    before = counts()
    status, answer = await ask(desk, BUNDLE)
    assert (status, answer["decisions"][0]["decision"]) == (200, "auto")
    assert counts() == before


async def test_reasons_are_in_the_language_of_the_settings(desk: DeskWorld) -> None:
    told = {}
    for language in ("ru", "en"):
        _, answer = await ask(opened(desk, language=language), BUNDLE)
        told[language] = answer["decisions"][0]["reason"]
    assert "счёт" in told["ru"]
    assert "invoice" in told["en"]


DEEP = b'{"payments": ' + b"[" * 100_000 + b"]" * 100_000 + b', "invoices": []}'


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff\xfe", b'{"a": NaN}', b"null", DEEP])
async def test_what_is_no_object_is_refused_in_words(desk: DeskWorld, body: bytes) -> None:
    status, answer = await ask(desk, body)
    assert (status, "payments" in answer["error"]) == (400, True)


@pytest.mark.parametrize(
    ("bundle", "fault"),
    [
        ({}, "поле «payments»: нужен список"),
        ({"payments": {}, "invoices": []}, "поле «payments»: нужен список"),
        ({"payments": [7], "invoices": []}, "payments[1], нужен объект JSON"),
        ({"payments": [{**PAYMENT, "amount": "много"}], "invoices": []}, "payments[1], поле «amount»"),
        ({"payments": [{**PAYMENT, "booked_on": "вчера"}], "invoices": []}, "payments[1], поле «booked_on»"),
        *(
            ({"payments": [{**PAYMENT, "booked_on": day}], "invoices": []}, "payments[1], поле «booked_on»: нужна дата")
            for day in ("2026-03-0155", "20260301", "2026-W09-7", 20260301, "٢٠٢٦-03-01")
        ),
        (
            {"payments": [{**PAYMENT, "id": "\ud800"}], "invoices": []},
            "payments[1], поле «id»: в строке половина символа",
        ),
        (
            {"payments": [{**PAYMENT, "currency": "\ud800"}], "invoices": []},
            "payments[1], поле «currency»: в строке пол",
        ),
        ({"payments": [{**PAYMENT, "amount": "\udfff"}], "invoices": []}, "payments[1], поле «amount»: в строке пол"),
        (
            {"payments": [{**PAYMENT, "payer": {"name": "а\udc00"}}], "invoices": []},
            "payments[1], поле «payer.name»: в с",
        ),
        ({"payments": [{**PAYMENT, "payee": {"tax_id": True}}], "invoices": []}, "payments[1], поле «payee.tax_id»"),
        ({"payments": [], "invoices": [{**INVOICE, "client": {"kpp": []}}]}, "invoices[1], поле «client.kpp»"),
        (
            {"payments": [], "invoices": [{**INVOICE, "references": [{}, {"date": "завтра"}]}]},
            "invoices[1], поле «references[2].date»",
        ),
    ],
)
async def test_what_cannot_be_read_is_named_and_the_rest_is_decided(
    desk: DeskWorld, bundle: dict[str, Any], fault: str
) -> None:
    status, answer = await ask(desk, bundle)
    assert (status, answer["decisions"]) == (200, [])
    assert answer["faults"][0].startswith(fault)


async def test_a_number_beyond_all_numbers_is_named(desk: DeskWorld) -> None:
    body = json.dumps({"payments": [PAYMENT], "invoices": []}).replace('"12200.00"', "1e999999999999999999999")
    status, answer = await ask(desk, body.encode())
    assert (status, answer["decisions"]) == (200, [])
    assert answer["faults"] == ["payments[1], поле «amount»: нужна сумма вида 1200.00, а не «1e999999999999999999999»"]


async def test_what_is_wrong_is_told_in_the_language_of_the_settings(desk: DeskWorld) -> None:
    opened(desk, language="en")
    for body, told in ((b"\xff", "the text is not UTF-8"), (b"{", "the line is not JSON"), (b"[]", "object in braces")):
        _, answer = await ask(desk, body)
        assert told in answer["error"]
    _, answer = await ask(desk, {"payments": [{**PAYMENT, "payer": {"name": 1 == 1}}], "invoices": []})
    assert answer["faults"] == ["payments[1], field “payer.name”: a string is needed"]


async def test_a_large_request_is_refused_and_other_methods_are_too(desk: DeskWorld) -> None:
    status, answer = await ask(desk, b" " * (MOST_BYTES + 1))
    assert (status, bool(answer["error"])) == (413, True)
    async with browsing(desk) as browser:
        answer = await browser.http.get(PATH, headers=HEADER)
        assert (answer.status_code, answer.json()) == (
            405,
            {"error": "Этот адрес вызывают иначе: как, сказано в заголовке Allow."},
        )
