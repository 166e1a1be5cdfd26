"""The world outside the hub, for the model test: two clocks, a bank with its ledger, a sales office."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from hub.domain.models import Client, Deal, Direction, Invoice, Party, Payment, StageKind, TaxId, TaxIdKind
from hub.domain.money import Money
from hub.ports.statement import ReceivedPayment, StatementItem
from tests.support.world import OUR_ACCOUNT, OUR_TAX_ID, HandClock

CLIENTS = (
    Client("512", ("ООО «Фиалка»",), (TaxId(TaxIdKind.RU_INN, "7700000016"),)),
    Client("513", ("ООО «Маяк»",), (TaxId(TaxIdKind.RU_INN, "7701000017"),)),
)
FIRST_DAY = date(2026, 3, 2)
DAYS = 5
ISSUED = date(2026, 3, 1)


@dataclass
class TwoClocks(HandClock):
    """The hub's clock, which may be set forward and back, and the true time, which only goes on."""

    true: datetime = HandClock.at
    on_tick: Callable[[], None] = field(default=lambda: None)

    def sleep(self, seconds: float) -> None:
        """Time goes by for everybody."""
        self.at += timedelta(seconds=seconds)
        self.true += timedelta(seconds=seconds)
        self.on_tick()

    def jump(self, seconds: float) -> None:
        """Somebody sets the hub's clock."""
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Line:
    """A line of the bank's ledger; a machine may give its money to invoices of the numbers `pays` and to no other."""

    number: int
    day: date
    amount: Money
    purpose: str
    client: Client | None
    direction: Direction = Direction.IN
    pays: frozenset[str] = frozenset()
    document: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for lines that cannot be told apart."""
        tax_id = self.client.main_tax_id if self.client else ""
        content = f"{self.day}|{self.amount}|{self.document}|{tax_id}|{self.direction}|{self.purpose}"
        return hashlib.sha256(content.encode()).hexdigest()

    def received(self, occurrence: int) -> ReceivedPayment:
        """As a statement's reader hands it over."""
        ours = Party("ООО «Наша фирма»", OUR_TAX_ID, account=OUR_ACCOUNT)
        theirs = Party(self.client.names[0], self.client.main_tax_id) if self.client else Party()
        incoming = self.direction is Direction.IN
        payment = Payment(
            "",
            self.direction,
            self.amount,
            self.day,
            self.purpose,
            payer=theirs if incoming else ours,
            payee=ours if incoming else theirs,
            own_account=OUR_ACCOUNT,
            document_number=self.document,
            organisation_tax_id=OUR_TAX_ID,
        )
        return ReceivedPayment(payment, self.fingerprint, occurrence)


@dataclass
class Bank:
    """A ledger that only grows; a file shows whole days as they stand when it is made."""

    lines: list[Line] = field(default_factory=list)

    def add(
        self,
        amount: Money,
        purpose: str,
        client: Client | None,
        pays: Collection[str] = (),
        direction: Direction = Direction.IN,
        document: str | None = None,
    ) -> Line:
        """Book money on the next day of the month's first week."""
        number = len(self.lines)
        day = FIRST_DAY + timedelta(days=number % DAYS)
        line = Line(number, day, amount, purpose, client, direction, frozenset(pays), document or str(200 + number))
        self.lines.append(line)
        return line

    def again(self, line: Line) -> Line:
        """The same content once more on the same day: a second payment, not a second sight of the first."""
        number = len(self.lines)
        twin = Line(number, line.day, line.amount, line.purpose, line.client, line.direction, line.pays, line.document)
        self.lines.append(twin)
        return twin

    def file(self, first: int, last: int) -> bytes:
        """A statement of the days from the `first` to the `last`."""
        days = {FIRST_DAY + timedelta(days=day) for day in range(first, last + 1)}
        return json.dumps([line.number for line in self.lines if line.day in days]).encode()

    def keyed(self) -> dict[tuple[str, int], Line]:
        """Every line by what tells it from the others."""
        return dict(self._keys(self.lines))

    def in_file(self, raw: bytes) -> set[tuple[str, int]]:
        """Keys of the lines that a file shows."""
        return {key for key, _ in self._keys([self.lines[number] for number in json.loads(raw)])}

    def read(self, raw: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> Iterator[StatementItem]:
        """`hub.ports.statement.StatementReader`."""
        del own_accounts, own_tax_ids
        for (_, occurrence), line in self._keys([self.lines[number] for number in json.loads(raw)]):
            yield line.received(occurrence)

    @staticmethod
    def _keys(lines: list[Line]) -> Iterator[tuple[tuple[str, int], Line]]:
        seen: Counter[str] = Counter()
        for line in lines:
            seen[line.fingerprint] += 1
            yield (line.fingerprint, seen[line.fingerprint]), line


@dataclass(frozen=True)
class Sale:
    """A deal with its invoices, made in the office; the CRM may not have it yet."""

    deal: Deal
    invoices: tuple[Invoice, ...]
    client: Client


@dataclass
class Office:
    """Makes sales with numbers of their own, or twins of an earlier one."""

    sales: list[Sale] = field(default_factory=list)
    _next: int = 71

    def sell(self, client: Client, sums: tuple[str, ...], twin_of: Invoice | None = None) -> Sale:
        """A deal of as many invoices as sums; a twin's only invoice repeats number and amount of another."""
        deal_id = str(len(self.sales) + 1)
        amounts = (twin_of.amount,) if twin_of else tuple(Money.of(text, "RUB") for text in sums)
        invoices = []
        for amount in amounts:
            key = str(self._next)
            self._next += 1
            number = twin_of.number if twin_of else key
            invoices.append(self._invoice(key, number, amount, client, deal_id))
        whole = Money(sum((item.amount for item in amounts), Decimal(0)), "RUB")
        deal = Deal(deal_id, f"Сделка {deal_id}", "0", "NEW", StageKind.OPEN, whole, client.id, "17")
        self.sales.append(Sale(deal, tuple(invoices), client))
        return self.sales[-1]

    @staticmethod
    def _invoice(key: str, number: str | None, amount: Money, client: Client, deal_id: str) -> Invoice:
        return Invoice(
            key,
            number,
            ISSUED,
            amount,
            Money.zero("RUB"),
            client=Client(client.id),
            organisation_tax_id=OUR_TAX_ID,
            deals=(deal_id,),
        )
