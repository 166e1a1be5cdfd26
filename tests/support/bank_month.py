"""A seeded month of a company's accounts in one bank, what its statement may tell wrongly, and a hub that reads it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from connectors.bank.sandbox.control import Control
from connectors.bank.sandbox.testing import RunningSandbox, running_sandbox
from hub.domain.matching import MatchContext
from hub.domain.money import Money
from hub.ports.bank import DayProof, ProofState
from hub.ports.store import Store
from hub.services.poll_bank import poll_bank
from hub.services.runtime import Runtime
from tests.support.rows import iter_payments
from tests.support.served_banks import QUICK, BanksClock, open_ports, sources

#: The month that is read, and the moment at which it is: its last evening.
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
_NOW: Final = "2026-03-31T22:00:00+03:00"
_TAX_ID: Final = "7700000023"
_PEOPLE: Final = [
    {
        "name": f"ООО «Клиент {number}»",
        "inn": f"77{number:08d}",
        "account": f"4070281063800000{number:04d}",
        "bic": "044525225",
    }
    for number in range(1, 120)
]
#: Ways in which a statement may lie about one operation.
LIES: Final = ("remove", "double", "alter", "turn")


@dataclass(frozen=True)
class Tampering:
    """One operation told wrongly: by what the day then does not add up."""

    number: int
    account: str
    day: date
    how: str
    gap: Decimal
    options: Mapping[str, Any]

    def done(self, control: Control) -> None:
        """From now on the bank's statements lie so; its balances do not."""
        control.spoil(self.number, self.how, **self.options)


@dataclass(frozen=True)
class Month:
    """Operations of the bank's accounts as a seed has them."""

    bank: str
    accounts: tuple[str, ...]
    operations: tuple[dict[str, Any], ...]

    def tampering(self, chance: random.Random, how: str, since: date = FIRST, until: date = LAST) -> Tampering:
        """A lie about a random operation of these days."""
        inside = [row for row in self.operations if since <= _day(row) <= until]
        row = chance.choice(inside)
        amount = Decimal(row["amount"])
        signed = amount if row["direction"] == "in" else -amount
        sign = 1 if signed > 0 else -1
        kopeck = Decimal("0.01") if amount <= 1 or chance.random() < 0.5 else Decimal("-0.01")
        gap, options = {
            "remove": (signed, {}),
            "double": (-signed, {"other_id": True}),
            "alter": (-kopeck * sign, {"amount": str(amount + kopeck)}),
            "turn": (2 * signed, {}),
        }[how]
        return Tampering(row["id"], row["account"], _day(row), how, gap, options)


def _day(row: Mapping[str, Any]) -> date:
    return date.fromisoformat(row["booked_at"][:10])


def seeded_month(bank: str, size: int, accounts: int, seed: int) -> Month:
    """So many operations over so many accounts: orders, fees without numbers, twins, transfers between the accounts."""
    chance = random.Random(f"{bank} {size} {accounts} {seed}")
    branch = "2500" if bank == "tochka" else "1000"
    numbers = tuple(f"4070281{number}0{branch}000000{number}" for number in range(1, accounts + 1))
    rows: list[dict[str, Any]] = []
    while len(rows) < size:
        rows += _deed(chance, numbers)[: size - len(rows)]
    for number, row in enumerate(rows, 1):
        row["id"] = number
    return Month(bank, numbers, tuple(rows))


def _deed(chance: random.Random, accounts: Sequence[str]) -> list[dict[str, Any]]:
    row = {
        "account": chance.choice(accounts),
        "direction": "in" if chance.random() < 0.6 else "out",
        "amount": f"{Decimal(chance.choice((chance.randint(2, 999), chance.randint(1_000, 90_000_000)))) / 100:.2f}",
        "booked_at": _moment(chance),
        "document_number": str(chance.randint(1, 400)),
        "purpose": f"Оплата по счету № {chance.randint(1, 5000)}",
        "counterparty": chance.choice(_PEOPLE),
    }
    kind = chance.random()
    if kind < 0.06:
        fee = {"document_number": "", "kind": "bank_order", "counterparty": {}, "amount": "19.00"}
        return [row | {"direction": "out", **fee}]
    if kind < 0.12:
        return [dict(row), dict(row)]
    if kind < 0.16 and len(accounts) > 1:
        other = chance.choice([account for account in accounts if account != row["account"]])
        return [
            row | {"direction": "out", "counterparty": _ours(other)},
            row | {"direction": "in", "account": other, "counterparty": _ours(row["account"])},
        ]
    return [row]


def _ours(account: str) -> dict[str, str]:
    return {"name": "ООО «Образец»", "inn": _TAX_ID, "account": account}


def _moment(chance: random.Random) -> str:
    """A second of the month that is over at `_NOW`, the first and the last ones of a day among them."""
    day = FIRST + timedelta(days=chance.randrange(31))
    latest = 21 * 3600 if day == LAST else 86_399
    second = chance.choice((0, latest, chance.randint(0, latest), chance.randint(0, latest), chance.randint(0, latest)))
    return f"{day}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}+03:00"


@dataclass(frozen=True)
class Reader:
    """A hub that reads the month."""

    month: Month
    sandbox: RunningSandbox
    rt: Runtime

    @property
    def control(self) -> Control:
        """The hand on the bank."""
        return self.sandbox.control

    def poll(self) -> None:
        """One poll, to its end."""
        assert poll_bank(self.rt, self.month.bank).complete

    def proofs(self) -> list[DayProof]:
        """Every day that was read."""
        with self.rt.store.read() as uow:
            return uow.banks.proofs(FIRST)

    def red(self) -> dict[tuple[str, date], Money | None]:
        """Days that are not green, each with what is missing there; every day of every account must have been read."""
        found = [proof for proof in self.proofs() if proof.day <= LAST]
        assert len(found) == len(self.month.accounts) * 31
        assert not any(proof.jump for proof in found)
        return {(row.account, row.day): row.difference for row in found if row.state is not ProofState.PROVED}

    def lines(self) -> int:
        """How many movements the days hold."""
        return sum(proof.lines for proof in self.proofs())

    def money(self) -> Counter[tuple[object, ...]]:
        """Payments that the bank shows, by what they are."""
        with self.rt.store.read() as uow:
            rows = list(iter_payments(uow))
        return Counter(
            (row.payment.own_account, row.payment.direction, row.payment.amount, row.payment.booked_on)
            for row in rows
            if row.vanished_in is None
        )


@contextmanager
def served_month(month: Month) -> Iterator[RunningSandbox]:
    """The bank with that month, its clock standing on the last evening."""
    seed = {
        "settings": {"started_at": _NOW, **QUICK},
        "accounts": [
            {"bank": month.bank, "number": account, "opening_balance": "1000000.00"} for account in month.accounts
        ],
        "operations": list(month.operations),
    }
    with running_sandbox(seed) as sandbox:
        sandbox.control.freeze()
        yield sandbox


@contextmanager
def reader(month: Month, sandbox: RunningSandbox, store: Store) -> Iterator[Reader]:
    """A hub on that bank: the real connector, the real services."""
    clock = BanksClock(sandbox.control)
    with open_ports(sandbox, clock) as ports:
        rt = Runtime(
            store=store,
            clock=clock,
            crms={},
            connections={},
            own_accounts=frozenset(month.accounts),
            own_tax_ids=frozenset({_TAX_ID}),
            read_statement=lambda raw, accounts, tax_ids: iter(()),
            owner="reader",
            wake=lambda work, key: None,
            match_context=lambda own: MatchContext(own_tax_ids=own | {_TAX_ID}),
            banks=ports,
            bank_sources=sources(FIRST),
        )
        with store.write() as uow:
            uow.connections.ensure(month.bank)
        yield Reader(month, sandbox, rt)
