"""What the matcher says of one payment: decision, candidates and the evidence behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hub.domain.allocation import Allocation
from hub.domain.money import Money
from hub.domain.word import Word


class DecisionKind(Word):
    """`auto`: decisive, a machine may act. `suggest`: a person chooses. `none`: nothing of ours fits."""

    AUTO = "auto"
    SUGGEST = "suggest"
    NONE = "none"


class Aspect(Word):
    """What an evidence item speaks of."""

    NUMBER = "number"
    REFERENCE = "reference"
    AMOUNT = "amount"
    CLIENT = "client"
    ORGANISATION = "organisation"
    CURRENCY = "currency"
    STATUS = "status"
    DATE = "date"
    VAT = "vat"
    NUMBERING = "numbering"


class Stand(Word):
    """Whether the evidence speaks for the candidate, against it, or only warns."""

    FOR = "for"
    AGAINST = "against"
    SILENT = "silent"
    WARNING = "warning"


class Evidence(NamedTuple):
    """One verdict on one aspect of a candidate.

    Attributes:
        verdict: machine word of the lattice (`agrees`, `equal`, `tax_id`, `contradicts` …).
        text: the same in one short Russian clause for the accountant.
    """

    aspect: Aspect
    verdict: str
    stand: Stand
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible answer: the invoices that the payment would pay together, and why.

    Attributes:
        row: code of the row of the decision table that fits it; empty where it was decided before rows were kept.
    """

    allocations: tuple[Allocation, ...]
    evidence: tuple[Evidence, ...]
    row: str = ""

    @property
    def invoices(self) -> tuple[str, ...]:
        """Ids of the invoices in this answer."""
        return tuple(item.invoice_id for item in self.allocations)


class Pile(Word):
    """Where the accountant finds a payment that no machine settled: to decide, or not customer money at all."""

    NEEDS_YOU = "needs_you"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Decision:
    """The matcher's answer for one payment.

    Attributes:
        allocations: what the machine gives out (`auto`) or proposes first (`suggest`).
        candidates: every answer considered worth showing, best first.
        code: machine name of the reason, stable between versions.
        reason: one plain Russian sentence: why, or why not.
        pile: where to show it when it is not automatic.
        unapplied: what of the payment stays free after the allocations.
        version: version of the reader and of the decision table.
    """

    payment_id: str
    kind: DecisionKind
    allocations: tuple[Allocation, ...]
    candidates: tuple[Candidate, ...]
    code: str
    reason: str
    unapplied: Money
    pile: Pile = Pile.NEEDS_YOU
    version: str = ""
