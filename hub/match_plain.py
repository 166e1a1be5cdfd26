"""A plainly written invoice line to an invoice, in a fraction of the time that the full reading takes."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from hub.domain.models import Client, Invoice, InvoiceStatus, Reference
from hub.domain.money import Money
from hub.match_lines import FieldFault
from hub.match_quick import client_of, day_of, references_of
from hub.match_template import Templates

_ROUBLES: Final = "RUB"
_NOTHING: Final = Money.zero(_ROUBLES)
_STATUSES: Final[dict[str | None, InvoiceStatus]] = {None: InvoiceStatus.OPEN} | {
    item.value: item for item in InvoiceStatus
}


class PlainInvoices:
    """Makes invoices of plain lines; one client is one object however many lines name it."""

    def __init__(self) -> None:
        self._templates = Templates()

    def read(self, line: str) -> Invoice | None:
        """The invoice of a line, the same as the full reading makes; None where it is to be read in full."""
        fields = self._templates.read(line)
        if fields is None:
            return None
        (identity, number, issued_on, due_on, roubles, kopecks) = fields[:6]
        (paid_roubles, paid_kopecks, _, status, client, issuer, deal, references) = fields[6:]
        amount = Money(Decimal(f"{roubles}.{kopecks}"), _ROUBLES)
        deal = deal and deal.strip()
        try:
            invoice = Invoice(
                identity.strip(),
                (number and number.strip()) or None,
                day_of(issued_on),
                amount,
                Money(Decimal(f"{paid_roubles}.{paid_kopecks}"), _ROUBLES) if paid_roubles else _NOTHING,
                _STATUSES[status],
                day_of(due_on),
                _client(client),
                (issuer and issuer.strip()) or None,
                (deal,) if deal else (),
                _references(references),
            )
        except (FieldFault, ValueError):
            return None
        return invoice if invoice.id and amount else None


@lru_cache(maxsize=1 << 15)
def _client(written: str | None) -> Client | None:
    return None if written is None else client_of(written)


@lru_cache(maxsize=1 << 13)
def _references(written: str | None) -> tuple[Reference, ...]:
    return () if written is None else references_of(written)
