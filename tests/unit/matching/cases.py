"""Short ways to write payments and invoices in tests of the matcher."""

from __future__ import annotations

from datetime import date

from hub.domain.decision import Decision
from hub.domain.matching import InMemoryBook, MatchContext, decide_all
from hub.domain.models import (
    Client,
    Direction,
    Invoice,
    InvoiceStatus,
    Party,
    Payment,
    Reference,
    ReferenceKind,
    TaxId,
    TaxIdKind,
)
from hub.domain.money import Money

OURS = "7701000017"
OUR_OTHER_COMPANY = "7701000024"
PION, ROZA, IVANOV = "7700000016", "7700000023", "500100732259"
NAMES = {PION: 'ООО "Пион"', ROZA: 'ООО "Роза"', IVANOV: "ИП Иванов Иван Иванович"}
CONTEXT = MatchContext(own_tax_ids=frozenset({OURS, OUR_OTHER_COMPANY}))


def client(tax_id: str | None, name: str | None = None, kpp: str | None = None, account: str | None = None) -> Client:
    ids = [TaxId(TaxIdKind.RU_INN, tax_id)] if tax_id else []
    if kpp:
        ids.append(TaxId(TaxIdKind.RU_KPP, kpp))
    shown = name if name is not None else NAMES.get(tax_id or "", "")
    return Client("", (shown,) if shown else (), tuple(ids), (account,) if account else ())


def inv(
    number: str | None,
    amount: str | int,
    payer: str | Client | None = PION,
    *,
    on: str | None = "2026-02-03",
    paid: str | int = 0,
    status: InvoiceStatus = InvoiceStatus.OPEN,
    currency: str = "RUB",
    org: str | None = OURS,
    contract: str | None = None,
    order: str | None = None,
    id: str | None = None,
) -> Invoice:
    references = [Reference(ReferenceKind.CONTRACT, contract)] if contract else []
    if order:
        references.append(Reference(ReferenceKind.ORDER, order))
    return Invoice(
        id=id or f"i{number}",
        number=number,
        issued_on=date.fromisoformat(on) if on else None,
        amount=Money.of(amount, currency),
        paid=Money.of(paid, currency),
        status=status,
        client=client(payer) if isinstance(payer, str) else payer,
        organisation_tax_id=org,
        references=tuple(references),
    )


def pay(
    purpose: str,
    amount: str | int,
    payer: str | None = PION,
    *,
    name: str | None = None,
    kpp: str | None = None,
    account: str | None = None,
    on: str = "2026-03-01",
    currency: str = "RUB",
    direction: Direction = Direction.IN,
    org: str | None = OURS,
    id: str = "p",
) -> Payment:
    other = Party(name=name if name is not None else NAMES.get(payer or ""), tax_id=payer, kpp=kpp, account=account)
    ours = Party(name="ООО Мы", tax_id=org)
    outgoing = direction is Direction.OUT
    return Payment(
        id=id,
        direction=direction,
        amount=Money.of(amount, currency),
        booked_on=date.fromisoformat(on),
        purpose=purpose,
        payer=ours if outgoing else other,
        payee=other if outgoing else ours,
    )


def decide(payment: Payment, *invoices: Invoice, context: MatchContext = CONTEXT) -> Decision:
    return decide_all([payment], InMemoryBook(invoices), context)[0]


def given(decision: Decision) -> dict[str, str]:
    return {item.invoice_id: str(item.amount.amount) for item in decision.allocations}


def first_candidate(decision: Decision) -> tuple[str, ...]:
    return decision.candidates[0].invoices if decision.candidates else ()
