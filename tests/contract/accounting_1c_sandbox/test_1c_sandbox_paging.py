"""Pages: what order keeps them whole, and what makes them overlap and leave rows out."""

from typing import Any

import pytest

from connectors.accounting_1c.sandbox.seed import Generate, Seed
from connectors.accounting_1c.sandbox.testing import running_sandbox

from .client import BREAKDOWN, INVOICES, SETTLEMENTS, OData
from .conftest import Start

SMALL = Generate(invoices=200, counterparties=30, quirks=[])


def pages(odata: OData, entity: str, size: int, **options: Any) -> list[dict[str, Any]]:
    """All pages up to the first short one."""
    rows: list[dict[str, Any]] = []
    while True:
        page = odata.rows(entity, top=size, skip=len(rows), **options)
        rows += page
        if len(page) < size:
            return rows


def test_a_date_window_ordered_by_date_and_key_gives_every_document_once() -> None:
    with running_sandbox(Seed(generate=SMALL)) as sandbox:
        odata = OData(sandbox)
        rows = pages(odata, INVOICES, 30, orderby="Date,Ref_Key", filter="Date ge datetime'2025-01-01T00:00:00'")
        odata.http.close()
    assert len({row["Ref_Key"] for row in rows}) == len(rows) == 200
    assert [row["Date"] for row in rows] == sorted(row["Date"] for row in rows)


@pytest.mark.parametrize("order", [None, "Ref_Key", "СуммаПлатежа"])
def test_pages_of_a_tabular_part_lose_rows_without_the_whole_key(order: str | None) -> None:
    with running_sandbox(Seed(generate=SMALL)) as sandbox:
        odata = OData(sandbox)
        drifted = pages(odata, BREAKDOWN, 10, orderby=order)
        whole = pages(odata, BREAKDOWN, 10, orderby="Ref_Key,LineNumber")
        odata.http.close()
    every = {(row["Ref_Key"], row["LineNumber"]) for row in whole}
    assert len(every) == len(whole)
    assert {(row["Ref_Key"], row["LineNumber"]) for row in drifted} < every


def test_other_bases_keep_or_shake_everything(start: Start) -> None:
    def order(switch: str) -> bool:
        odata = start(unordered_paging=switch).odata
        taken = [[row["Number"] for row in odata.rows(INVOICES, top=5)] for _ in range(3)]
        return taken[0] == taken[1] == taken[2]

    assert [order("parts"), order("stable"), order("all")] == [True, True, False]


def test_the_order_of_references_is_not_that_of_their_text(start: Start) -> None:
    keys = [row["Ref_Key"] for row in start().odata.rows(INVOICES, orderby="Ref_Key")]
    assert keys != sorted(keys)
    assert len(set(keys)) == 5


def test_registers_with_recorders_take_no_order(start: Start) -> None:
    entity = f"{SETTLEMENTS}_RecordType"
    ignored = start(config="ut11").odata.rows(entity, orderby="Сумма desc")
    honoured = start(config="ut11", register_orderby="honoured").odata.rows(entity, orderby="Сумма desc")
    assert [row["Сумма"] for row in honoured] == sorted((row["Сумма"] for row in honoured), reverse=True)
    assert [row["Сумма"] for row in ignored] != [row["Сумма"] for row in honoured]


def test_skip_comes_before_top_and_nothing_follows_the_end(start: Start) -> None:
    odata = start().odata
    numbers = [row["Number"] for row in odata.rows(INVOICES, orderby="Number")]
    assert [row["Number"] for row in odata.rows(INVOICES, orderby="Number", top=2, skip=1)] == numbers[1:3]
    assert odata.rows(INVOICES, skip=5) == []
    assert "odata.nextLink" not in odata.get(INVOICES, top=1)
