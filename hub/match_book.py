"""The book of a bulk run: invoices stay in their file and are read when a payment asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import compress
from mmap import mmap
from typing import Final

from hub.domain.matching.book import after_payment
from hub.domain.matching.keys import OF_PAID, ClientStems, client_stems, keys_of_what_is_open
from hub.domain.models import Client, Invoice
from hub.domain.money import Money
from hub.match_lines import invoice_from, read_bytes
from hub.match_plain import PlainInvoices
from hub.match_scan import Hits

_MOST_KEPT: Final = 200_000
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
        self._index: defaultdict[int, list[int]] = defaultdict(list)
        self._stems: dict[int, tuple[Client, ClientStems]] = {}
        self._read: dict[int, Invoice] = {}
        self._paid: dict[int, Invoice] = {}
        self._settled: dict[int, Money] = {}
        self._plain = PlainInvoices()
        self.places: dict[str, int] = {}

    def add(self, hits: Hits, without: frozenset[int]) -> None:
        """Take what a scan found, but for the lines at these offsets."""
        index = self._index
        own = compress(zip(hits.keys, hits.places, strict=True), map(self._wanted.__contains__, hits.keys))
        for key, offset in own:
            if offset not in without:
                index[key].append(offset)

    def candidates(self, keys: Collection[str]) -> Collection[Invoice]:
        """Every invoice that has at least one of the keys, each once."""
        if self._settled and any(key.startswith(OF_PAID) for key in keys):
            self._move(tuple(self._settled))
        found = self._under(keys)
        stale = self._settled.keys() & found.keys()
        if stale:
            self._move(stale)
            found = self._under(keys)
        return _Found(self, found)

    def few(self, keys: Collection[str], most: int) -> Collection[Invoice]:
        """Every invoice under those of the keys that lead to few, each once."""
        return self.candidates([key for key in keys if len(self.candidates((key,))) <= most])

    def _under(self, keys: Collection[str]) -> dict[int, None]:
        found: dict[int, None] = {}
        for key in keys:
            found.update(dict.fromkeys(self._index.get(hash(key), ())))
        return found

    def at(self, offset: int) -> Invoice:
        """The invoice of a line as it stands after the allocations so far."""
        invoice = self._paid.get(offset) or self._read.get(offset)
        if invoice is None:
            if len(self._read) >= _MOST_KEPT:
                self._read.clear()
            line = self._line(offset)
            invoice = self._read[offset] = self._plain.read(line.decode("utf-8")) or invoice_from(read_bytes(line))
        self.places[invoice.id] = offset
        return invoice

    def settle(self, offset: int, amount: Money) -> None:
        """Count what is open of an invoice as paid; its keys are moved when a payment asks for one of them.

        Most settled invoices are never asked for again.
        """
        self._settled[offset] = amount

    def allocate(self, offset: int, amount: Money) -> None:
        """Count an amount as paid and move the invoice to the keys of what is still open."""
        if offset in self._settled:
            self._move((offset,))
        old = self.at(offset)
        new = self._paid[offset] = after_payment(old, amount)
        before, after = self._hashes(old), self._hashes(new)
        for key in before - after:
            self._index[key].remove(offset)
        for key in after - before:
            self._index[key].append(offset)

    def _move(self, offsets: Collection[int]) -> None:
        for offset in offsets:
            self.allocate(offset, self._settled.pop(offset))

    def _hashes(self, invoice: Invoice) -> frozenset[int]:
        return self._wanted.intersection(map(hash, keys_of_what_is_open(invoice, self._stems_of)))

    def _stems_of(self, client: Client) -> ClientStems:
        """Made once for the invoice before and after a payment."""
        kept = self._stems.get(id(client))
        if kept is None:
            self._stems = {id(client): (client, client_stems(client))}
            kept = self._stems[id(client)]
        return kept[1]

    def _line(self, offset: int) -> bytes:
        end = self._data.find(b"\n", offset)
        line = self._data[offset : end if end >= 0 else len(self._data)]
        return line.removeprefix(_MARK) if offset == 0 else line
