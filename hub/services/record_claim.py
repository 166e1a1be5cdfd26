"""Take in what an outside system reports as paid: a claim, shown to people until a line of a statement covers it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

from hub.domain.claims import booking_window, compare
from hub.domain.matching import MatchContext, read_purpose
from hub.domain.models import Direction, Party, Payment
from hub.ports.claims import ClaimRow, ClaimState, MalformedReport, PaymentReport
from hub.ports.records import AuditEntry, InboxRow
from hub.ports.statement import ReceivedPayment
from hub.ports.store import UnitOfWork
from hub.services.cover_claims import HUB, settle_claims
from hub.services.report_source import ReportSource
from hub.services.runtime import Runtime

#: The sender's day may be ahead of UTC's, never by more.
_AHEAD: Final = timedelta(days=1)
#: What the page calls the document that a report stands for.
REPORTED: Final = "Сообщение об оплате"


def record_claim(rt: Runtime, uow: UnitOfWork, row: InboxRow) -> dict[str, object]:
    """Store the report of an inbox row once; returns what became of it.

    Raises:
        MalformedReport: it is none, its system is not set up, or it contradicts an earlier report of the same payment;
            nothing was written.
    """
    source = rt.reports.get(row.connection)
    if source is None:
        raise MalformedReport(f"системы «{row.connection}» нет в настройках (payment_reports)")
    report = source.read(row.raw)
    now = rt.clock.now()
    if report.paid_on > (now + _AHEAD).date():
        raise MalformedReport("data.paid_on: этот день ещё не наступил")
    uow.claims.take_turn()
    claim, created = uow.claims.add(row.connection, report, row.id, now)
    if not created and claim.report != report:
        raise MalformedReport(f"data.id: об оплате {report.external_id} уже сообщали с другими данными")
    if created:
        uow.audit.append(AuditEntry("claim.received", HUB, claim.subject, {"inbox": row.id}), now)
        context = rt.match_context(uow.clients.own_tax_ids())
        settle_claims(rt, uow, [claim], context)
        _count(rt, uow, claim.id, source, context)
    return {"claim": claim.id, "known": not created}


def _count(rt: Runtime, uow: UnitOfWork, claim_id: int, source: ReportSource, context: MatchContext) -> None:
    """Where the owner lets this system's word count, make a payment of it: unless a line may be the same money."""
    claim = uow.claims.get(claim_id)
    if source.counts_to is None or claim is None or claim.state is not ClaimState.OPEN:
        return
    reason = _why_not(rt, uow, claim, context)
    now = rt.clock.now()
    if reason is not None:
        uow.audit.append(AuditEntry("claim.not_counted", HUB, claim.subject, {"reason": reason}), now)
        return
    received = _payment_of(claim, source.counts_to, source.organisation_tax_id)
    payment_id = uow.payments.add([received], None, now)[0][0]
    uow.claims.count_as(claim.id, payment_id)
    uow.audit.append(AuditEntry("payment.reported", HUB, payment_id, {"claim": claim.id}), now)
    uow.audit.append(AuditEntry("claim.counted", HUB, claim.subject, {"payment": payment_id}), now)


def _why_not(rt: Runtime, uow: UnitOfWork, claim: ClaimRow, context: MatchContext) -> str | None:
    account = claim.report.account
    if account is not None and account not in rt.own_accounts:
        return "Счёт получателя в сообщении не наш."
    lines = uow.claims.lines_of(claim.report.amount, *booking_window(claim.report.paid_on))
    alike = {line.payment.id for line in lines if compare(claim.claim, line.payment, context) is not None}
    if not alike:
        return None
    taken = {item.covered_by for item in uow.claims.of_payments(alike)}
    return "В выписке уже есть строка, которая может быть этими деньгами." if alike - taken else None


def _payment_of(claim: ClaimRow, account: str, organisation_tax_id: str | None) -> ReceivedPayment:
    told = claim.report
    payment = Payment(
        id="",
        direction=Direction.IN,
        amount=told.amount,
        booked_on=told.paid_on,
        purpose=_purpose(told),
        payer=Party(name=told.payer_name, tax_id=told.payer_tax_id),
        payee=Party(tax_id=organisation_tax_id, account=told.account or account),
        own_account=told.account or account,
        document_number=told.document_number,
        document_kind=REPORTED,
        direction_reason=f"о поступлении сообщила система «{claim.connection}», строки выписки ещё нет",
        organisation_tax_id=organisation_tax_id,
    )
    # A namespace of its own: no line of a statement has this fingerprint.
    content = f"claim\n{claim.connection}\n{told.external_id}"
    return ReceivedPayment(payment, hashlib.sha256(content.encode()).hexdigest(), 1, source_id=told.external_id)


def _purpose(told: PaymentReport) -> str:
    named = read_purpose(told.purpose).invoice_numbers
    if told.invoice_number is None or told.invoice_number in named:
        return told.purpose
    return f"Оплата по счету № {told.invoice_number}. {told.purpose}".strip()
