"""The allocation law: what a match may give out never exceeds the payment nor the invoice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.domain.models import Payment
from hub.domain.money import Money, total


class AdjustmentKind(StrEnum):
    """Why an invoice may close with another sum than the money that came."""

    COMMISSION = "commission"
    ROUNDING = "rounding"
    EXCHANGE_DIFFERENCE = "exchange_difference"


@dataclass(frozen=True, slots=True)
class Allocation:
    """Part of a payment given to an invoice; negative for refunds and storno, which take it back."""

    invoice_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A named difference on one invoice; positive closes more of the invoice than the payment carried."""

    kind: AdjustmentKind
    invoice_id: str
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True)
class Match:
    """A payment tied to invoices."""

    payment_id: str
    allocations: tuple[Allocation, ...]
    adjustments: tuple[Adjustment, ...] = ()


class AllocationError(ValueError):
    """The allocation law would be broken; the message names the payment or the invoice."""


def check_match(match: Match, available: Money, covered: Mapping[str, Money], amounts: Mapping[str, Money]) -> None:
    """Refuse a match that breaks the law.

    Args:
        match: the match to judge.
        available: what is left of the payment; negative for money that went out (a refund).
        covered: what each named invoice already has from other matches.
        amounts: the full amount of each named invoice.

    Raises:
        AllocationError: Σ allocations passes the payment, or an invoice would hold more than its amount or less than
            nothing, or a currency differs, or an allocation of nothing or against the payment's sign.
    """
    _check_payment_side(match, available)
    named = {item.invoice_id for item in match.allocations} | {item.invoice_id for item in match.adjustments}
    for invoice_id in sorted(named):
        if invoice_id not in amounts:
            raise AllocationError(f"invoice {invoice_id} is not known")
        _check_invoice_side(match, invoice_id, covered[invoice_id], amounts[invoice_id])


def _check_payment_side(match: Match, available: Money) -> None:
    for item in match.allocations:
        if item.amount.currency != available.currency:
            raise AllocationError(f"payment {match.payment_id} is in {available.currency}, not {item.amount.currency}")
        if not item.amount or item.amount.is_positive != available.is_positive:
            raise AllocationError(f"allocation of {item.amount} goes against payment {match.payment_id}")
    given = total((item.amount for item in match.allocations), available.currency)
    if abs(given.amount) > abs(available.amount):
        raise AllocationError(f"payment {match.payment_id} has {available} left, {given} was given out")


def _check_invoice_side(match: Match, invoice_id: str, covered: Money, amount: Money) -> None:
    if covered.currency != amount.currency:
        raise AllocationError(f"invoice {invoice_id} is in {amount.currency}, not {covered.currency}")
    parts = [item.amount for item in match.allocations if item.invoice_id == invoice_id]
    parts += [item.amount for item in match.adjustments if item.invoice_id == invoice_id]
    if any(part.currency != amount.currency for part in parts):
        raise AllocationError(f"invoice {invoice_id} is in {amount.currency}")
    after = covered + total(parts, amount.currency)
    if after > amount or after < Money.zero(amount.currency):
        raise AllocationError(f"invoice {invoice_id} of {amount} would hold {after}")


def payment_room(payment: Payment, given: Money) -> Money:
    """What of a payment is not yet given out; for outgoing money the room is negative (it takes back)."""
    signed = -payment.amount if payment.direction.value == "out" else payment.amount
    return signed - given
