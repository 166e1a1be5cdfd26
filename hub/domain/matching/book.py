"""The book of invoices: where the matcher looks candidates up, in memory or in a store."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Protocol

from hub.domain.allocation import Allocation
from hub.domain.matching.keys import invoice_keys
from hub.domain.models import Invoice, InvoiceStatus
from hub.domain.money import Money


class Book(Protocol):
    """Invoices by key. The same keys must give the same invoices however the book is kept."""

    def candidates(self, keys: Collection[str]) -> Iterable[Invoice]:
        """Every invoice that has at least one of the keys, each once, in any order."""
        ...

    def few(self, keys: Collection[str], most: int) -> Iterable[Invoice]:
        """Every invoice under those of the keys that lead to at most `most` invoices, each once, in any order."""
        ...


def after_payment(invoice: Invoice, amount: Money) -> Invoice:
    """The invoice once a further amount is counted as paid."""
    paid = invoice.paid + amount
    return replace(invoice, paid=paid, status=InvoiceStatus.PAID if paid >= invoice.amount else invoice.status)


class InMemoryBook:
    """A book of bulk runs; it takes allocations, so that later dates see what is still open."""

    def __init__(self, invoices: Iterable[Invoice]) -> None:
        """Index the invoices.

        Raises:
            ValueError: two invoices share an id.
        """
        self._invoices: dict[str, Invoice] = {}
        self._index: dict[str, list[str]] = {}
        for invoice in invoices:
            if invoice.id in self._invoices:
                raise ValueError(f"two invoices have the id {invoice.id}")
            self._add(invoice)

    def _add(self, invoice: Invoice) -> None:
        self._invoices[invoice.id] = invoice
        for key in invoice_keys(invoice):
            self._index.setdefault(key, []).append(invoice.id)

    def candidates(self, keys: Collection[str]) -> Iterable[Invoice]:
        """Every invoice that has at least one of the keys, each once."""
        found: dict[str, None] = {}
        for key in keys:
            found.update(dict.fromkeys(self._index.get(key, ())))
        return [self._invoices[invoice_id] for invoice_id in found]

    def few(self, keys: Collection[str], most: int) -> Iterable[Invoice]:
        """Every invoice under those of the keys that lead to few, each once."""
        return self.candidates([key for key in keys if len(self._index.get(key, ())) <= most])

    def get(self, invoice_id: str) -> Invoice:
        """The invoice as it stands after the allocations so far."""
        return self._invoices[invoice_id]

    def allocate(self, allocations: Iterable[Allocation]) -> None:
        """Count allocations as paid and move the invoices to the keys of what is still open."""
        for item in allocations:
            old = self._invoices[item.invoice_id]
            self._move(old, after_payment(old, item.amount))

    def _move(self, old: Invoice, new: Invoice) -> None:
        before, after = invoice_keys(old), invoice_keys(new)
        for key in before - after:
            self._index[key].remove(old.id)
        for key in after - before:
            self._index.setdefault(key, []).append(new.id)
        self._invoices[new.id] = new
