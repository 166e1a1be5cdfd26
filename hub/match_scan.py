"""One part of an invoice file, read once: what is wrong in it, and which lines some payment may concern."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from hub.domain.matching.keys import WITH_SUM, invoice_keys, runs_of_numbers
from hub.domain.matching.said import Language
from hub.domain.matching.shape_counts import Counted, ShapeCounts
from hub.domain.matching.shapes import NO_YEAR
from hub.match_lines import FieldFault, invoice_from, read_bytes
from hub.match_quick import RUN, Plain, PlainLines

_MARK: Final = b"\xef\xbb\xbf"


class UnusualFileError(Exception):
    """The file is to be read as text, from its beginning, in one process."""


class _NoObjectError(ValueError):
    """The line is no JSON object; the fault says why."""

    def __init__(self, fault: FieldFault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Part:
    """A run of whole lines of a file, in bytes."""

    start: int
    end: int


class Hits(NamedTuple):
    """Hashes of keys, and where the invoice under each begins in the file."""

    keys: array[int]
    places: array[int]


@dataclass(slots=True)
class Scan:
    """What reading a part tells.

    Attributes:
        lines: how many lines the part has.
        faults: line of the part (from 0) and what is wrong with it.
        places: of every invoice: hash of its id, line, offset in the file.
        issuers: our legal entities that issued them, and how many each.
        hits: keys under which payments look for invoices, and next to each the offset of the invoice.
        shapes: of their numbers.
    """

    lines: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)
    places: array[int] = field(default_factory=lambda: array("q"))
    issuers: Counter[str] = field(default_factory=Counter)
    hits: Hits = field(default_factory=lambda: Hits(array("q"), array("q")))
    shapes: Counted = field(default_factory=Counted)


def wanted_of(keys: AbstractSet[str]) -> set[int]:
    """What a scan must know of the keys of a payment: their hashes, and those of parts that lead to them quickly.

    The parts are the runs of digits in its numbers, and what goes before the sum.
    """
    stems = {f"{key.rsplit('|', 2)[0]}|" for key in keys if key.startswith(WITH_SUM)}
    runs = {f"{RUN}{run}" for run in runs_of_numbers(keys)}
    return {hash(text) for texts in (keys, stems, runs) for text in texts}


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


def scan(path: Path, part: Part, wanted: frozenset[int], language: Language = Language.RU) -> Scan:
    """Read a part.

    Args:
        wanted: hashes of the keys of all payments (see `wanted_of`).
        language: of what is said of faults.

    Raises:
        UnusualFileError: lines end otherwise than with LF, or the file is not in UTF-8.
    """
    found = Scan()
    plain, shapes = PlainLines(wanted), ShapeCounts()
    read, take = plain.read, _taker(found, shapes)
    offset = part.start
    with path.open("rb") as file:
        file.seek(offset)
        for raw in file:
            if offset >= part.end:
                break
            try:
                known = read(raw.decode("utf-8")) or _otherwise(found, raw, offset, plain, wanted, language)
            except UnicodeDecodeError:
                raise UnusualFileError from None
            if known is not None:
                take(known, offset)
            found.lines += 1
            offset += len(raw)
    found.shapes = shapes.counted()
    return found


def _taker(found: Scan, shapes: ShapeCounts) -> Callable[[Plain, int], None]:
    """Counts invoices in; what it needs of the scan is looked up once."""
    place, key, under, issuers = found.places.extend, found.hits.keys.extend, found.hits.places.extend, found.issuers
    note = shapes.note

    def take(read: Plain, offset: int) -> None:
        identity, issuer, hits, number, issued_on = read
        place((hash(identity), found.lines, offset))
        if issuer:
            issuers[issuer] += 1
        if number is not None:
            note(number, issuer, NO_YEAR if issued_on is None else issued_on.year)
        if hits:
            key(hits)
            under([offset] * len(hits))

    return take


def _otherwise(
    found: Scan, raw: bytes, offset: int, plain: PlainLines, wanted: frozenset[int], language: Language
) -> Plain | None:
    """A line that is not plain, read in full; None where something is wrong with it, which is noted."""
    if b"\r" in raw.removesuffix(b"\n").removesuffix(b"\r"):
        raise UnusualFileError
    line = raw.removeprefix(_MARK) if offset == 0 else raw
    try:
        return _in_full(line, plain, wanted)
    except _NoObjectError as error:
        if line.decode("utf-8").strip():
            found.faults.append((found.lines, f": {error.fault.told(language)}"))
    except FieldFault as fault:
        found.faults.append((found.lines, f", {fault.told(language)}"))
    return None


def _in_full(line: bytes, plain: PlainLines, wanted: frozenset[int]) -> Plain:
    try:
        read = read_bytes(line)
    except FieldFault as fault:
        raise _NoObjectError(fault) from None
    invoice = invoice_from(read)
    hits = wanted & set(map(hash, invoice_keys(invoice, spelling_of=plain.spelling)))
    return Plain(invoice.id, invoice.organisation_tax_id, hits, invoice.number, invoice.issued_on)
