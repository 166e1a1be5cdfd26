"""Whether a kept decision follows once more from what it keeps: its verdicts, judged by the table of its version."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.domain.decision import Candidate, Decision, DecisionKind
from hub.domain.matching.codes import BESIDE_TABLE, OUTGOING_REFUND
from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.table import DecisionTable
from hub.domain.matching.verdicts import ASPECTS, Verdicts, verdicts_of


class Rederived(StrEnum):
    """How a decision came out.

    `same`: each row and what was decided by it follow again. `differs`: something else follows. `beside_table`: no
    table was asked, there is no candidate or none of a table. `forgotten`: its verdicts are gone with its time.
    """

    SAME = "same"
    DIFFERS = "differs"
    BESIDE_TABLE = "beside_table"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Verified:
    """What came out, and where it differs: what was kept and what follows, as `code outcome`."""

    how: Rederived
    kept: str = ""
    follows: str = ""


def verify(decision: Decision, table: DecisionTable) -> Verified:
    """Judge the verdicts of a decision by the table that it names."""
    if decision.code == OUTGOING_REFUND:
        return Verified(Rederived.BESIDE_TABLE)
    if not decision.candidates:
        of_table = decision.code not in BESIDE_TABLE
        return Verified(Rederived.FORGOTTEN if of_table else Rederived.BESIDE_TABLE)
    rows: list[Row] = []
    for candidate in decision.candidates:
        row = _row(candidate, table)
        if row is None:
            return Verified(Rederived.DIFFERS, candidate.row or decision.code, "?")
        if candidate.row and candidate.row != row.code:
            return Verified(Rederived.DIFFERS, candidate.row, _told(row))
        rows.append(row)
    return _decided(decision, rows)


def _row(candidate: Candidate, table: DecisionTable) -> Row | None:
    verdicts = kept_verdicts(candidate)
    return None if verdicts is None else table.row_for(verdicts)


def kept_verdicts(candidate: Candidate) -> Verdicts | None:
    """The verdicts that a candidate keeps as evidence; None where one is missing or unknown to this version."""
    words = {item.aspect.value: item.verdict for item in candidate.evidence if item.aspect.value in ASPECTS}
    try:
        return verdicts_of(words)
    except (KeyError, ValueError):
        return None


def _decided(decision: Decision, rows: list[Row]) -> Verified:
    """A decision by a row is its first candidate's; one beside the table needs only rows that show."""
    kept, best = f"{decision.code} {decision.kind.value}", rows[0]
    dropped = next((row for row in rows if row.outcome is Outcome.DROP), None)
    if dropped is not None:
        return Verified(Rederived.DIFFERS, kept, _told(dropped))
    if decision.kind is not DecisionKind.AUTO and decision.code in BESIDE_TABLE:
        follows = decision.code != "tie" or any(row.outcome is Outcome.AUTO for row in rows)
    else:
        follows = (best.code, best.outcome.value) == (decision.code, decision.kind.value)
    return Verified(Rederived.SAME) if follows else Verified(Rederived.DIFFERS, kept, _told(best))


def _told(row: Row) -> str:
    return f"{row.code} {row.outcome.value}"
