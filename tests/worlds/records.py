"""What a made-up company holds: clients, invoices, payments, what a payment says, and the truth about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

KOPECK: Final = Decimal("0.01")


class ClientKind(StrEnum):
    """Who a client is; it decides how its name and requisites are written."""

    COMPANY = "company"
    SOLE = "sole"
    PERSON = "person"
    STATE = "state"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Person:
    """Surname, name and patronymic."""

    surname: str
    name: str
    patronymic: str

    @property
    def full(self) -> str:
        return f"{self.surname} {self.name} {self.patronymic}"


@dataclass(frozen=True, slots=True)
class Client:
    """A payer of ours; `spellings` are its name as it and its bank write it, the first one stands in the invoices."""

    id: str
    kind: ClientKind
    base: str
    spellings: tuple[str, ...]
    tax_id: str | None
    kpp: str | None
    account: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """One of our legal entities."""

    name: str
    tax_id: str
    kpp: str
    account: str


@dataclass(frozen=True, slots=True)
class Written:
    """A number of an invoice as somebody writes it: the text and the parts that are left in it."""

    text: str
    prefix: str
    core: str
    year: str = ""


@dataclass(slots=True, eq=False)
class Bill:
    """An invoice of ours. `requisites` is whether its client's tax id stands in it, `with_account` its account."""

    index: int
    number: Written
    spellings: tuple[Written, ...]
    issued_on: date
    amount: Decimal
    client: Client
    organisation: Organisation
    currency: str = "RUB"
    paid: Decimal = Decimal(0)
    status: str = "open"
    requisites: bool = True
    with_account: bool = False
    references: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        return f"inv-{self.index}"

    @property
    def tax_id(self) -> str | None:
        return self.client.tax_id if self.requisites else None


@dataclass(frozen=True, slots=True)
class Side:
    """The payer as the bank's line names it."""

    name: str | None = None
    tax_id: str | None = None
    kpp: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that a payment says, known because we wrote it.

    Attributes:
        numbers: invoice numbers in the purpose.
        unsigned: the number has neither the word «счёт» nor «№» before it.
        dated: the date of the invoice in the purpose.
        reference: a contract or an order, kind and number.
        part_stated: the purpose says that this is a part, or which share.
        shared: the payer's requisites are a bank's or the treasury's and tell nothing.
        payer: who pays by the name in the line; None where the line names nobody.
        named_tax_id: a tax id in the purpose.
        person_must: why a person must look whatever agrees; empty where nothing calls for it.
    """

    numbers: tuple[Written, ...] = ()
    unsigned: bool = False
    dated: date | None = None
    reference: tuple[str, str] | None = None
    part_stated: bool = False
    shared: bool = False
    payer: Client | None = None
    named_tax_id: str | None = None
    person_must: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A line of the bank.

    Attributes:
        group: payments of one story; they stay in a world or leave it together.
        settles: what the money is really for, by invoice id.
        alike: other invoices that a person would rightly see first.
        ours: false for money that no client paid for an invoice.
    """

    id: str
    kind: str
    group: int
    booked_on: date
    amount: Decimal
    purpose: str
    payer: Side
    organisation: Organisation
    said: Said
    settles: Mapping[str, Decimal] = field(default_factory=dict)
    alike: tuple[str, ...] = ()
    currency: str = "RUB"
    outgoing: bool = False
    ours: bool = True


class Answer(StrEnum):
    """What a machine may do with a payment."""

    DECISIVE = "decisive"
    DOUBTFUL = "doubtful"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is right for one payment.

    Attributes:
        allocations: what the money is for by invoice id; for a decisive payment the machine must allocate exactly so.
        first: invoices of which a person must see one first; empty where none is better than another.
    """

    payment: str
    kind: str
    answer: Answer
    allocations: Mapping[str, Decimal] = field(default_factory=dict)
    first: tuple[str, ...] = ()
