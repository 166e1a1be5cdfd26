"""One of several processes of a bulk run: it weighs its share of the payments and writes its share of the decisions.

All workers take the same steps at the same time and tell each other only what they must, through the process that
started them: the keys that payments look for, what the invoice file has under them, and the claims of every date.
"""

from __future__ import annotations

import mmap
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from hub.domain.decision import DecisionKind
from hub.domain.matching import MatchContext, read_purpose
from hub.domain.matching.day import Stake, settle_day, settled_claims, stakes_of
from hub.domain.matching.decide import weigh
from hub.domain.matching.keys import PaymentKeys, key_tiers
from hub.domain.matching.reading import PurposeReading
from hub.domain.matching.shapes import NumberShapes, Shape
from hub.domain.models import Payment
from hub.domain.money import Money
from hub.match_book import FileBook
from hub.match_output import decision_text
from hub.match_scan import Hits, Part, UnusualFileError, scan, wanted_of

Prepared = tuple[PurposeReading, PaymentKeys]


class Everybody(NamedTuple):
    """What every worker is told once the file is read: who we are, how we number, what it has, which lines repeat."""

    own_tax_ids: frozenset[str]
    shapes: frozenset[Shape]
    hits: list[Hits]
    repeated: frozenset[int]


class Day(NamedTuple):
    """What one worker tells the others of one date, with the places of the invoices that it would pay."""

    stakes: list[Stake]
    places: dict[str, int]


class Done(NamedTuple):
    """Where the lines of a worker are: index of a payment, offset and length in its output file, three by three."""

    lines: array[int]
    kinds: Counter[DecisionKind]


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker has to do.

    Attributes:
        payments: all payments of the run.
        order: indexes of all payments, oldest date first.
        share: which of the workers this is, and of how many.
    """

    payments: Sequence[Payment]
    order: Sequence[int]
    share: tuple[int, int]
    context: MatchContext
    invoices: Path
    part: Part
    output: Path

    def own(self, indexes: Sequence[int]) -> list[int]:
        """Indexes of the payments that this worker decides; the shares of every date differ by one at most."""
        number, count = self.share
        return list(indexes[number::count])

    def days(self) -> Iterator[list[int]]:
        """Indexes of the payments of each date, oldest first."""
        for _, group in groupby(self.order, key=lambda index: self.payments[index].booked_on):
            yield list(group)


def work(task: Task, wire: Connection) -> None:
    """Take the steps of a worker; ends quietly where the file turns out to need another way of reading."""
    prepared = {index: _prepared(task, index) for indexes in task.days() for index in task.own(indexes)}
    wanted = frozenset(key for item in prepared.values() for key in wanted_of(item[1].every))
    wire.send_bytes(array("q", wanted).tobytes())
    every = frozenset(array("q", wire.recv_bytes()))
    try:
        found = scan(task.invoices, task.part, every, task.context.language)
    except UnusualFileError:
        wire.send(None)
        return
    del every
    wire.send(found)
    del found
    told: Everybody = wire.recv()
    with task.invoices.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        book = FileBook(data, wanted)
        for hits in told.hits:
            book.add(hits, told.repeated)
        context = replace(task.context, own_tax_ids=told.own_tax_ids, shapes=NumberShapes(told.shapes))
        del told
        wire.send(_decide(task, prepared, book, context, wire))


def _prepared(task: Task, index: int) -> Prepared:
    """What the purpose says, and the keys; who we are, which is told later, changes neither."""
    payment = task.payments[index]
    reading = read_purpose(payment.purpose)
    return reading, key_tiers(payment, reading, task.context)


def _decide(task: Task, prepared: dict[int, Prepared], book: FileBook, context: MatchContext, wire: Connection) -> Done:
    done = Done(array("q"), Counter())
    end = 0
    with task.output.open("wb") as out:
        for day in task.days():
            own = task.own(day)
            book.places.clear()
            weighed = [weigh(task.payments[index], book, context, *prepared.pop(index)) for index in own]
            stakes = _agree(stakes_of(weighed), book, wire, task.share[1])
            for index, decision in zip(own, settle_day(weighed, stakes, context.language), strict=True):
                line = decision_text(decision).encode("utf-8")
                out.write(line)
                done.lines.extend((index, end, len(line)))
                done.kinds[decision.kind] += 1
                end += len(line)
    return done


def _agree(mine: list[Stake], book: FileBook, wire: Connection, team: int) -> list[Stake]:
    """Tell the others what is claimed here, hear what they claim, and count in the book what machines give out."""
    given = {claim.invoice_id for stake in mine if stake.automatic for claim in stake.claims}
    wire.send(Day(mine, {invoice_id: book.places[invoice_id] for invoice_id in given}))
    days: list[Day] = [wire.recv() for _ in range(team)]
    stakes = [stake for day in days for stake in day.stakes]
    places = {invoice_id: offset for day in days for invoice_id, offset in day.places.items()}
    for claim in settled_claims(stakes):
        count = book.settle if claim.minor == claim.open_minor else book.allocate
        count(places[claim.invoice_id], Money.from_minor(claim.minor, claim.currency))
    return stakes
