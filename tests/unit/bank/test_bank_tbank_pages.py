"""A day of T-Bank out of its pages: which rows are one movement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import httpx
import pytest

from connectors.bank.providers.tbank.config import TbankConfig
from connectors.bank.providers.tbank.connector import Tbank
from connectors.shared.http import HttpClient, Origin
from connectors.shared.jsontypes import JsonObject
from connectors.shared.memory import MemoryQuota, SystemClock
from connectors.shared.runtime import Runtime
from hub.ports.bank import BankDay
from tests.unit.bank.bank_rows import tbank_row
from tests.unit.bank.statement_builder import CLIENT_INN, OWN, OWN_INN

ON = date(2026, 2, 15)


@contextmanager
def tbank(*pages: list[JsonObject]) -> Iterator[Tbank]:
    """A bank that shows these pages one after another."""

    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("cursor", "0"))
        following = str(number + 1) if number + 1 < len(pages) else None
        body = json.dumps({"operations": pages[number], "nextCursor": following}).encode()
        return httpx.Response(200, stream=httpx.ByteStream(body))

    clock = SystemClock()
    config = TbankConfig.model_validate({"token": "t"})
    http = HttpClient(Origin.of(config.api_url), user_agent="sverka/test", transport=httpx.MockTransport(answer))
    bank = Tbank(config, Runtime("bank", clock, MemoryQuota(clock)), http)
    try:
        yield bank
    finally:
        bank.close()


def day(*pages: list[JsonObject]) -> BankDay:
    with tbank(*pages) as bank:
        (answer,) = bank.days(OWN, ON, ON)
        return bank.read(answer.body, {OWN}, {OWN_INN})


@pytest.mark.parametrize(
    "changes",
    [
        {"accountAmount": "25.00"},
        {"typeOfOperation": "Debit"},
        {"documentNumber": "246"},
        {"payer": {"acct": "40702810000000000077", "inn": CLIENT_INN}},
    ],
)
def test_two_movements_of_a_day_under_one_id_stay_two(changes: dict[str, Any]) -> None:
    lines = day([tbank_row(), tbank_row(**changes)]).lines
    assert len({line.source_id for line in lines}) == 2


def test_a_row_that_slips_onto_two_pages_is_one_and_is_kept_once() -> None:
    with tbank([tbank_row()], [tbank_row(), tbank_row(operationId="2")]) as bank:
        (slipped,) = bank.days(OWN, ON, ON)
    with tbank([tbank_row(), tbank_row(operationId="2")]) as bank:
        (told,) = bank.days(OWN, ON, ON)
    assert slipped == told


def test_rows_without_an_id_are_each_a_movement() -> None:
    assert len(day([tbank_row(operationId=None), tbank_row(operationId=None)]).lines) == 2
