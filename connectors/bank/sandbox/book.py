"""The book of accounts that both banks read: operations, corrections, balances, and lies told on purpose."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Literal

from connectors.bank.sandbox.errors import NoSuchOperation
from connectors.bank.sandbox.seed import Account, Bank, Operation

# Banks count their days in Moscow, which has kept one offset since 2014.
MOSCOW = timezone(timedelta(hours=3), "MSK")
What = Literal["added", "corrected", "settled", "cancelled"]


@dataclass(frozen=True, slots=True)
class Lie:
    """What statements show instead of the truth about one row."""

    how: Literal["remove", "double", "alter", "turn", "keep"]
    amount: Decimal | None = None
    other_id: bool = False


@dataclass(slots=True)
class Entry:
    """An operation in the book, with its moment and number always known."""

    number: int
    at: datetime
    operation: Operation
    cancelled: bool = False
    lie: Lie | None = None
    told: bool = False
    visible_from: datetime | None = None

    @property
    def key(self) -> tuple[datetime, int]:
        """The order of rows in a statement."""
        return self.at, self.number

    def as_row(self) -> "Row":
        """The entry as an honest statement shows it now."""
        return Row(self.number, self.at, self.operation, self.operation.amount)

    @property
    def booked(self) -> bool:
        """True when the money moved."""
        return self.operation.status == "booked"

    @property
    def signed(self) -> Decimal:
        """The true amount, negative for an outgoing operation."""
        return self.operation.amount if self.operation.direction == "in" else -self.operation.amount


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to an entry; `hooks` says whether the bank tells its subscribers."""

    what: What
    entry: Entry
    hooks: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as a statement shows it, unmoved by later changes.

    `copy` is 1 for the second of a doubled row; `renamed` says that it comes with an id of its own.
    """

    number: int
    at: datetime
    operation: Operation
    amount: Decimal
    copy: int = 0
    renamed: bool = False

    @property
    def key(self) -> tuple[datetime, int, int]:
        """The order of rows in a statement."""
        return self.at, self.number, self.copy

    def named(self, name: str) -> str:
        """The row's id, made of the operation's."""
        return f"{name}-{self.copy}" if self.renamed else name


def moscow_day(moment: datetime) -> date:
    """The bank's day of a moment."""
    return moment.astimezone(MOSCOW).date()


def day_start(day: date) -> datetime:
    """The moment a bank's day begins."""
    return datetime.combine(day, time(), MOSCOW)


class Book:
    """Accounts and entries. Not thread-safe by itself: the banks hold their lock around it."""

    def __init__(
        self, accounts: list[Account], clock: Callable[[], datetime], listener: Callable[[Change], None]
    ) -> None:
        self._accounts = {account.number: account for account in accounts}
        self._entries: dict[int, Entry] = {}
        self._numbers = itertools.count(1)
        self._now = clock
        self._tell = listener

    def accounts(self, bank: Bank) -> list[Account]:
        """Accounts of one bank, in the seed's order."""
        return [account for account in self._accounts.values() if account.bank == bank]

    def account(self, bank: Bank, number: str) -> Account | None:
        """An account of this bank, or None."""
        account = self._accounts.get(number)
        return account if account is not None and account.bank == bank else None

    def owner_of(self, entry: Entry) -> Account:
        """The account an entry moves."""
        return self._accounts[entry.operation.account]

    def entry(self, number: int) -> Entry:
        """A live entry. Raises NoSuchOperation."""
        entry = self._entries.get(number)
        if entry is None or entry.cancelled:
            raise NoSuchOperation(f"операции {number} в книге нет")
        return entry

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def add(self, operation: Operation, *, lag_s: float = 0, hooks: bool = True) -> Entry:
        """Write an operation into the book; statements see it `lag_s` later.

        Raises NoSuchOperation for an unknown account or a taken number.
        """
        if operation.account not in self._accounts:
            raise NoSuchOperation(f"счёта {operation.account} в банках нет")
        number = operation.id or self._free_number()
        if number in self._entries:
            raise NoSuchOperation(f"операция {number} в книге уже есть")
        now = self._now()
        at = operation.booked_at or now - timedelta(seconds=operation.booked_ago_s)
        entry = Entry(number, at, operation)
        entry.visible_from = now + timedelta(seconds=lag_s) if lag_s else None
        self._entries[number] = entry
        self._tell(Change("added", entry, hooks))
        return entry

    def correct(
        self, number: int, fields: Mapping[str, object], *, hooks: bool = True, what: What = "corrected"
    ) -> Entry:
        """Change fields of an operation, given as its model has them; balances follow. Raises NoSuchOperation."""
        entry = self.entry(number)
        entry.operation = entry.operation.model_copy(update=dict(fields))
        entry.at = entry.operation.booked_at or entry.at
        self._tell(Change(what, entry, hooks))
        return entry

    def cancel(self, number: int) -> Entry:
        """Take an operation out of statements and balances."""
        entry = self.entry(number)
        entry.cancelled = True
        self._tell(Change("cancelled", entry))
        return entry

    def rows(self, account: str, start: datetime, end: datetime) -> list[Row]:
        """What a statement of [start, end) shows, lies included, oldest first."""
        found = [e for e in self._of(account) if start <= e.at < end]
        return [row for entry in sorted(found, key=lambda e: e.key) for row in _shown(entry)]

    def balance(self, account: str, before: datetime, *, with_pending: bool = False) -> Decimal:
        """The true balance just before a moment; holds never count, pending payments when asked."""
        counted = {"booked", "pending"} if with_pending else {"booked"}
        moved = (e.signed for e in self._of(account) if e.at < before and e.operation.status in counted)
        return sum(moved, self._accounts[account].opening_balance)

    def turnovers(self, account: str, start: datetime, end: datetime) -> tuple[Decimal, Decimal]:
        """True money in and money out of [start, end), both positive."""
        inside = [e.signed for e in self._of(account) if e.booked and start <= e.at < end]
        incoming = sum((amount for amount in inside if amount > 0), Decimal(0))
        return incoming, incoming - sum(inside, Decimal(0))

    def held(self, account: str) -> Decimal:
        """Money that is blocked but not yet gone."""
        waiting = (e for e in self._of(account) if not e.booked and e.operation.direction == "out")
        return sum((e.operation.amount for e in waiting), Decimal(0))

    def _of(self, account: str) -> Iterator[Entry]:
        now = self._now()
        for entry in self._entries.values():
            hidden = entry.cancelled or (entry.visible_from is not None and entry.visible_from > now)
            if entry.operation.account == account and not hidden:
                yield entry

    def _free_number(self) -> int:
        return next(number for number in self._numbers if number not in self._entries)


def _shown(entry: Entry) -> list[Row]:
    lie = entry.lie or Lie("keep")
    true = entry.as_row()
    match lie.how:
        case "remove":
            return []
        case "double":
            return [true, replace(true, copy=1, renamed=lie.other_id)]
        case "alter":
            return [replace(true, amount=lie.amount or true.amount + 1)]
        case "turn":
            other = "out" if entry.operation.direction == "in" else "in"
            return [replace(true, operation=entry.operation.model_copy(update={"direction": other}))]
        case "keep":
            return [true]
