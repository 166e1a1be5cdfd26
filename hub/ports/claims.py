"""Reports of payments by outside systems: what is read of one, how it is kept until a statement covers it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from hub.domain.claims import Claim
from hub.domain.money import Money
from hub.ports.records import PaymentRow

#: JSON without fractions: a number with a point is kept as its text.
Detail = bool | int | str | list["Detail"] | dict[str, "Detail"] | None


class MalformedReport(ValueError):
    """The body is no report of a payment; the message says what is wrong and where (Russian)."""


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """A report as its sender wrote it, checked in form only.

    Attributes:
        external_id: the sender's own id of the payment.
        account: our account that the money is said to have come to.
        details: whatever the sender adds for people.
    """

    external_id: str
    amount: Money
    paid_on: date
    payer_name: str | None = None
    payer_tax_id: str | None = None
    purpose: str = ""
    invoice_number: str | None = None
    document_number: str | None = None
    account: str | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)


class ReadReport(Protocol):
    """Reads the body of an authentic message."""

    def __call__(self, body: bytes) -> PaymentReport:
        """The report in it. Raises MalformedReport."""


class ClaimState(StrEnum):
    """Where a claim stands.

    `open` waits for a line of a statement; `overdue` waits for longer than its system's lines usually take; `covered`
    has its line; `dismissed` was put aside by a person.
    """

    OPEN = "open"
    OVERDUE = "overdue"
    COVERED = "covered"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim as stored.

    Attributes:
        covered_by: the payment of the statement that covers it.
        counted_as: the payment that it became, where the owner lets this system's word count.
        settled_by: who covered or dismissed it; `hub` for the machine.
    """

    id: int
    connection: str
    report: PaymentReport
    state: ClaimState
    covered_by: str | None
    counted_as: str | None
    settled_by: str | None
    settled_at: datetime | None
    created_at: datetime

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"claim/{self.id}"

    @property
    def claim(self) -> Claim:
        """What the domain compares."""
        told = self.report
        return Claim(
            id=self.id,
            amount=told.amount,
            paid_on=told.paid_on,
            payer_name=told.payer_name,
            payer_tax_id=told.payer_tax_id,
            purpose=told.purpose,
            invoice_number=told.invoice_number,
            document_number=told.document_number,
            account=told.account,
        )


class Claims(Protocol):
    """Claims and the lines that may cover them."""

    def take_turn(self) -> None:
        """Until the end of the transaction nobody else adds payments or claims: what is looked for is all there is."""

    def add(self, connection: str, report: PaymentReport, inbox_id: int | None, now: datetime) -> tuple[ClaimRow, bool]:
        """Store a claim once by (connection, external id); the row kept, and whether it is new."""

    def get(self, claim_id: int) -> ClaimRow | None:
        """Read one; in a writing unit on PostgreSQL it is locked."""

    def of_payments(self, payment_ids: Collection[str]) -> list[ClaimRow]:
        """Claims that any of the payments covers, or that became one of them."""

    def of_amounts(self, amounts: Collection[Money], since: date, until: date) -> list[ClaimRow]:
        """Claims of exactly one of the sums whose day lies between, both ends included; dismissed ones too."""

    def lines_of(self, amount: Money, since: date, until: date) -> list[PaymentRow]:
        """Incoming lines of statements of that sum posted between: no payment that is itself a claim's."""

    def cover(self, claim_id: int, payment_id: str, by: str, now: datetime) -> None:
        """The line covers the claim."""

    def uncover(self, claim_id: int) -> None:
        """No line covers it any more: it is open again."""

    def count_as(self, claim_id: int, payment_id: str) -> None:
        """The claim became this payment."""

    def dismiss(self, claim_id: int, by: str, now: datetime) -> None:
        """A person put it aside."""

    def expire(self, connection: str, before: datetime) -> list[ClaimRow]:
        """Open claims of a system that came before then become overdue; returns them as they are now."""
