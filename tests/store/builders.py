"""Small builders of what the store keeps."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

from hub.domain.allocation import Allocation, Match
from hub.domain.decision import Aspect, Candidate, Decision, DecisionKind, Evidence, Pile, Stand
from hub.domain.models import (
    Client,
    Deal,
    Direction,
    Invoice,
    InvoiceStatus,
    Party,
    Payment,
    Reference,
    ReferenceKind,
    StageKind,
    TaxId,
    TaxIdKind,
)
from hub.domain.money import Money
from hub.ports.records import EffectKind, NewEffect
from hub.ports.statement import ReceivedPayment
from hub.ports.store import UnitOfWork

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CRM = "b24"
ACCOUNT = "40702810900000000001"


def later(seconds: float) -> datetime:
    """So many seconds after NOW."""
    return NOW + timedelta(seconds=seconds)


def rub(amount: str) -> Money:
    """Roubles."""
    return Money.of(amount, "RUB")


def received(
    purpose: str = "Оплата по счету № 71",
    amount: str = "1200.00",
    *,
    booked_on: date = date(2026, 3, 1),
    occurrence: int = 1,
    account: str | None = ACCOUNT,
    direction: Direction = Direction.IN,
) -> ReceivedPayment:
    """A payment as a statement shows it."""
    payment = Payment(
        id="",
        direction=direction,
        amount=rub(amount),
        booked_on=booked_on,
        purpose=purpose,
        payer=Party("ООО «Ёлка»", "7701234567", "770101001", "40702810100000000777", "044525225", "ПАО СБЕРБАНК"),
        payee=Party(name="ООО «Ромашка»", tax_id="7707654321"),
        own_account=account,
        document_number="245",
        document_date=date(2026, 2, 28),
        document_kind="Платёжное поручение",
        operation_code="01",
        direction_reason="наш счёт стоит получателем",
        organisation_tax_id="7707654321",
    )
    content = f"{purpose}|{amount}|{booked_on}"
    return ReceivedPayment(
        payment,
        hashlib.sha256(content.encode(errors="replace")).hexdigest(),
        occurrence,
        source_id="bank-1",
        raw="СекцияДокумент=Платёжное поручение",
        warnings=("КПП плательщика не указан",),
    )


def add_payment(uow: UnitOfWork, purpose: str = "Оплата по счету № 71", amount: str = "1200.00") -> str:
    """A payment in the store; its id."""
    return uow.payments.add([received(purpose, amount)], None, NOW)[0][0]


def decision(payment_id: str, *invoice_ids: str, kind: DecisionKind = DecisionKind.SUGGEST) -> Decision:
    """A decision with evidence."""
    allocations = tuple(Allocation(invoice_id, rub("1200.00")) for invoice_id in invoice_ids)
    evidence = Evidence(Aspect.NUMBER, "agrees", Stand.FOR, "номер счёта назван")
    return Decision(
        payment_id=payment_id,
        kind=kind,
        allocations=allocations,
        candidates=(Candidate(allocations, (evidence,)),) if allocations else (),
        code="two_fit",
        reason="Подходят два счёта.",
        unapplied=rub("0.10"),
        pile=Pile.NEEDS_YOU,
        version="1",
    )


def client(external_id: str = "5", *, name: str = "ООО «Ёлка»", tax_id: str = "7701234567") -> Client:
    """A client with requisites."""
    return Client(
        external_id,
        (name,),
        (TaxId(TaxIdKind.RU_INN, tax_id), TaxId(TaxIdKind.RU_KPP, "770101001")),
        ("40702810100000000777",),
    )


def invoice(
    external_id: str = "71",
    *,
    number: str | None = "71",
    amount: str = "1200.00",
    status: InvoiceStatus = InvoiceStatus.OPEN,
    client_id: str | None = "5",
    deals: tuple[str, ...] = ("1",),
) -> Invoice:
    """An invoice as its source reports it."""
    return Invoice(
        external_id,
        number,
        date(2026, 2, 20),
        rub(amount),
        rub("0"),
        status=status,
        due_on=date(2026, 3, 20),
        client=Client(client_id) if client_id else None,
        organisation_tax_id="7707654321",
        deals=deals,
        references=(Reference(ReferenceKind.CONTRACT, "Д-7", date(2026, 1, 15)), Reference(ReferenceKind.ORDER, None)),
    )


def deal(external_id: str = "1", *, stage: str = "NEW", amount: str | None = "1200.00") -> Deal:
    """A deal as last read."""
    return Deal(
        external_id,
        "Поставка ёлок",
        "0",
        stage,
        StageKind.OPEN,
        rub(amount) if amount else None,
        client_id="5",
        responsible_id="17",
        moved_by="17",
        fields={"UF_NUMBER": "71"},
    )


def allocate(uow: UnitOfWork, payment_id: str, invoice_id: str, amount: str = "1200.00") -> None:
    """An active allocation."""
    uow.matches.add(Match(payment_id, (Allocation(invoice_id, rub(amount)),)), "hub", NOW)


def effect(
    key: str,
    payment_id: str,
    *,
    kind: EffectKind = EffectKind.MOVE_DEAL,
    subject: str = "b24/1",
    after: tuple[str, ...] = (),
    observed_because: str | None = None,
    connection: str = CRM,
) -> NewEffect:
    """An effect for the outbox."""
    return NewEffect(
        key, connection, kind, subject, payment_id, {"deal": "1", "text": "Оплачено"}, after, observed_because
    )
