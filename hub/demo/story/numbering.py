"""Numbers of invoices: each pipeline of a CRM counts in its own way, 1C for each company with its prefix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Final

from hub.demo.story.calendar import MAIN
from hub.demo.story.ledger import RETAIL, Invoice

#: Prefixes of our companies in 1C; the base itself has none.
PREFIX_OF_MAIN: Final = "БП"
PREFIX_OF_SERVICE: Final = "ПМ"
_PADDED_TO: Final = 6


def give_numbers(invoices: Iterable[Invoice]) -> None:
    """Number the documents of 1C and the CRMs' invoices by date; where both have one, the printed number counts."""
    ordered = sorted(invoices, key=lambda invoice: (invoice.issued, invoice.id))
    _in_accounting([invoice for invoice in ordered if invoice.paper is not None])
    _in_crms([invoice for invoice in ordered if invoice.in_crm])
    for invoice in ordered:
        if invoice.namesake is not None:
            told_by = invoice.namesake
            invoice.number = _without_prefix(told_by.number) if told_by.paper is not None else told_by.number


def _in_accounting(ordered: Sequence[Invoice]) -> None:
    of_main, of_service = count(5001), count(7001)
    for invoice in ordered:
        is_main = invoice.organisation is MAIN
        prefix, serial = (PREFIX_OF_MAIN, of_main) if is_main else (PREFIX_OF_SERVICE, of_service)
        invoice.number = f"{prefix}00-{next(serial):0{_PADDED_TO}d}"


def _in_crms(ordered: Sequence[Invoice]) -> None:
    retail, wholesale, other = count(1201), count(312), count(61)
    for invoice in ordered:
        if invoice.copy is None:
            invoice.number = _next(invoice, retail, wholesale, other)
        elif invoice.copy.numbering == "own":
            invoice.copy.number = _next(invoice, retail, wholesale, other)
        else:
            is_bare = invoice.copy.numbering == "bare"
            invoice.copy.number = _without_prefix(invoice.number) if is_bare else invoice.number


def _without_prefix(number: str) -> str:
    return str(int(number.partition("-")[2]))


def _next(invoice: Invoice, retail: Iterator[int], wholesale: Iterator[int], other: Iterator[int]) -> str:
    if invoice.deal.crm == "amocrm":
        return str(next(other))
    return str(next(retail)) if invoice.deal.category == RETAIL else f"ТМ00-{next(wholesale):06d}"
