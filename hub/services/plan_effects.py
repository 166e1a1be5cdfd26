"""From a recorded match to intended effects: outbox rows in the match's own transaction, by the company's rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hub.domain.models import Deal, Invoice, Payment
from hub.domain.money import Money
from hub.domain.one_sale import NEAR_SUM
from hub.domain.rules import Action, DealMoney, PaidEvent, RuleSet, action_for, covered_of_deal, render
from hub.domain.wording import date_text, money_text
from hub.ports.crm import Capability
from hub.ports.records import (
    ConnectionRow,
    DealRow,
    EffectKind,
    EffectRow,
    InvoiceRow,
    MatchRow,
    NewEffect,
    PaymentRow,
)
from hub.ports.sales import LinkKind, LinkState
from hub.ports.store import UnitOfWork
from hub.services.runtime import Runtime

#: Marks an invoice as the subject of an effect: a deal may have the same id in its CRM.
INVOICE: Final = "invoice:"
#: Planned because something was paid in full: it has to be so still.
PAID_IN_FULL: Final = frozenset({PaidEvent.DEAL_PAID, PaidEvent.INVOICE_PAID})
_OF_THE_SALE: Final = (EffectKind.MOVE_DEAL, EffectKind.TASK, EffectKind.MARK_PAID, EffectKind.LINK_PAYMENT)
OBSERVES: Final = "Подключение наблюдает: запись в CRM выключена."


@dataclass(frozen=True, slots=True)
class _Cause:
    """The match whose effects are planned.

    Attributes:
        identity: stands for the payment in operation keys: the same line is the same again after a restore.
        generation: tells a repeated match of the same payment apart.
        bank_observes: why money that only this bank shows moves nothing.
    """

    payment: Payment
    identity: str
    reason: str
    actor: str
    rows: tuple[MatchRow, ...]
    generation: int
    bank_observes: str | None = None

    def observed_because(self, connection: ConnectionRow) -> str | None:
        """Why nothing is moved in this CRM: its own mode, or the mode of the bank that shows the money."""
        return observed_because(connection, self.payment) or self.bank_observes


def plan_effects(rt: Runtime, uow: UnitOfWork, row: PaymentRow, reason: str, actor: str) -> int:
    """Plan what follows in the CRMs from the payment's active allocations; returns how many rows are new."""
    effects = effects_of(rt, uow, row, reason, actor)
    return len(uow.outbox.add(effects, rt.clock.now()))


def plan_again(rt: Runtime, uow: UnitOfWork, match: MatchRow) -> None:
    """The match has come to mean more, a deal or another copy of its invoice; what is planned already stays."""
    row = uow.payments.get(match.payment_id)
    if row is not None:
        plan_effects(rt, uow, row, row.decision.reason if row.decision else "", match.decided_by)


def effects_of(rt: Runtime, uow: UnitOfWork, row: PaymentRow, reason: str, actor: str) -> list[NewEffect]:
    """What follows in the CRMs from the payment's active allocations, before any of it is written down."""
    payment = row.payment
    ever = uow.matches.of_payment(payment.id, active_only=False)
    matches, generation = tuple(row for row in ever if row.undone_at is None), len(ever)
    bank_observes = shown_by_observed_bank(rt, uow, payment)
    cause = _Cause(payment, row.identity, reason, actor, matches, generation, bank_observes)
    found = (uow.invoices.get(item.invoice_id) for item in matches)
    invoices = [item.invoice for item in found if item is not None]
    closed = {invoice.id: invoice for invoice in invoices if invoice.paid >= invoice.amount}
    deals = {deal.id: deal for invoice in invoices for deal in uow.deals.of_invoice(invoice.id)}
    effects = [*_paid_marks(rt, uow, cause, closed.values()), *_links(rt, uow, cause)]
    for deal in deals.values():
        effects += _deal_effects(rt, uow, cause, deal, closed)
    return effects


def observed_because(connection: ConnectionRow, payment: Payment) -> str | None:
    """Why money moves nothing in this connection (Russian); None when it may."""
    if not connection.acting:
        return OBSERVES
    if connection.act_from is not None and payment.booked_on < connection.act_from:
        return f"Деньги пришли раньше {date_text(connection.act_from)}, даты начала работы: они ничего не двигают."
    return None


def shown_by_observed_bank(rt: Runtime, uow: UnitOfWork, payment: Payment) -> str | None:
    """Why money that only banks' APIs show moves nothing (Russian): every bank that shows it observes, or is younger.

    A line of a statement file is shown by a person and is under nobody's mode.
    """
    names, in_file = uow.banks.connections_of(payment.id)
    names = names & rt.bank_sources.keys()
    if in_file or not names:
        return None
    reasons = [_bank_observes(rt, uow, name, payment) for name in sorted(names)]
    return reasons[0] if all(reasons) else None


def _bank_observes(rt: Runtime, uow: UnitOfWork, name: str, payment: Payment) -> str | None:
    row, title = uow.connections.ensure(name), rt.bank_sources[name].title
    if not row.acting:
        return f"{title} («{name}») наблюдает: деньги, которые видны только по нему, ничего не двигают."
    if row.act_from is not None and payment.booked_on < row.act_from:
        return f"Деньги пришли раньше {date_text(row.act_from)}, даты начала работы банка «{name}»: ничего не двигают."
    return None


def _rules(rt: Runtime, connection: str) -> RuleSet | None:
    settings = rt.connections.get(connection)
    return settings.rules if settings is not None else None


def _paid_marks(rt: Runtime, uow: UnitOfWork, cause: _Cause, closed: Iterable[Invoice]) -> Iterable[NewEffect]:
    for row in (member for invoice in closed for member in _paid_members(uow, invoice)):
        rules = _rules(rt, row.connection)
        if rules is None or not rules.mark_invoices_paid or not _can_mark(rt, row):
            continue
        yield NewEffect(
            operation_key=f"mark_paid:{row.invoice.id}:{cause.identity}:{cause.generation}",
            connection=row.connection,
            kind=EffectKind.MARK_PAID,
            subject=INVOICE + row.invoice.id,
            payment_id=cause.payment.id,
            payload={
                "invoice": row.external_id,
                "number": row.invoice.number,
                "matches": [item.id for item in cause.rows],
                "paid_on": cause.payment.booked_on.isoformat(),
            },
            observed_because=cause.observed_because(uow.connections.ensure(row.connection)),
        )


def _paid_members(uow: UnitOfWork, invoice: Invoice) -> Iterable[InvoiceRow]:
    """What each system keeps of a sale paid in full, but what asks for more there: roubles more are no rounding."""
    there = (row for row in uow.sales.members(invoice.id) if not row.removed)
    return [row for row in there if _covers(invoice.paid, row.invoice.amount)]


def _covers(paid: Money, asked: Money) -> bool:
    return paid.currency == asked.currency and (asked.amount - paid.amount) < NEAR_SUM


def _is_near(one: Money, other: Money) -> bool:
    return one.currency == other.currency and abs(one.amount - other.amount) < NEAR_SUM


def _links(rt: Runtime, uow: UnitOfWork, cause: _Cause) -> Iterable[NewEffect]:
    """In an accounting system that can, the draft of a payment is put to the one invoice that it pays."""
    if len(cause.rows) != 1 or cause.rows[0].amount != cause.payment.amount or not cause.payment.document_number:
        return
    papers = [
        row for row in uow.sales.members(cause.rows[0].invoice_id) if not row.removed and _links_payments(rt, row)
    ]
    if len(papers) != 1:
        return
    row = papers[0]
    yield NewEffect(
        operation_key=f"link_payment:{row.invoice.id}:{cause.identity}:{cause.generation}",
        connection=row.connection,
        kind=EffectKind.LINK_PAYMENT,
        subject=INVOICE + row.invoice.id,
        payment_id=cause.payment.id,
        payload={
            "invoice": row.external_id,
            "number": row.invoice.number,
            "matches": [item.id for item in cause.rows],
        },
        observed_because=cause.observed_because(uow.connections.ensure(row.connection)),
    )


def _links_payments(rt: Runtime, row: InvoiceRow) -> bool:
    crm = rt.crm(row.connection)
    return crm is not None and Capability.LINK_PAYMENTS in crm.capabilities()


def _can_mark(rt: Runtime, row: InvoiceRow) -> bool:
    """What a system cannot do is neither called nor promised; one that is not open just now is taken at its word."""
    crm = rt.crm(row.connection)
    return row.invoice.markable and (crm is None or Capability.MARK_PAID in crm.capabilities())


def _deal_effects(
    rt: Runtime, uow: UnitOfWork, cause: _Cause, deal: DealRow, closed: Mapping[str, Invoice]
) -> list[NewEffect]:
    rules = _rules(rt, deal.connection)
    money = _deal_money(uow, deal, closed)
    if rules is None or money is None:
        return []
    chosen = action_for(rules.pipelines.get(deal.deal.pipeline_id), money)
    if chosen is None:
        return []
    event, action = chosen
    because = cause.observed_because(uow.connections.ensure(deal.connection))
    values = _values(uow, cause, money)
    return list(_effects(cause, deal, event, action, values, because))


def _deal_money(uow: UnitOfWork, deal: DealRow, closed: Mapping[str, Invoice]) -> DealMoney | None:
    invoices = {invoice.id: _as_billed(uow, invoice, deal) for invoice in uow.deals.invoices(deal.id)}
    others = {other for invoice in invoices.values() for other in invoice.deals}
    sums = {other: row.deal.amount if (row := uow.deals.get(other)) is not None else None for other in others}
    covered = covered_of_deal(invoices, sums, deal.id)
    if covered is None:
        return None
    covered = _unrounded(covered, deal, invoices.values())
    mine = tuple(invoice for key, invoice in closed.items() if key in invoices)
    return DealMoney(deal.id, deal.deal.amount, covered, mine)


def _as_billed(uow: UnitOfWork, invoice: Invoice, deal: DealRow) -> Invoice:
    """A sale paid in full as the deal's own system bills it: its sum may be some kopecks off the paper's, no more."""
    if invoice.paid != invoice.amount:
        return invoice
    mine = [row.invoice for row in uow.sales.members(invoice.id) if row.connection == deal.connection]
    billed = [item.amount for item in mine if deal.id in item.deals]
    if len(billed) != 1 or not _is_near(billed[0], invoice.amount):
        return invoice
    return replace(invoice, amount=billed[0], paid=billed[0])


def _unrounded(covered: Money, deal: DealRow, invoices: Iterable[Invoice]) -> Money:
    """Papers that are all paid in full pay their deal, whose sum the CRM may keep in whole roubles."""
    asks = deal.deal.amount
    if asks is None or asks.currency != covered.currency or asks <= covered or (asks - covered).amount >= NEAR_SUM:
        return covered
    whole = all(item.from_accounting and item.paid >= item.amount and len(item.deals) == 1 for item in invoices)
    return asks if whole else covered


def still_holds(uow: UnitOfWork, effect: EffectRow, now: Deal | None = None) -> bool:
    """Whether what the effect was planned for is still so: an undo of another payment, or a new sum, may change it.

    Args:
        now: the deal as its system tells it this moment, where it was read; its sum counts then.
    """
    if effect.kind is EffectKind.MARK_PAID:
        found = uow.invoices.get(effect.subject.removeprefix(INVOICE))
        return found is not None and found.invoice.paid >= found.invoice.amount
    event = effect.payload.get("event")
    if effect.kind is EffectKind.COMMENT or event not in PAID_IN_FULL:
        return True
    if event == PaidEvent.INVOICE_PAID:
        given = {row.invoice_id for row in uow.matches.of_payment(effect.payment_id)}
        invoices = uow.deals.invoices(effect.subject)
        return any(invoice.paid >= invoice.amount for invoice in invoices if invoice.id in given)
    deal = uow.deals.get(effect.subject)
    if deal is not None and now is not None:
        deal = replace(deal, deal=replace(deal.deal, amount=now.amount))
    money = _deal_money(uow, deal, {}) if deal is not None else None
    return money is not None and money.event is PaidEvent.DEAL_PAID


def in_question(uow: UnitOfWork, effect: EffectRow) -> bool:
    """Whether a person is asked if the sale that the money was given to is one sale at all.

    What it moves, marks or links may then be somebody else's; a comment only tells of money.
    """
    if effect.kind not in _OF_THE_SALE:
        return False
    return any(_is_asked(uow, row.invoice_id) for row in uow.matches.of_payment(effect.payment_id))


def _is_asked(uow: UnitOfWork, sale: str) -> bool:
    members = {row.invoice.id for row in uow.sales.members(sale)}
    links = (link for member in members for link in uow.sales.links(member)) if len(members) > 1 else ()
    return any(
        link.kind is LinkKind.INVOICE and link.state is LinkState.ASKED and {link.left, link.right} <= members
        for link in links
    )


def _values(uow: UnitOfWork, cause: _Cause, money: DealMoney) -> dict[str, str]:
    payment = cause.payment
    rest = money.amount - money.covered if money.amount and money.amount > money.covered else None
    return {
        "payment_sum": money_text(payment.amount),
        "payment_date": date_text(payment.booked_on),
        "payment_number": payment.document_number or "без номера",
        "payer": payment.payer.name or payment.payer.tax_id or "плательщик не назван",
        "purpose": payment.purpose,
        "invoices": ", ".join(_paid_part(uow, row) for row in cause.rows),
        "deal_paid": money_text(money.covered),
        "deal_sum": money_text(money.amount) if money.amount else "не указана",
        "deal_rest": money_text(rest or Money.zero(money.covered.currency)),
        "reason": cause.reason,
    }


def _paid_part(uow: UnitOfWork, row: MatchRow) -> str:
    found = uow.invoices.get(row.invoice_id)
    number = found.invoice.number if found is not None else None
    return f"счёт № {number} на {money_text(row.amount)}" if number else f"счёт сделки на {money_text(row.amount)}"


def _effects(
    cause: _Cause, deal: DealRow, event: PaidEvent, action: Action, values: Mapping[str, str], because: str | None
) -> Iterable[NewEffect]:
    tail = f"{deal.id}:{cause.identity}:{cause.generation}"
    base = {"deal": deal.deal.id, "event": event.value, "matches": [row.id for row in cause.rows]}

    def effect(kind: EffectKind, payload: Mapping[str, object], after: tuple[str, ...] = ()) -> NewEffect:
        key = f"{kind.value}:{tail}"
        return NewEffect(
            key, deal.connection, kind, deal.id, cause.payment.id, base | dict(payload), after, observed_because=because
        )

    if action.stage_id is not None:
        target = {"pipeline": deal.deal.pipeline_id, "stage": action.stage_id, "seen_stage": deal.deal.stage_id}
        yield effect(EffectKind.MOVE_DEAL, target)
    if deal.removed:
        # The move tells a person that there is no such deal any more; there is nothing to leave a word with.
        return
    if action.comment:
        yield effect(EffectKind.COMMENT, {"text": render(action.comment, values)})
    if action.task is not None:
        task = {
            "title": render(action.task.title, values),
            "text": render(action.task.text, values),
            "due_days": action.task.due_days,
            "responsible": deal.deal.responsible_id,
        }
        # Without a stage in the rule the task stands alone; with one it follows only a move that took place.
        moved = (f"{EffectKind.MOVE_DEAL.value}:{tail}",) if action.stage_id is not None else ()
        yield effect(EffectKind.TASK, task, moved)
