"""The middle and the end of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, quantiles
from typing import Final

_TWENTIETHS: Final = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """A sample of costs, all in the unit it was taken in."""

    mean: float
    p50: float
    p95: float

    @classmethod
    def of(cls, costs: Sequence[float]) -> Spread:
        """Of a sample of two and more."""
        places = quantiles(costs, n=_TWENTIETHS)
        return cls(mean(costs), places[_TWENTIETHS // 2 - 1], places[-1])

    def __str__(self) -> str:
        return f"p50 {self.p50:.2f}, p95 {self.p95:.2f}"
