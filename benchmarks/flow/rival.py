"""The same deals on the same portal moved by fast_bitrix24, the best known client: how fast, how often refused."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass

from fast_bitrix24 import BitrixAsync


@dataclass(frozen=True, slots=True)
class Race:
    """How the moves went."""

    deals: int
    seconds: float
    failed: str = ""


def move_all(webhook_url: str, deal_ids: list[int]) -> Race:
    """Read each deal, then move it, as its documentation shows; nothing is read back, nobody's hand is looked for."""
    logging.getLogger("fast_bitrix24").setLevel(logging.ERROR)
    began = time.perf_counter()
    failed = ""
    try:
        asyncio.run(_move(webhook_url, deal_ids))
    except Exception as error:
        failed = f"{type(error).__name__}: {error}"[:200]
    return Race(len(deal_ids), time.perf_counter() - began, failed)


async def _move(webhook_url: str, deal_ids: list[int]) -> None:
    client = BitrixAsync(webhook_url, verbose=False)
    await client.call("crm.item.get", [{"entityTypeId": 2, "id": number} for number in deal_ids])
    orders = [{"entityTypeId": 2, "id": number, "fields": {"stageId": "EXECUTING"}} for number in deal_ids]
    await client.call("crm.item.update", orders)
