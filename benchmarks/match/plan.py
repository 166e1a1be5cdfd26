"""How much a run measures: the whole of it, or a short one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes in invoices.

    Attributes:
        sizes: of the bulk runs; the largest has `payments`, the others a payment for ten invoices at most.
        payments: of the largest bulk run.
        times: how often a bulk run is repeated for its median.
        rivals_at: size at which the rivals' shapes are measured.
        bank_lines: how many payments they look up.
        live_at: sizes of the stores, the small one and the large one.
        live_payments: how many payments are decided from each store, alone and in whole turns.
    """

    sizes: tuple[int, ...]
    payments: int
    times: int
    rivals_at: int
    bank_lines: int
    live_at: tuple[int, int]
    live_payments: int

    def payments_of(self, size: int) -> int:
        """How many payments a world of that size has."""
        return self.payments if size == self.sizes[-1] else min(self.payments, size // 10)


WHOLE: Final = Plan(
    sizes=(10_000, 100_000, 1_000_000),
    payments=100_000,
    times=3,
    rivals_at=100_000,
    bank_lines=200,
    live_at=(10_000, 1_000_000),
    live_payments=500,
)
QUICK: Final = Plan(
    sizes=(2_000, 10_000, 100_000),
    payments=5_000,
    times=1,
    rivals_at=10_000,
    bank_lines=50,
    live_at=(10_000, 100_000),
    live_payments=200,
)
