"""Shapes of our own invoice numbers, learned from the invoices: what stays of a number when digits lose their values.

`ТД00-000123` leaves the mask `ТД00-000999`: letters, separators, leading zeros and the count of digits. The year of
issue stays as it is where the number tells it (`45/26` leaves `99/26`). A mask is itself a number, so `spelling` says
of it, as of any number, how 1C prints it and how payers shorten it.

Learning more only ever makes more numbers fit: nothing is taken back, and the order of the invoices does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from hub.domain.matching.numbers import letters_as_digits, plain_letters, simpler_readings, spelling
from hub.domain.models import Invoice

#: More masks than this of one legal entity, and its numbers have no shape: anything fits.
MOST_MASKS: Final = 400
#: Nobody writes a longer number without a noun; longer ones are not learned.
LONGEST: Final = 40
#: The year of an invoice that does not say when it was issued.
NO_YEAR: Final = 0

#: Years that a number may tell.
YEARS: Final = range(2000, 2090)
_RUN: Final = re.compile("[0-9]+")
_DIGIT: Final = re.compile("[0-9]")
_YEAR_LETTER: Final = "Y"  # no number has it: letters that look alike are those of one alphabet


class Shape(NamedTuple):
    """What one number teaches.

    Attributes:
        organisation: tax id of the legal entity that issued the invoice; empty where that is not said.
        year: of issue; `NO_YEAR` where that is not said.
        mask: the number with its values taken away.
    """

    organisation: str
    year: int
    mask: str


class Series(NamedTuple):
    """What all numbers of a series have in common.

    Attributes:
        picture: the mask with 9 for the whole counter and Y for each digit of the year.
        counter: the mask's part that counts.
        size: how many digits it counts with, leading zeros left out.
        tells_year: a number of it says in which year it was given.
    """

    picture: str
    counter: str
    size: int
    tells_year: bool


def shape_of(invoice: Invoice) -> Shape | None:
    """What an invoice teaches; None where its number has no digit or is too long."""
    year = NO_YEAR if invoice.issued_on is None else invoice.issued_on.year
    mask = mask_of(invoice.number, year) if invoice.number else None
    return None if mask is None else Shape(bearer_of(invoice.organisation_tax_id), year, mask)


def bearer_of(organisation: str | None) -> str:
    """A tax id of zeros says as little as none."""
    stripped = (organisation or "").strip()
    return stripped if stripped.strip("0") else ""


def mask_of(number: str, year: int) -> str | None:
    """The number with every digit behind its leading zeros turned into 9; the year of issue stays."""
    if len(number) > LONGEST or _DIGIT.search(number) is None:
        return None
    years = _year_starts(number, year)
    masked = _RUN.sub(lambda run: run[0] if run.start() in years else _nines(run[0]), letters_as_digits(number))
    return plain_letters(masked)


def _nines(digits: str) -> str:
    zeros = len(digits) - len(digits.lstrip("0"))
    return digits[:zeros] + "9" * (len(digits) - zeros)


def _year_starts(number: str, year: int) -> frozenset[int]:
    """Where the number tells its year: four digits anywhere, two only at the end; some other digits are the counter."""
    if year not in YEARS:
        return frozenset()
    runs = list(_RUN.finditer(number))
    found = [run.start() for run in runs if run[0] == str(year) or _ends_with_year(run, number, year)]
    return frozenset(found if len(found) < len(runs) else found[1:])


def _ends_with_year(run: re.Match[str], number: str, year: int) -> bool:
    at_end = run.end() == len(number) and number[run.start() - 1 : run.start()] in {"/", "-"}
    return at_end and run[0] == str(year)[2:]


def learn(invoices: Iterable[Invoice]) -> NumberShapes:
    """What a book of invoices teaches."""
    return NumberShapes(shape for invoice in invoices if (shape := shape_of(invoice)) is not None)


class _Reach(NamedTuple):
    """How many digits a run may have."""

    low: int
    high: int


_Forms = dict[str, tuple[_Reach, ...]]


class _Learned(NamedTuple):
    """Every way to write a number of one legal entity; None where it has too many shapes to have any."""

    forms: _Forms | None
    restarting: frozenset[str]


class Numbering(Protocol):
    """What is known of how our invoices are numbered."""

    def fits(self, number: str, organisation: str | None) -> bool:
        """Whether a quoted number may be one of our invoices'."""
        ...

    def leaves_year_open(self, invoice: Invoice, *, in_full: bool) -> bool:
        """Whether the number of an invoice alone may be another year's."""
        ...


@dataclass(frozen=True, slots=True)
class KnownNumbering:
    """What was said of the numbers and invoices of one decision, kept with it.

    Attributes:
        stray: numbers that fit no shape.
        open_years: ids of invoices, and whether their number was quoted in full, where the year stays open.
    """

    stray: frozenset[str] = frozenset()
    open_years: frozenset[tuple[str, bool]] = frozenset()

    def fits(self, number: str, organisation: str | None) -> bool:  # noqa: ARG002
        """As it was said then."""
        return number not in self.stray

    def leaves_year_open(self, invoice: Invoice, *, in_full: bool) -> bool:
        """As it was said then."""
        return (invoice.id, in_full) in self.open_years


def numbering_of(
    shapes: Numbering, numbers: Iterable[str], organisation: str | None, invoices: Iterable[Invoice]
) -> KnownNumbering:
    """What shapes say of these numbers, quoted to this legal entity of ours, and of these invoices."""
    return KnownNumbering(
        frozenset(number for number in numbers if not shapes.fits(number, organisation)),
        frozenset(
            (invoice.id, in_full)
            for invoice in invoices
            for in_full in (True, False)
            if shapes.leaves_year_open(invoice, in_full=in_full)
        ),
    )


class NumberShapes:
    """The learned shapes of all our legal entities."""

    def __init__(self, shapes: Iterable[Shape] = ()) -> None:
        by_bearer: dict[str, set[Shape]] = {}
        for shape in shapes:
            by_bearer.setdefault(shape.organisation, set()).add(shape)
        self._learned = {bearer: _learned(known) for bearer, known in by_bearer.items()}

    def fits(self, number: str, organisation: str | None) -> bool:
        """Whether a quoted number may be one of our invoices', in full or shortened.

        Args:
            organisation: our legal entity that is paid; None where that is not known, then those of all are tried.

        Returns:
            True as well where nothing was learned of this entity.
        """
        bearers = self._learned.keys() if organisation is None else {organisation, ""} & self._learned.keys()
        quoted = spelling(number)
        if not bearers or quoted is None:
            return True
        written = [_runs(text) for text in (quoted.folded, *simpler_readings(number))]
        return any(_holds(self._learned[bearer].forms, written) for bearer in bearers)

    def leaves_year_open(self, invoice: Invoice, *, in_full: bool) -> bool:
        """Whether its series begins anew every year, so that its number alone may be another year's.

        Args:
            in_full: the number was quoted with the year that it tells, if it tells one.
        """
        learned = self._learned.get(bearer_of(invoice.organisation_tax_id))
        shape = shape_of(invoice) if learned is not None and learned.restarting else None
        if learned is None or shape is None:
            return False
        series = series_of(shape)
        return series.picture in learned.restarting and not (in_full and series.tells_year)


def _learned(shapes: Collection[Shape]) -> _Learned:
    if len({shape.mask for shape in shapes}) > MOST_MASKS:
        return _Learned(None, frozenset())
    anew = restarting(shapes)
    forms: _Forms = {}
    for shape in shapes:
        for skeleton, reaches in _ways(shape.mask, restarts=series_of(shape).picture in anew):
            known = forms.get(skeleton)
            forms[skeleton] = reaches if known is None else tuple(map(_wider, known, reaches))
    return _Learned(forms, anew)


def _holds(forms: _Forms | None, written: Iterable[tuple[str, list[int]]]) -> bool:
    if forms is None:
        return True
    return any(
        all(reach.low <= length <= reach.high for reach, length in zip(forms[skeleton], lengths, strict=True))
        for skeleton, lengths in written
        if skeleton in forms
    )


def _wider(one: _Reach, other: _Reach) -> _Reach:
    return _Reach(min(one.low, other.low), max(one.high, other.high))


def _runs(folded: str) -> tuple[str, list[int]]:
    """A folded number without its digits, and how many they were in each run."""
    return _RUN.sub("9", folded), [len(run) for run in _RUN.findall(folded)]


def _ways(mask: str, *, restarts: bool) -> Iterator[tuple[str, tuple[_Reach, ...]]]:
    """Forms of a mask. The next number may have a digit more, and the one before the first we know a digit less."""
    found = spelling(mask)
    if found is None:
        return
    last = _RUN.findall(mask)[-1]
    width = len(last) if last.startswith("0") else 0
    for form in (found.folded, *found.short, *found.loose):
        skeleton, lengths = _runs(form)
        reaches = [_Reach(1 if restarts else max(1, length - 1), length + 1) for length in lengths]
        reaches[-1] = _Reach(reaches[-1].low, max(reaches[-1].high, width))
        yield skeleton, tuple(reaches)


@lru_cache(maxsize=4096)
def series_of(shape: Shape) -> Series:
    """The series that a shape is of."""
    counters: list[str] = []
    years = _year_starts(shape.mask, shape.year)

    def told(run: re.Match[str]) -> str:
        if run.start() in years:
            return _YEAR_LETTER * len(run[0])
        counters.append(run[0])
        return "9" if "9" in run[0] else run[0]

    picture = _RUN.sub(told, shape.mask)
    counting = [run for run in counters if "9" in run] or counters
    return Series(picture, counting[0] if counting else "", sum(run.count("9") for run in counters), bool(years))


def restarting(shapes: Iterable[Shape]) -> frozenset[str]:
    """Series that counted with fewer digits in a later year than in an earlier one."""
    spans: dict[str, dict[int, _Reach]] = {}
    for shape in shapes:
        if shape.year == NO_YEAR:
            continue
        series = series_of(shape)
        years = spans.setdefault(series.picture, {})
        span = _Reach(series.size, series.size)
        years[shape.year] = _wider(years.get(shape.year, span), span)
    return frozenset(series for series, years in spans.items() if _goes_back(years))


def _goes_back(years: Mapping[int, _Reach]) -> bool:
    most = 0
    for year in sorted(years):
        if years[year].low < most:
            return True
        most = max(most, years[year].high)
    return False
