"""The worked examples of the user guide, decided: what the page says is what an accountant will see."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from hub.domain.decision import Decision
from hub.domain.matching import InMemoryBook, MatchContext, decide_all
from hub.domain.models import Client, Direction, Invoice, InvoiceStatus, Party, Payment, TaxId, TaxIdKind
from hub.domain.money import Money

PAGE: Final = Path(__file__).parents[2] / "docs" / "matching-examples.md"
OURS: Final = "7701000017"
_PAYMENT: Final = re.compile(r"Платёж (\S+), (\S.*?) ₽, (.+), ИНН (\d+): «(.+)»")
_INVOICE: Final = re.compile(r"\| (\S+) \| (\d\S+) \| (\S.*?) \| (\S.*?) \| (.+), ИНН (\d+) \|")
_DECISION: Final = re.compile(r"\*\*(Автоматически|Предложение|Нет)\*\*: (.+)")
_KINDS: Final = {"Автоматически": "auto", "Предложение": "suggest", "Нет": "none"}
EXAMPLES: Final = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]


def _day(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()


def _money(text: str) -> Money:
    return Money.of(Decimal(text.replace(" ", "").replace(",", ".")), "RUB")


def _payment(example: str) -> Payment:
    found = _PAYMENT.search(example)
    assert found is not None, example
    day, amount, name, tax_id, purpose = found.groups()
    return Payment("p", Direction.IN, _money(amount), _day(day), purpose, Party(name, tax_id), Party(tax_id=OURS))


def _invoice(number: str, day: str, amount: str, paid: str, name: str, tax_id: str) -> Invoice:
    whole, given = _money(amount), _money(paid)
    client = Client("", (name,), (TaxId(TaxIdKind.RU_INN, tax_id),), ())
    status = InvoiceStatus.PAID if whole == given else InvoiceStatus.OPEN
    return Invoice(
        id=number,
        number=number,
        issued_on=_day(day),
        amount=whole,
        paid=given,
        status=status,
        client=client,
        organisation_tax_id=OURS,
    )


def _decided(example: str) -> Decision:
    invoices = [_invoice(*found) for found in _INVOICE.findall(example)]
    context = MatchContext(own_tax_ids=frozenset({OURS}))
    (decision,) = decide_all([_payment(example)], InMemoryBook(invoices), context)
    return decision


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.partition("\n")[0] for example in EXAMPLES])
def test_the_hub_decides_as_the_page_says(example: str) -> None:
    told = _DECISION.search(example)
    assert told is not None
    decision = _decided(example)
    assert (decision.kind.value, decision.reason.replace("\u00a0", " ")) == (_KINDS[told[1]], told[2])


def test_there_are_ten_of_them() -> None:
    assert len(EXAMPLES) == 10
