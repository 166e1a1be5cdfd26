"""The statement port: what a reader of bank files or a bank API hands over."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from hub.domain.models import Payment


@dataclass(frozen=True, slots=True)
class ReceivedPayment:
    """A payment as a source reported it, with what makes it the same payment in another source.

    Attributes:
        payment: the domain payment; its `id` is ignored, the store gives one.
        fingerprint: content key (SHA-256 hex) that survives overlapping files and other channels.
        occurrence: 1 for the first of equal fingerprints inside one file or day, 2 for the second …
        source_id: the bank's own id where it has one.
        raw: the section or record as it came.
        warnings: doubts about requisites, Russian.
    """

    payment: Payment
    fingerprint: str
    occurrence: int
    source_id: str | None = None
    raw: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """A document that could not be read: kept for a person, the others went on."""

    line: int
    key: str
    message: str
    raw: str


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """A document that is no movement of money (an order to the bank, an outer wrapper)."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class FileWarning:
    """Something a person should know of the whole file: truncated, turnovers do not agree …"""

    message: str


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What a file held of one account; money as decimal text with the currency, ready to print."""

    account: str
    incoming: int
    incoming_sum: str
    outgoing: int
    outgoing_sum: str
    other: int
    check: str


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """What became of one statement file.

    Attributes:
        added: payments that are new to the hub.
        known: payments that an earlier file had already brought.
        broken: documents in quarantine.
        skipped: documents that are no movements (orders to the bank).
        warnings: things a person should know, Russian.
    """

    added: int
    known: int
    broken: int
    skipped: int
    accounts: tuple[AccountSummary, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CoveredDays:
    """Days of an account that a file speaks for.

    Attributes:
        made_on: the day on which the file was made, where it says so.
        proved: the bank's turnovers agree with the lines, so nothing is left out. Without them a file may have been
            asked for a part only, and a line is taken for gone when another stands in its place.
    """

    account: str
    start: date | None
    end: date | None
    made_on: date | None
    proved: bool


StatementItem = ReceivedPayment | BrokenItem | SkippedItem | FileWarning | AccountSummary | CoveredDays


class UnreadableFile(ValueError):
    """The whole file cannot be read as a statement; the message says what it is and what to do (Russian)."""


class StatementReader(Protocol):
    """Reads a statement file."""

    def __call__(
        self, raw: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]
    ) -> Iterator[StatementItem]:
        """Items in file order. Raises UnreadableFile when it is no statement at all."""
