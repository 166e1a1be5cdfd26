"""What really came of it: payments as the hub's store shows them, writes as the CRM's own log shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from hub.demo.expectations import Effect
from hub.domain.money import Money

_ORDER_NUMBER: Final = re.compile(r"п/п № ([^)]+)\)")


@dataclass(frozen=True, slots=True)
class SeenPayment:
    """A payment in the hub's store; invoices by number.

    Attributes:
        files: names of the files that brought it.
        pile: `matched`, `needs_you` or `not_ours`.
        candidates: every answer that was offered, best first.
    """

    files: tuple[str, ...]
    account: str
    number: str
    booked_on: date
    amount: Money
    direction: str
    decision: str
    pile: str
    reason: str
    allocations: Mapping[str, Money]
    candidates: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A statement file after it was read; `broken` holds line and key of each document put aside."""

    name: str
    added: int
    known: int
    skipped: int
    broken: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Writes:
    """The CRM's write log: effects that the demo knows, and whatever else was written or refused."""

    effects: tuple[Effect, ...] = ()
    strange: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that is compared."""

    payments: tuple[SeenPayment, ...]
    files: tuple[SeenFile, ...]
    writes: Writes = field(default_factory=Writes)


def read_write_log(path: Path, invoices: Mapping[str, str], paid_stage: str) -> Writes:
    """Read the sandbox's write log.

    Args:
        invoices: number of every invoice by its id.
        paid_stage: the stage that marks an invoice paid.
    """
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    return classify(rows, invoices, paid_stage)


def classify(rows: Iterable[Mapping[str, Any]], invoices: Mapping[str, str], paid_stage: str) -> Writes:
    """Tell the demo's own kinds of write from everything else."""
    effects: list[Effect] = []
    strange: list[str] = []
    for row in rows:
        if row["kind"] == "call":
            if row.get("error"):
                strange.append(f"отказ CRM на {row['method']}: {row['error']} (строка {row['seq']})")
            continue
        effect = _effect(row, invoices, paid_stage) if row["source"] == "rest" else None
        if effect is None:
            strange.append(
                f"лишняя запись {row['method']} ({row.get('entity_type')} {row.get('entity_id')}, строка {row['seq']})"
            )
        else:
            effects.append(effect)
    return Writes(tuple(effects), tuple(strange))


def _effect(row: Mapping[str, Any], invoices: Mapping[str, str], paid_stage: str) -> Effect | None:
    changed = row.get("changed", {})
    kind, number = row.get("entity_type"), str(row.get("entity_id"))
    owner = str(row.get("owner") or "").removeprefix("deal:")
    stage_only = set(changed) == {"stageId"}
    if kind == "deal" and stage_only:
        return Effect("move", number, " → ".join(str(stage) for stage in changed["stageId"]))
    if kind == "invoice" and stage_only and changed["stageId"][1] == paid_stage:
        return Effect("paid", invoices.get(number, number))
    if kind in {"comment", "task"} and owner.isdigit():
        return Effect(str(kind), owner, _order_number(changed))
    return None


def _order_number(changed: Mapping[str, Any]) -> str:
    """The payment order that a comment or a task speaks of, by the demo's rules."""
    texts = " ".join(str(new) for _, new in changed.values())
    found = _ORDER_NUMBER.search(texts)
    return found[1] if found else ""
