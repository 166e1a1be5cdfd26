"""Replay: decide payments again by the matcher and rules of now. What is shown first and what is then done is one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import Final

from hub.domain.allocation import AllocationError, Match
from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching import DecisionTable, MatchContext, invoice_keys
from hub.domain.models import Invoice, InvoiceStatus
from hub.domain.money import Money
from hub.domain.rules import RuleSet
from hub.ports.records import AUTO, AuditEntry, EffectKind, EffectRow, EffectState, MatchRow, NewEffect, PaymentRow
from hub.ports.records import PaymentState as State
from hub.ports.store import UnitOfWork
from hub.services import announce
from hub.services.alias_context import deciding_context
from hub.services.match_payments import StoreBook, allocate, decide_rows, match_payments, store_book
from hub.services.plan_effects import effects_of
from hub.services.reversal import reversal_of
from hub.services.runtime import Runtime
from hub.services.settle_payment import CannotSettle, undo_match

_OPEN: Final = frozenset({State.NEW, State.RECHECK, State.NEEDS_YOU, State.NOT_OURS})
_UNSENT: Final = frozenset({EffectState.PLANNED, EffectState.QUEUED})
_DOUBT: Final = "Повторная проверка решила бы иначе: {reason} Если прежнее решение неверно, отмените его."


class Change(StrEnum):
    """What a replay means for a payment.

    `same`: it would be decided as it is. `decide`: nobody settled it and its decision would change. `doubt`: the
    machine matched it and would not do so now. `kept`: a person's word stands.
    """

    SAME = "same"
    DECIDE = "decide"
    DOUBT = "doubt"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One payment of a replay.

    Attributes:
        after: the decision of now; None where a person's word stands.
        added: effects that a new match would bring, or another rule file would bring to this one.
        withdrawn: effects not sent yet that would be withdrawn, or that another rule file would not bring.
        taken_back: effects that took place and that an undo would try to take back, guarded.
    """

    row: PaymentRow
    after: Decision | None
    change: Change
    added: tuple[NewEffect, ...] = ()
    withdrawn: tuple[NewEffect | EffectRow, ...] = ()
    taken_back: tuple[EffectRow, ...] = ()


def preview(
    rt: Runtime,
    payment_ids: Collection[str],
    rules: Mapping[str, RuleSet] | None = None,
    table: DecisionTable | None = None,
) -> list[Replayed]:
    """What a replay of these payments would change; nothing is written.

    Args:
        payment_ids: hub ids; unknown ones are left out.
        rules: another rule set by connection, to see what it would do with today's facts.
        table: another decision table, to see what it would decide.
    """
    rt = rt if table is None else _by_table(rt, table)
    with rt.store.read() as uow:
        rows = [row for key in dict.fromkeys(payment_ids) if (row := uow.payments.get(key)) is not None]
        rows.sort(key=lambda row: (row.payment.booked_on, row.created_at, row.payment.id))
        lines = [
            line for _, day in groupby(rows, lambda row: row.payment.booked_on) for line in _day(rt, uow, list(day))
        ]
        if rules is not None:
            other = _under(rt, rules)
            lines = [_with_other_rules(rt, other, uow, line) for line in lines]
    return [_rehearsed(rt, line) for line in lines]


def _day(rt: Runtime, uow: UnitOfWork, rows: Sequence[PaymentRow]) -> list[Replayed]:
    matches = {row.payment.id: uow.matches.of_payment(row.payment.id) for row in rows}
    kept = {row.payment.id for row in rows if _is_persons(row, matches[row.payment.id])}
    asked = [row for row in rows if row.payment.id not in kept]
    own = _given(match for row in asked for match in matches[row.payment.id])
    book = _Book(uow, store_book(uow, rows[0].payment.booked_on), own)
    context = deciding_context(rt, uow, (row.payment for row in asked))
    decisions = {item.payment_id: item for item in decide_rows(uow, asked, book, context, rt.books)}
    return [_line(uow, row, decisions.get(row.payment.id), matches[row.payment.id]) for row in rows]


def _is_persons(row: PaymentRow, matches: Iterable[MatchRow]) -> bool:
    by_person = row.state is State.MATCHED and any(match.decided_by != AUTO for match in matches)
    return row.state is State.DISMISSED or row.confirmed_by is not None or by_person


def _given(matches: Iterable[MatchRow]) -> dict[str, Money]:
    given: dict[str, Money] = {}
    for match in matches:
        before = given.get(match.invoice_id, Money.zero(match.amount.currency))
        given[match.invoice_id] = before + match.amount
    return given


@dataclass(frozen=True, slots=True)
class _Book:
    """The store's book as it would be without the allocations of the payments that are decided again."""

    uow: UnitOfWork
    base: StoreBook
    own: Mapping[str, Money]

    def candidates(self, keys: Collection[str]) -> Iterable[Invoice]:
        """Every invoice that holds any of the keys; those that this money closed are open for it again."""
        found = {invoice.id: invoice for invoice in self.base.candidates(keys)}
        for invoice_id in self.own:
            row = self.uow.invoices.get(invoice_id)
            if row is None or row.is_gone:
                continue
            opened = self._opened(row.invoice)
            if invoice_id in found or not invoice_keys(opened).isdisjoint(keys):
                found[invoice_id] = opened
        return [found[invoice_id] for invoice_id in sorted(found)]

    def few(self, keys: Collection[str], most: int) -> Iterable[Invoice]:
        """Every invoice under those of the keys that lead to few."""
        return self.candidates([key for key in keys if len(list(self.candidates((key,)))) <= most])

    def _opened(self, invoice: Invoice) -> Invoice:
        status = InvoiceStatus.OPEN if invoice.status is InvoiceStatus.PAID else invoice.status
        return replace(invoice, paid=invoice.paid - self.own[invoice.id], status=status)


def _line(uow: UnitOfWork, row: PaymentRow, after: Decision | None, matches: Sequence[MatchRow]) -> Replayed:
    if after is None:
        return Replayed(row, None, Change.KEPT)
    if row.state is not State.MATCHED:
        return Replayed(row, after, Change.SAME if _reads_same(row.decision, after) else Change.DECIDE)
    is_same = after.kind is DecisionKind.AUTO and _given_by(after) == _given(matches)
    if is_same:
        return Replayed(row, after, Change.SAME)
    effects = uow.outbox.of_payment(row.payment.id)
    unsent = tuple(effect for effect in effects if effect.state in _UNSENT and effect.intent_at is None)
    done = [effect for effect in effects if effect.state is EffectState.DONE]
    back = tuple(effect for effect in done if reversal_of(effect) is not None)
    return Replayed(row, after, Change.DOUBT, withdrawn=unsent, taken_back=back)


def _given_by(decision: Decision) -> dict[str, Money]:
    return {item.invoice_id: item.amount for item in decision.allocations}


def _reads_same(before: Decision | None, after: Decision) -> bool:
    if before is None:
        return False
    shown = [(item.kind, item.code, item.pile, [c.allocations for c in item.candidates]) for item in (before, after)]
    return shown[0] == shown[1]


def _under(rt: Runtime, rules: Mapping[str, RuleSet]) -> Runtime:
    connections = {
        name: replace(settings, rules=rules.get(name, settings.rules)) for name, settings in rt.connections.items()
    }
    return replace(rt, connections=connections)


def _by_table(rt: Runtime, table: DecisionTable) -> Runtime:
    def context(own_tax_ids: frozenset[str]) -> MatchContext:
        return replace(rt.match_context(own_tax_ids), table=table)

    return replace(rt, match_context=context)


def _with_other_rules(rt: Runtime, other: Runtime, uow: UnitOfWork, line: Replayed) -> Replayed:
    """What the other rules would bring and would not bring for a match that stands, by today's facts."""
    if line.row.state is not State.MATCHED:
        return line
    now, then = (_by_content(effects_of(world, uow, line.row, "", AUTO)) for world in (rt, other))
    return replace(
        line,
        added=tuple(then[key] for key in then.keys() - now.keys()),
        withdrawn=tuple(now[key] for key in now.keys() - then.keys()),
    )


def _by_content(effects: Iterable[NewEffect]) -> dict[tuple[EffectKind, str, str], NewEffect]:
    return {(effect.kind, effect.subject, said(effect)): effect for effect in effects}


def said(effect: NewEffect | EffectRow) -> str:
    """What an effect would write: the stage, the text or the title."""
    wanted = (effect.payload.get(name) for name in ("stage", "title", "text", "number"))
    return next((str(text) for text in wanted if text), "")


class _Rehearsal(Exception):
    """Ends a transaction that must leave nothing."""


def _rehearsed(rt: Runtime, line: Replayed) -> Replayed:
    """A match that would be new is made and taken back at once, to see the effects it would bring."""
    if line.change is not Change.DECIDE or line.after is None or line.after.kind is not DecisionKind.AUTO:
        return line
    effects: list[NewEffect] = []
    try:
        with rt.store.write() as uow:
            allocate(rt, uow, line.row.payment, Match(line.row.payment.id, line.after.allocations), AUTO)
            effects = effects_of(rt, uow, line.row, line.after.reason, AUTO)
            raise _Rehearsal
    except (_Rehearsal, AllocationError):
        return replace(line, added=tuple(effects))


def apply(rt: Runtime, payment_ids: Collection[str], actor: str, *, undo_changed: bool = False) -> list[Replayed]:
    """Do what `preview` shows: open payments are decided again, a doubtful match is put before a person.

    Args:
        undo_changed: take doubtful matches back in the actor's name instead, each move only while it is untouched.

    Returns:
        What was found; a payment that changed hands since then is left as it is.
    """
    lines = preview(rt, payment_ids)
    with rt.store.write() as uow:
        for line in lines:
            if line.change is Change.DECIDE:
                _decide_again(rt, uow, line, actor)
            elif line.change is Change.DOUBT and not undo_changed:
                _ask(rt, uow, line, actor)
    for line in lines:
        if line.change is Change.DOUBT and undo_changed:
            _undo(rt, line, actor)
    match_payments(rt)
    return lines


def _decide_again(rt: Runtime, uow: UnitOfWork, line: Replayed, actor: str) -> None:
    row = uow.payments.get(line.row.payment.id)
    if row is not None and row.state is line.row.state and row.state in _OPEN:
        uow.payments.set_state(row.payment.id, State.RECHECK)
        _note(rt, uow, line, actor)


def _ask(rt: Runtime, uow: UnitOfWork, line: Replayed, actor: str) -> None:
    row = uow.payments.get(line.row.payment.id)
    if row is None or row.state is not State.MATCHED or line.after is None:
        return
    doubt = _DOUBT.format(reason=line.after.reason)
    if doubt not in row.warnings:
        uow.payments.warn(row.payment.id, doubt)
        _note(rt, uow, line, actor)
        announce.payment_needs_person(rt, uow, row, replace(line.after, code="replayed", reason=doubt))


def _undo(rt: Runtime, line: Replayed, actor: str) -> None:
    try:
        undo_match(rt, line.row.payment.id, actor)
    except CannotSettle:
        # Somebody was faster: their word stands.
        return
    with rt.store.write() as uow:
        _note(rt, uow, line, actor)


def _note(rt: Runtime, uow: UnitOfWork, line: Replayed, actor: str) -> None:
    before, after = line.row.decision, line.after
    data = {
        "change": line.change.value,
        "before": before.code if before is not None else None,
        "after": after.code if after is not None else None,
    }
    uow.audit.append(AuditEntry("payment.replayed", actor, line.row.payment.id, data), rt.clock.now())
