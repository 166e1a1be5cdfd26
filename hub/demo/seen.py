"""What really came of it: payments and sales as the hub's store shows them, writes as the other side's logs do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from hub.demo.expectations import Effect
from hub.domain.money import Money


@dataclass(frozen=True, slots=True)
class SeenPayment:
    """A payment in the hub's store; invoices by number.

    Attributes:
        sources: names of the files, reads of a bank's API and hooks that showed it.
        pile: `matched`, `needs_you` or `not_ours`.
        candidates: every answer that was offered, best first.
        id: the hub's, part of the address of its page.
    """

    sources: tuple[str, ...]
    account: str
    number: str
    booked_on: date
    amount: Money
    direction: str
    decision: str
    pile: str
    reason: str
    allocations: Mapping[str, Money]
    candidates: tuple[tuple[str, ...], ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A statement file after it was read; `broken` holds line and key of each document put aside."""

    name: str
    added: int
    known: int
    skipped: int
    broken: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SeenPaper:
    """A document of 1C in the hub's store; fields as in `hub.demo.expectations.ExpectedPaper`."""

    key: str
    number: str
    invoices: tuple[str, ...]
    deals: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Writes:
    """The write logs: effects that the demo knows, and whatever else was written or refused."""

    effects: tuple[Effect, ...] = ()
    strange: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that is compared."""

    payments: tuple[SeenPayment, ...]
    files: tuple[SeenFile, ...]
    papers: tuple[SeenPaper, ...] = ()
    writes: Writes = field(default_factory=Writes)
