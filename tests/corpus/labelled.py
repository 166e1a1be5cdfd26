"""Labelled purposes (purposes/<theme>.txt): a strict loader and the comparison of a reading with its labels.

A purpose stands in column 0, a line break in it written `\\n`; its labels stand below, four spaces in:

    invoice NUMBER [DATE]         an invoice for payment; DATE is YYYY-MM-DD, or MM-DD where no year is written
    bare NUMBER [DATE]            a number that nothing says the kind of; it may be an invoice
    document KIND [NUMBER] [DATE] another document
    vat none | RATE | sum         VAT absent, with a rate, or a sum alone
    amount X, tax-id X, pays-for NAME, mark WORD
    nothing                       thought of: no number of an invoice here
    known-miss WHY                a label below the purpose that the reader does not reach, and why
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from hub.domain.matching import Mark, PurposeReading
from hub.domain.matching.reading import NamedDate, NamedNumber
from hub.domain.models import ReferenceKind

FOLDER: Final = Path(__file__).with_name("purposes")
_DATE: Final = re.compile(r"(?:\d{4}-)?\d\d-\d\d")
_LABELS: Final = frozenset(
    {"invoice", "bare", "document", "vat", "amount", "tax-id", "pays-for", "mark", "nothing", "known-miss"}
)
#: Marks that speak of the customer's own payment; the others send it to a person or out of the queue.
_HARMLESS: Final = frozenset({Mark.ADVANCE, Mark.PART, Mark.REST, Mark.TRUNCATED, Mark.UNREAD})

Numbered = Counter[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A purpose with what an accountant reads in it."""

    where: str
    text: str
    labels: tuple[tuple[str, str], ...] = field(repr=False)

    def of(self, label: str) -> list[str]:
        """What stands behind each label of that name."""
        return [rest for name, rest in self.labels if name == label]

    @property
    def known_miss(self) -> bool:
        """The reader is known not to reach a label."""
        return bool(self.of("known-miss"))


def themes() -> list[str]:
    """Names of the files."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def load(theme: str) -> list[Labelled]:
    """The purposes of a theme; any line that is not understood is an error."""
    found: list[Labelled] = []
    for number, text, labels in _blocks(FOLDER / f"{theme}.txt"):
        where = f"{theme}.txt:{number}"
        parsed = tuple(_label(where, label) for label in labels)
        if not parsed:
            raise ValueError(f"{where}: a purpose without labels")
        names = {name for name, _ in parsed}
        if "nothing" in names and names & {"invoice", "bare"}:
            raise ValueError(f"{where}: «nothing» beside a number")
        found.append(Labelled(where, text.replace("\\n", "\n"), parsed))
    return found


def _blocks(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    current: tuple[int, str, list[str]] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("    "):
            if current is None:
                raise ValueError(f"{path.name}:{number}: a label without a purpose")
            current[2].append(line.strip())
            continue
        if line.startswith(" "):
            raise ValueError(f"{path.name}:{number}: a label stands four spaces in")
        if current is not None:
            yield current
        current = (number, line, [])
    if current is not None:
        yield current


def _label(where: str, line: str) -> tuple[str, str]:
    name, _, rest = line.partition(" ")
    if name not in _LABELS or (name == "nothing") == bool(rest):
        raise ValueError(f"{where}: {line!r} is no label")
    if name == "document":
        ReferenceKind(rest.split()[0])
    if name == "mark":
        Mark(rest)
    if name == "amount":
        Decimal(rest)
    return name, rest


def numbers_wanted(case: Labelled, label: str) -> Numbered:
    """Numbers and dates of a label."""
    return Counter(_numbered(rest) for rest in case.of(label))


def numbers_read(numbers: tuple[NamedNumber, ...]) -> Numbered:
    """Numbers and dates of a reading, written as in the labels."""
    return Counter((_plain(number.text), _day(number.on)) for number in numbers)


def misses(case: Labelled, reading: PurposeReading) -> list[str]:
    """Labels that the reading does not agree with."""
    told = (
        ("invoice", numbers_wanted(case, "invoice"), numbers_read(reading.numbers)),
        ("bare", numbers_wanted(case, "bare"), numbers_read(reading.bare)),
        ("amount", sorted(Decimal(rest) for rest in case.of("amount")), sorted(reading.amounts)),
        ("tax-id", sorted(case.of("tax-id")), sorted(reading.tax_ids)),
        ("pays-for", [_name(rest) for rest in case.of("pays-for")], _payee(reading)),
    )
    found = [f"{label}: {wanted} read as {read}" for label, wanted, read in told if wanted != read]
    return found + _vat(case, reading) + _documents(case, reading) + _marks(case, reading)


def _vat(case: Labelled, reading: PurposeReading) -> list[str]:
    vat = reading.vat
    if vat is None or not (vat.none or vat.rate is not None or vat.amount is not None):
        read = None
    elif vat.none:
        read = "none"
    else:
        read = "sum" if vat.rate is None else format(vat.rate.normalize(), "f")
    wanted = case.of("vat")
    agrees = read in wanted if wanted else read is None
    return [] if agrees else [f"vat: {wanted} read as {read}"]


def _documents(case: Labelled, reading: PurposeReading) -> list[str]:
    read = {(item.kind.value, _plain(item.number or ""), _day(item.on)) for item in reading.documents}
    wanted = [_document(rest) for rest in case.of("document")]
    missed = [item for item in wanted if item not in read and (item[1] or item[2])]
    return [f"document: {item} not among {sorted(read, key=str)}" for item in missed]


def _marks(case: Labelled, reading: PurposeReading) -> list[str]:
    wanted = {Mark(rest) for rest in case.of("mark")}
    missed = wanted - reading.marks
    # One word for «not a customer's payment» is enough; a customer's payment must have none.
    alarm = set() if wanted - _HARMLESS else reading.marks - _HARMLESS
    return [f"mark: {mark.value} not read" for mark in missed] + [f"mark: {mark.value} read" for mark in alarm]


def _document(rest: str) -> tuple[str, str, str | None]:
    kind, _, named = rest.partition(" ")
    number, day = _numbered(named) if named else ("", None)
    return (kind, number, day) if not _DATE.fullmatch(number) or len(number) < 10 else (kind, "", number)


def _numbered(rest: str) -> tuple[str, str | None]:
    number, _, day = rest.rpartition(" ")
    return (_plain(number), day) if number and _DATE.fullmatch(day) else (_plain(rest), None)


def _plain(number: str) -> str:
    return number.replace(" ", "").upper()


def _day(named: NamedDate | None) -> str | None:
    if named is None or named.day_month is None:
        return None
    return named.value.isoformat() if named.value is not None else "{1:02}-{0:02}".format(*named.day_month)


def _name(text: str) -> str:
    return re.sub(r"[«»“”\"]", "", text)


def _payee(reading: PurposeReading) -> list[str]:
    return [] if reading.third_party is None else [_name(reading.third_party.name)]
