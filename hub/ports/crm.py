"""The CRM port: what a connector to a CRM must offer, in no vendor's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from hub.domain.models import Client, Deal, Invoice, Pipeline


class Capability(StrEnum):
    """Optional abilities; what is absent is neither called nor promised on a page."""

    INVOICES = "invoices"
    MARK_PAID = "mark_paid"
    TASKS = "tasks"
    COMMENTS = "comments"
    HISTORY = "history"
    HOOKS = "hooks"
    LINK_PAYMENTS = "link_payments"
    FILL_FIELDS = "fill_fields"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a deal stands, or an invoice in systems whose invoices have stages."""

    pipeline_id: str
    stage_id: str


class MoveOutcome(StrEnum):
    """What became of a write that moves something."""

    MOVED = "moved"
    ALREADY_THERE = "already_there"
    CHANGED_BY_OTHER = "changed_by_other"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class InvoiceNow:
    """What one look at an invoice told.

    Attributes:
        position: where it stands; None where it has no stages.
        asks: its sum in its own currency, as the system keeps it; None where it was not told.
    """

    position: Position | None = None
    asks: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MoveResult:
    """Outcome of a move.

    Attributes:
        position: where our write put the object (`moved`), else where it stands according to the system's answer; None
            where it gave none.
        touched: the system's own stamp of the change (time of the move as it prints it), to tell ours from later ones.
        reason: for a person, Russian; filled for `refused`, `changed_by_other` and `unknown`.
        missing: fields that must be filled before the system allows the move.
        mark: id of the row of `history` that our move made, where the connector has read it already.
    """

    outcome: MoveOutcome
    position: Position | None = None
    touched: str | None = None
    reason: str = ""
    missing: tuple[str, ...] = ()
    mark: str | None = None


class ItemKind(StrEnum):
    """What a change speaks of."""

    DEAL = "deal"
    INVOICE = "invoice"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Removed:
    """An item is deleted or merged away in the source."""

    kind: ItemKind
    id: str


@dataclass(frozen=True, slots=True)
class Binding:
    """The invoices of a deal, all of them, told by the deal: for systems whose invoices do not name their deals."""

    deal_id: str
    invoice_ids: tuple[str, ...]


Change = Deal | Invoice | Client | Binding | Removed


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of changes. Ids inside are the source's own; `mark` is opaque and resumes after this page.

    Attributes:
        more: another page waits right now.
    """

    changes: tuple[Change, ...]
    mark: str
    more: bool


@dataclass(frozen=True, slots=True)
class StageChange:
    """One row of a deal's stage history, oldest first; `by` where the system says who."""

    id: str
    position: Position
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A task to leave for a person in the CRM."""

    title: str
    text: str
    responsible_id: str | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request that came to our hook address, untouched."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have changed: re-read it. `event` is the source's name for the log only."""

    kind: ItemKind
    id: str
    event: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a live check of a connection found.

    Attributes:
        account: the portal's or account's own name or host, for the person.
        user: who the credential acts as.
        missing_rights: what must be granted, in the vendor's own words, empty when all is there.
        clock_skew_s: the system's clock minus ours, seconds.
        unfit_fields: what is wrong with fields that the settings name, for a person (Russian).
    """

    account: str
    user: str
    user_id: str
    missing_rights: tuple[str, ...]
    clock_skew_s: float
    unfit_fields: tuple[str, ...] = ()


class CrmPort(Protocol):
    """A CRM account. All ids are the CRM's own, as text. Every call may raise `hub.domain.errors.ConnectorError`.

    Raised by a call that writes, each of them but `UnknownOutcome` is a proof that nothing took effect: what fails
    after the write was accepted, such as reading back, may only make the answer poorer.
    """

    def capabilities(self) -> frozenset[Capability]:
        """What this account can do."""

    def probe(self) -> Probe:
        """Check the credential and the rights by reading; writes nothing."""

    def pipelines(self) -> tuple[Pipeline, ...]:
        """Deal pipelines with their stages in order."""

    def invoice_pipelines(self) -> tuple[Pipeline, ...]:
        """Pipelines of invoices, empty where invoices have no stages."""

    def changes(self, mark: str | None) -> ChangePage:
        """The next page of changes after `mark`; None starts from the beginning (backfill)."""

    def deal(self, deal_id: str) -> Deal:
        """Read a deal now. Raises Gone when it does not exist."""

    def reread(self, kind: ItemKind, item_id: str) -> tuple[Change, ...]:
        """Read an item a hint named, with what hangs on it (a deal's own invoice); `Removed` when gone."""

    def move(self, deal_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        """Move a deal that was just read at `expected` (the caller has guarded and recorded the intent).

        A lost or unreadable answer is `unknown`, never an exception and never a silent repeat.
        """

    def history(self, deal_id: str) -> tuple[StageChange, ...]:
        """Stage history of a deal, oldest first; empty where the CRM keeps none."""

    def invoice_now(self, invoice_id: str) -> InvoiceNow:
        """Where an invoice stands now and what it asks for. Raises Gone."""

    def invoice_history(self, invoice_id: str) -> tuple[StageChange, ...]:
        """Stage history of an invoice, oldest first; empty where the CRM keeps none."""

    def mark_paid(self, invoice_id: str, operation_key: str, paid_on: date | None = None) -> MoveResult:
        """Mark an invoice paid in the CRM; `already_there` when it is.

        `paid_on` is the day of the money, for systems that keep it beside the mark; it never decides the outcome.
        """

    def restore_invoice(self, invoice_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        """Take our paid mark back, only while the invoice stands at `expected`."""

    def comment(self, deal_id: str, text: str, operation_key: str) -> str:
        """Leave a comment that `find_comment` finds again; returns its id. UnknownOutcome after a lost answer."""

    def find_comment(self, deal_id: str, operation_key: str) -> str | None:
        """Id of the comment left under that key, if it is there."""

    def task(self, deal_id: str, draft: TaskDraft, operation_key: str) -> str:
        """Set a task that `find_task` finds again; returns its id. UnknownOutcome after a lost answer."""

    def find_task(self, deal_id: str, operation_key: str) -> str | None:
        """Id of the task left under that key, if it is there."""

    def complete_task(self, task_id: str) -> None:
        """Close a task; closing a closed one is no error."""

    def verify(self, request: HookRequest) -> tuple[Hint, ...] | None:
        """Hints of an authentic hook; None when it is not authentic. Pure: no call to the CRM."""

    def hints(self, request: HookRequest) -> tuple[Hint, ...]:
        """Hints of a hook that was admitted before, as the inbox keeps it: without its secret. Pure."""

    def close(self) -> None:
        """Release sockets."""


@runtime_checkable
class Rechecked(Protocol):
    """A CRM that does not tell of everything: what the hub holds of it is asked about by number now and then."""

    def recheck(self, kind: ItemKind, item_ids: Sequence[str]) -> tuple[Change, ...]:
        """What became of these: `Removed` for those that are gone, the present state of others where it is read anyway.

        Raises:
            ConnectorError: it could not be seen to now; nothing may be concluded.
        """
