"""What is to be in a made-up base, before a configuration gives it its names."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from connectors.accounting_1c.sandbox.generator.names import GOODS, company, reference, tax_id
from connectors.accounting_1c.sandbox.generator.oddities import Oddities
from connectors.accounting_1c.sandbox.seed import Generate

_CENT = Decimal("0.01")
_VAT = Decimal(22) / Decimal(122)
_LETTERS = ("АБ", "ТД", "МС", "КР", "НВ", "ОП", "РС", "ВК", "СТ")


@dataclass(slots=True)
class Client:
    """A counterparty with its contract and account."""

    key: str
    name: str
    full_name: str
    inn: str
    kpp: str
    contract: str
    account: str
    head: str = ""
    foreign_number: str = ""
    natural: bool = False
    in_folder: bool = False
    marked: bool = False


@dataclass(slots=True)
class Line:
    """A row of an invoice."""

    title: str
    quantity: int
    price: Decimal
    total: Decimal
    vat: Decimal
    unknown: bool = False


@dataclass(slots=True)
class Claim:
    """An invoice, or the order that serves as one."""

    key: str
    number: str
    at: str
    seller: int
    client: Client
    lines: list[Line]
    total: Decimal
    posted: bool = True
    marked: bool = False
    contract: bool = True
    lost_client: bool = False
    foreign: bool = False
    comment: str = ""
    status: str = ""


@dataclass(slots=True)
class Money:
    """A payment with what it pays; None is an advance."""

    key: str
    number: str
    at: str
    seller: int
    client: Client
    parts: list[tuple[Claim | None, Decimal]]
    incoming: str
    purpose: str
    posted: bool = True
    marked: bool = False

    @property
    def total(self) -> Decimal:
        """What came in."""
        return sum((amount for _, amount in self.parts), Decimal(0))


@dataclass(slots=True)
class Plan:
    """The whole base."""

    sellers: list[str]
    accounts: list[str]
    clients: list[Client] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    money: list[Money] = field(default_factory=list)


def prefix(seller: int) -> str:
    """The letters of an organisation's numbers."""
    return _LETTERS[seller]


def cents(amount: Decimal) -> Decimal:
    """The amount with two digits after the point."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


class Planner:
    """Makes one plan."""

    def __init__(self, order: Generate, left_out: frozenset[str]) -> None:
        self._order = order
        self._random = Random(order.seed)  # noqa: S311 - repeatable data, not secrets
        self._odd = Oddities(order, left_out)
        self._numbers: dict[tuple[str, int, int], int] = {}
        keys = [reference(self._random) for _ in range(2 * order.organisations)]
        self.plan = Plan(keys[: order.organisations], keys[order.organisations :])

    def make(self) -> Plan:
        """Clients first, then invoices in the order of their days, then the money."""
        for number in range(self._order.counterparties):
            self.plan.clients.append(self._client(number))
        days = (self._order.last_day - self._order.first_day).days
        for number in range(self._order.invoices):
            self.plan.claims.append(self._claim(number, number * days // max(1, self._order.invoices)))
        self._pay()
        return self.plan

    def _client(self, number: int) -> Client:
        name, full = company(self._random, number + 1)
        keys = [reference(self._random) for _ in range(3)]
        client = Client(keys[0], name, full, tax_id(number + 100), "770001001", keys[1], keys[2], head=keys[0])
        self._odd.client(client, self.plan.clients)
        return client

    def _claim(self, number: int, day: int) -> Claim:
        moment = datetime.combine(self._order.first_day, datetime.min.time()) + timedelta(
            days=day, seconds=9 * 3600 + self._random.randrange(9 * 3600)
        )
        seller = self._random.randrange(self._order.organisations)
        lines = [self._line() for _ in range(self._random.choice((1, 1, 1, 2, 3)))]
        claim = Claim(
            reference(self._random),
            self._number("claim", seller, moment.date()),
            moment.isoformat(timespec="seconds"),
            seller,
            self._random.choice(self.plan.clients),
            lines,
            sum((line.total for line in lines), Decimal(0)),
        )
        self._odd.claim(claim, self.plan.claims, number, self._line)
        return claim

    def _line(self) -> Line:
        quantity = self._random.randrange(1, 20)
        price = Decimal(self._random.randrange(10_000, 5_000_000)) / 100
        total = cents(price * quantity)
        return Line(self._random.choice(GOODS), quantity, price, total, cents(total * _VAT))

    def _pay(self) -> None:
        waiting: dict[tuple[str, int], Claim] = {}
        for claim in self.plan.claims:
            if not claim.posted or claim.marked or self._random.random() >= self._order.paid_share:
                continue
            quirk = self._odd.money()
            if quirk == "one_for_many":
                other = waiting.pop((claim.client.key, claim.seller), None)
                if other is None:
                    waiting[(claim.client.key, claim.seller)] = claim
                    continue
                self._money(claim, [(other, other.total), (claim, claim.total)], quirk)
            elif quirk == "paid_in_parts":
                half = cents(claim.total / 3)
                self._money(claim, [(claim, half)], quirk)
                self._money(claim, [(claim, claim.total - half)], quirk)
            else:
                self._money(claim, [(None if quirk == "advance" else claim, claim.total)], quirk)
                if quirk == "paid_twice":
                    self._money(claim, [(claim, claim.total)], quirk)
            claim.status = claim.status or self._random.choice(("Оплачен", "", ""))
        for claim in waiting.values():
            self._money(claim, [(claim, claim.total)], "")

    def _money(self, claim: Claim, parts: list[tuple[Claim | None, Decimal]], quirk: str) -> None:
        day = date.fromisoformat(claim.at[:10]) + timedelta(days=self._random.randrange(1, 20))
        short = claim.number.rpartition("-")[2].strip().lstrip("0") or claim.number
        self.plan.money.append(
            Money(
                reference(self._random),
                self._number("money", claim.seller, day),
                f"{day.isoformat()}T00:00:00",
                claim.seller,
                claim.client,
                parts,
                str(self._random.randrange(1, 9999)),
                f"Оплата по счету {short} от {claim.at[8:10]}.{claim.at[5:7]}.{claim.at[:4]}",
                posted=quirk not in ("unposted_payment", "marked_payment"),
                marked=quirk == "marked_payment",
            )
        )

    def _number(self, what: str, seller: int, day: date) -> str:
        series = (what, seller, day.year)
        self._numbers[series] = self._numbers.get(series, 0) + 1
        return f"{prefix(seller)}00-{self._numbers[series]:06d}"
