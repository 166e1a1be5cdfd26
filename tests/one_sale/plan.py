"""Sales of a year as two or three systems keep them: most alike, some with mistakes of people.

The truth is in the sale: every card of it belongs together, and no card of another one does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

#: A portal with smart invoices, a portal whose deals hold the invoice in fields, an account, and the accounting base.
PORTAL, FIELDS, ACCOUNT, BASE = "portal", "fields", "account", "base"
CRMS: Final = (PORTAL, FIELDS, ACCOUNT)
CLIENTS: Final = 90
FIRST_DAY: Final = date(2026, 1, 12)
_DAYS: Final = 300
#: Which systems keep a sale besides the base.
_HOMES: Final = (
    *((PORTAL,),) * 4,
    *((FIELDS,),) * 2,
    *((ACCOUNT,),) * 3,
    *((PORTAL, ACCOUNT), (PORTAL, FIELDS), (FIELDS, ACCOUNT)),
)
#: Mistakes of a person, each in a third of the sales that have any.
MISTAKES: Final = ("kopecks", "day", "prefix", "nameless")
#: What no machine may decide.
HARD: Final = ("sum", "weeks", "other name", "twin")


@dataclass(frozen=True, slots=True)
class Client:
    """A client; `nameless` ones have no ИНН in any CRM."""

    number: int

    @property
    def name(self) -> str:
        """As people write it."""
        return f"Покупатель {self.number}"


@dataclass(slots=True)
class Card:
    """The sale as one system keeps it.

    Attributes:
        has_inn: the client's card there has an ИНН.
        guid: the CRM keeps the reference of the base.
    """

    system: str
    number: str
    on: date
    amount: Decimal
    client: int
    client_name: str
    has_inn: bool = True
    guid: str = ""
    id: str = ""


@dataclass(slots=True)
class Sale:
    """A sale with its cards.

    Attributes:
        planted: mistakes in it, by name; `hard` ones are for a person.
        twins: cards that a person made twice: they belong to the sale, and nobody but a person can say so.
    """

    key: int
    paper: Card
    cards: list[Card]
    planted: tuple[str, ...] = ()
    twins: list[Card] = field(default_factory=list)

    @property
    def is_hard(self) -> bool:
        """Put to a person."""
        return not set(HARD).isdisjoint(self.planted)


@dataclass(frozen=True, slots=True)
class Year:
    """All of it, and how much of what was planted."""

    sales: Sequence[Sale]
    planted: Counter[str]


def year_of_sales(count: int, rng: Random) -> Year:
    """A year; rents of one sum every month, bills of the same day and sum, numbers that began anew stand among them."""
    sales = [_sale(key, rng, before) for key, before in _with_rents(count, rng)]
    for sale in sales:
        _plant(sale, rng)
    return Year(sales, Counter(name for sale in sales for name in sale.planted))


def _with_rents(count: int, rng: Random) -> Iterator[tuple[int, tuple[int, Decimal] | None]]:
    """Every fourth sale is to a client and of a sum that were before."""
    regular = [(rng.randrange(CLIENTS), Decimal(rng.randint(5, 400)) * 500) for _ in range(12)]
    for key in range(count):
        yield key, rng.choice(regular) if rng.random() < 0.25 else None


def _sale(key: int, rng: Random, before: tuple[int, Decimal] | None) -> Sale:
    client, amount = before or (rng.randrange(CLIENTS), Decimal(rng.randint(50_000, 90_000_000)) / 100)
    on = FIRST_DAY + timedelta(days=key * _DAYS // 500)
    # Two companies of ours number their papers alike.
    number, prefix = 100 + key // 2, "АБ" if key % 2 else "ЦБ"
    guid = f"{rng.getrandbits(32):08x}-{key:04x}-11f1-926c-0800270bc6cb"
    paper = Card(BASE, f"{prefix}00-{number:06d}", on, amount, client, Client(client).name, guid=guid, id=guid)
    return Sale(key, paper, [_card(paper, home, rng) for home in rng.choice(_HOMES)])


def _card(paper: Card, home: str, rng: Random) -> Card:
    card = Card(home, paper.number, paper.on, paper.amount, paper.client, paper.client_name)
    if home == PORTAL and rng.random() < 0.4:
        # A bridge made it: the reference is kept, and the CRM numbers it by itself.
        card.guid = paper.guid
        card.number = str(rng.randint(1, 9_999))
    return card


def _plant(sale: Sale, rng: Random) -> None:
    chance = rng.random()
    if chance < 0.01:
        names = [rng.choice(HARD)]
    elif chance < 0.03:
        names = rng.sample(MISTAKES, 2)
    elif chance < 0.45:
        names = [rng.choice(MISTAKES)]
    else:
        return
    card = rng.choice(sale.cards)
    for name in names:
        _MADE[name](sale, card, rng)
    sale.planted = tuple(sorted(names))


def _kopecks(sale: Sale, card: Card, rng: Random) -> None:
    del sale
    card.amount += Decimal(rng.choice((-37, -1, 1, 2, 49))) / 100


def _day(sale: Sale, card: Card, rng: Random) -> None:
    del sale
    card.on += timedelta(days=rng.choice((-2, -1, 1, 2, 3)))


def _prefix(sale: Sale, card: Card, rng: Random) -> None:
    del sale
    digits = card.number.rpartition("-")[2]
    card.number = rng.choice((digits, digits.lstrip("0"))) if not card.guid else card.number


def _nameless(sale: Sale, card: Card, rng: Random) -> None:
    del sale, rng
    card.has_inn = False


def _sum(sale: Sale, card: Card, rng: Random) -> None:
    card.amount += Decimal(rng.randint(1_000, 90_000)) / 100
    card.guid, card.number = "", sale.paper.number


def _weeks(sale: Sale, card: Card, rng: Random) -> None:
    card.on += timedelta(days=rng.randint(6, 30))
    card.guid, card.number = "", sale.paper.number


def _other_name(sale: Sale, card: Card, rng: Random) -> None:
    del rng
    card.has_inn, card.client_name = False, f"Торговый дом «Заря» {sale.key}"
    card.guid, card.number = "", sale.paper.number


def _twin(sale: Sale, card: Card, rng: Random) -> None:
    del rng
    card.guid, card.number = "", sale.paper.number
    sale.twins.append(Card(**{name: getattr(card, name) for name in Card.__slots__}))


_MADE: Final = {
    "kopecks": _kopecks,
    "day": _day,
    "prefix": _prefix,
    "nameless": _nameless,
    "sum": _sum,
    "weeks": _weeks,
    "other name": _other_name,
    "twin": _twin,
}
