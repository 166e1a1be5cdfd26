"""The statement port of a bank's API: what a connector to a bank must offer, and what the store keeps of its reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from hub.domain.money import Money
from hub.ports.crm import HookRequest
from hub.ports.statement import BrokenItem, ReceivedPayment

#: Connections whose lines an accountant wrote down.
Books = frozenset[str]
NO_BOOKS: Final[Books] = frozenset()


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account that the credential may read; `is_open` is False for a closed one, whose days still can be read."""

    number: str
    currency: str
    name: str = ""
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """What the bank shows of one account and day, whole, as the inbox keeps it.

    Attributes:
        digest: the same as long as the bank tells nothing new; ids that it gives anew with every answer are no news.
    """

    account: str
    day: date
    body: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class BankLine:
    """A booked movement of a day.

    Attributes:
        received: the payment; its `source_id` is the bank's id, or stands for one where the bank gives none.
        signed: what it changes on this account: credits are positive, debits negative.
    """

    received: ReceivedPayment
    signed: Money

    @property
    def source_id(self) -> str:
        """The bank's id of the movement on this account."""
        return self.received.source_id or ""


@dataclass(frozen=True, slots=True)
class BankDay:
    """A day of an account, read.

    Attributes:
        opening: the bank's balance at the start of the day, None where it names none.
        closing: at its end, or now for a day that is not over.
        skipped: rows that are no booked movements (holds, pending ones).
    """

    account: str
    day: date
    lines: tuple[BankLine, ...]
    broken: tuple[BrokenItem, ...]
    skipped: int
    opening: Money | None
    closing: Money | None


@dataclass(frozen=True, slots=True)
class DayHint:
    """Something happened on an account on a day: read that day.

    Attributes:
        fingerprint: of the movement that the hook told of, where it can be told: it links the hook to its payment and
            is never taken as fact.
    """

    account: str
    day: date
    event: str = ""
    fingerprint: str | None = None
    source_id: str | None = None


class BankPort(Protocol):
    """Accounts of one company at one bank. Calls may raise `hub.domain.errors.ConnectorError`; nothing is written."""

    def accounts(self) -> tuple[BankAccount, ...]:
        """Accounts that the credential may read."""

    def days(self, account: str, first: date, last: date) -> Iterator[DayAnswer]:
        """Whole days of an account, both ends included, oldest first. A day is a Moscow day."""

    def read(self, body: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> BankDay:
        """Read what `days` gave. Pure; reading the same bytes again gives the same lines."""

    def hints(self, request: HookRequest) -> tuple[DayHint, ...]:
        """Hints of a hook that was admitted before, as the inbox keeps it. Pure."""

    def refresh(self) -> None:
        """Fetch what admitting hooks needs (the bank's public key), when it is time."""

    def subscribe(self, url: str) -> None:
        """Ask the bank to send its hooks to this address."""

    def close(self) -> None:
        """Release sockets."""


class ProofState(StrEnum):
    """Whether the movements of a day carry its opening balance to its closing one."""

    PROVED = "proved"
    GAP = "gap"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class DayProof:
    """The proof of one account and day.

    Attributes:
        credited: Σ of what came, by the hub's own records; `debited` of what left, positive.
        difference: closing − (opening + credited − debited); None where a balance is missing.
        jump: opening − the closing of the day before, None where that day is not known.
        lines: how many movements.
    """

    connection: str
    account: str
    day: date
    opening: Money | None
    credited: Money
    debited: Money
    closing: Money | None
    lines: int
    broken: int
    checked_at: datetime
    jump: Money | None = None

    @property
    def difference(self) -> Money | None:
        """What is missing (positive) or too much (negative); None where the bank named no balance."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - (self.opening + self.credited - self.debited)

    @property
    def state(self) -> ProofState:
        """Green, red or unknown."""
        if self.difference is None:
            return ProofState.ABSENT
        return ProofState.GAP if self.difference or (self.jump is not None and self.jump) else ProofState.PROVED


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A movement of a bank's API that the store knows.

    Attributes:
        content: key of what the bank told of it; another content under the same id is a correction.
        gone: the bank's newest read of its day does not hold it any more.
    """

    source_id: str
    payment_id: str
    day: date
    content: str
    gone: bool


class BankLines(Protocol):
    """Movements by the banks' own ids, which payments they are, and the proofs of the days they were read in."""

    def take_turn(self) -> None:
        """Until the end of the transaction nobody else adds payments."""

    def of_day(self, connection: str, account: str, day: date) -> list[KnownLine]:
        """Movements last seen on that day, gone ones too."""

    def by_ids(self, connection: str, account: str, source_ids: Collection[str]) -> dict[str, KnownLine]:
        """Movements by the bank's id, on whatever day."""

    def lost(self, connection: str, account: str, first: date, last: date) -> list[KnownLine]:
        """Movements of these days that the newest read of their day does not hold, where that read adds up."""

    def keep(
        self, connection: str, account: str, day: date, lines: Iterable[tuple[BankLine, str, str]], inbox_id: int
    ) -> None:
        """Remember movements of a read, each with its payment and content, or where they are now."""

    def rename(self, connection: str, account: str, source_id: str, to: str) -> None:
        """The bank shows the same movement under another id."""

    def lose(self, connection: str, account: str, source_id: str) -> None:
        """The bank does not show it any more."""

    def shown(self, payment: str, besides: Collection[str] = ()) -> bool:
        """Whether some API still shows the payment, beside these connections."""

    def joinable(
        self, connection: str, account: str, item: ReceivedPayment, books: Books = NO_BOOKS, freed: Collection[str] = ()
    ) -> str | None:
        """The payment of another source that is the same money as this new line of the connection, if there is one.

        What an accountant wrote down agrees with a bank's line more loosely than two banks' lines do. `freed` are
        lines of the connection that it does not show any more: they keep nobody from joining.
        """

    def agrees(self, payment: str, item: ReceivedPayment) -> bool:
        """Whether the payment, as it is known, is the same money as an accountant's document."""

    def adopt(self, items: Sequence[ReceivedPayment], books: Books = NO_BOOKS) -> None:
        """Lines of a file on accounts that an API shows too: where they are the same money as a payment of the API,
        their content becomes another name of it, so that adding them finds it.
        """

    def booked_only(self, payments: Collection[str], books: Books, besides_inbox: int | None = None) -> set[str]:
        """Those that only an accountant's books ever showed: no bank's API, and no file but this one."""

    def unseen(self, payments: Collection[str], books: Books, since: timedelta) -> set[str]:
        """Those of `booked_only` whose account a bank's API reads too, on their day or not long before it."""

    def name(self, payment: str, item: ReceivedPayment) -> None:
        """The payment is called by the content of this line too."""

    def next_occurrence(self, account: str, fingerprint: str) -> int:
        """The first number that no payment of that content has."""

    def source(self, payment: str, inbox_id: int) -> None:
        """The payment was shown by this inbound fact too."""

    def find(self, connection: str, account: str, fingerprint: str | None, source_id: str | None) -> str | None:
        """The payment that a hook told of: by the bank's id, else by its content."""

    def connections_of(self, payment: str) -> tuple[frozenset[str], bool]:
        """Bank connections that show the payment, and whether a statement file shows it too."""

    def sums(self, connection: str, account: str, day: date, inbox_id: int) -> tuple[int, int, int]:
        """Credited and debited in minor units and how many lines, of what a read of the day brought, as recorded."""

    def prove(self, proof: DayProof, inbox_id: int) -> None:
        """Keep the proof of a day, made of that read."""

    def tie(self, proof: DayProof) -> None:
        """Keep what the day before means for a day's proof."""

    def proof(self, connection: str, account: str, day: date) -> DayProof | None:
        """The newest proof of a day."""

    def proofs(self, since: date, states: Collection[ProofState] | None = None) -> list[DayProof]:
        """Proofs of days from then on, newest first; only in these states where any are given."""
