"""What the desk and the command line are shown: plain data, read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from hub.domain.allocation import Adjustment
from hub.domain.models import Client, Direction
from hub.domain.money import Money
from hub.ports.aliases import AliasRow
from hub.ports.claims import ClaimRow
from hub.ports.records import (
    AuditRow,
    ConnectionRow,
    DealRow,
    EffectKind,
    EffectRow,
    EffectState,
    InboxKind,
    InboxState,
    InvoiceRow,
    MatchRow,
    PaymentRow,
    PaymentState,
)
from hub.ports.sales import SaleLink

Item = TypeVar("Item")


class PileName(StrEnum):
    """Piles of the desk: `waiting` is not decided yet, `not_ours` holds what a person put aside too."""

    MATCHED = "matched"
    NEEDS_YOU = "needs_you"
    NOT_OURS = "not_ours"
    WAITING = "waiting"
    ALL = "all"


class SaleTab(StrEnum):
    """Pairs that may be one sale: `asked` wait for a person, `answered` a person settled, `joined` the machine did."""

    ASKED = "asked"
    ANSWERED = "answered"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a person narrows a list by.

    Attributes:
        text: part of the purpose, of the other side's name, ИНН or account, of the sum or of the document's number.
        since: first booking date, inclusive.
        until: last booking date, inclusive.
        account: our own account.
    """

    text: str = ""
    since: date | None = None
    until: date | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of the rows; `total` counts all of them."""

    rows: tuple[Item, ...]
    total: int
    offset: int
    limit: int

    @property
    def more(self) -> bool:
        """Whether rows follow."""
        return self.offset + len(self.rows) < self.total


@dataclass(frozen=True, slots=True)
class PileTotals:
    """How much lies in a pile; sums per currency, incoming and outgoing apart."""

    pile: PileName
    count: int
    incoming: tuple[Money, ...]
    outgoing: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment in a list.

    Attributes:
        purpose: at most 200 signs of it.
        reason: one Russian sentence of the newest decision, None before the first.
        invoice_numbers: numbers of the invoices it is matched with; the invoice's id where it has no number.
        effects: what it does in the CRM and how far that got, oldest first.
    """

    id: str
    booked_on: date
    direction: Direction
    amount: Money
    counterparty: str | None
    counterparty_tax_id: str | None
    purpose: str
    state: PaymentState
    held: bool
    confirmed_by: str | None
    reason: str | None
    invoice_numbers: tuple[str, ...]
    effects: tuple[tuple[EffectKind, EffectState], ...]


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A statement file as it was taken in; `summary` is what its reading gave, None until it is read."""

    id: int
    connection: str
    name: str
    received_at: datetime
    state: InboxState
    summary: Mapping[str, Any] | None
    error: str | None
    quarantined: int
    kind: InboxKind = InboxKind.STATEMENT_FILE

    @property
    def is_file(self) -> bool:
        """It was uploaded; else a bank's API showed it."""
        return self.kind is InboxKind.STATEMENT_FILE

    @property
    def is_hook(self) -> bool:
        """A hook told of it before it was read."""
        return self.kind is InboxKind.HOOK


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A document of a file that could not be read."""

    line: int
    key: str
    message: str
    raw: str


@dataclass(frozen=True, slots=True)
class UnreadReport:
    """An authentic message that is no report of a payment; `name` is its sender's id of the message."""

    id: int
    connection: str
    name: str
    received_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class PaymentCard:
    """Everything about one payment.

    Attributes:
        invoices: by hub id: those of its candidates and of its matches.
        deals: by hub id: those of the invoices.
        matches: undone ones too, oldest first.
        journal: lines of the journal about it, oldest first.
        sources: files that showed it.
        claims: reports that it covers, or that it was made of.
        table: text of the decision table that its newest decision names; None where none is kept.
        members: by invoice, where several systems keep the sale: what each of them keeps, the accounting system first.
    """

    row: PaymentRow
    invoices: Mapping[str, InvoiceRow]
    deals: Mapping[str, DealRow]
    matches: tuple[MatchRow, ...]
    adjustments: tuple[Adjustment, ...]
    effects: tuple[EffectRow, ...]
    journal: tuple[AuditRow, ...]
    sources: tuple[ImportLine, ...]
    claims: tuple[ClaimRow, ...] = ()
    table: str | None = None
    members: Mapping[str, tuple[InvoiceRow, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AliasLine:
    """An alias in a list; `uses` is how many payments were decided by it."""

    row: AliasRow
    uses: int


@dataclass(frozen=True, slots=True)
class SaleLine:
    """Two invoices that may be one sale, or a document of an accounting system and the deal that it may belong to.

    Attributes:
        left: as its own system has it, as is `right`.
        right: None where a deal is asked about.
        deal_client: with its requisites, where it was read.
        deals: those of both invoices, by hub id.
        members: by invoice: what its sale is made of already, where several systems keep it.
        payments: by invoice: payments that were given to its sale.
    """

    link: SaleLink
    left: InvoiceRow | None
    right: InvoiceRow | None
    deal: DealRow | None
    deal_client: Client | None
    deals: Mapping[str, DealRow]
    members: Mapping[str, tuple[InvoiceRow, ...]]
    payments: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class EffectLine:
    """An effect in a list, with the money behind it; None and None where it follows from no payment."""

    effect: EffectRow
    booked_on: date | None
    amount: Money | None
    counterparty: str | None
    deal_title: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows of one table by state.

    Attributes:
        oldest: when the oldest row of each state came that waits for the hub or for a person.
        oldest_at: since when the oldest row waits for the hub.
    """

    counts: Mapping[str, int]
    oldest: Mapping[str, datetime]
    oldest_at: datetime | None

    def count(self, *states: str) -> int:
        """Rows in any of the states."""
        return sum(self.counts.get(state, 0) for state in states)


@dataclass(frozen=True, slots=True)
class Overview:
    """How the hub stands.

    Attributes:
        unsealed: journal lines that no block seals yet.
    """

    paused_by: str | None
    inbox: Queue
    payments: Queue
    outbox: Queue
    connections: tuple[ConnectionRow, ...]
    unsealed: int
