"""What one payment costs once the book is there: read, keyed, weighed and written out, one after another."""

from __future__ import annotations

import gc
import mmap
from itertools import islice
from pathlib import Path
from time import perf_counter_ns
from typing import Final

from benchmarks.match.spread import Spread
from hub.domain.matching import MatchContext, decide_one, payment_keys, read_purpose
from hub.domain.models import Payment
from hub.match_book import FileBook
from hub.match_lines import payment_from, read_bytes
from hub.match_output import decision_line, written
from hub.match_scan import parts_of, scan, wanted_of

_PAYMENTS: Final = 1_000


def some_payments(path: Path, count: int) -> list[Payment]:
    """The first payments of a file."""
    with path.open("rb") as file:
        return [payment_from(read_bytes(line)) for line in islice(file, count)]


def run_single(payments: Path, invoices: Path) -> Spread:
    """Decide a thousand payments, each alone on its date, against the whole file; microseconds."""
    some = some_payments(payments, _PAYMENTS)
    keys = frozenset[str]().union(*(payment_keys(payment, read_purpose(payment.purpose)) for payment in some))
    wanted = frozenset(wanted_of(keys))
    (whole,) = parts_of(invoices, 1)
    found = scan(invoices, whole, wanted)
    context = MatchContext(own_tax_ids=frozenset(found.issuers))
    with invoices.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        book = FileBook(data, wanted)
        book.add(found.hits, frozenset())
        del found
        gc.collect()
        return Spread.of([_cost_us(payment, book, context) for payment in some])


def _cost_us(payment: Payment, book: FileBook, context: MatchContext) -> float:
    read_purpose.cache_clear()
    began = perf_counter_ns()
    written(decision_line(decide_one(payment, book, context)))
    return (perf_counter_ns() - began) / 1000
