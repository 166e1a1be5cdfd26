"""A row of the decision table: the verdicts it wants, and what it lets happen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.domain.matching.verdicts import (
    AmountVerdict,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdicts,
)


class Outcome(StrEnum):
    """What a row lets happen with an answer, if no second answer is as good."""

    AUTO = "auto"
    SUGGEST = "suggest"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        veto: something contradicts; the answer is shown but never competes with a decisive one.
    """

    code: str
    outcome: Outcome
    veto: bool = False
    number: frozenset[NumberVerdict] | None = None
    reference: frozenset[ReferenceVerdict] | None = None
    amount: frozenset[AmountVerdict] | None = None
    client: frozenset[ClientVerdict] | None = None
    organisation: frozenset[OrganisationVerdict] | None = None
    currency: frozenset[CurrencyVerdict] | None = None
    status: frozenset[StatusVerdict] | None = None
    date: frozenset[DateVerdict] | None = None

    def fits(self, verdicts: Verdicts) -> bool:
        """Whether every verdict that the row names is there."""
        return (
            (self.number is None or verdicts.number in self.number)
            and (self.amount is None or verdicts.amount in self.amount)
            and (self.client is None or verdicts.client in self.client)
            and (self.status is None or verdicts.status in self.status)
            and (self.organisation is None or verdicts.organisation in self.organisation)
            and (self.currency is None or verdicts.currency in self.currency)
            and (self.date is None or verdicts.date in self.date)
            and (self.reference is None or verdicts.reference in self.reference)
        )
