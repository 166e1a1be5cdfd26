"""A seeded year of trade with known answers: whatever a machine settles must be right."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from hub.domain.decision import DecisionKind
from hub.domain.matching import InMemoryBook, MatchContext, decide_all
from hub.domain.models import Client, Direction, Invoice, InvoiceStatus, Party, Payment, TaxId, TaxIdKind
from hub.domain.money import Money
from tests.support.matrix import Figures

ORGANISATIONS = ("7701000017", "7701000024")
WORDS = ("Альфа", "Вектор", "Заря", "Маяк", "Рассвет", "Сокол", "Орион", "Север", "Лидер", "Мастер")
PRICES = tuple(Decimal(price) for price in range(1000, 9000, 250))
TEXTS = (
    "Оплата по счету № {number} от {day} за товар. В т.ч. НДС 22% - 100-00",
    "ОПЛАТА ПО СЧЕТУ{number}ОТ {day}",
    "Опл. сч.№{number}",
    "по дог. 5/26, счет {number}",
    "за материалы",
)


@dataclass(frozen=True)
class World:
    """Invoices and payments with the invoice and sum that each payment truly pays."""

    invoices: list[Invoice]
    payments: list[Payment]
    truth: dict[str, tuple[str, Money]]


def build(seed: int, size: int) -> World:
    rnd = random.Random(seed)
    clients = [_client(rnd, index) for index in range(size // 8)]
    invoices = [_invoice(rnd, index, clients) for index in range(size)]
    unpaid = [invoice for invoice in invoices if invoice.status is InvoiceStatus.OPEN]
    rnd.shuffle(unpaid)
    payments, truth = [], {}
    for index, invoice in enumerate(unpaid[: size // 3]):
        payment, paid = _payment(rnd, f"p{index}", invoice)
        payments.append(payment)
        truth[payment.id] = (invoice.id, paid)
    return World(invoices, payments, truth)


def _client(rnd: random.Random, index: int) -> Client:
    name = f'ООО "{rnd.choice(WORDS)} {rnd.choice(WORDS)} {index % 50}"'
    ids = (TaxId(TaxIdKind.RU_INN, str(7700100000 + index * 13)),) if rnd.random() < 0.9 else ()
    return Client("", (name,), ids)


def _invoice(rnd: random.Random, index: int, clients: list[Client]) -> Invoice:
    amount = Money.of(rnd.choice(PRICES), "RUB")
    ours = index % 2
    status = rnd.choices((InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.CANCELLED), (7, 2, 1))[0]
    counter = 1 + (index // 2) % 150
    return Invoice(
        id=f"{rnd.getrandbits(32):08x}-{index}",
        number=f"ТД00-{counter:06d}" if ours else str(counter),
        issued_on=date(2025, 3, 1) + timedelta(days=rnd.randint(0, 360)),
        amount=amount,
        paid=amount if status is InvoiceStatus.PAID else Money.zero("RUB"),
        status=status,
        client=rnd.choice(clients),
        organisation_tax_id=ORGANISATIONS[ours],
    )


def _payment(rnd: random.Random, payment_id: str, invoice: Invoice) -> tuple[Payment, Money]:
    assert invoice.client is not None
    assert invoice.number is not None
    assert invoice.issued_on is not None
    number, amount, text = invoice.number, invoice.amount, rnd.choice(TEXTS)
    payer = Party(name=invoice.client.names[0].replace("ООО ", "") + " ООО", tax_id=invoice.client.main_tax_id)
    turn = rnd.random()
    if turn < 0.1:
        amount, text = Money.of(amount.amount * Decimal("0.3"), "RUB"), TEXTS[0]
    elif turn < 0.15:
        payer = Party(name="ООО Тюльпан", tax_id="7799999999")
    elif turn < 0.2:
        number = str(rnd.randint(1, 150))
    elif turn < 0.25:
        payer = Party()
    if number.startswith("ТД") and rnd.random() < 0.5:
        number = rnd.choice((number.replace("00-", "-"), str(int(number[-6:]))))
    payment = Payment(
        id=payment_id,
        direction=Direction.IN,
        amount=amount,
        booked_on=max(invoice.issued_on + timedelta(days=rnd.randint(0, 30)), date(2026, 1, 10)),
        purpose=text.format(number=number, day=invoice.issued_on.strftime("%d.%m.%y")),
        payer=payer,
        payee=Party(tax_id=invoice.organisation_tax_id),
    )
    return payment, amount


@pytest.mark.row(35)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_that_a_machine_settles_is_wrong_and_most_is_settled(seed: int, figures: Figures) -> None:
    world = build(seed, 1500)
    decisions = decide_all(
        world.payments, InMemoryBook(world.invoices), MatchContext(own_tax_ids=frozenset(ORGANISATIONS))
    )
    automatic = [decision for decision in decisions if decision.kind is DecisionKind.AUTO]
    wrong = [
        decision.reason
        for decision in automatic
        if [(item.invoice_id, item.amount) for item in decision.allocations] != [world.truth[decision.payment_id]]
    ]
    figures.total("automatic", len(automatic))
    figures.least("precision", 1 - len(wrong) / len(automatic))
    assert wrong == []
    assert len(automatic) >= 0.6 * len(decisions)
