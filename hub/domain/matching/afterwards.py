"""What the hub adds to the matcher's word: a report that may have counted the money, a person's undo, other money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from hub.domain.decision import Decision, DecisionKind, Pile

#: Code of a decision about money that a report may have counted already.
MAY_BE_COUNTED: Final = "may_be_counted"
_HELD: Final = "Человек отменил прежнее сопоставление, поэтому решает человек."
_OVERTAKEN: Final = "Пока решали, по этим счетам прошли другие деньги: решает человек."


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What stood beside a payment when it was decided.

    Attributes:
        doubt: why the money may be counted already; empty where nothing says so.
        held: a person took an earlier match of it back.
        overtaken: its invoices took other money while it was decided.
    """

    doubt: str = ""
    held: bool = False
    overtaken: bool = False


#: Nothing stood beside it.
ALONE: Final = Afterwards()


def told_with(decision: Decision, beside: Afterwards) -> Decision:
    """The decision as it is recorded."""
    told = _doubted(decision, beside.doubt) if beside.doubt else decision
    told = _left_to_person(told, "held_by_person", _HELD) if beside.held else told
    return _left_to_person(told, "contested", _OVERTAKEN) if beside.overtaken else told


def _doubted(decision: Decision, doubt: str) -> Decision:
    """Money that a report may have counted already is for a person to tell."""
    if decision.pile is Pile.NOT_OURS:
        return decision
    told = replace(decision, reason=f"{doubt} {decision.reason}")
    auto = decision.kind is DecisionKind.AUTO
    return replace(told, kind=DecisionKind.SUGGEST, code=MAY_BE_COUNTED) if auto else told


def _left_to_person(decision: Decision, code: str, why: str) -> Decision:
    """An automatic decision becomes a suggestion; any other is a person's already."""
    if decision.kind is not DecisionKind.AUTO:
        return decision
    return replace(decision, kind=DecisionKind.SUGGEST, code=code, reason=f"{why} {decision.reason}")
