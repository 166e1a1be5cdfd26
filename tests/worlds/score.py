"""Decisions beside the truth: what a machine did right, by kind of case."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final, TextIO

from tests.worlds.records import Answer, Truth

AUTO: Final = "auto"
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Made:
    """A decision as `sverka match` prints it; `first` are the invoices of the candidate shown first."""

    payment: str
    decision: str
    allocations: Mapping[str, Decimal]
    first: tuple[str, ...]
    reason: str = ""


@dataclass(slots=True)
class Row:
    """Counts of one kind of case."""

    payments: int = 0
    automatic: int = 0
    wrong: int = 0
    decisive: int = 0
    decided: int = 0
    doubtful: int = 0
    right_first: int = 0
    not_ours: int = 0
    kept_out: int = 0

    def add(self, truth: Truth, made: Made) -> None:
        auto = made.decision == AUTO
        right = truth.answer is Answer.DECISIVE and made.allocations == truth.allocations
        self.payments += 1
        self.automatic += auto
        self.wrong += auto and not right
        if truth.answer is Answer.DECISIVE:
            self.decisive += 1
            self.decided += auto and right
        elif truth.answer is Answer.NOT_OURS:
            self.not_ours += 1
            self.kept_out += made.decision == NONE
        elif truth.first:
            self.doubtful += 1
            self.right_first += not auto and bool(made.first) and set(made.first) <= set(truth.first)

    def join(self, other: Row) -> None:
        for name in Row.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Score:
    """Rows by kind, their total, and the cases that went wrong."""

    rows: dict[str, Row] = field(default_factory=dict)
    wrong: list[tuple[Truth, Made]] = field(default_factory=list)
    missed: list[tuple[Truth, Made]] = field(default_factory=list)
    misplaced: list[tuple[Truth, Made]] = field(default_factory=list)

    @property
    def total(self) -> Row:
        whole = Row()
        for row in self.rows.values():
            whole.join(row)
        return whole


def score(truths: Iterable[Truth], decisions: Iterable[Made]) -> Score:
    """Judge decisions by the truth; an automatic one is right only in a decisive case and allocated exactly so.

    Raises:
        ValueError: a payment has no decision.
    """
    made = {decision.payment: decision for decision in decisions}
    rows: defaultdict[str, Row] = defaultdict(Row)
    found = Score()
    for truth in truths:
        if truth.payment not in made:
            raise ValueError(f"no decision for {truth.payment}")
        decision, row = made[truth.payment], Row()
        row.add(truth, decision)
        rows[truth.kind].join(row)
        if row.wrong:
            found.wrong.append((truth, decision))
        if row.decisive > row.decided and not row.wrong:
            found.missed.append((truth, decision))
        if row.doubtful > row.right_first and not row.wrong:
            found.misplaced.append((truth, decision))
    found.rows = dict(sorted(rows.items()))
    return found


def read_decisions(path: Path) -> list[Made]:
    """Decisions that `sverka match` wrote."""
    with path.open(encoding="utf-8") as file:
        return [_made(json.loads(line)) for line in file if line.strip()]


def read_truths(path: Path) -> list[Truth]:
    """Truths that a world wrote."""
    with path.open(encoding="utf-8") as file:
        return [_truth(json.loads(line)) for line in file if line.strip()]


def print_score(found: Score, out: TextIO) -> None:
    """One line a kind: payments, automatic, wrong automatic, and the three shares in per cent."""
    heads = ("payments", "auto", "wrong", "decisive auto %", "right first %", "kept out %")
    out.write(f"{'kind':32}" + "".join(f"{head:>17}" for head in heads) + "\n")
    for name, row in [*found.rows.items(), ("TOTAL", found.total)]:
        shares = (
            _share(row.decided, row.decisive),
            _share(row.right_first, row.doubtful),
            _share(row.kept_out, row.not_ours),
        )
        cells: Sequence[object] = (row.payments, row.automatic, row.wrong, *shares)
        out.write(f"{name:32}" + "".join(f"{cell!s:>17}" for cell in cells) + "\n")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def _made(line: dict[str, object]) -> Made:
    allocations, candidates = line["allocations"], line["candidates"]
    if not isinstance(allocations, list) or not isinstance(candidates, list):
        raise TypeError("a decision holds lists of allocations and candidates")
    return Made(
        payment=str(line["payment"]),
        decision=str(line["decision"]),
        allocations={item["invoice"]: Decimal(item["amount"]) for item in allocations},
        first=tuple(candidates[0]["invoices"]) if candidates else (),
        reason=str(line["reason"]),
    )


def _truth(line: dict[str, object]) -> Truth:
    allocations, first = line["allocations"], line["first"]
    if not isinstance(allocations, dict) or not isinstance(first, list):
        raise TypeError("a truth holds allocations by invoice and a list of invoices to show first")
    return Truth(
        payment=str(line["payment"]),
        kind=str(line["kind"]),
        answer=Answer(str(line["answer"])),
        allocations={invoice: Decimal(amount) for invoice, amount in allocations.items()},
        first=tuple(first),
    )
