"""Lists of invoices out of files: what a reader of them hands over before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from hub.domain.models import Invoice


class UnreadableInvoices(ValueError):
    """The file is no list of invoices; the message says what to do (Russian)."""


@dataclass(frozen=True, slots=True)
class ListedFault:
    """A row of the list, or the document that begins in it, that could not be read."""

    row: int
    message: str


@dataclass(frozen=True, slots=True)
class ListedDoubt:
    """What a row that was read says and the reader did not understand; its invoice is taken without it."""

    row: int
    message: str


@dataclass(frozen=True, slots=True)
class InvoiceList:
    """A list that was read.

    Attributes:
        columns: what was taken from which heading of the file, in the order of showing.
        invoices: ids stay the same when the same list comes again.
        removed: ids of what is deleted in the source; invoices of earlier files may be among them.
        doubts: what a person should look through before the list is taken in.
    """

    columns: Mapping[str, str]
    invoices: tuple[Invoice, ...]
    faults: tuple[ListedFault, ...]
    removed: tuple[str, ...] = ()
    doubts: tuple[ListedDoubt, ...] = ()


class InvoiceListReader(Protocol):
    """Reads a file."""

    def __call__(self, raw: bytes, columns: Mapping[str, str], *, paid_as_open: bool) -> InvoiceList:
        """The list; `columns` names headings that the reader cannot guess. Raises UnreadableInvoices."""
