"""Reports payments at a steady rate, whatever the hub answers: an open loop, so that a slow answer delays nobody."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx

from benchmarks.flow.world import NEW, OUR_ACCOUNT, TODAY, Sale, sales, tax_id
from connectors.shared.standard_webhooks import sign


def report(sale: Sale) -> bytes:
    """The body that says this sale was paid today."""
    data = {
        "id": f"bank-{sale.number}",
        "amount": str(sale.amount.amount),
        "currency": "RUB",
        "paid_on": TODAY.isoformat(),
        "payer": {"name": f"ООО «Клиент {sale.client}»", "tax_id": tax_id(sale.client)},
        "purpose": sale.purpose,
        "document_number": str(sale.number % 100_000),
        "account": OUR_ACCOUNT,
    }
    return json.dumps({"type": "payment.reported", "data": data}, ensure_ascii=False).encode()


async def _send(client: httpx.AsyncClient, address: str, secret: str, sale: Sale, due: float) -> None:
    body, now = report(sale), datetime.now(UTC)
    headers = sign([secret], f"msg_{sale.number}", now, body) | {"content-type": "application/json"}
    try:
        status = (await client.post(address, content=body, headers=headers)).status_code
    except httpx.HTTPError as error:
        status = 0
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    line = {"number": sale.number, "sent_at": now.timestamp(), "ack_s": time.perf_counter() - due, "status": status}
    sys.stdout.write(json.dumps(line) + "\n")


def _due_times(began: float, rate: float, count: int) -> Iterator[float]:
    return (began + place / rate for place in range(count))


async def run(address: str, secret: str, rate: float, count: int) -> None:
    """Send so many reports at so many a second; a line of JSON about each goes to stdout."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client, asyncio.TaskGroup() as group:
        began = time.perf_counter() + 0.5
        for sale, due in zip(sales(NEW, count), _due_times(began, rate, count), strict=True):
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(_send(client, address, secret, sale, due))


def main() -> None:
    """`python -m benchmarks.flow.load ADDRESS SECRET RATE COUNT`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("secret")
    parser.add_argument("rate", type=float)
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    asyncio.run(run(given.address, given.secret, given.rate, given.count))


if __name__ == "__main__":
    main()
