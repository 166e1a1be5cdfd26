"""A whole world: the book, a year of payments, and the truth of every payment judged over all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.worlds import kinds_doubtful, kinds_named, kinds_not_ours, kinds_payers
from tests.worlds.book import Book
from tests.worlds.law import Court, Judged, Verdict, truth_of
from tests.worlds.life import Life, Situation
from tests.worlds.records import Bill, Organisation, Transfer, Truth

SITUATIONS: Final[tuple[Situation, ...]] = (
    *kinds_named.SITUATIONS,
    *kinds_doubtful.SITUATIONS,
    *kinds_payers.SITUATIONS,
    *kinds_not_ours.SITUATIONS,
)
#: Some stories turn out to be unclear in the whole of the world and are left out of it.
_SPARE: Final = 1.15
_MISSES: Final = 2000


@dataclass(frozen=True, slots=True)
class World:
    """Payments in a bank's order, invoices in no order, truths by payment."""

    payments: Sequence[Transfer]
    invoices: Sequence[Bill]
    truths: Sequence[Truth]
    organisations: Sequence[Organisation]


def make_world(seed: int, payments: int, invoices: int) -> World:
    """A world of its own for every seed, the same one for the same seed.

    Raises:
        ValueError: there are too few invoices for so many payments; three a payment are enough.
    """
    rng = Random(seed)
    book = Book(rng, invoices)
    life = Life(book)
    _live(life, int(payments * _SPARE))
    book.close()
    transfers, judged = _clear(life.transfers, book.bills, payments)
    if len(transfers) < payments:
        _fill(life, payments - len(transfers))
        transfers, judged = _clear([*transfers, *life.transfers], book.bills, payments)
    ordered = sorted(transfers, key=lambda one: (one.booked_on, rng.random()))
    bills = list(book.bills)
    rng.shuffle(bills)
    return World(ordered, bills, [truth_of(one, judged[one.id]) for one in ordered], book.organisations)


def _live(life: Life, payments: int) -> None:
    weights = [situation.weight for situation in SITUATIONS]
    misses = 0
    while len(life.transfers) < payments and misses < _MISSES:
        misses += not life.tell(life.rng.choices(SITUATIONS, weights)[0])


def _fill(life: Life, missing: int) -> None:
    """Money that touches no invoice makes up the number."""
    life.transfers.clear()
    quiet = [one for one in kinds_not_ours.SITUATIONS if one.kind.startswith("not_ours_")]
    while len(life.transfers) < missing:
        life.tell(life.rng.choice(quiet))


def _clear(transfers: Sequence[Transfer], bills: Sequence[Bill], most: int) -> tuple[list[Transfer], dict[str, Judged]]:
    """Whole stories, at most so many payments, none of which the law leaves open, with their verdicts."""
    kept = list(transfers)
    while True:
        judged = Court(bills).year(kept)
        out = {one.group for one in kept if judged[one.id].verdict is Verdict.UNCLEAR}
        if not out:
            if len(kept) <= most:
                return kept, judged
            out = {one.group for one in kept[most:]}
        kept = [one for one in kept if one.group not in out]
