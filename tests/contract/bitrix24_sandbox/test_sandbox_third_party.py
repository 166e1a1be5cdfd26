"""A client from the package index, its code untouched, works against the stand-in."""

import asyncio
from typing import Any

from fast_bitrix24 import BitrixAsync

from connectors.bitrix24.sandbox.testing import RunningSandbox

from .conftest import StartSandbox


def client(sandbox: RunningSandbox) -> BitrixAsync:
    return BitrixAsync(sandbox.webhook_url, verbose=False)


def test_fast_bitrix24_lists_all_deals_over_several_pages(start: StartSandbox) -> None:
    sandbox, _ = start({"deals": [{"id": n, "title": f"Сделка {n}"} for n in range(1, 131)]})
    deals: list[dict[str, Any]] = asyncio.run(client(sandbox).get_all("crm.item.list", {"entityTypeId": 2}))
    assert sorted(deal["id"] for deal in deals) == list(range(1, 131))


def test_fast_bitrix24_lists_deals_of_the_older_form(sandbox: RunningSandbox) -> None:
    deals: list[dict[str, Any]] = asyncio.run(client(sandbox).get_all("crm.deal.list"))
    assert [deal["ID"] for deal in deals] == ["9041", "9042", "9043"]


def test_fast_bitrix24_moves_a_deal(sandbox: RunningSandbox) -> None:
    order = {"entityTypeId": 2, "id": 9041, "fields": {"stageId": "C4:EXECUTING"}}
    item = asyncio.run(client(sandbox).call("crm.item.update", order))
    assert item["stageId"] == "C4:EXECUTING"
    assert sandbox.control.deal(9041)["stageId"] == "C4:EXECUTING"
    calls = sandbox.control.write_log.calls("crm.item.update")
    assert [(call.entity_id, call.applied) for call in calls] == [(9041, True)]


def test_fast_bitrix24_moves_many_deals_in_batches(start: StartSandbox) -> None:
    sandbox, _ = start({"deals": [{"id": n, "title": f"Сделка {n}"} for n in range(1, 121)]})
    orders = [{"entityTypeId": 2, "id": n, "fields": {"stageId": "EXECUTING"}} for n in range(1, 121)]
    asyncio.run(client(sandbox).call("crm.item.update", orders))
    assert {deal["stageId"] for deal in sandbox.control.deals()} == {"EXECUTING"}
    assert {request.method for request in sandbox.control.requests} == {"batch"}
