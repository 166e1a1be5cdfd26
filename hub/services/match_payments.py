"""Decide the waiting payments day by day: a decision, its allocations and intended effects are one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import structlog

from hub import failpoints
from hub.domain.allocation import AllocationError, Match, check_match, payment_room
from hub.domain.decision import Decision, DecisionKind, Pile
from hub.domain.matching import (
    Book,
    MatchContext,
    payment_keys,
    read_purpose,
    rivals_of_day,
)
from hub.domain.matching.afterwards import Afterwards, told_with
from hub.domain.matching.ground import Ground, Grounded, decide_day_with_grounds
from hub.domain.models import Invoice, Payment
from hub.ports.bank import NO_BOOKS, Books
from hub.ports.records import AUTO, AuditEntry, PaymentRow, PaymentState
from hub.ports.store import UnitOfWork
from hub.services import announce
from hub.services.after_restore import reopened, restored
from hub.services.alias_context import deciding_context, note_alias
from hub.services.booked_money import unseen_by_banks
from hub.services.plan_effects import plan_effects
from hub.services.plan_fills import plan_fills_of
from hub.services.reopen_rivals import reopen_rivals
from hub.services.runtime import Runtime, Work
from hub.services.sight import Sight, sight_of
from hub.services.weigh_claims import counted_claims, doubts, settled_by_claims

_log = structlog.get_logger(__name__)
_LEASE = "matcher"
_DATES_AT_ONCE = 50
# Each payment takes some milliseconds of the one writer's time, and hooks wait for that writer to be acknowledged.
_UNDIVIDED = 24
_AT_ONCE = 12


@dataclass(frozen=True, slots=True)
class StoreBook:
    """Open invoices by key, straight from the key table."""

    uow: UnitOfWork
    of_lost_time: bool

    def candidates(self, keys: Collection[str]) -> Iterable[Invoice]:
        """Every invoice that holds any of the keys."""
        return self._as_found(self.uow.invoices.by_keys(keys))

    def few(self, keys: Collection[str], most: int) -> Iterable[Invoice]:
        """Every invoice under those of the keys that lead to few."""
        return self._as_found(self.uow.invoices.by_few(keys, most))

    def _as_found(self, invoices: list[Invoice]) -> list[Invoice]:
        """These invoices as the payments of the day find them."""
        return [reopened(self.uow, invoice) for invoice in invoices] if self.of_lost_time else invoices


def match_payments(rt: Runtime) -> int:
    """Decide every waiting payment; returns how many were decided. One matcher at a time works on a database.

    Nothing is decided before every CRM was read to its end. While one was not read for long, only that is decided
    which leaves no room for a second answer (`sight`): an invoice that is not seen yet could turn the rest into
    questions.
    """
    rt = rt.claimant()
    turn = _Turn(rt)
    decided = 0
    try:
        while dates := turn.take():
            for booked_on in dates:
                for ids in _bites(rt, booked_on, turn.sight):
                    if not turn.keep():
                        return decided
                    decided += _match(rt, booked_on, ids, turn.sight)
    except BaseException:
        turn.end()
        raise
    return decided


class _Turn:
    """The one matcher's turn. Short runs are the rule, so each step costs one transaction at most.

    Attributes:
        sight: what the hub saw when days were taken last.
    """

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._since: datetime | None = None
        self._after: date | None = None
        self.sight = Sight(nothing=True, unread=frozenset())

    def take(self) -> list[date]:
        """Days that wait, with the turn taken or renewed; none when it is another's or there is no work."""
        now = self._rt.clock.now()
        with self._rt.store.write() as uow:
            self.sight = sight_of(self._rt, uow, now)
            mine = not self.sight.nothing and self._lease(uow, now)
            dates = uow.payments.waiting_dates(_DATES_AT_ONCE, self._after) if mine else []
            if not dates:
                uow.switches.release(_LEASE, self._rt.owner)
        self._since = now
        if not self.sight.is_whole:
            # what waits for a system stays where it is: go on behind it
            self._after = dates[-1] if dates else None
        elif mine:
            self._after = None
            self._rt.passed_over.clear()
        return dates

    def keep(self) -> bool:
        """Renew the turn when a good part of it is over; False when it was lost."""
        now = self._rt.clock.now()
        if self._since is not None and timedelta(0) <= now - self._since < self._fresh:
            return True
        with self._rt.store.write() as uow:
            kept = self._lease(uow, now)
        self._since = now
        return kept

    @property
    def _fresh(self) -> timedelta:
        return timedelta(seconds=self._rt.matcher_lease_s / 3)

    def _lease(self, uow: UnitOfWork, now: datetime) -> bool:
        return uow.switches.lease(_LEASE, self._rt.owner, now, self._rt.matcher_lease_s)

    def end(self) -> None:
        """Give the turn back."""
        with self._rt.store.write() as uow:
            uow.switches.release(_LEASE, self._rt.owner)


def store_book(uow: UnitOfWork, booked_on: date) -> StoreBook:
    """The book for payments of a day."""
    lost = restored(uow)
    return StoreBook(uow, of_lost_time=lost is not None and lost.covers(booked_on))


def _bites(rt: Runtime, booked_on: date, sight: Sight) -> list[frozenset[str]]:
    """Payments of a day by their ids, those together that claim of one invoice; so hooks never wait for a whole day."""
    with rt.store.read() as uow:
        payments = [row.payment for row in uow.payments.waiting(booked_on)]
        if not _due(rt, payments, sight):
            return []
        if len(payments) <= _UNDIVIDED:
            return [frozenset(payment.id for payment in payments)]
        context = deciding_context(rt, uow, payments)
        groups = rivals_of_day(payments, store_book(uow, booked_on), context)
        groups = [group for group in groups if _due(rt, group, sight)]
    found: list[list[str]] = [[]]
    for group in groups:
        if found[-1] and len(found[-1]) + len(group) > _AT_ONCE:
            found.append([])
        found[-1] += [payment.id for payment in group]
    return [frozenset(ids) for ids in found]


def _due(rt: Runtime, payments: Collection[Payment], sight: Sight) -> bool:
    return sight.is_whole or rt.passed_over.due([payment.id for payment in payments], rt.clock.monotonic())


def _match(rt: Runtime, booked_on: date, ids: Collection[str], sight: Sight) -> int:
    with rt.store.write() as uow:
        uow.aliases.hold()
        rows = {row.payment.id: row for row in uow.payments.waiting(booked_on, ids)}
        context = deciding_context(rt, uow, (row.payment for row in rows.values()))
        grounded = decide_with_grounds(uow, list(rows.values()), store_book(uow, booked_on), context, rt.books)
        decided = [item for item in grounded if item.ground is None or sight.allows(uow, item.decision)]
        recorded = [_record(rt, uow, rows[item.decision.payment_id], item, context) for item in decided]
        reopen_rivals(uow, _allocated(recorded))
    failpoints.reach("after_match_commit")
    rt.wake(Work.DELIVER, "")
    rt.passed_over.put(rows.keys() - {item.decision.payment_id for item in decided}, rt.clock.monotonic())
    return len(decided)


def decide_rows(
    uow: UnitOfWork, rows: Sequence[PaymentRow], book: Book, context: MatchContext, books: Books = NO_BOOKS
) -> list[Decision]:
    """What the machine says of payments of one day now; nothing is written."""
    return [item.decision for item in decide_with_grounds(uow, rows, book, context, books)]


def decide_with_grounds(
    uow: UnitOfWork, rows: Sequence[PaymentRow], book: Book, context: MatchContext, books: Books = NO_BOOKS
) -> list[Grounded]:
    """The same, with what each decision was made from."""
    counted = counted_claims(uow, rows)
    settled = settled_by_claims(uow, rows, counted)
    open_rows = [row for row in rows if row.payment.id not in settled]
    grounded = decide_day_with_grounds([row.payment for row in open_rows], book, context)
    told = unseen_by_banks(uow, open_rows, books) | doubts(uow, open_rows, counted, context)
    beside = [Afterwards(told.get(row.payment.id, ""), row.held) for row in open_rows]
    return [
        *(Grounded(decision, None) for decision in settled.values()),
        *(_beside(item, said) for item, said in zip(grounded, beside, strict=True)),
    ]


def _beside(item: Grounded, said: Afterwards) -> Grounded:
    ground = None if item.ground is None else replace(item.ground, beside=said)
    return Grounded(told_with(item.decision, said), ground)


def _record(rt: Runtime, uow: UnitOfWork, row: PaymentRow, item: Grounded, context: MatchContext) -> Decision:
    now = rt.clock.now()
    decision, ground = item
    if decision.kind is DecisionKind.AUTO and not _allocate(rt, uow, row.payment, decision):
        decision, ground = told_with(decision, Afterwards(overtaken=True)), _overtaken(ground)
    state = _state(decision)
    keys = _keys(row.payment, context) if state is PaymentState.NEEDS_YOU else frozenset[str]()
    uow.payments.decide(row.payment.id, decision, state, keys, now, ground)
    data = {"decision": decision.kind.value, "code": decision.code, "reason": decision.reason}
    uow.audit.append(AuditEntry("payment.decided", "hub", row.payment.id, data), now)
    if state is PaymentState.MATCHED:
        note_alias(uow, row.payment, decision, context)
        plan_effects(rt, uow, row, decision.reason, AUTO)
        plan_fills_of(rt, uow, [item.invoice_id for item in decision.allocations])
        announce.payment_matched(rt, uow, row, decision.reason, AUTO, decision.code)
    elif state is PaymentState.NEEDS_YOU:
        announce.payment_needs_person(rt, uow, row, decision)
    return decision


def _keys(payment: Payment, context: MatchContext) -> frozenset[str]:
    return payment_keys(payment, read_purpose(payment.purpose), context)


def _allocated(decisions: Iterable[Decision]) -> set[str]:
    autos = (decision for decision in decisions if decision.kind is DecisionKind.AUTO)
    return {item.invoice_id for decision in autos for item in decision.allocations}


def _state(decision: Decision) -> PaymentState:
    if decision.kind is DecisionKind.AUTO:
        return PaymentState.MATCHED
    return PaymentState.NOT_OURS if decision.pile is Pile.NOT_OURS else PaymentState.NEEDS_YOU


def _overtaken(ground: Ground | None) -> Ground | None:
    return None if ground is None else replace(ground, beside=replace(ground.beside, overtaken=True))


def _allocate(rt: Runtime, uow: UnitOfWork, payment: Payment, decision: Decision) -> bool:
    """Record the allocations under the law; False when the money is no longer there to be had."""
    try:
        allocate(rt, uow, payment, Match(payment.id, decision.allocations), AUTO)
    except AllocationError as error:
        _log.info("match.contested", payment=payment.id, error=str(error))
        return False
    return True


def allocate(rt: Runtime, uow: UnitOfWork, payment: Payment, match: Match, decided_by: str) -> None:
    """Check the allocation law on locked invoices and record the match, with its journal line.

    Raises:
        AllocationError: the law would be broken; nothing was recorded.
    """
    ids = {item.invoice_id for item in match.allocations} | {item.invoice_id for item in match.adjustments}
    invoices = uow.invoices.lock(ids)
    copies = sorted(key for key in ids if (row := uow.invoices.get(key)) is not None and row.main_id is not None)
    if copies:
        raise AllocationError(f"another invoice stands for {', '.join(copies)}")
    covered = {key: invoice.paid for key, invoice in invoices.items()}
    amounts = {key: invoice.amount for key, invoice in invoices.items()}
    check_match(match, payment_room(payment, uow.payments.given(payment.id)), covered, amounts)
    now = rt.clock.now()
    uow.matches.add(match, decided_by, now)
    data = {"allocations": [{"invoice": item.invoice_id, "amount": str(item.amount)} for item in match.allocations]}
    uow.audit.append(AuditEntry("payment.matched", decided_by, payment.id, data), now)
