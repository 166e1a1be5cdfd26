"""Where rows of a table fit, exactly: sets of combinations of verdicts as the bits of one large number.

There are 494 208 combinations; as bits they are 60 KiB, and a whole table is judged in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from math import prod
from typing import Final

from hub.domain.matching.rows import Row
from hub.domain.matching.verdicts import ASPECTS, Verdict, Verdicts, verdicts_of

_COMBINATIONS: Final = prod(len(verdicts) for verdicts in ASPECTS.values())
#: Every combination of verdicts.
EVERYTHING: Final = (1 << _COMBINATIONS) - 1


def where(aspect: str, wanted: Collection[Verdict]) -> int:
    """Combinations in which an aspect has one of these verdicts."""
    region = 0
    for verdict in wanted:
        region |= _where(aspect, verdict.value)
    return region


@lru_cache(maxsize=64)
def _where(aspect: str, word: str) -> int:
    """A run of ones as long as the aspects behind this one have combinations, repeated over all."""
    run = _stride(aspect)
    verdicts = ASPECTS[aspect]
    place = next(index for index, verdict in enumerate(verdicts) if verdict.value == word)
    region = ((1 << run) - 1) << (place * run)
    length = run * len(verdicts)
    while length < _COMBINATIONS:
        region |= region << length
        length *= 2
    return region & EVERYTHING


@lru_cache(maxsize=16)
def _stride(aspect: str) -> int:
    names = list(ASPECTS)
    return prod(len(ASPECTS[name]) for name in names[names.index(aspect) + 1 :])


def region_of(row: Row) -> int:
    """Combinations that a row fits, whatever stands above it."""
    region = EVERYTHING
    for aspect, wanted in row.conditions.items():
        region &= where(aspect, wanted)
    return region


def decided_by(rows: Iterable[Row]) -> list[int]:
    """What each row decides: what it fits and no row above it does."""
    left = EVERYTHING
    found: list[int] = []
    for row in rows:
        mine = region_of(row) & left
        found.append(mine)
        left ^= mine
    return found


def example(region: int) -> Verdicts:
    """The first combination of a region that is not empty: the one that agrees most."""
    index = (region & -region).bit_length() - 1
    return verdicts_of(
        {aspect: verdicts[index // _stride(aspect) % len(verdicts)].value for aspect, verdicts in ASPECTS.items()}
    )
