"""The company's book: several legal entities, their clients and two years of invoices, numbered in order of dates."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from tests.worlds.numbering import STYLES, Numbering
from tests.worlds.parties import Registry
from tests.worlds.records import KOPECK, Bill, Client, ClientKind, Organisation

YEAR: Final = 2026
_FIRST_DAY: Final = date(YEAR - 1, 1, 9)
_DAYS: Final = 690
_NAMES: Final = ('ООО "Верный Поставщик"', 'ООО "Верный Поставщик Сервис"', 'АО "ВП-Логистика"', 'ООО "ВП Монтаж"')
_INVOICES_A_CLIENT: Final = 12
_TRIES: Final = 400
#: What happens to an invoice that no payment of the world is about.
_FATES: Final = (("paid", 55), ("open", 40), ("cancelled", 5))
_OLD_FATES: Final = (("paid", 93), ("open", 4), ("cancelled", 3))

Wanted = Callable[[Bill], bool]


def money(rng: Random) -> Decimal:
    """A price: often round, sometimes to a kopeck."""
    dice = rng.random()
    if dice < 0.25:
        return Decimal(rng.randrange(1, 400) * 1000).quantize(KOPECK)
    if dice < 0.5:
        return Decimal(rng.randrange(100, 90_000) * 10).quantize(KOPECK)
    return (Decimal(rng.randrange(100_000, 90_000_000)) / 100).quantize(KOPECK)


class Book:
    """Everything issued. A situation takes invoices that nobody has taken and makes its story of them."""

    def __init__(self, rng: Random, invoices: int) -> None:
        self.rng = rng
        self.registry = Registry(rng)
        self.organisations = [self.registry.organisation(name) for name in _NAMES]
        self.styles: dict[str, Numbering] = {
            organisation.tax_id: style
            for organisation, style in zip(self.organisations, rng.sample(STYLES, len(_NAMES)), strict=True)
        }
        self.clients = [self.registry.client() for _ in range(max(12, invoices // _INVOICES_A_CLIENT))]
        self._home = {client.id: rng.choice(self.organisations) for client in self.clients}
        self._contracts = {client.id: self.contract() for client in self.clients}
        self._counts: defaultdict[tuple[str, int], int] = defaultdict(int)
        days = sorted(rng.randrange(_DAYS) for _ in range(invoices))
        self.bills = [self._issue(index, _FIRST_DAY + timedelta(days=day)) for index, day in enumerate(days, 1)]
        self._fresh = {bill.id for bill in self.bills if bill.issued_on.year == YEAR}
        self._pool = [bill for bill in self.bills if bill.issued_on.year == YEAR]
        self._last_year = {
            (bill.organisation.tax_id, bill.number.core): bill for bill in self.bills if bill.issued_on.year < YEAR
        }
        self._issued = {
            organisation.tax_id: [bill for bill in self._pool if bill.organisation is organisation]
            for organisation in self.organisations
        }
        self._pairs: defaultdict[tuple[str, str], list[Bill]] = defaultdict(list)
        for bill in self._pool:
            self._pairs[bill.client.id, bill.organisation.tax_id].append(bill)

    def contract(self) -> str:
        number = self.rng.randrange(1, 900)
        return self.rng.choice((f"{number}", f"{number}/25", f"{number}-П", f"ДП-{number}", f"2025/{number}"))

    def take(
        self, count: int = 1, *, kinds: Collection[ClientKind] = (), wanted: Wanted | None = None
    ) -> list[Bill] | None:
        """Invoices of one client and one legal entity that no story uses yet, by date; None if none is left."""
        for _ in range(_TRIES):
            bill = self.rng.choice(self._pool)
            if bill.id not in self._fresh or (kinds and bill.client.kind not in kinds):
                continue
            if wanted is not None and not wanted(bill):
                continue
            mates = [
                other for other in self._pairs[bill.client.id, bill.organisation.tax_id] if other.id in self._fresh
            ]
            if len(mates) < count:
                continue
            start = min(mates.index(bill), len(mates) - count)
            taken = mates[start : start + count]
            self._fresh.difference_update(item.id for item in taken)
            return taken
        return None

    def take_row(self, count: int, kinds: Collection[ClientKind]) -> list[Bill] | None:
        """Invoices numbered one after another, made out to one client."""
        taken = self.take(kinds=kinds)
        if taken is None:
            return None
        first = taken[0]
        same = self._issued[first.organisation.tax_id]
        start = bisect_left(same, (first.issued_on, first.index), key=lambda bill: (bill.issued_on, bill.index))
        row = same[start : start + count]
        if len(row) < count or any(bill.id not in self._fresh for bill in row[1:]):
            return None
        cores = [bill.number.core for bill in row]
        if any(not core.isdigit() for core in cores) or int(cores[-1]) - int(cores[0]) != count - 1:
            return None
        for bill in row[1:]:
            self.give(bill, first.client)
        self._fresh.difference_update(bill.id for bill in row)
        return row

    def give(self, bill: Bill, client: Client) -> None:
        """Make the invoice out to another client."""
        bill.client = client
        bill.references = ()
        bill.requisites = True
        bill.with_account = False

    def stranger(self) -> Client:
        """A client of ours picked at random."""
        return self.rng.choice(self.clients)

    def other_organisation(self, organisation: Organisation) -> Organisation:
        return self.rng.choice([one for one in self.organisations if one is not organisation])

    def twin_of_last_year(self, bill: Bill) -> Bill | None:
        """The invoice of the year before with the same number in the year."""
        return self._last_year.get((bill.organisation.tax_id, bill.number.core))

    def close(self) -> None:
        """Give every invoice that no story uses a fate of its own."""
        for bill in self.bills:
            if bill.issued_on.year != YEAR and bill.status == "open" and not bill.paid:
                self._settle(bill, self._fate(_OLD_FATES))
            elif bill.id in self._fresh:
                self._settle(bill, self._fate(_FATES))

    def _fate(self, fates: Iterable[tuple[str, int]]) -> str:
        names, weights = zip(*fates, strict=True)
        return str(self.rng.choices(names, weights)[0])

    @staticmethod
    def _settle(bill: Bill, fate: str) -> None:
        bill.status = fate
        bill.paid = bill.amount if fate == "paid" else Decimal(0)

    def _issue(self, index: int, day: date) -> Bill:
        rng = self.rng
        client = rng.choice(self.clients)
        organisation = self._home[client.id] if rng.random() < 0.8 else rng.choice(self.organisations)
        style = self.styles[organisation.tax_id]
        key = (organisation.tax_id, day.year if style.restarts else 0)
        self._counts[key] += 1
        spellings = style.spellings(style.first - 1 + self._counts[key], day.year)
        return Bill(
            index=index,
            number=spellings[0],
            spellings=spellings,
            issued_on=day,
            amount=money(rng),
            client=client,
            organisation=organisation,
            currency=rng.choice(("USD", "EUR", "CNY")) if client.kind is ClientKind.FOREIGN else "RUB",
            requisites=client.tax_id is not None and rng.random() > 0.03,
            with_account=rng.random() < 0.3,
            references=self._references(client, index),
        )

    def _references(self, client: Client, index: int) -> tuple[tuple[str, str], ...]:
        dice = self.rng.random()
        if dice < 0.15:
            return (("contract", self._contracts[client.id]),)
        if dice < 0.25:
            return (("order", f"{50_000 + index}"),)
        return ()
