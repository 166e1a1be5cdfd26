"""What a reader of statement files yields: header, lines, turnovers, quarantine, skipped documents, summary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hub.domain.models import Direction, Party, Payment
from hub.domain.money import Money
from hub.ports.statement import ReceivedPayment


@dataclass(frozen=True, slots=True)
class Period:
    """Days that a file or a section claims to hold completely; None where the date is absent or garbled."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class StatementHeader:
    """The head of a file, with every account that the file calls its own.

    Attributes:
        encoding: the encoding that most of the file is really in.
        encodings: all encodings met while looking for accounts; more than one means a file glued of pieces.
        declared_encoding: what the file says about itself, often wrong.
    """

    format_version: str | None
    sender: str | None
    period: Period
    accounts: tuple[str, ...]
    encoding: str
    encodings: tuple[str, ...] = ()
    declared_encoding: str | None = None
    created_on: date | None = None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One booked movement of money.

    Attributes:
        line_no: the line where the document starts, 1-based.
        own_account: our account; of a transfer between our accounts the one that the money left.
        booked_on: the bank's posting date, `booked_reason` says which key it came from (Russian).
        is_budget: the tax block is filled: a payment to or from the budget.
        fingerprint: content key, equal in overlapping files.
        occurrence: 1 for the first of equal fingerprints inside this file, 2 for the second …
        quality_warnings: doubts about requisites and dates, Russian.
        raw: the document's section as text.
    """

    line_no: int
    direction: Direction
    direction_reason: str
    amount: Money
    booked_on: date
    booked_reason: str
    own_account: str | None
    document_number: str | None
    document_date: date | None
    document_kind: str | None
    operation_code: str | None
    payer: Party
    payee: Party
    purpose: str
    is_budget: bool
    fingerprint: str
    occurrence: int
    raw: str
    quality_warnings: tuple[str, ...] = ()

    @property
    def organisation_tax_id(self) -> str | None:
        """ИНН of our side, where the direction says which side is ours and the file names it."""
        sides = {Direction.IN: self.payee, Direction.OUT: self.payer, Direction.SELF: self.payer}
        side = sides.get(self.direction)
        return side.tax_id if side else None

    def payment(self, payment_id: str = "") -> Payment:
        """The domain payment, under an id of the caller's."""
        return Payment(
            id=payment_id,
            direction=self.direction,
            amount=self.amount,
            booked_on=self.booked_on,
            purpose=self.purpose,
            payer=self.payer,
            payee=self.payee,
            own_account=self.own_account,
            document_number=self.document_number,
            document_date=self.document_date,
            document_kind=self.document_kind,
            operation_code=self.operation_code,
            direction_reason=self.direction_reason,
            organisation_tax_id=self.organisation_tax_id,
        )

    def received(self) -> ReceivedPayment:
        """The line as the statement port hands it over; a file has no operation id of the bank's."""
        return ReceivedPayment(
            self.payment(), self.fingerprint, self.occurrence, raw=self.raw, warnings=self.quality_warnings
        )


@dataclass(frozen=True, slots=True)
class AccountTurnover:
    """The bank's own sums of one account over a period; None where the file is silent."""

    line_no: int
    account: str
    period: Period
    opening: Money | None
    credited: Money | None
    debited: Money | None
    closing: Money | None


@dataclass(frozen=True, slots=True)
class BrokenDocument:
    """A section that could not be read: named line, key and value; the others go on."""

    line_no: int
    key: str
    value: str
    message_ru: str
    raw: str


@dataclass(frozen=True, slots=True)
class SkippedDocument:
    """A section that is read well and is no movement of its own."""

    line_no: int
    reason_ru: str
    raw: str


class CheckState(StrEnum):
    """Whether documents add up to the bank's turnovers."""

    GREEN = "green"
    DIFFERENCE = "difference"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class BalanceCheck:
    """Documents against turnovers of one account; differences are documents minus turnovers."""

    state: CheckState
    message_ru: str
    credited_difference: Money | None = None
    debited_difference: Money | None = None


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What the file held of one account; account None gathers lines whose own account is hidden.

    `own_transfers` counts movements between our accounts that touch this one; their money is in both sums.
    """

    account: str | None
    incoming: int
    incoming_sum: Money
    outgoing: int
    outgoing_sum: Money
    own_transfers: int
    unknown: int
    check: BalanceCheck


@dataclass(frozen=True, slots=True)
class StatementSummary:
    """The last item: what became of the file."""

    accounts: tuple[AccountSummary, ...]
    lines: int
    broken: int
    skipped: int
    truncated: bool
    warnings_ru: tuple[str, ...] = ()


StatementItem = StatementHeader | StatementLine | AccountTurnover | BrokenDocument | SkippedDocument | StatementSummary
