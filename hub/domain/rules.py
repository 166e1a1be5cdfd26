"""Rules: which event of payment leads to which stage, comment and task. Facts in, intended actions out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hub.domain.models import Invoice
from hub.domain.money import Money, total


class PaidEvent(StrEnum):
    """What a payment changed for a deal. A paid 30 % advance invoice is `deal_partly_paid`, never `deal_paid`."""

    DEAL_PAID = "deal_paid"
    DEAL_PARTLY_PAID = "deal_partly_paid"
    INVOICE_PAID = "invoice_paid"


#: Names that a comment or task text may hold in braces, with what stands in their place.
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "payment_sum": "сумма платежа",
    "payment_date": "дата платежа",
    "payment_number": "номер платёжного поручения",
    "payer": "плательщик",
    "purpose": "назначение платежа",
    "invoices": "какие счета и на сколько оплачены",
    "deal_paid": "сколько всего оплачено по сделке",
    "deal_sum": "сумма сделки",
    "deal_rest": "сколько осталось оплатить",
    "reason": "почему хаб так решил",
}
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class TaskRule:
    """A task to leave with the deal; `due_days` counts from the day it is set."""

    title: str
    text: str = ""
    due_days: int = 1


@dataclass(frozen=True, slots=True)
class Action:
    """What to do in the CRM; `stage_id` None leaves the stage alone."""

    stage_id: str | None = None
    comment: str | None = None
    task: TaskRule | None = None


@dataclass(frozen=True, slots=True)
class PipelineRules:
    """Actions by event for one pipeline."""

    pipeline_id: str
    actions: Mapping[PaidEvent, Action] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of one connection.

    Attributes:
        mark_invoices_paid: a fully covered invoice gets its paid mark in the CRM.
    """

    pipelines: Mapping[str, PipelineRules] = field(default_factory=dict)
    mark_invoices_paid: bool = True


@dataclass(frozen=True, slots=True)
class DealMoney:
    """The money side of a deal after a match.

    Attributes:
        amount: the deal's own sum, None when the CRM has none.
        covered: Σ of allocations over all its invoices.
        closed_now: invoices of the deal that this match covered in full.
    """

    deal_id: str
    amount: Money | None
    covered: Money
    closed_now: tuple[Invoice, ...] = ()

    @property
    def event(self) -> PaidEvent | None:
        """What happened to the deal; None when nothing is covered."""
        if not self.covered.is_positive:
            return None
        if self.amount is None or not self.amount or self.amount.currency != self.covered.currency:
            return PaidEvent.INVOICE_PAID if self.closed_now else None
        return PaidEvent.DEAL_PAID if self.covered >= self.amount else PaidEvent.DEAL_PARTLY_PAID


def covered_of_deal(invoices: Mapping[str, Invoice], sums: Mapping[str, Money | None], deal_id: str) -> Money | None:
    """Σ of what is covered of a deal's invoices; None where it cannot be told.

    An invoice of several deals counts only when it is covered in full and its amount is exactly the sum of its deals:
    then it covers this deal's own sum. Otherwise nobody can say which deal the money belongs to, and it counts nothing.

    Args:
        invoices: the deal's invoices by id, `paid` being what allocations cover.
        sums: the sum of every deal that those invoices belong to.
        deal_id: the deal asked for.
    """
    parts = [_share(invoice, sums, deal_id) for invoice in invoices.values()]
    currencies = {part.currency for part in parts}
    if len(currencies) != 1:
        return None
    return total(parts, currencies.pop())


def _share(invoice: Invoice, sums: Mapping[str, Money | None], deal_id: str) -> Money:
    nothing = Money.zero(invoice.amount.currency)
    if len(invoice.deals) <= 1:
        return invoice.paid
    own = sums.get(deal_id)
    shares = [sums.get(other) for other in invoice.deals]
    known = [share for share in shares if share is not None and share.currency == invoice.amount.currency]
    if own is None or len(known) != len(shares) or invoice.paid < invoice.amount:
        return nothing
    return own if total(known, invoice.amount.currency) == invoice.amount else nothing


def action_for(rules: PipelineRules | None, money: DealMoney) -> tuple[PaidEvent, Action] | None:
    """The one action that follows: the deal's own event first, `invoice_paid` where the deal's event has no rule."""
    event = money.event
    if rules is None or event is None:
        return None
    wanted = [event] if not money.closed_now else [event, PaidEvent.INVOICE_PAID]
    return next(((name, rules.actions[name]) for name in wanted if name in rules.actions), None)


def unknown_placeholders(template: str) -> list[str]:
    """Names in braces that no payment can fill."""
    return [name for name in _PLACEHOLDER.findall(template) if name not in PLACEHOLDERS]


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill a comment or task text; an unknown name stays as written, so that nothing is lost silently."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)
