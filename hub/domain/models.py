"""The nouns of the domain: parties, payments, invoices, deals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from hub.domain.money import Money
from hub.domain.word import Word


class TaxIdKind(Word):
    """What register a tax id belongs to."""

    RU_INN = "inn"
    RU_KPP = "kpp"
    KZ_BIN = "kz_bin"
    KZ_IIN = "kz_iin"
    BY_UNP = "by_unp"


@dataclass(frozen=True, slots=True)
class TaxId:
    """A tax id as text (leading zeros count) with its kind."""

    kind: TaxIdKind
    value: str


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a payment or an invoice, as the source wrote it; None where the source was silent.

    `account` is 20 digits in Russia or an IBAN elsewhere; `tax_id` is the ИНН (БИН/ИИН, УНП), `kpp` the КПП,
    `bic` the БИК.
    """

    name: str | None = None
    tax_id: str | None = None
    kpp: str | None = None
    account: str | None = None
    bic: str | None = None
    bank_name: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A customer as a CRM or accounting system keeps it: every name, tax id and account known for it."""

    id: str
    names: tuple[str, ...] = ()
    tax_ids: tuple[TaxId, ...] = ()
    accounts: tuple[str, ...] = ()

    def values(self, *kinds: TaxIdKind) -> frozenset[str]:
        """Values of the tax ids of these kinds."""
        return frozenset(item.value for item in self.tax_ids if item.kind in kinds)

    @property
    def main_tax_id(self) -> str | None:
        """The id that says who pays tax (ИНН, БИН, ИИН or УНП), where one is known."""
        return next((item.value for item in self.tax_ids if item.kind is not TaxIdKind.RU_KPP), None)

    @property
    def kpp(self) -> str | None:
        """The КПП, where exactly one is known (branches share an ИНН and differ here)."""
        found = self.values(TaxIdKind.RU_KPP)
        return next(iter(found)) if len(found) == 1 else None


class Direction(Word):
    """Which way money went, seen from our own accounts."""

    IN = "in"
    OUT = "out"
    SELF = "self"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Payment:
    """One booked movement of money on one of our accounts.

    Attributes:
        id: the hub's id, or the caller's in bulk runs.
        booked_on: the bank's posting date (a date: a statement names no time).
        own_account: our account that the line belongs to.
        direction_reason: which rule decided the direction, for the accountant.
        organisation_tax_id: ИНН of our own legal entity that owns the account, where known.
        document_kind: the statement's word for the document (платёжное поручение, банковский ордер …).
        operation_code: «Вид операции» of the order (01 payment order, 17 bank order …), where given.
    """

    id: str
    direction: Direction
    amount: Money
    booked_on: date
    purpose: str
    payer: Party = Party()
    payee: Party = Party()
    own_account: str | None = None
    document_number: str | None = None
    document_date: date | None = None
    document_kind: str | None = None
    operation_code: str | None = None
    direction_reason: str | None = None
    organisation_tax_id: str | None = None

    @property
    def counterparty(self) -> Party:
        """The other side: the payer of incoming money, the payee of outgoing."""
        return self.payee if self.direction is Direction.OUT else self.payer


class InvoiceStatus(Word):
    """Where an invoice stands."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class ReferenceKind(Word):
    """Kinds of documents that an invoice or a purpose names."""

    CONTRACT = "contract"
    ORDER = "order"
    UPD = "upd"
    ACT = "act"
    WAYBILL = "waybill"
    SPECIFICATION = "specification"
    VAT_INVOICE = "vat_invoice"
    INVOICE = "invoice"
    LETTER = "letter"
    REGISTER = "register"
    DECISION = "decision"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reference:
    """Another document of the same sale: договор, заказ, УПД …"""

    kind: ReferenceKind
    number: str | None
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """How another system calls the same invoice: its number and day there."""

    number: str | None
    on: date | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """A demand for money: what is asked, of whom, and how much of it is still open.

    Attributes:
        number: as the client sees it printed; None when the deal itself is the invoice.
        paid: covered so far by allocations or by the source's own word.
        organisation_tax_id: ИНН of our legal entity that issued it.
        deals: ids of the deals it belongs to (many to many).
        markable: it is an object of its own in its source, where a paid mark can be set (not a field of a deal).
        bound_by_deal: its source tells the deals' side only (`hub.ports.crm.Binding`): `deals` says nothing here.
        from_accounting: it is a document of an accounting system, whose number, day and sum are the ones printed.
        guid: the accounting system's reference of it, where its source keeps one.
        also: how other systems call it, where several keep the same sale.
    """

    id: str
    number: str | None
    issued_on: date | None
    amount: Money
    paid: Money
    status: InvoiceStatus = InvoiceStatus.OPEN
    due_on: date | None = None
    client: Client | None = None
    organisation_tax_id: str | None = None
    deals: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    markable: bool = True
    bound_by_deal: bool = False
    from_accounting: bool = False
    guid: str | None = None
    also: tuple[Issued, ...] = ()

    @property
    def open_amount(self) -> Money:
        """What is still to be paid; nothing once paid or cancelled."""
        if self.status is not InvoiceStatus.OPEN:
            return Money.zero(self.amount.currency)
        if not self.paid.amount and self.amount.amount > 0 and self.paid.currency == self.amount.currency:
            return self.amount
        rest = self.amount - self.paid
        return rest if rest.amount > 0 else Money.zero(self.amount.currency)


class StageKind(Word):
    """What a stage means: the deal goes on, is won, or is lost."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a pipeline; `position` orders the stages as the CRM shows them."""

    id: str
    name: str
    position: int
    kind: StageKind = StageKind.OPEN


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline with its stages in the CRM's order."""

    id: str
    name: str
    stages: tuple[Stage, ...] = ()

    def stage(self, stage_id: str) -> Stage | None:
        """The stage with that id, if the pipeline still has it."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)


@dataclass(frozen=True, slots=True)
class Deal:
    """A sale in a CRM, as last read.

    Attributes:
        id: the CRM's id as text.
        moved_by: who moved it last, where the CRM says so.
        fields: custom fields that the company's map names (number, date, sum of an invoice kept in the deal).
    """

    id: str
    title: str
    pipeline_id: str
    stage_id: str
    stage_kind: StageKind
    amount: Money | None
    client_id: str | None = None
    responsible_id: str | None = None
    moved_by: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
