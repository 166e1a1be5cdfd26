"""The unnamed set: open invoices of one client that together make up the payment exactly. Only ever a suggestion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.domain.matching.answers import is_sound
from hub.domain.matching.judge import Question, judge
from hub.domain.matching.verdicts import (
    IDENTIFIED,
    AmountVerdict,
    Answer,
    ClientVerdict,
    DateVerdict,
    NumberVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdicts,
)
from hub.domain.models import Invoice

_MOST_INVOICES: Final = 40
_MOST_SUMS: Final = 20_000
_OWN: Final = IDENTIFIED - {ClientVerdict.BRANCH}


def unnamed_set(question: Question, invoices: Iterable[Invoice]) -> Answer | None:
    """The only set of two or more invoices that gives the sum of the payment; None where there is none or a second."""
    judged = [(invoice, judge(question, invoice, NumberVerdict.ABSENT, None)) for invoice in invoices]
    own = sorted(
        (invoice for invoice, verdicts in judged if is_sound(verdicts) and verdicts.client in _OWN),
        key=lambda invoice: (invoice.number or "", invoice.id),
    )
    if not 2 <= len(own) <= _MOST_INVOICES:
        return None
    chosen = _only_subset([invoice.open_amount.minor for invoice in own], question.payment.amount.minor)
    if chosen is None or len(chosen) < 2:
        return None
    found = tuple(own[index] for index in chosen)
    first = next(verdicts for invoice, verdicts in judged if invoice.id == found[0].id)
    verdicts = Verdicts(
        number=NumberVerdict.ABSENT,
        reference=ReferenceVerdict.ABSENT,
        amount=AmountVerdict.SUM_OF_UNNAMED,
        client=first.client,
        organisation=first.organisation,
        currency=first.currency,
        status=StatusVerdict.OPEN,
        date=DateVerdict.ABSENT,
    )
    return Answer(found, tuple(invoice.open_amount for invoice in found), verdicts)


def _only_subset(parts: list[int], target: int) -> tuple[int, ...] | None:
    """Indexes of the one subset with that sum; None when there is none, a second, or too much to look through."""
    sums: dict[int, tuple[int, tuple[int, ...]]] = {0: (1, ())}
    for index, part in enumerate(parts):
        grown = dict(sums)
        for value, (ways, members) in sums.items():
            whole = value + part
            if whole <= target:
                known = grown.get(whole)
                grown[whole] = (ways, (*members, index)) if known is None else (known[0] + ways, known[1])
        if len(grown) > _MOST_SUMS:
            return None
        sums = grown
    ways, members = sums.get(target, (0, ()))
    return members if ways == 1 else None
