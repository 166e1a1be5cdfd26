"""The nouns of the story: companies, deals, invoices and lines of a bank statement with what must come of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, Literal

Decision = Literal["auto", "suggest", "none"]
Way = Literal["in", "out", "self"]
Event = Literal["partly", "paid", "unknown_sum"]
Pile = Literal["needs_you", "not_ours"]
Fate = Literal["payment", "quarantined", "skipped"]
Crm = Literal["bitrix24", "amocrm"]
#: How the CRM numbers its own invoice beside the document in 1C: by itself, as 1C does, or without the prefix.
Numbering = Literal["own", "same", "bare"]
#: The system that keeps the books of both companies.
ACCOUNTING: Final = "accounting_1c"
RETAIL: Final = 0
WHOLESALE: Final = 4


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank that does not exist."""

    name: str
    city: str
    bic: str
    correspondent: str


@dataclass(frozen=True, slots=True)
class Company:
    """A side of payments; `id` is its CRM's, 0 for those that no CRM knows."""

    id: int
    name: str
    inn: str
    kpp: str
    account: str
    bank: Bank
    crm: Crm = "bitrix24"

    @property
    def plain_name(self) -> str:
        """The name as banks print it, in straight quotes (the DOS code page has no others)."""
        return self.name.replace("«", '"').replace("»", '"')


@dataclass(slots=True)
class Paper:
    """A document of 1C that asks for the money of a sale; its number, day and sum are the sale's.

    Attributes:
        key: the reference in 1C.
        has_inn: whether the client's card in 1C has its ИНН.
        contract: number of the contract that it is made under.
        received: the accountant has put the bank's money to it already.
        asked: invoices and deals of a CRM of which a person has to say whether they are of this sale.
    """

    key: str
    has_inn: bool = True
    contract: str = ""
    received: bool = False
    asked: list[Invoice | Deal] = field(default_factory=list)


@dataclass(slots=True)
class Copy:
    """What the CRM's own invoice of a sale says where 1C has its document.

    Attributes:
        keeps_key: the CRM's invoice names the document in 1C.
        number: given when all invoices are known.
    """

    numbering: Numbering
    amount: Decimal
    issued: date
    keeps_key: bool = False
    number: str = ""


@dataclass(slots=True)
class Invoice:
    """An invoice of a deal: in the CRM of the deal, in 1C or in both.

    Attributes:
        stage: the last part of its stage id in Bitrix24: S sent, P paid, D declined.
        number: given when all invoices are known, in the order of their dates; the printed one where 1C has it.
        covered: what the story's payments have brought it so far.
        namesake: the invoice of the other company, or the document of 1C, whose number this one happens to have.
        paper: the document in 1C; None where only the CRM knows of it.
        copy: the CRM's own invoice beside the document.
        deal_is_known: the hub can tell by machine that it belongs to the deal.
    """

    id: int
    deal: Deal
    amount: Decimal
    issued: date
    organisation: Company
    stage: str = "S"
    currency: str = "RUB"
    number: str = ""
    covered: Decimal = Decimal(0)
    namesake: Invoice | None = None
    paper: Paper | None = None
    copy: Copy | None = None
    deal_is_known: bool = True

    @property
    def label(self) -> str:
        """Its number, with the CRM where it is not the first one: both companies count by themselves."""
        return invoice_label(self.number, ACCOUNTING if self.paper else self.deal.crm)

    @property
    def in_crm(self) -> bool:
        """Whether the deal's CRM has an invoice of the sale."""
        return self.paper is None or self.copy is not None

    @property
    def as_in_crm(self) -> Copy:
        """How the CRM has it."""
        return self.copy or Copy("own", self.amount, self.issued, number=self.number)


def invoice_label(number: str, system: str) -> str:
    """How the expectations name an invoice; numbers of 1C tell by their prefix whose they are."""
    return f"{number} (amoCRM)" if system == "amocrm" else number


@dataclass(slots=True)
class Deal:
    """A deal; `now` is the stage that the story's payments have brought it to."""

    id: int
    title: str
    category: int
    stage: str
    amount: Decimal
    client: Company
    currency: str = "RUB"
    invoices: list[Invoice] = field(default_factory=list)
    now: str = ""

    def __post_init__(self) -> None:
        self.now = self.stage

    @property
    def crm(self) -> Crm:
        """Where it is kept: where its client is."""
        return self.client.crm


@dataclass(slots=True)
class Consequences:
    """What one payment must lead to in the CRM: moves (deal, from, to), comments, tasks, invoices marked paid."""

    moves: list[tuple[Deal, str, str]] = field(default_factory=list)
    comments: list[Deal] = field(default_factory=list)
    tasks: list[Deal] = field(default_factory=list)
    paid: list[Invoice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account of ours; `file_title` is how its bank signs the export."""

    number: str
    owner: Company
    bank: Bank
    currency: str = "RUB"


@dataclass(slots=True)
class Line:
    """One document of a statement and what the hub must decide of it.

    Attributes:
        allocations: invoice and the part of the payment it must get, for `auto`.
        candidates: invoices that must all be offered, one of them first, for `suggest`.
        pile: where a payment waits that no machine matched.
        tax_status: fills the tax block of the order.
        masked: the bank prints the payer's account with stars.
        fate: `quarantined` has an unreadable sum, `skipped` is an order that the bank has not carried out.
        hooked: the bank tells of it by a hook, while the hub is at work.
        late: it came after the export of its day was made.
        files: names of the exports that show it, in order.
    """

    case: str
    account: OwnAccount
    booked: date
    number: str
    amount: Decimal
    way: Way
    other: Company
    purpose: str
    decision: Decision
    allocations: list[tuple[Invoice, Decimal]] = field(default_factory=list)
    candidates: list[Invoice] = field(default_factory=list)
    pile: Pile = "needs_you"
    follows: Consequences = field(default_factory=Consequences)
    document_date: date | None = None
    kind: str = "Платежное поручение"
    code: str = "01"
    tax_status: str = ""
    masked: bool = False
    fate: Fate = "payment"
    hooked: bool = False
    late: bool = False
    files: list[str] = field(default_factory=list)
