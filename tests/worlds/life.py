"""A year of payments in the making: situations add the payments of one story at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from tests.worlds.book import Book
from tests.worlds.records import KOPECK, Bill, Client, ClientKind, Organisation, Said, Side, Transfer
from tests.worlds.wording import FIELD, Pen

#: What a bank may add to a text.
_ROOM: Final = 12
_NOTHING: Final = Said()


class OutOfInvoices(LookupError):
    """The book has no invoices left of which this story could be made."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One kind of story and how often it happens."""

    kind: str
    weight: int
    tell: Callable[[Life], None]


class Life:
    """The book, the pen and the payments made so far."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.rng = book.rng
        self.pen = Pen(book.rng)
        self.transfers: list[Transfer] = []
        self.kind = ""
        self._group = 0

    def tell(self, situation: Situation) -> bool:
        """Live through one story; False where the book has no invoices for it."""
        self._group += 1
        self.kind = situation.kind
        before = len(self.transfers)
        try:
            situation.tell(self)
        except OutOfInvoices:
            del self.transfers[before:]
            return False
        return True

    def bill(self, *kinds: ClientKind, wanted: Callable[[Bill], bool] | None = None) -> Bill:
        return self.bills(1, *kinds, wanted=wanted)[0]

    def bills(self, count: int, *kinds: ClientKind, wanted: Callable[[Bill], bool] | None = None) -> list[Bill]:
        """Invoices of one client and one of our legal entities, untouched by any story.

        Raises:
            OutOfInvoices: none is left.
        """
        taken = self.book.take(count, kinds=kinds, wanted=wanted)
        if taken is None:
            raise OutOfInvoices
        return taken

    def soon(self, *bills: Bill, within: int = 25) -> date:
        """A day soon after the last of the invoices."""
        return max(bill.issued_on for bill in bills) + timedelta(days=self.rng.randrange(1, within))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def side(self, client: Client) -> Side:
        """The client's own requisites; banks leave out the tax id of some payers."""
        name = self.rng.choice(client.spellings)
        if client.kind is ClientKind.FOREIGN:
            return Side(name, None, None, client.account)
        return Side(name, client.tax_id, client.kpp or self.rng.choice((None, "0")), client.account)

    def pay(
        self,
        bills: Bill | Sequence[Bill],
        text: str,
        on: date,
        said: Said,
        *,
        amount: Decimal | None = None,
        by: Client | None = None,
        side: Side | None = None,
        to: Organisation | None = None,
        alike: Sequence[Bill] = (),
        currency: str | None = None,
        cut: bool = False,
    ) -> None:
        """Add a payment of a client; what is not given follows from the invoices.

        Args:
            bills: what the money is for; one invoice takes the whole payment, several take each its sum.
            by: who stands in the line, the invoices' client unless given; a shared payer stands in `side` alone.
            cut: the text fills the bank's field to its end and comes through as it is.

        Raises:
            OutOfInvoices: the text is longer than a bank's field, the story cannot be told.
        """
        bills = (bills,) if isinstance(bills, Bill) else tuple(bills)
        about = (*bills, *alike)
        amount = sum((bill.amount for bill in bills), Decimal(0)) if amount is None else amount
        if len(text) > FIELD - _ROOM and not cut:
            raise OutOfInvoices
        if not said.shared and said.payer is None and (side is None or side.name):
            said = replace(said, payer=by or about[0].client)
        self._add(
            text if cut else self.pen.through_bank(text),
            amount,
            on,
            side or self.side(by or about[0].client),
            to or about[0].organisation,
            said=said,
            settles={bills[0].id: amount} if len(bills) == 1 else {bill.id: bill.amount for bill in bills},
            alike=tuple(bill.id for bill in alike),
            currency=currency or about[0].currency,
        )

    def not_ours(
        self, text: str, amount: Decimal, on: date, side: Side, to: Organisation, *, outgoing: bool = False
    ) -> None:
        """Add money that no client paid for an invoice."""
        self._add(self.pen.through_bank(text), amount, on, side, to, outgoing=outgoing, ours=False)

    def _add(
        self,
        text: str,
        amount: Decimal,
        on: date,
        side: Side,
        to: Organisation,
        *,
        said: Said = _NOTHING,
        settles: Mapping[str, Decimal] | None = None,
        alike: tuple[str, ...] = (),
        currency: str = "RUB",
        outgoing: bool = False,
        ours: bool = True,
    ) -> None:
        self.transfers.append(
            Transfer(
                id=f"pay-{self._group}-{len(self.transfers) + 1}",
                kind=self.kind,
                group=self._group,
                booked_on=on,
                amount=amount.quantize(KOPECK),
                purpose=text,
                payer=side,
                organisation=to,
                said=said,
                settles=settles or {},
                alike=alike,
                currency=currency,
                outgoing=outgoing,
                ours=ours,
            )
        )
