"""A seeded day of a company: what its people do in two CRMs, what its two banks book, correct and take back.

The day is made of stories of a few steps each. Steps of one story keep their order and stand some minutes apart;
the stories run side by side.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

#: Minutes of the day in which things happen, and the least that lie between two steps of a story.
_OPENS, _CLOSES, _APART = 10, 1_420, 12
#: Ids that the portal gives to what people make in the day: one after another from here. An invoice's number is its id.
FIRST_DEAL, FIRST_INVOICE = 9_000, 10_000
#: Elements of the account's list are numbered by people, in their names.
_FIRST_ELEMENT: Final = 50_000
CLIENTS: Final = 25
_CRMS: Final = ("portal", "amo")
BANKS: Final = ("tochka", "tbank")


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the day.

    Attributes:
        what: the act, as `tests.day.world` knows it.
        of: the sale or the money that it is about.
    """

    minute: float
    what: str
    of: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Sale:
    """A deal with its invoices (number by key), in one CRM, of one client."""

    key: str
    crm: str
    client: int
    sums: list[Decimal]
    existing: bool
    numbers: list[int] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """What the deal is worth."""
        return sum(self.sums, Decimal(0))


@dataclass(frozen=True, slots=True)
class Day:
    """The whole plan.

    Attributes:
        sales: by key; those that exist before the day begins and those that are made in it.
        stories: how many of each kind.
    """

    steps: tuple[Step, ...]
    sales: Mapping[str, Sale]
    stories: Counter[str]


Act = tuple[str, str, Mapping[str, Any]]


class _Author:
    """Writes stories."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.sales: dict[str, Sale] = {}
        self._money = 0

    def sale(self, *, existing: bool, parts: int = 1) -> Sale:
        chance = self.chance
        crm = chance.choice(_CRMS)
        key = f"{crm}-{len(self.sales) + 1}"
        sums = [Decimal(chance.randint(50_000, 90_000_000)) / 100 for _ in range(parts)]
        sale = Sale(key, crm, chance.randrange(CLIENTS), sums, existing)
        self.sales[key] = sale
        return sale

    def made(self, sale: Sale) -> list[Act]:
        """People make the deal and its invoices."""
        return [("add_deal", sale.key, {}), *(("add_invoice", sale.key, {"part": n}) for n in range(len(sale.sums)))]

    def pays(self, sale: Sale, amount: Decimal | None = None, part: int = 0, **facts: Any) -> Act:
        """The sale's client pays for one of its invoices."""
        told = {"sale": sale.key, "part": part, "amount": amount or sale.sums[part]}
        return "money", self._key(), self._account() | told | facts

    def stranger(self, *, out: bool = False) -> Act:
        """Money that no invoice explains."""
        amount = Decimal(self.chance.randint(100, 9_000_000)) / 100
        purpose = "Оплата поставщику по договору поставки" if out else "Возврат излишне уплаченного"
        facts = {"amount": amount, "direction": "out" if out else "in", "purpose": purpose}
        return "money", self._key(), self._account() | facts

    def _key(self) -> str:
        self._money += 1
        return f"m{self._money}"

    def _account(self) -> dict[str, Any]:
        return {"bank": self.chance.choice(BANKS)}

    def other_sum(self, amount: Decimal) -> Decimal:
        return amount + Decimal(self.chance.choice((-100, 100, 2_500))) / 100


# What happens before the money, or the money alone: whenever it is heard of, the end is one.


def _paid_later(author: _Author) -> list[Act]:
    sale = author.sale(existing=False)
    return [*author.made(sale), author.pays(sale)]


def _paid_at_once(author: _Author) -> list[Act]:
    return [author.pays(author.sale(existing=True))]


def _paid_before_the_invoice(author: _Author) -> list[Act]:
    sale = author.sale(existing=False)
    return [author.pays(sale), *author.made(sale)]


def _paid_in_two(author: _Author) -> list[Act]:
    sale = author.sale(existing=True)
    first = (sale.sums[0] * Decimal("0.4")).quantize(Decimal("0.01"))
    return [author.pays(sale, first), author.pays(sale, sale.sums[0] - first)]


def _two_invoices(author: _Author) -> list[Act]:
    sale = author.sale(existing=author.chance.random() < 0.5, parts=2)
    made = [] if sale.existing else author.made(sale)
    return [*made, author.pays(sale), author.pays(sale, part=1)]


def _changed_then_paid(author: _Author) -> list[Act]:
    sale = author.sale(existing=True)
    new = author.other_sum(sale.sums[0])
    changes: list[Act] = [("edit_invoice", sale.key, {"amount": new}), ("edit_deal", sale.key, {"amount": new})]
    return [*changes, author.pays(sale, new)]


def _deleted_then_paid(author: _Author) -> list[Act]:
    sale = author.sale(existing=author.chance.random() < 0.5)
    made = [] if sale.existing else author.made(sale)
    return [*made, ("delete_invoice", sale.key, {}), author.pays(sale)]


def _moved_then_paid(author: _Author) -> list[Act]:
    sale = author.sale(existing=True)
    moves: list[Act] = [("move_deal", sale.key, {"stage": author.chance.choice((1, 3, "won", "lost"))})]
    return [*moves, author.pays(sale)]


def _of_nobody(author: _Author) -> list[Act]:
    return [author.stranger(out=author.chance.random() < 0.6)]


def _own_transfer(author: _Author) -> list[Act]:
    bank = author.chance.choice(BANKS)
    amount = Decimal(author.chance.randint(100_000, 9_000_000)) / 100
    return [("transfer", author._key(), {"bank": bank, "amount": amount})]


def _corrected_of_nobody(author: _Author) -> list[Act]:
    _, key, facts = money = author.stranger(out=author.chance.random() < 0.5)
    return [money, ("correct", key, {"amount": author.other_sum(facts["amount"])})]


def _cancelled_of_nobody(author: _Author) -> list[Act]:
    _, key, _ = money = author.stranger(out=author.chance.random() < 0.5)
    return [money, ("cancel", key, {})]


def _corrected_before_the_invoice(author: _Author) -> list[Act]:
    sale = author.sale(existing=False)
    _, key, _ = money = author.pays(sale, author.other_sum(sale.sums[0]))
    return [money, ("correct", key, {"amount": sale.sums[0]}), *author.made(sale)]


def _cancelled_before_the_invoice(author: _Author) -> list[Act]:
    sale = author.sale(existing=False)
    _, key, _ = money = author.pays(sale)
    return [money, ("cancel", key, {}), *author.made(sale)]


def _back_dated(author: _Author) -> list[Act]:
    return [author.pays(author.sale(existing=True), days_ago=author.chance.randint(1, 2))]


def _on_its_way(author: _Author) -> list[Act]:
    return [author.pays(author.sale(existing=True), settles_after_s=600.0)]


def _renamed(author: _Author) -> list[Act]:
    sale = author.sale(existing=True)
    return [("rename_client", sale.key, {}), ("rename_deal", sale.key, {})]


def _deal_deleted_then_paid(author: _Author) -> list[Act]:
    sale = author.sale(existing=True)
    return [("delete_deal", sale.key, {}), author.pays(sale)]


# What happens after the money: by then the hub has acted, if it was awake.


def _paid_then_changed(author: _Author) -> list[Act]:
    sale = author.sale(existing=True)
    return [author.pays(sale), ("edit_invoice", sale.key, {"amount": author.other_sum(sale.sums[0])})]


def _paid_then_deleted(author: _Author) -> list[Act]:
    sale = author.sale(existing=author.chance.random() < 0.5)
    made = [] if sale.existing else author.made(sale)
    return [*made, author.pays(sale), ("delete_invoice", sale.key, {})]


def _paid_then_moved(author: _Author) -> list[Act]:
    sale = author.sale(existing=True)
    return [author.pays(sale), ("move_deal", sale.key, {"stage": author.chance.choice((1, "won", "lost"))})]


def _paid_then_corrected(author: _Author) -> list[Act]:
    sale = author.sale(existing=True)
    _, key, _ = money = author.pays(sale)
    steps: list[Act] = [money, ("correct", key, {"amount": author.other_sum(sale.sums[0])})]
    if author.chance.random() < 0.5:
        steps.append(("correct", key, {"amount": sale.sums[0]}))
    return steps


def _paid_then_re_dated(author: _Author) -> list[Act]:
    _, key, _ = money = author.pays(author.sale(existing=True))
    return [money, ("re_date", key, {"days_ago": 1})]


def _paid_then_cancelled(author: _Author) -> list[Act]:
    _, key, _ = money = author.pays(author.sale(existing=True))
    return [money, ("cancel", key, {})]


def _paid_twice(author: _Author) -> list[Act]:
    sale = author.sale(existing=True)
    return [author.pays(sale), author.pays(sale)]


Story = Callable[[_Author], list[Act]]
_BEFORE: Final[Sequence[Story]] = (
    *(_paid_later, _paid_later, _paid_later, _paid_at_once, _paid_at_once, _paid_at_once),
    *(_paid_before_the_invoice, _paid_before_the_invoice, _paid_in_two, _two_invoices, _changed_then_paid),
    *(_deleted_then_paid, _moved_then_paid, _moved_then_paid, _of_nobody, _of_nobody, _own_transfer),
    *(_corrected_of_nobody, _cancelled_of_nobody, _corrected_before_the_invoice, _cancelled_before_the_invoice),
    *(_back_dated, _on_its_way, _renamed, _deal_deleted_then_paid),
)
_AFTER: Final[Sequence[Story]] = (
    *(_paid_then_changed, _paid_then_deleted, _paid_then_moved, _paid_then_corrected, _paid_then_re_dated),
    *(_paid_then_cancelled, _paid_twice),
)


def seeded_day(size: int, seed: int) -> Day:
    """A day of so many events."""
    author = _Author(random.Random(f"day {size} {seed}"))
    steps: list[Step] = []
    stories: Counter[str] = Counter()
    while len(steps) < size:
        story = author.chance.choice((*_BEFORE, *_AFTER))
        acts = story(author)[: size - len(steps)]
        stories[story.__name__.strip("_").replace("_", " ")] += 1
        steps += [Step(at, *act) for at, act in zip(_moments(author.chance, len(acts)), acts, strict=True)]
    steps.sort(key=lambda step: step.minute)
    _number(author.sales.values(), steps)
    return Day(tuple(steps), author.sales, stories)


def _moments(chance: random.Random, count: int) -> Iterator[float]:
    """Some minutes apart, in order."""
    free = _CLOSES - _OPENS - _APART * count
    for place, minute in enumerate(sorted(chance.uniform(0, free) for _ in range(count))):
        yield _OPENS + minute + _APART * place


def _number(sales: Iterable[Sale], steps: Sequence[Step]) -> None:
    """Invoices of the portal bear the numbers that it gives in turn; those of the account what people call them."""
    by_key = {sale.key: sale for sale in sales}
    element = _FIRST_ELEMENT
    invoice = FIRST_INVOICE
    for sale in by_key.values():
        sale.numbers = [0] * len(sale.sums)
        for part in range(len(sale.sums)):
            if sale.crm == "amo":
                element += 1
                sale.numbers[part] = element
            elif sale.existing:
                invoice += 1
                sale.numbers[part] = invoice
    for step in steps:
        if step.what == "add_invoice" and by_key[step.of].crm == "portal":
            invoice += 1
            by_key[step.of].numbers[step.args["part"]] = invoice
