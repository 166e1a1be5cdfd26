"""One payment with everything around it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from hub.domain.matching.versions import table_version
from hub.ports.records import AuditRow, EffectRow, InvoiceRow, MatchRow, PaymentRow
from hub.store import tables as t
from hub.store.deals import read_deals
from hub.store.ids import payment_number
from hub.store.invoice_rows import InvoiceReader
from hub.store.matches import SqlMatches
from hub.store.outbox_rows import read_effects
from hub.store.payments import read_payments
from hub.store.queries.aliases import aliases_of_payment
from hub.store.queries.claims import claims_of_payment
from hub.store.queries.decisions import table_text
from hub.store.queries.imports import imports_where
from hub.store.queries.journal import read_line
from hub.store.queries.sales import sale_members
from hub.store.queries.views import PaymentCard


def payment_card(connection: Connection, payment_id: str) -> PaymentCard | None:
    """The card; None for an id that no payment has."""
    number = payment_number(payment_id)
    row = next(iter(read_payments(connection, t.payments.c.id == number)), None)
    if row is None:
        return None
    kept = SqlMatches(connection, writing=False, reader=InvoiceReader(connection))
    matches = tuple(kept.of_payment(payment_id, active_only=False))
    effects = tuple(read_effects(connection, t.outbox.c.payment_id == number))
    invoices = _invoices(connection, row, matches)
    deals = {deal for invoice in invoices.values() for deal in invoice.invoice.deals}
    return PaymentCard(
        row=row,
        invoices=invoices,
        deals={deal.id: deal for deal in read_deals(connection, t.deals.c.id.in_(sorted(deals)))},
        matches=matches,
        adjustments=tuple(kept.adjustments(payment_id)),
        effects=effects,
        journal=_journal(connection, payment_id, effects),
        sources=tuple(imports_where(connection, t.inbox.c.id.in_(row.inbox_ids))),
        claims=claims_of_payment(connection, payment_id),
        table=_table(connection, row),
        members=sale_members(connection, invoices),
    )


def _table(connection: Connection, row: PaymentRow) -> str | None:
    version = table_version(row.decision.version) if row.decision is not None else None
    return table_text(connection, version) if version is not None else None


def _invoices(connection: Connection, row: PaymentRow, matches: tuple[MatchRow, ...]) -> dict[str, InvoiceRow]:
    named = {match.invoice_id for match in matches}
    if row.decision is not None:
        named.update(item.invoice_id for item in row.decision.allocations)
        named.update(invoice for candidate in row.decision.candidates for invoice in candidate.invoices)
    found = InvoiceReader(connection).some(named)
    return {invoice.invoice.id: invoice for invoice in found}


def journal_of(connection: Connection, payment_id: str) -> tuple[AuditRow, ...]:
    """Lines of the journal about a payment."""
    effects = read_effects(connection, t.outbox.c.payment_id == payment_number(payment_id))
    return _journal(connection, payment_id, tuple(effects))


def _journal(connection: Connection, payment_id: str, effects: tuple[EffectRow, ...]) -> tuple[AuditRow, ...]:
    """Lines about the payment itself, and those about deals, invoices, effects, reports and aliases that name it."""
    own = {payment_id} | {f"outbox/{effect.id}" for effect in effects}
    told = {claim.subject for claim in claims_of_payment(connection, payment_id)}
    told |= aliases_of_payment(connection, payment_id)
    subjects = own | told | {effect.subject for effect in effects}
    query = select(t.audit).where(t.audit.c.subject.in_(sorted(subjects))).order_by(t.audit.c.id)
    lines = (read_line(row) for row in connection.execute(query))
    return tuple(line for line in lines if line.subject in own or line.data.get("payment") == payment_id)
