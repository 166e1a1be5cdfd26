"""`sverka status --json`: how the hub stands, for programmes; fields may be added, none is renamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from hub.ports.bank import DayProof
from hub.ports.records import ConnectionRow

if TYPE_CHECKING:
    from hub.store.queries import Figures, Queue


def status_document(
    figures: Figures,
    piles: Mapping[str, int],
    rhythm: Mapping[str, float],
    now: datetime,
    proofs: tuple[Sequence[DayProof], Sequence[DayProof]] = ((), ()),
    taken_back: int = 0,
    asked_sales: int = 0,
) -> dict[str, object]:
    """Counts by state, ages in seconds, each connection's state; no names of people, no sums but those of a gap.

    Args:
        proofs: the newest day of every account of a bank, and days that do not add up.
        taken_back: matched payments that their bank does not show any more.
        asked_sales: pairs of invoices, or of a document and a deal, that wait for a person's answer.
    """
    overview = figures.overview
    return {
        "at": now.isoformat(),
        "paused_by": overview.paused_by,
        "piles": dict(piles),
        "queues": {
            "inbox": _queue(overview.inbox, now),
            "payments": _queue(overview.payments, now),
            "outbox": _queue(overview.outbox, now),
        },
        "unsealed_lines": overview.unsealed,
        "alarms": [
            {"kind": alarm.kind.value, "source": alarm.source, "silent_s": _age_s(now, alarm.since)}
            for alarm in figures.alarms
        ],
        "taken_back": taken_back,
        "asked_sales": asked_sales,
        "balances": [_proof(proof) for proof in proofs[0]],
        "gaps": [_proof(proof) for proof in proofs[1]],
        "connections": [_connection(row, rhythm[row.id], now) for row in overview.connections if row.id in rhythm],
    }


def _queue(queue: Queue, now: datetime) -> dict[str, object]:
    return {
        "counts": dict(queue.counts),
        "oldest_s": {state: _age_s(now, since) for state, since in queue.oldest.items()},
        "oldest_unfinished_s": _age_s(now, queue.oldest_at),
    }


def _connection(row: ConnectionRow, every_s: float, now: datetime) -> dict[str, object]:
    return {
        "id": row.id,
        "acting": row.acting,
        "act_from": row.act_from.isoformat() if row.act_from is not None else None,
        "capped": row.capped,
        "health": row.health.value,
        "health_reason": row.health_reason,
        "polled_s": _age_s(now, row.polled_at),
        "poll_every_s": every_s,
    }


def _age_s(now: datetime, since: datetime | None) -> float | None:
    return None if since is None else max(0.0, (now - since).total_seconds())


def _proof(proof: DayProof) -> dict[str, object]:
    difference, jump = proof.difference, proof.jump
    return {
        "connection": proof.connection,
        "account": f"…{proof.account[-4:]}",
        "day": proof.day.isoformat(),
        "state": proof.state.value,
        "difference": str(difference.amount) if difference is not None else None,
        "jump": str(jump.amount) if jump is not None else None,
        "currency": proof.credited.currency,
        "checked_at": proof.checked_at.isoformat(),
    }
