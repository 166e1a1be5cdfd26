"""A row of the decision table: the verdicts it wants, and what it lets happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from hub.domain.matching.said import Said
from hub.domain.matching.verdicts import (
    ASPECTS,
    AmountVerdict,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdict,
    Verdicts,
)
from hub.domain.word import Word

_V = TypeVar("_V", bound=Word)


class Outcome(Word):
    """What a row lets happen with an answer, if no second answer is as good."""

    AUTO = "auto"
    SUGGEST = "suggest"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        veto: something contradicts; the answer is shown but never competes with a decisive one.
        said: the row's own sentence, where it has one; otherwise that of its code is told.
        hint: its own word on what would have made the answer automatic.
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
    said: Said | None = None
    hint: Said | None = None

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

    @property
    def conditions(self) -> Mapping[str, frozenset[Verdict]]:
        """What the row wants of each aspect that it names, in the order of the aspects."""
        wanted: dict[str, frozenset[Verdict] | None] = {
            "number": self.number,
            "reference": self.reference,
            "amount": self.amount,
            "client": self.client,
            "organisation": self.organisation,
            "currency": self.currency,
            "status": self.status,
            "date": self.date,
        }
        return {aspect: wants for aspect, wants in wanted.items() if wants is not None}


def make_row(
    code: str,
    outcome: Outcome,
    conditions: Mapping[str, frozenset[Verdict]],
    *,
    veto: bool = False,
    said: Said | None = None,
    hint: Said | None = None,
) -> Row:
    """A row of conditions by aspect; an aspect of which every verdict will do is none."""
    wanted = {aspect: wants for aspect, wants in conditions.items() if len(wants) < len(ASPECTS[aspect])}
    return Row(
        code,
        outcome,
        veto,
        number=_of(NumberVerdict, wanted.get("number")),
        reference=_of(ReferenceVerdict, wanted.get("reference")),
        amount=_of(AmountVerdict, wanted.get("amount")),
        client=_of(ClientVerdict, wanted.get("client")),
        organisation=_of(OrganisationVerdict, wanted.get("organisation")),
        currency=_of(CurrencyVerdict, wanted.get("currency")),
        status=_of(StatusVerdict, wanted.get("status")),
        date=_of(DateVerdict, wanted.get("date")),
        said=said,
        hint=hint,
    )


def _of(kind: type[_V], wants: frozenset[Verdict] | None) -> frozenset[_V] | None:
    return None if wants is None else frozenset(item for item in wants if isinstance(item, kind))
