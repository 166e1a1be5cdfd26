"""Shapes of very many numbers, counted as they go by, and told to people by series."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hub.domain.matching.shapes import MOST_MASKS, NO_YEAR, YEARS, Shape, bearer_of, mask_of, restarting, series_of

_NINES: Final = bytes.maketrans(b"12345678", b"99999999")
_FOUR: Final = re.compile(rb"(?<![0-9])[0-9]{4}(?![0-9])")
_TWO_AT_END: Final = re.compile(rb"[/-][0-9]{2}$")
_RUN: Final = re.compile(rb"[0-9]+")
#: Year of issue → as a number writes it: whole, and at its end.
_WRITTEN: Final = {year: (str(year).encode(), str(year)[2:].encode()) for year in YEARS}

#: Legal entity, year of issue and rough mask; whether the two digits at the end are those of the year.
_Key = tuple[str | None, int, bytes]
_FinerKey = tuple[str | None, int, bytes, bool]


@dataclass(slots=True)
class _Like:
    """Numbers of one shape, as many as came."""

    shape: Shape
    count: int = 0


#: Stands for numbers of which each is asked whether it tells the year.
_YEARLY: Final = _Like(Shape("", NO_YEAR, ""))


def _may_tell_year(rough: bytes) -> bool:
    return len(_RUN.findall(rough)) > 1 and (_FOUR.search(rough) or _TWO_AT_END.search(rough)) is not None


class ShapeCounts:
    """Counts shapes; a number costs a fraction of a microsecond once its like was seen.

    Digits are masked roughly: zeros inside a number stay zeros. So there are a few dozen rough masks a series, and only
    their first numbers are looked at closely. Where digits may tell the year, the rough mask does not say whether they
    do, and each number is asked.
    """

    def __init__(self) -> None:
        self._plain: dict[_Key, _Like] = {}
        self._yearly: dict[_FinerKey, _Like] = {}
        self._examples: dict[Shape, str] = {}
        self._masks: dict[str, set[str]] = {}

    def note(self, number: str, organisation: str | None, year: int) -> None:
        """Count one number."""
        raw = number.encode("utf-8", "replace")
        key = (organisation, year, raw.translate(_NINES))
        known = self._plain.get(key)
        if known is None:
            self._note_first(number, raw, key)
        elif known is _YEARLY:
            self._note_yearly(number, raw, key)
        else:
            known.count += 1

    def _note_first(self, number: str, raw: bytes, key: _Key) -> None:
        if key[1] in _WRITTEN and _may_tell_year(key[2]):
            self._plain[key] = _YEARLY
            self._note_yearly(number, raw, key)
        elif (found := self._first(number, key[0], key[1])) is not None:
            self._plain[key] = found

    def _note_yearly(self, number: str, raw: bytes, key: _Key) -> None:
        organisation, year, rough = key
        whole, short = _WRITTEN[year]
        if whole in raw:
            rough = whole.join([part.translate(_NINES) for part in raw.split(whole)])
        finer = (organisation, year, rough, raw[-2:] == short)
        known = self._yearly.get(finer)
        if known is not None:
            known.count += 1
        elif (found := self._first(number, organisation, year)) is not None:
            self._yearly[finer] = found

    def _first(self, number: str, organisation: str | None, year: int) -> _Like | None:
        """None where the number has no shape, or its legal entity too many shapes to have any."""
        mask = mask_of(number, year)
        bearer = bearer_of(organisation)
        masks = self._masks.setdefault(bearer, set())
        if mask is None or len(masks) > MOST_MASKS:
            return None
        masks.add(mask)
        shape = Shape(bearer, year, mask)
        self._examples.setdefault(shape, number)
        return _Like(shape, 1)

    def counted(self) -> Counted:
        """What was learned so far."""
        found: Counter[Shape] = Counter()
        for like in (*self._plain.values(), *self._yearly.values()):
            if like.count:
                found[like.shape] += like.count
        return Counted(found, self._examples)


@dataclass(frozen=True, slots=True)
class Counted:
    """Shapes with how many numbers had each, and the first number met of each."""

    counts: Counter[Shape] = field(default_factory=Counter)
    examples: dict[Shape, str] = field(default_factory=dict)

    def add(self, other: Counted) -> None:
        """Take what another part of the same invoices taught."""
        self.counts.update(other.counts)
        for shape, example in other.examples.items():
            self.examples.setdefault(shape, example)

    def shapes(self) -> frozenset[Shape]:
        """The shapes themselves."""
        return frozenset(shape for shape, count in self.counts.items() if count > 0)


class LearnedSeries(NamedTuple):
    """A series of numbers, for people to read.

    Attributes:
        picture: what all of them have in common, with 9 for the counter and Y for the digits of the year.
        digits: the least and the most digits of the counter, leading zeros included.
        years: in which its invoices were issued, where that is known.
        restarts: it begins anew every year.
    """

    organisation: str
    picture: str
    digits: tuple[int, int]
    padded: bool
    years: tuple[int, ...]
    restarts: bool
    example: str
    invoices: int


def learned_series(found: Counted) -> list[LearnedSeries]:
    """Learned shapes by series: entity by entity, the most frequent series first."""
    groups: dict[str, dict[str, list[Shape]]] = {}
    for shape in sorted(found.shapes()):
        groups.setdefault(shape.organisation, {}).setdefault(series_of(shape).picture, []).append(shape)
    told: list[LearnedSeries] = []
    for by_picture in groups.values():
        anew = restarting(shape for shapes in by_picture.values() for shape in shapes)
        some = [_told(picture, shapes, found, restarts=picture in anew) for picture, shapes in by_picture.items()]
        told += sorted(some, key=lambda item: (-item.invoices, item.picture))
    return told


def _told(picture: str, shapes: Sequence[Shape], found: Counted, *, restarts: bool) -> LearnedSeries:
    counters = [series_of(shape).counter for shape in shapes]
    lengths = [len(counter) for counter in counters]
    commonest = max(shapes, key=lambda shape: (found.counts[shape], shape))
    return LearnedSeries(
        organisation=commonest.organisation,
        picture=picture,
        digits=(min(lengths), max(lengths)),
        padded=any(counter.startswith("0") for counter in counters),
        years=tuple(sorted({shape.year for shape in shapes if shape.year != NO_YEAR})),
        restarts=restarts,
        example=found.examples.get(commonest, commonest.mask),
        invoices=sum(found.counts[shape] for shape in shapes),
    )
