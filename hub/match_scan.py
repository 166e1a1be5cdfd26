"""One part of an invoice file, read once: what is wrong in it, and which lines some payment may concern."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from hub.domain.matching.keys import ClientStems, client_stems, invoice_keys, runs_of_numbers
from hub.domain.matching.numbers import Spelling, digit_runs, spelling
from hub.domain.models import Client
from hub.match_lines import FieldFault, Json, JsonObject, client_from, invoice_from, read_bytes

_MARK: Final = b"\xef\xbb\xbf"
_CLIENTS_KEPT: Final = 1 << 17
_NUMBERS_KEPT: Final = 1 << 15
_TEXTS: Final = frozenset({str, type(None)})
_CLIENT_FIELDS: Final = ("name", "tax_id", "kpp", "account", "id")
#: Goes before a run of digits, where keys and runs are kept together.
RUN: Final = "run:"


class UnusualFileError(Exception):
    """The file is to be read as text, from its beginning, in one process."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of whole lines of a file, in bytes."""

    start: int
    end: int


@dataclass(slots=True)
class Scan:
    """What reading a part tells.

    Attributes:
        lines: how many lines the part has.
        faults: line of the part (from 0) and what is wrong with it.
        places: of every invoice: hash of its id, line, offset in the file.
        issuers: our legal entities that issued them, and how many each.
        hits: offset, number of hashes, hashes: keys under which payments look for that invoice.
    """

    lines: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)
    places: array[int] = field(default_factory=lambda: array("q"))
    issuers: Counter[str] = field(default_factory=Counter)
    hits: array[int] = field(default_factory=lambda: array("q"))


class _Known:
    """What is remembered while a part is read: clients, which repeat, and the numbers that payments name."""

    def __init__(self, wanted: AbstractSet[int]) -> None:
        self.wanted = wanted
        self._clients: dict[tuple[Json, ...], Client | None] = {}
        self._stems: dict[int, tuple[Client, ClientStems]] = {}
        self._spelling = lru_cache(maxsize=_NUMBERS_KEPT)(spelling)

    def client(self, line: JsonObject) -> Client | None:
        """The client of a line, the same object for the same texts."""
        written = line.get("client")
        if not isinstance(written, dict):
            return client_from(line)
        texts = tuple([written.get(name) for name in _CLIENT_FIELDS])
        if not _TEXTS.issuperset(map(type, texts)):
            return client_from(line)
        if texts not in self._clients:
            if len(self._clients) >= _CLIENTS_KEPT:
                self._clients.clear()
                self._stems.clear()
            self._clients[texts] = client_from(line)
        return self._clients[texts]

    def stems(self, client: Client) -> ClientStems:
        """Parts of keys that a remembered client gives."""
        kept = self._stems.get(id(client))
        if kept is None:  # the client is kept too: its id() must not become another's
            kept = self._stems[id(client)] = (client, client_stems(client))
        return kept[1]

    def spelling(self, number: str) -> Spelling | None:
        """How a number is spelled; None where no payment names a number with any of its runs of digits."""
        runs = digit_runs(number)
        if runs is not None and self.wanted.isdisjoint([hash(RUN + run) for run in runs]):
            return None
        return self._spelling(number)


def wanted_of(keys: AbstractSet[str]) -> set[int]:
    """What a scan must know of the keys of a payment: their hashes, and those of the runs of digits in its numbers."""
    return {hash(key) for key in keys} | {hash(f"{RUN}{run}") for run in runs_of_numbers(keys)}


def parts_of(path: Path, count: int) -> list[Part]:
    """Cut a file at line ends into parts of about the same size."""
    size = path.stat().st_size
    cuts = [0]
    with path.open("rb") as file:
        for index in range(1, count):
            file.seek(size * index // count)
            file.readline()
            cuts.append(max(cuts[-1], file.tell()))
    return [Part(start, end) for start, end in zip(cuts, [*cuts[1:], size], strict=True)]


def scan(path: Path, part: Part, wanted: AbstractSet[int]) -> Scan:
    """Read a part; `wanted` are hashes of the keys of all payments.

    Raises:
        UnusualFileError: lines end otherwise than with LF, or the file is not in UTF-8.
    """
    found = Scan()
    known = _Known(wanted)
    offset = part.start
    with path.open("rb") as file:
        file.seek(offset)
        for raw in file:
            if offset >= part.end:
                break
            _take(found, raw, offset, known)
            found.lines += 1
            offset += len(raw)
    return found


def _take(found: Scan, raw: bytes, offset: int, known: _Known) -> None:
    if b"\r" in raw and b"\r" in raw.removesuffix(b"\n").removesuffix(b"\r"):
        raise UnusualFileError
    line = raw.removeprefix(_MARK) if offset == 0 else raw
    try:
        read = read_bytes(line)
    except UnicodeDecodeError:
        raise UnusualFileError from None
    except FieldFault as fault:
        if line.decode("utf-8").strip():
            found.faults.append((found.lines, f": {fault}"))
        return
    try:
        invoice = invoice_from(read, known.client)
    except FieldFault as fault:
        found.faults.append((found.lines, f", {fault}"))
        return
    found.places.extend((hash(invoice.id), found.lines, offset))
    if invoice.organisation_tax_id:
        found.issuers[invoice.organisation_tax_id] += 1
    hits = known.wanted & set(map(hash, invoice_keys(invoice, known.stems, known.spelling)))
    if hits:
        found.hits.extend((offset, len(hits), *hits))
