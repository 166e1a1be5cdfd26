"""One invoice out of those that several systems keep of one sale: each part from the system that owns it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.domain.models import Client, Invoice, InvoiceStatus, Issued
from hub.ports.records import InvoiceRow
from hub.store.codec import merge_clients


def one_invoice(members: Sequence[InvoiceRow]) -> Invoice:
    """The sale, under the id of the one that stands for it.

    Number, day, sum, due day and status are those of the accounting system, whose paper the client holds, where one of
    them is its document; else of the one that stands for the sale. Every other number is kept beside, the requisites of
    the client, the deals and the documents come together.
    """
    main = next(row for row in members if row.main_id is None)
    there = [row for row in members if not row.removed] or [main]
    ordered = sorted(there, key=lambda row: (not row.invoice.from_accounting, row is not main, row.invoice.id))
    owner, others = ordered[0].invoice, [row.invoice for row in ordered[1:]]
    every = [owner, *others]
    # Money is given to the main alone.
    paid = main.invoice.paid
    open_ = owner.status is not InvoiceStatus.CANCELLED and owner.amount.currency == paid.currency
    covered = open_ and owner.amount.is_positive and paid >= owner.amount
    return replace(
        owner,
        id=main.invoice.id,
        paid=paid,
        status=InvoiceStatus.PAID if covered else owner.status,
        client=_client([item.client for item in every if item.client is not None]),
        organisation_tax_id=next((item.organisation_tax_id for item in every if item.organisation_tax_id), None),
        due_on=next((item.due_on for item in every if item.due_on), None),
        deals=tuple(dict.fromkeys(deal for item in every for deal in item.deals)),
        references=tuple(dict.fromkeys(named for item in every for named in item.references)),
        markable=main.invoice.markable,
        also=tuple(dict.fromkeys(_called(item) for item in others if item.number and _called(item) != _called(owner))),
    )


def _called(invoice: Invoice) -> Issued:
    return Issued(invoice.number, invoice.issued_on)


def _client(clients: Sequence[Client]) -> Client | None:
    """The owner's client, with what the others know besides."""
    if not clients:
        return None
    found = clients[0]
    for other in clients[1:]:
        found = merge_clients(found, other)
    return found
