"""The load generator as a process: keep-alive connections, each sends its next request when the last is answered.

`python -m benchmarks.intake.load PORT SECONDS CONNECTIONS FIRST [FILE]` prints one JSON line: requests answered in the
measured time, rate, latency, other statuses. FILE gets the number of every acknowledged request, one on a line.
A connection that is cut or gets anything but 204 ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Final, cast

import uvloop

from benchmarks.intake.message import request

#: The first answers are not measured: connections open, pages of the database are read.
_WARM_UP_S: Final = 0.5
_STORED: Final = b"HTTP/1.1 204"
_END: Final = b"\r\n\r\n"


class Run:
    """One measurement over all connections."""

    def __init__(self, seconds: float, connections: int, first: int) -> None:
        self.numbers = count(first)
        self.acknowledged: list[int] = []
        self.others: Counter[str] = Counter()
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open = connections
        self._latencies: list[float] = []
        self._from = time.perf_counter() + min(_WARM_UP_S, seconds / 4)
        self._until = time.perf_counter() + seconds

    def stored(self, number: int, sent_at: float) -> bool:
        """Count an acknowledged request; False when the time is over."""
        now = time.perf_counter()
        self.acknowledged.append(number)
        if self._from <= now < self._until:
            self._latencies.append(now - sent_at)
        return now < self._until

    def ended(self) -> None:
        """A connection is gone."""
        self._open -= 1
        if self._open == 0 and not self.over.done():
            self.over.set_result(None)

    def report(self) -> dict[str, object]:
        """What was measured; latencies in milliseconds."""
        ordered = sorted(self._latencies) or [0.0]
        return {
            "answers": len(self._latencies),
            "rate": len(self._latencies) / (self._until - self._from),
            "p50_ms": ordered[len(ordered) // 2] * 1000,
            "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
            "others": dict(self.others),
        }


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._transport: asyncio.WriteTransport | None = None
        self._number = 0
        self._sent_at = 0.0
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.WriteTransport, transport)
        self._send(self._transport)

    def _send(self, transport: asyncio.WriteTransport) -> None:
        self._number = next(self._run.numbers)
        self._sent_at = time.perf_counter()
        transport.write(request(self._number))

    def data_received(self, data: bytes) -> None:
        """An answer or a part of one; a 204 ends with its head."""
        data = self._seen + data if self._seen else data
        if _END not in data:
            self._seen = data
            return
        self._seen = b""
        assert self._transport is not None
        if not data.startswith(_STORED):
            self._run.others[data[9:12].decode()] += 1
            self._transport.close()
        elif self._run.stored(self._number, self._sent_at):
            self._send(self._transport)
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server hung up, or the time is over."""
        del exc
        self._run.ended()


async def measure(port: int, seconds: float, connections: int, first: int, acknowledged: Path | None) -> None:
    """Load the server and print what was seen."""
    loop = asyncio.get_running_loop()
    run = Run(seconds, connections, first)
    for _ in range(connections):
        await loop.create_connection(lambda: Client(run), "127.0.0.1", port)
    await run.over
    if acknowledged is not None:
        acknowledged.write_text("".join(f"{number}\n" for number in run.acknowledged))
    sys.stdout.write(json.dumps(run.report()) + "\n")


if __name__ == "__main__":
    port, seconds, connections, first, *file = sys.argv[1:]
    path = Path(file[0]) if file else None
    uvloop.run(measure(int(port), float(seconds), int(connections), int(first), path))
