"""What came of a run: from the load's own lines, the hub's database and the portal's requests."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

#: Tells a refusal for asking too often from any other answer (https://apidocs.bitrix24.com/limits.html).
_REFUSED: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds, from the middle to the end."""

    p50: float
    p99: float
    worst: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        """Of a sample."""
        cuts = quantiles(seconds, n=100) if len(seconds) > 1 else [seconds[0]] * 99
        return cls(median(seconds), cuts[98], max(seconds))

    def __str__(self) -> str:
        return f"p50 {self.p50 * 1000:.0f} ms, p99 {self.p99 * 1000:.0f} ms, worst {self.worst * 1000:.0f} ms"


@dataclass(frozen=True, slots=True)
class Decided:
    """How long from sending to the decision, of those that were decided, and how they were decided."""

    after: Spread
    kinds: Counter[str]


def decided(database: Path, sent_at: dict[int, float]) -> Decided:
    """Read the first decision of every reported payment."""
    query = (
        "SELECT p.source_id, d.decided_at, d.kind FROM payments p JOIN decisions d ON d.id = p.decision_id "
        "WHERE p.source_id LIKE 'bank-%'"
    )
    waits, kinds = [], Counter[str]()
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for source_id, at, kind in connection.execute(query):
            number = int(source_id.removeprefix("bank-"))
            if number in sent_at:
                waits.append(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() - sent_at[number])
                kinds[kind] += 1
    return Decided(Spread.of(waits), kinds)


def effects(database: Path) -> Counter[str]:
    """Effects of this run by kind and state."""
    query = (
        "SELECT o.kind || ' ' || o.state, count(*) FROM outbox o JOIN payments p ON p.id = o.payment_id "
        "WHERE p.source_id LIKE 'bank-%' GROUP BY 1"
    )
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return Counter(dict(connection.execute(query).fetchall()))


@dataclass(frozen=True, slots=True)
class Calls:
    """How the portal was asked within a span of time."""

    made: int
    refused: int
    methods: Counter[str]


def calls(requests: Sequence[dict[str, Any]], since: float, until: float) -> Calls:
    """Count the portal's own record."""
    mine = [item for item in requests if since <= datetime.fromisoformat(item["at"]).timestamp() <= until]
    refused = sum(item["status"] in _REFUSED for item in mine)
    return Calls(len(mine), refused, Counter(str(item["method"]).lower() for item in mine))
