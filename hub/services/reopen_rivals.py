"""Payments that could pay the same invoices are looked at anew when what is open of these changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from hub.domain.matching import deciding_keys, invoice_keys
from hub.domain.models import InvoiceStatus
from hub.domain.money import Money
from hub.ports.store import UnitOfWork


def reopen_rivals(uow: UnitOfWork, invoice_ids: Collection[str], *, by_person: bool = False) -> None:
    """What is open of these invoices changed: so do their keys, and payments that could pay them are looked at anew.

    The machine's own matches, which come in thousands, reopen only payments that they may decide; a person's word also
    refreshes mere suggestions.
    """
    keys: set[str] = set()
    keys_of = invoice_keys if by_person else deciding_keys
    for invoice_id in sorted(invoice_ids):
        row = uow.invoices.get(invoice_id)
        if row is not None and not row.is_gone:
            uow.invoices.rekey(invoice_id, invoice_keys(row.invoice))
            # Rivals wait under the keys it had while nothing of it was paid.
            nothing = Money.zero(row.invoice.amount.currency)
            untouched = replace(row.invoice, paid=nothing, status=InvoiceStatus.OPEN)
            keys |= keys_of(row.invoice) | keys_of(untouched)
    if keys:
        uow.payments.reopen_by_keys(keys)
