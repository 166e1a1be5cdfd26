"""One part of an invoice file, read once: what is wrong in it, and which lines some payment may concern."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

from hub.domain.matching.keys import ClientStems, client_stems, invoice_keys
from hub.domain.models import Client
from hub.match_lines import FieldFault, invoice_from, read_bytes

Stems: TypeAlias = Callable[[Client], ClientStems]
_MARK: Final = b"\xef\xbb\xbf"
_CLIENTS_KEPT: Final = 1 << 17


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
    stems_of = lru_cache(maxsize=_CLIENTS_KEPT)(client_stems)
    offset = part.start
    with path.open("rb") as file:
        file.seek(offset)
        for raw in file:
            if offset >= part.end:
                break
            _take(found, raw, offset, wanted, stems_of)
            found.lines += 1
            offset += len(raw)
    return found


def _take(found: Scan, raw: bytes, offset: int, wanted: AbstractSet[int], stems_of: Stems) -> None:
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
        invoice = invoice_from(read)
    except FieldFault as fault:
        found.faults.append((found.lines, f", {fault}"))
        return
    found.places.extend((hash(invoice.id), found.lines, offset))
    if invoice.organisation_tax_id:
        found.issuers[invoice.organisation_tax_id] += 1
    hits = wanted & set(map(hash, invoice_keys(invoice, stems_of)))
    if hits:
        found.hits.extend((offset, len(hits), *hits))
