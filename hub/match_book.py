"""The book of a bulk run: invoices stay in their file and are read when a payment asks for them."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Final

from hub.domain.matching import invoice_keys
from hub.domain.matching.book import after_payment
from hub.domain.models import Invoice
from hub.domain.money import Money
from hub.match_lines import invoice_from, read_bytes
from hub.match_plain import PlainInvoices
from hub.match_quick import quickly

_MOST_KEPT: Final = 20_000
_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Found(Collection[Invoice]):
    """Invoices at these offsets; their number is known before they are read."""

    book: FileBook
    offsets: Collection[int]

    def __len__(self) -> int:
        return len(self.offsets)

    def __iter__(self) -> Iterator[Invoice]:
        return map(self.book.at, self.offsets)

    def __contains__(self, item: object) -> bool:
        return any(invoice == item for invoice in self)


class FileBook:
    """Invoices of a file under the keys that the payments of one worker look for.

    Keys are kept as the hashes of this process and of those forked from the same one; two keys of one hash would show
    a payment an invoice more, which is then judged like any other.
    """

    def __init__(self, data: mmap, wanted: frozenset[int]) -> None:
        self._data = data
        self._wanted = wanted
        self._index: dict[int, list[int]] = {}
        self._read: dict[int, Invoice] = {}
        self._paid: dict[int, Invoice] = {}
        self._plain = PlainInvoices()
        self.places: dict[str, int] = {}

    def add(self, hits: array[int], without: frozenset[int]) -> None:
        """Take what a scan found, but for the lines at these offsets."""
        index, wanted, at = self._index, self._wanted, 0
        while at < len(hits):
            offset, end = hits[at], at + 2 + hits[at + 1]
            if offset not in without:
                for key in hits[at + 2 : end]:
                    if key in wanted:
                        index.setdefault(key, []).append(offset)
            at = end

    def candidates(self, keys: Collection[str]) -> Collection[Invoice]:
        """Every invoice that has at least one of the keys, each once."""
        found: dict[int, None] = {}
        for key in keys:
            found.update(dict.fromkeys(self._index.get(hash(key), ())))
        return _Found(self, found)

    def at(self, offset: int) -> Invoice:
        """The invoice of a line as it stands after the allocations so far."""
        invoice = self._paid.get(offset) or self._read.get(offset)
        if invoice is None:
            if len(self._read) >= _MOST_KEPT:
                self._read.clear()
            line = self._line(offset)
            invoice = self._read[offset] = quickly(line, self._plain.read) or invoice_from(read_bytes(line))
        self.places[invoice.id] = offset
        return invoice

    def allocate(self, offset: int, amount: Money) -> None:
        """Count an amount as paid and move the invoice to the keys of what is still open."""
        old = self.at(offset)
        new = self._paid[offset] = after_payment(old, amount)
        before, after = self._hashes(old), self._hashes(new)
        for key in before - after:
            self._index[key].remove(offset)
        for key in after - before:
            self._index.setdefault(key, []).append(offset)

    def _hashes(self, invoice: Invoice) -> frozenset[int]:
        return self._wanted.intersection(map(hash, invoice_keys(invoice)))

    def _line(self, offset: int) -> bytes:
        end = self._data.find(b"\n", offset)
        line = self._data[offset : end if end >= 0 else len(self._data)]
        return line.removeprefix(_MARK) if offset == 0 else line
