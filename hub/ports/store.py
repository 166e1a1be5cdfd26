"""The store port: one unit of work is one transaction; what it holds is the truth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Protocol

from hub.domain.decision import Decision
from hub.domain.matching.ground import Ground
from hub.domain.models import Party
from hub.domain.money import Money
from hub.ports.aliases import Aliases
from hub.ports.bank import BankLines
from hub.ports.claims import Claims
from hub.ports.events import Events
from hub.ports.records import (
    AuditEntry,
    ConnectionRow,
    EffectKind,
    EffectRow,
    EffectState,
    Health,
    InboxKind,
    InboxRow,
    NewEffect,
    PaymentRow,
    PaymentState,
)
from hub.ports.sales import Clients, Deals, Invoices, Matches, NumberShapes, Sales
from hub.ports.statement import BrokenItem, CoveredDays, ReceivedPayment
from hub.ports.upkeep import Retention, Watch


class StoreUnavailable(Exception):
    """The database does not answer, is locked, full or cut off: what was asked for may or may not be stored.

    Nothing may be claimed to a sender; everything that reads or writes the store is safe to do again.
    """


class Inbox(Protocol):
    """Inbound facts."""

    def add(
        self, connection: str, kind: InboxKind, name: str, raw: bytes, digest: str, at: datetime
    ) -> tuple[int, bool]:
        """Store a fact once by (connection, kind, digest); returns its id and whether it is new."""

    def due(self, now: datetime, limit: int) -> list[int]:
        """Ids of `new` rows that are not `GATHERED`, whose turn has come and that nobody holds."""

    def gathered(self, now: datetime) -> list[tuple[InboxKind, str]]:
        """Kinds and connections of `GATHERED` rows whose turn has come and that nobody holds.

        Hooks of a system that refuses our access, or is left alone, have no turn until it answers again.
        """

    def claim_many(
        self, kind: InboxKind, connection: str, owner: str, now: datetime, lease_s: float, limit: int
    ) -> list[InboxRow]:
        """Take such rows of a kind and a connection, whose turn has come, by one conditional UPDATE, oldest first."""

    def claim(self, inbox_id: int, owner: str, now: datetime, lease_s: float) -> InboxRow | None:
        """Take a row by conditional UPDATE; None when it is done, held, not yet due, or `GATHERED`."""

    def done(self, inbox_id: int, owner: str, summary: Mapping[str, Any], now: datetime) -> bool:
        """Settle; False when the lease was lost (the late result is ignored)."""

    def retry(self, inbox_id: int, owner: str, error: str, next_attempt_at: datetime) -> bool:
        """Give the row back for later."""

    def hurry(self, beyond: datetime, now: datetime) -> int:
        """Make rows due whose next attempt or lease lies beyond a moment that none can reach; returns how many."""

    def read_again(self, inbox_id: int, now: datetime) -> bool:
        """A person has a settled row read once more; False while it waits, is being read or its bytes are gone."""

    def fail(self, inbox_id: int, owner: str, error: str) -> bool:
        """Put the row aside for a person."""

    def get(self, inbox_id: int) -> InboxRow | None:
        """Read a row."""

    def outdated(self, inbox_id: int, now: datetime) -> None:
        """A newer read of the same day is there: a settled one's bytes are forgotten, its row and digest stay."""

    def quarantine(self, inbox_id: int, items: Iterable[BrokenItem]) -> None:
        """Keep broken documents of a file; the same line of the same file is kept once."""


class Payments(Protocol):
    """Payments and their decisions."""

    def add(self, items: Sequence[ReceivedPayment], inbox_id: int | None, now: datetime) -> list[tuple[str, bool]]:
        """Insert-or-ignore by (own account, fingerprint, occurrence); ids in order, each with whether it is new.

        A known payment only gains `inbox_id` as one more source.
        """

    def get(self, payment_id: str) -> PaymentRow | None:
        """Read one."""

    def waiting_dates(self, limit: int, after: date | None = None) -> list[date]:
        """Booking dates after that one that have `new` or `recheck` payments, oldest first."""

    def waiting(self, booked_on: date, ids: Collection[str] | None = None) -> list[PaymentRow]:
        """`new` and `recheck` payments of a date, of these ids where any are given, in a stable order."""

    def decide(
        self,
        payment_id: str,
        decision: Decision,
        state: PaymentState,
        keys: Collection[str],
        now: datetime,
        ground: Ground | None = None,
    ) -> None:
        """Store a decision with what it was made from; `keys` are kept while the payment waits for a person, to
        reopen it.
        """

    def last_payer(self, tax_id: str | None, account: str | None) -> Party | None:
        """Who paid last under that tax id, else from that account; None where nobody did."""

    def set_state(
        self, payment_id: str, state: PaymentState, *, held: bool | None = None, confirmed_by: str | None = None
    ) -> None:
        """Change where a payment stands."""

    def warn(self, payment_id: str, text: str) -> None:
        """Add a doubt that its page shows, Russian."""

    def reopen_by_keys(self, keys: Collection[str]) -> int:
        """`needs_you` payments that share a key become `recheck`; returns how many."""

    def reopen_of_other_tables(self, version: str) -> int:
        """`needs_you` payments that another table decided last than the one of this version become `recheck`."""

    def amend(self, payment_id: str, item: ReceivedPayment, now: datetime) -> None:
        """The bank corrected a line that nothing was done with yet: content, day and purpose are the new ones."""

    def restore_line(self, payment_id: str) -> None:
        """A bank shows the payment again that had vanished."""

    def missing(self, inbox_id: int, days: CoveredDays, last: date, books: Collection[str] = ()) -> list[PaymentRow]:
        """Payments of these days up to `last` that the file lacks, no file made after it holds and no bank's API shows;
        `books` are connections that are no banks.
        """

    def vanish(self, payment_id: str, inbox_id: int) -> None:
        """No source shows the payment any more; until one does the machine only suggests."""

    def reappear(self, inbox_id: int) -> list[str]:
        """Payments that had vanished and are in this file count as there again; their ids."""

    def given(self, payment_id: str) -> Money:
        """Σ of active allocations of the payment, signed."""


class DecisionTables(Protocol):
    """Texts of the decision tables that ever decided, by version."""

    def keep(self, version: str, text: str, now: datetime) -> None:
        """Keep the text of a version; one that is kept already stays as it is."""

    def text(self, version: str) -> str | None:
        """The text of a version."""


class Outbox(Protocol):
    """Effects in the CRMs."""

    def add(self, effects: Iterable[NewEffect], now: datetime) -> list[int]:
        """Insert-or-ignore by operation key; ids of the new rows."""

    def due(self, now: datetime, limit: int, connection: str | None = None) -> list[int]:
        """Rows whose turn has come, in the order of their turns, of one connection or of all.

        `queued`, or `intent` with an expired lease; every `after` done; nobody delivering for the same subject and no
        older unsettled row of it; the connection neither capped (moves) nor dead; nothing while the hub is paused.
        """

    def claim(self, effect_id: int, owner: str, now: datetime, lease_s: float) -> EffectRow | None:
        """Take a row under the conditions of `due`, by conditional UPDATE; None when it cannot be had."""

    def intend(self, effect_id: int, owner: str, intent: Mapping[str, Any], now: datetime) -> bool:
        """Record the intent before the call; False when the lease was lost."""

    def settle(
        self,
        effect_id: int,
        owner: str,
        state: EffectState,
        result: Mapping[str, Any],
        reason: str | None,
        now: datetime,
    ) -> bool:
        """End the row (`done`, `parked`, `cancelled`); False when the lease was lost."""

    def hurry(self, beyond: datetime, now: datetime) -> int:
        """Make rows due whose next attempt or lease lies beyond a moment that none can reach; returns how many."""

    def postpone(self, effect_id: int, owner: str, error: str, next_attempt_at: datetime) -> bool:
        """Give the row back for later, keeping its intent."""

    def cancel_unsent(self, payment_id: str, now: datetime) -> int:
        """Withdraw `planned` and `queued` rows of a payment that have no intent."""

    def requeue(self, effect_id: int, now: datetime) -> bool:
        """A person sends a parked row again."""

    def put_aside(self, effect_id: int, now: datetime) -> bool:
        """A person has seen to a parked row: it is `cancelled` for good."""

    def of_payment(self, payment_id: str) -> list[EffectRow]:
        """Effects of a payment, oldest first."""

    def of_subject(self, subject: str, kind: EffectKind) -> list[EffectRow]:
        """Effects of a kind of a subject, oldest first."""

    def supersede(self, effect_id: int, reason: str, now: datetime) -> bool:
        """A newer effect says all that this one would: it ends `cancelled`, unless it is on its way or settled."""

    def get(self, effect_id: int) -> EffectRow | None:
        """Read one."""

    def last_move(self, subject: str) -> EffectRow | None:
        """Our newest `done` move or step back of a deal whose result says `moved`."""

    def moves_since(self, connection: str, since: datetime) -> int:
        """How many moves of a connection got an intent since then (for the hourly cap)."""

    def cancel_orphans(self, now: datetime) -> int:
        """Cancel queued rows whose `after` was cancelled or parked; returns how many."""


class Connections(Protocol):
    """Run-time state of connections."""

    def ensure(self, connection: str) -> ConnectionRow:
        """The row, made in observe mode when it is not there."""

    def all(self) -> list[ConnectionRow]:
        """Every connection."""

    def set_acting(self, connection: str, acting: bool, act_from: date | None) -> None:
        """Switch acting on with a date, or off."""

    def set_capped(self, connection: str, capped: bool) -> None:
        """Stop or release the connection's moves."""

    def report(self, connection: str, health: Health, reason: str | None, now: datetime) -> bool:
        """Record the health seen; True when it differs from before."""

    def polled(self, connection: str, now: datetime) -> None:
        """A whole poll ended well."""

    def rest(self, connection: str, until: datetime | None) -> None:
        """Deliver nothing before; None ends a rest."""


class Cursors(Protocol):
    """Marks."""

    def get(self, connection: str, name: str) -> str | None:
        """The mark."""

    def put(self, connection: str, name: str, value: str) -> None:
        """Set the mark."""


class Audit(Protocol):
    """The journal."""

    def append(self, entry: AuditEntry, now: datetime) -> None:
        """Add a line."""

    def seal(self, now: datetime, limit: int = 1000) -> int:
        """Seal unsealed lines into the next hash-chained block; returns how many."""

    def verify(self) -> int | None:
        """Id of the first journal line that does not fit the chain; None when all fit."""


class Switches(Protocol):
    """Hub-wide switches and leases."""

    def paused_by(self) -> str | None:
        """Who paused the hub; None while it runs."""

    def pause(self, actor: str, now: datetime) -> None:
        """Nothing is sent to any system until `resume`."""

    def resume(self) -> None:
        """Send again."""

    def lease(self, name: str, owner: str, now: datetime, lease_s: float) -> bool:
        """Take or renew a named lease (timer, matcher); False while somebody else holds it."""

    def release(self, name: str, owner: str) -> None:
        """Give a lease back."""

    def hasten(self, name: str, at: datetime) -> None:
        """Let a job that is due later be due at that time."""

    def due_run(self, name: str, now: datetime, every_s: float) -> bool:
        """Whether the named job is due; if so its next run is set. Missed runs coalesce to one."""


class UnitOfWork(Protocol):
    """One transaction over everything; commits at the end of the `with` block, rolls back on an exception."""

    inbox: Inbox
    payments: Payments
    decision_tables: DecisionTables
    clients: Clients
    invoices: Invoices
    number_shapes: NumberShapes
    deals: Deals
    sales: Sales
    matches: Matches
    outbox: Outbox
    connections: Connections
    cursors: Cursors
    audit: Audit
    switches: Switches
    watch: Watch
    retention: Retention
    aliases: Aliases
    claims: Claims
    events: Events
    banks: BankLines


class Store(Protocol):
    """Opens units of work."""

    def write(self) -> AbstractContextManager[UnitOfWork]:
        """A writing transaction (`BEGIN IMMEDIATE` on SQLite, one at a time per process)."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """A reading transaction; writing in it is an error."""

    def ping(self) -> None:
        """Raise when the database does not answer."""

    def close(self) -> None:
        """Release connections."""
