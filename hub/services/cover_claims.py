"""Find which line of a statement covers which claim; money that a claim has counted already is not counted again."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from hub.domain.claims import EARLIER, LATER, Signs, booking_window, compare, identifies, pair, report_window
from hub.domain.decision import Decision, DecisionKind, Pile
from hub.domain.matching import MatchContext
from hub.domain.matching.afterwards import MAY_BE_COUNTED
from hub.domain.models import Direction, Payment
from hub.ports.claims import ClaimRow, ClaimState
from hub.ports.records import AuditEntry, PaymentRow, PaymentState
from hub.ports.store import UnitOfWork
from hub.services import announce
from hub.services.runtime import Runtime

#: Codes of decisions that a claim brought about.
COVERS_CLAIM: Final = "covers_claim"
REPLACED_BY_LINE: Final = "replaced_by_line"

HUB: Final = "hub"
#: Payments that may still be given to invoices, or were.
IN_PLAY: Final = frozenset({PaymentState.NEW, PaymentState.RECHECK, PaymentState.NEEDS_YOU, PaymentState.MATCHED})
_FREE: Final = IN_PLAY - {PaymentState.MATCHED}
#: More claims that hang together than this are more than one can tell apart: nothing is covered.
_MOST: Final = 200
#: Two claims farther apart than this have no line in common.
_REACH: Final = EARLIER + LATER
_TIE: Final = "Строка подходит не одному сообщению, или сообщению подходит не одна строка."
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Field:
    """Claims and lines that hang together by who paid or for what."""

    claims: dict[int, ClaimRow] = field(default_factory=dict)
    lines: dict[str, PaymentRow] = field(default_factory=dict)
    edges: dict[tuple[int, str], Signs] = field(default_factory=dict)


def cover_by_lines(rt: Runtime, uow: UnitOfWork, payments: Collection[Payment]) -> None:
    """Lines have just been stored: see which claims they cover, and which claims they make uncertain."""
    incoming = [payment for payment in payments if payment.direction is Direction.IN]
    if not incoming:
        return
    days = [payment.booked_on for payment in incoming]
    since, until = report_window(min(days))[0], report_window(max(days))[1]
    settle_claims(rt, uow, uow.claims.of_amounts({payment.amount for payment in incoming}, since, until))


def settle_claims(
    rt: Runtime, uow: UnitOfWork, claims: Iterable[ClaimRow], context: MatchContext | None = None
) -> None:
    """Say anew what covers these claims and all that hang together with them.

    What covers what depends on the claims and lines that there are, not on which of them came first.
    """
    context = context or rt.match_context(uow.clients.own_tax_ids())
    seen: set[int] = set()
    for claim in claims:
        if claim.id in seen or claim.state is ClaimState.DISMISSED:
            continue
        found = _explore(uow, claim, context)
        seen |= set(found.claims)
        if len(found.claims) > _MOST:
            _log.warning("claims.too_many_alike", connection=claim.connection, claim=claim.id)
            continue
        _apply(rt, uow, found)


def _explore(uow: UnitOfWork, start: ClaimRow, context: MatchContext) -> _Field:
    found = _Field()
    waiting = deque([start])
    while waiting and len(found.claims) <= _MOST:
        claim = waiting.popleft()
        if claim.id in found.claims:
            continue
        found.claims[claim.id] = claim
        for line in uow.claims.lines_of(claim.report.amount, *booking_window(claim.report.paid_on)):
            signs = compare(claim.claim, line.payment, context)
            if signs is None or not identifies(signs) or not _may_cover(uow, claim, line):
                continue
            found.edges[claim.id, line.payment.id] = signs
            if line.payment.id not in found.lines:
                found.lines[line.payment.id] = line
                waiting.extend(_rivals(uow, line, context))
    return found


def _rivals(uow: UnitOfWork, line: PaymentRow, context: MatchContext) -> Iterable[ClaimRow]:
    for claim in uow.claims.of_amounts({line.payment.amount}, *report_window(line.payment.booked_on)):
        signs = compare(claim.claim, line.payment, context)
        if claim.state is not ClaimState.DISMISSED and signs is not None and identifies(signs):
            yield claim


def _may_cover(uow: UnitOfWork, claim: ClaimRow, line: PaymentRow) -> bool:
    """Money that was given out by itself, or that a person had in hand, is never taken for money counted before."""
    if claim.covered_by == line.payment.id or counted_payment(uow, claim) is None:
        return True
    return not line.held and (line.state in _FREE or _was_settled_by(line, COVERS_CLAIM))


def counted_payment(uow: UnitOfWork, claim: ClaimRow) -> PaymentRow | None:
    """The payment that the claim became, while it can be or is given to invoices."""
    row = uow.payments.get(claim.counted_as) if claim.counted_as is not None else None
    return row if row is not None and row.state in IN_PLAY else None


def is_put_away(row: PaymentRow) -> bool:
    """The other one of report and line is counted instead: before it is given out a person takes it back to work."""
    return _was_settled_by(row, COVERS_CLAIM) or _was_settled_by(row, REPLACED_BY_LINE)


def _was_settled_by(row: PaymentRow, code: str) -> bool:
    return row.state is PaymentState.NOT_OURS and row.decision is not None and row.decision.code == code


def _apply(rt: Runtime, uow: UnitOfWork, found: _Field) -> None:
    covers = pair(found.edges)
    changed = [claim for claim in found.claims.values() if claim.covered_by != covers.get(claim.id)]
    for claim in changed:
        if claim.covered_by is not None:
            _uncover(rt, uow, claim, HUB, _TIE)
    for claim in changed:
        if claim.id in covers:
            _cover(rt, uow, claim, covers[claim.id])
    for claim in changed:
        _look_again(uow, claim)


def _cover(rt: Runtime, uow: UnitOfWork, claim: ClaimRow, line_id: str) -> None:
    now = rt.clock.now()
    line = uow.payments.get(line_id)
    if line is None or not _may_cover(uow, claim, line):
        return
    uow.claims.cover(claim.id, line_id, HUB, now)
    uow.audit.append(AuditEntry("claim.covered", HUB, claim.subject, {"payment": line_id}), now)
    counted = counted_payment(uow, claim)
    if counted is None:
        return
    if counted.state is PaymentState.MATCHED:
        _put_away(rt, uow, already_counted(line, claim))
    else:
        _put_away(rt, uow, replaced_by_line(counted, claim))


def _put_away(rt: Runtime, uow: UnitOfWork, decision: Decision) -> None:
    now = rt.clock.now()
    uow.payments.decide(decision.payment_id, decision, PaymentState.NOT_OURS, (), now)
    data = {"decision": decision.kind.value, "code": decision.code, "reason": decision.reason}
    uow.audit.append(AuditEntry("payment.decided", HUB, decision.payment_id, data), now)


def already_counted(line: PaymentRow, claim: ClaimRow) -> Decision:
    """The line is money that a report has counted before."""
    reason = f"Эти деньги уже учтены: о них сообщила система {named(claim)}, по нему счёт и оплачен."
    return _not_counted(line, COVERS_CLAIM, reason)


def replaced_by_line(counted: PaymentRow, claim: ClaimRow) -> Decision:
    """A line of a statement is counted instead of the report."""
    return _not_counted(counted, REPLACED_BY_LINE, f"Учтена строка выписки: она подтвердила {named(claim)}.")


def _not_counted(row: PaymentRow, code: str, reason: str) -> Decision:
    return Decision(
        payment_id=row.payment.id,
        kind=DecisionKind.NONE,
        allocations=(),
        candidates=(),
        code=code,
        reason=reason,
        unapplied=row.payment.amount,
        pile=Pile.NOT_OURS,
    )


def named(claim: ClaimRow) -> str:
    """The report in a sentence."""
    return f"«{claim.connection}», сообщение {claim.report.external_id}"


def _uncover(rt: Runtime, uow: UnitOfWork, claim: ClaimRow, actor: str, reason: str) -> None:
    """Take a cover back; a line that was put away because of it is looked at anew."""
    line = uow.payments.get(claim.covered_by) if claim.covered_by is not None else None
    uow.claims.uncover(claim.id)
    data = {"payment": claim.covered_by, "reason": reason}
    uow.audit.append(AuditEntry("claim.uncovered", actor, claim.subject, data), rt.clock.now())
    if line is not None and not line.held and _was_settled_by(line, COVERS_CLAIM):
        uow.payments.set_state(line.payment.id, PaymentState.RECHECK)


def part_from_claims(rt: Runtime, uow: UnitOfWork, row: PaymentRow, actor: str) -> str | None:
    """A person takes a payment back to work: what a claim had to do with it. Returns why it cannot be (Russian)."""
    for claim in uow.claims.of_payments([row.payment.id]):
        line = uow.payments.get(claim.covered_by) if claim.covered_by is not None else None
        if claim.counted_as == row.payment.id and line is not None and line.state in IN_PLAY:
            return "Вместо этого сообщения учтена строка выписки: работайте с ней, иначе деньги посчитаются дважды."
        if claim.covered_by == row.payment.id and _was_settled_by(row, COVERS_CLAIM):
            _uncover(rt, uow, claim, actor, "Человек вернул строку выписки в работу.")
    return None


def give_line_back(uow: UnitOfWork, counted: PaymentRow) -> None:
    """A person says that the report was no payment of ours: its line is money like any other again."""
    for claim in uow.claims.of_payments([counted.payment.id]):
        line = (
            uow.payments.get(claim.covered_by) if claim.counted_as == counted.payment.id and claim.covered_by else None
        )
        if line is not None and not line.held and _was_settled_by(line, COVERS_CLAIM):
            uow.payments.set_state(line.payment.id, PaymentState.RECHECK)


def _look_again(uow: UnitOfWork, claim: ClaimRow) -> None:
    """What waits for a person only because of doubts about reported money is judged by what is known now."""
    amount, paid_on = claim.report.amount, claim.report.paid_on
    rows = uow.claims.lines_of(amount, paid_on - EARLIER, paid_on + LATER)
    for other in uow.claims.of_amounts({amount}, paid_on - _REACH, paid_on + _REACH):
        counted = counted_payment(uow, other)
        rows += [counted] if counted is not None else []
    for row in rows:
        waits = row.state is PaymentState.NEEDS_YOU and row.decision is not None
        if waits and row.decision is not None and row.decision.code == MAY_BE_COUNTED:
            uow.payments.set_state(row.payment.id, PaymentState.RECHECK)


def settle_neighbours(rt: Runtime, uow: UnitOfWork, claim: ClaimRow) -> None:
    """The claim left the game: see what that makes certain for others, and for lines that it held up."""
    paid_on = claim.report.paid_on
    settle_claims(rt, uow, uow.claims.of_amounts({claim.report.amount}, paid_on - _REACH, paid_on + _REACH))
    _look_again(uow, claim)


def expire_claims(rt: Runtime, uow: UnitOfWork) -> int:
    """Put claims before a person whose line does not come; returns how many. Nothing is moved back by machine."""
    now = rt.clock.now()
    expired = 0
    for connection, source in rt.reports.items():
        for claim in uow.claims.expire(connection, now - source.patience):
            data = {"days": source.patience // timedelta(days=1), "payment": claim.counted_as}
            uow.audit.append(AuditEntry("claim.overdue", HUB, claim.subject, data), now)
            announce.claim_overdue(rt, uow, claim)
            expired += 1
    return expired
