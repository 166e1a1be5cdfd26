"""Which automatic decisions hold while a system whose invoices might answer too cannot be read."""

from __future__ import annotations

from typing import Final

from hub.domain.decision import Aspect, Decision, DecisionKind
from hub.domain.matching.verdicts import EXACT, ClientVerdict, DateVerdict, NumberVerdict

_NUMBERS: Final = frozenset({NumberVerdict.AGREES, NumberVerdict.AGREES_FOR_SEVERAL})
_CLIENTS: Final = frozenset({ClientVerdict.TAX_ID, ClientVerdict.ACCOUNT, ClientVerdict.ALIAS})
#: An answer as good has the same whole number, date and client: that is the same sale, told by another system. A number
#: alone comes again every year, and a short one belongs to several series.
_NEEDED: Final[dict[Aspect, frozenset[str]]] = {
    Aspect.NUMBER: frozenset(item.value for item in _NUMBERS),
    Aspect.DATE: frozenset({DateVerdict.AGREES.value}),
    Aspect.AMOUNT: frozenset(item.value for item in EXACT),
    Aspect.CLIENT: frozenset(item.value for item in _CLIENTS),
}


def is_sure(decision: Decision) -> bool:
    """Whether number, date, sum and client all agree without reserve, whatever the company's table would do with less.

    Any other automatic decision leans on there being no second answer, which takes having seen every invoice.
    """
    if decision.kind is not DecisionKind.AUTO:
        return False
    chosen = next((item for item in decision.candidates if item.allocations == decision.allocations), None)
    if chosen is None:
        return False
    said = {item.aspect: item.verdict for item in reversed(chosen.evidence)}
    return all(said.get(aspect) in verdicts for aspect, verdicts in _NEEDED.items())
