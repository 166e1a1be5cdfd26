"""What a case of the matcher is: a payment, the invoices known, and what must come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.domain.decision import DecisionKind, Pile
from hub.domain.matching import MatchContext
from hub.domain.models import Invoice, InvoiceStatus, Payment
from tests.unit.matching.cases import (
    CONTEXT,
    PION,
    client,
)

AUTO, SUGGEST, NONE = DecisionKind.AUTO, DecisionKind.SUGGEST, DecisionKind.NONE
PAID, CANCELLED = InvoiceStatus.PAID, InvoiceStatus.CANCELLED


@dataclass(frozen=True)
class Case:
    """A payment, the invoices known, and what must come out; `gives` empty means: not checked for suggestions."""

    name: str
    payment: Payment
    invoices: Sequence[Invoice]
    kind: DecisionKind
    gives: dict[str, str] = field(default_factory=dict)
    first: str | None = None
    code: str | None = None
    context: MatchContext = CONTEXT
    pile: Pile = Pile.NEEDS_YOU


def auto(
    name: str, payment: Payment, invoices: Sequence[Invoice], gives: dict[str, str], code: str | None = None
) -> Case:
    return Case(name, payment, invoices, AUTO, gives, code=code)


def ask(
    name: str,
    payment: Payment,
    invoices: Sequence[Invoice],
    first: str | None = None,
    code: str | None = None,
    context: MatchContext = CONTEXT,
) -> Case:
    return Case(name, payment, invoices, SUGGEST, first=first, code=code, context=context)


def nothing(name: str, payment: Payment, invoices: Sequence[Invoice], code: str, pile: Pile = Pile.NEEDS_YOU) -> Case:
    return Case(name, payment, invoices, NONE, code=code, pile=pile)


NAMELESS = client(None, "")
PION_NO_ID = client(None, 'ООО "Пион"')
PION_BRANCH = client(PION, kpp="770001001")
