"""What claims say of payments that the matcher is about to decide: counted already, or perhaps counted already."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from hub.domain.claims import EARLIER, LATER, booking_window, compare
from hub.domain.decision import Decision
from hub.domain.matching import MatchContext
from hub.domain.models import Payment
from hub.domain.wording import date_text, money_text
from hub.ports.claims import ClaimRow, ClaimState
from hub.ports.records import PaymentRow
from hub.ports.store import UnitOfWork
from hub.services.cover_claims import IN_PLAY, already_counted, counted_payment, named, replaced_by_line


def counted_claims(uow: UnitOfWork, rows: Collection[PaymentRow]) -> list[ClaimRow]:
    """Claims that became payments and may have to do with these ones; none where no system's word counts."""
    if not rows:
        return []
    days = [row.payment.booked_on for row in rows]
    alike = uow.claims.of_amounts({row.payment.amount for row in rows}, min(days) - LATER, max(days) + EARLIER)
    found = {claim.id: claim for claim in (*alike, *uow.claims.of_payments({row.payment.id for row in rows}))}
    return [found[key] for key in sorted(found) if found[key].counted_as is not None]


def settled_by_claims(
    uow: UnitOfWork, rows: Collection[PaymentRow], counted: Iterable[ClaimRow]
) -> dict[str, Decision]:
    """Payments that are out of play because the other one of report and line is counted; that stays so."""
    known = {row.payment.id: row for row in rows}
    found: dict[str, Decision] = {}
    for claim in counted:
        if claim.covered_by is None or claim.counted_as is None or known.keys().isdisjoint(_both(claim)):
            continue
        report, line = counted_payment(uow, claim), uow.payments.get(claim.covered_by)
        if report is not None and claim.covered_by in known:
            found[claim.covered_by] = already_counted(known[claim.covered_by], claim)
        elif line is not None and line.state in IN_PLAY and claim.counted_as in known:
            found[claim.counted_as] = replaced_by_line(known[claim.counted_as], claim)
    return found


def _both(claim: ClaimRow) -> set[str | None]:
    return {claim.covered_by, claim.counted_as}


def doubts(
    uow: UnitOfWork, rows: Collection[PaymentRow], counted: Collection[ClaimRow], context: MatchContext
) -> dict[str, str]:
    """Payments that may be the same money twice, a line and a report that counts already, each with why (Russian).

    While that is open neither is given to invoices by machine.
    """
    if not counted:
        return {}
    ids = {row.payment.id for row in rows}
    told = [claim for claim in counted if claim.state is not ClaimState.COVERED]
    reports = {claim.counted_as: claim for claim in counted if claim.counted_as in ids}
    settled = {claim.covered_by for claim in uow.claims.of_payments(ids)}
    found: dict[str, str] = {}
    for row in rows:
        if row.payment.id in reports:
            text = _doubt_of_report(uow, reports[row.payment.id], context)
        else:
            text = None if row.payment.id in settled else _doubt_of_line(uow, told, row.payment, context)
        if text is not None:
            found[row.payment.id] = text
    return found


def _doubt_of_line(uow: UnitOfWork, told: Iterable[ClaimRow], line: Payment, context: MatchContext) -> str | None:
    alike = (item for item in told if compare(item.claim, line, context) is not None)
    claim = next((item for item in alike if counted_payment(uow, item) is not None), None)
    if claim is None:
        return None
    return (
        f"Возможно, эти деньги уже учтены: система {named(claim)}, сообщила о "
        f"{money_text(claim.report.amount)} за {date_text(claim.report.paid_on)}. Решает человек."
    )


def _doubt_of_report(uow: UnitOfWork, claim: ClaimRow, context: MatchContext) -> str | None:
    if claim.state is ClaimState.COVERED:
        return None
    lines = uow.claims.lines_of(claim.report.amount, *booking_window(claim.report.paid_on))
    alike = [line.payment for line in lines if compare(claim.claim, line.payment, context) is not None]
    if not alike:
        return None
    taken = {item.covered_by for item in uow.claims.of_payments({line.id for line in alike})}
    line = next((item for item in alike if item.id not in taken), None)
    if line is None:
        return None
    return (
        f"В выписке есть похожая строка: {money_text(line.amount)} за {date_text(line.booked_on)}. "
        "Хаб не уверен, что это те же деньги. Решает человек."
    )
