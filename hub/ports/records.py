"""Rows of the store as services see them: plain data, no database words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from hub.domain.decision import Decision
from hub.domain.models import Deal, Invoice, Payment
from hub.domain.money import Money

#: Marks of the hub itself stand beside those of connections; no connection can be named so.
HUB_MARKS: Final = "@hub"
#: Whose invoices those of lists are: a list is no connection, nothing is read from it again, nothing written to it.
LISTS: Final = "invoice-files"
#: The payment of an effect that follows from no payment.
NO_PAYMENT: Final = ""
#: Names the mark (see `Cursors`) of an invoice that was paid in a time which a restored database does not know.
PAID_IN_LOST_TIME: Final = "paid_in_lost_time:"
#: Who decided a match where no person did.
AUTO: Final = "auto"


class InboxKind(StrEnum):
    """What an inbound fact is."""

    STATEMENT_FILE = "statement_file"
    HOOK = "hook"
    CLAIM = "claim"
    BANK_DAY = "bank_day"


#: They come by the thousand and are taken many at a time.
GATHERED: Final = frozenset({InboxKind.HOOK, InboxKind.CLAIM})


class InboxState(StrEnum):
    """Where an inbound fact stands; `failed` waits for a person with its reason."""

    NEW = "new"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An inbound fact, stored before any work on it."""

    id: int
    connection: str
    kind: InboxKind
    name: str
    raw: bytes
    received_at: datetime
    state: InboxState
    attempts: int
    summary: Mapping[str, Any] | None
    error: str | None


class PaymentState(StrEnum):
    """Where a payment stands.

    `new` and `recheck` wait for the matcher; `matched` has active allocations; `needs_you` waits for a person;
    `not_ours` is no customer money; `dismissed` was put aside by a person.
    """

    NEW = "new"
    RECHECK = "recheck"
    MATCHED = "matched"
    NEEDS_YOU = "needs_you"
    NOT_OURS = "not_ours"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment with where it stands.

    Attributes:
        held: a person undid or rejected a match, or no source shows the payment just now: the machine only suggests.
        decision: the newest decision of the matcher, None before the first.
        inbox_ids: every file or message that showed this payment.
        confirmed_by: the person whose word stands, None when the machine's does.
        warnings: doubts about requisites, Russian.
        vanished_in: the newer file of the same day that does not hold the payment any more.
    """

    payment: Payment
    state: PaymentState
    held: bool
    decision: Decision | None
    fingerprint: str
    occurrence: int
    inbox_ids: tuple[int, ...]
    confirmed_by: str | None
    warnings: tuple[str, ...]
    created_at: datetime
    raw: str = ""
    vanished_in: int | None = None

    @property
    def identity(self) -> str:
        """Stands for the payment wherever its row number must not: the line taken in anew has the same again."""
        content = f"{self.payment.own_account or ''}\n{self.fingerprint}\n{self.occurrence}"
        return hashlib.sha256(content.encode(errors="replace")).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice with its home. `invoice.paid` is what active allocations and adjustments cover.

    Attributes:
        main_id: the invoice that stands for the sale, where several systems keep it and this is not the one; all that
            `invoice` says is of the sale then, but for its id.
        has_copies: it stands for a sale that several systems keep.
        lives_on: its system deleted it, and of the sale that it stands for another system's invoice is there.
    """

    connection: str
    external_id: str
    invoice: Invoice
    removed: bool
    main_id: str | None = None
    has_copies: bool = False
    lives_on: bool = False

    @property
    def is_gone(self) -> bool:
        """Nothing can be paid by it any more."""
        return self.removed and not self.lives_on

    @property
    def sale_id(self) -> str:
        """The invoice that money is given to."""
        return self.main_id or self.invoice.id


@dataclass(frozen=True, slots=True)
class DealRow:
    """A deal with its home; `deal.id` is the CRM's id, `id` the hub's."""

    id: str
    connection: str
    deal: Deal
    removed: bool


@dataclass(frozen=True, slots=True)
class MatchRow:
    """An active or undone allocation of a payment to an invoice; `decided_by` is `AUTO` or `person:<name>`."""

    id: int
    payment_id: str
    invoice_id: str
    amount: Money
    decided_by: str
    decided_at: datetime
    undone_at: datetime | None
    undone_by: str | None


class EffectKind(StrEnum):
    """What an outbox row does in the CRM."""

    MOVE_DEAL = "move_deal"
    COMMENT = "comment"
    TASK = "task"
    MARK_PAID = "mark_paid"
    STEP_BACK = "step_back"
    UNMARK_PAID = "unmark_paid"
    LINK_PAYMENT = "link_payment"
    FILL_FIELDS = "fill_fields"


class EffectState(StrEnum):
    """Where an effect stands.

    `planned`: would be done if the connection acted (observe, or older than `act_from`); never claimed.
    `queued`: waits for its turn. `intent`: announced, the call may be on its way or its outcome unknown.
    `done`: settled. `parked`: waits for a person, with the reason. `cancelled`: withdrawn before it was sent.
    """

    PLANNED = "planned"
    QUEUED = "queued"
    INTENT = "intent"
    DONE = "done"
    PARKED = "parked"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NewEffect:
    """An effect to be written to the outbox in the transaction of its cause.

    Attributes:
        operation_key: unique for ever; a second row with the same key is not added.
        subject: the hub's id of the deal or the invoice; rows of one subject are delivered one after another.
        payment_id: the payment that it follows from, else `NO_PAYMENT`.
        after: operation keys that must be `done` first; a cancelled or parked one cancels this.
        payload: what to do, JSON: texts, target stage, responsible person …
        observed_because: why it is only planned, Russian; None makes the row `queued`.
    """

    operation_key: str
    connection: str
    kind: EffectKind
    subject: str
    payment_id: str
    payload: Mapping[str, Any]
    after: tuple[str, ...] = ()
    observed_because: str | None = None


@dataclass(frozen=True, slots=True)
class EffectRow:
    """An outbox row; `payment_id` is `NO_PAYMENT` where it follows from none."""

    id: int
    operation_key: str
    connection: str
    kind: EffectKind
    subject: str
    payment_id: str
    payload: Mapping[str, Any]
    after: tuple[str, ...]
    state: EffectState
    attempts: int
    next_attempt_at: datetime
    intent_at: datetime | None
    intent: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    reason: str | None
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the journal; `event` is dotted past tense (`payment.matched`, `deal.moved`)."""

    event: str
    actor: str
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A journal line as stored."""

    id: int
    at: datetime
    event: str
    actor: str
    subject: str
    data: Mapping[str, Any]


class Health(StrEnum):
    """True state of a connection."""

    UNKNOWN = "unknown"
    OK = "ok"
    TROUBLE = "trouble"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """What the hub knows of a connection at run time (its settings live in the config file).

    Attributes:
        acting: effects are delivered; False is *observe*.
        act_from: money booked before this date moves nothing.
        capped: the hourly cap of moves stopped the rule until a person resumes.
        health: last seen state; `health_reason` for a person, Russian.
        retry_at: nothing is sent before: the system is out of reach, or asked to be left alone.
    """

    id: str
    acting: bool
    act_from: date | None
    capped: bool
    health: Health
    health_reason: str | None
    checked_at: datetime | None
    polled_at: datetime | None
    retry_at: datetime | None = None
