"""The company of the benchmark: its clients, last year's paid invoices, this year's open ones, and its portal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from hub.domain.models import Client, Deal, Direction, Invoice, Party, Payment, StageKind, TaxId, TaxIdKind
from hub.domain.money import Money

OUR_TAX_ID: Final = "7700000023"
OUR_ACCOUNT: Final = "40702810000000000001"
CLIENTS: Final = 500
TODAY: Final = datetime.now(UTC).date()
#: Numbers of invoices: last year's and this year's never meet.
OLD: Final = 1_000_000
NEW: Final = 2_000_000
_WEIGHTS: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)


def tax_id(client: int) -> str:
    """A ten-digit ИНН with its check digit (ФНС, приказ ММВ-7-6/435@)."""
    head = f"77{client:07d}"
    check = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, head, strict=True)) % 11 % 10
    return f"{head}{check}"


@dataclass(frozen=True, slots=True)
class Sale:
    """One invoice with its deal; `number` is the invoice's."""

    number: int

    @property
    def client(self) -> int:
        """Whose it is."""
        return 1 + self.number % CLIENTS

    @property
    def amount(self) -> Money:
        """A sum of its own, kopecks and all."""
        return Money(Decimal(100_000 + (self.number * 7919) % 90_000_000) / 100, "RUB")

    @property
    def deal_id(self) -> int:
        """The CRM's id of the deal."""
        return self.number

    @property
    def issued_on(self) -> date:
        """Last year's are spread over the year before, this year's are of the last weeks."""
        back = 30 + self.number % 330 if self.number < NEW else 1 + self.number % 20
        return TODAY - timedelta(days=back)

    @property
    def purpose(self) -> str:
        """What the payer writes."""
        return f"Оплата по счету № {self.number} от {self.issued_on:%d.%m.%Y}. НДС не облагается"


def sales(first: int, count: int) -> Iterator[Sale]:
    """Sales numbered on from `first`."""
    return (Sale(number) for number in range(first, first + count))


def client_of(client: int) -> Client:
    """A client as a CRM knows it."""
    return Client(str(client), (f"ООО «Клиент {client}»",), (TaxId(TaxIdKind.RU_INN, tax_id(client)),))


def invoice_of(sale: Sale) -> Invoice:
    """An open invoice."""
    return Invoice(
        str(sale.number),
        str(sale.number),
        sale.issued_on,
        sale.amount,
        Money.zero("RUB"),
        client=Client(str(sale.client)),
        organisation_tax_id=OUR_TAX_ID,
        deals=(str(sale.deal_id),),
    )


def deal_of(sale: Sale) -> Deal:
    """Its deal, in work."""
    title = f"Поставка {sale.number}"
    return Deal(str(sale.deal_id), title, "0", "NEW", StageKind.OPEN, sale.amount, str(sale.client), "17")


def payment_of(sale: Sale) -> Payment:
    """The money that paid it, five days later."""
    return Payment(
        "",
        Direction.IN,
        sale.amount,
        sale.issued_on + timedelta(days=5),
        sale.purpose,
        payer=Party(f"ООО «Клиент {sale.client}»", tax_id(sale.client)),
        payee=Party("ООО «Наша фирма»", OUR_TAX_ID, account=OUR_ACCOUNT),
        own_account=OUR_ACCOUNT,
        document_number=str(sale.number % 100_000),
        organisation_tax_id=OUR_TAX_ID,
    )


def portal_seed(count: int, call_cost_s: float, plan: str) -> dict[str, object]:
    """A portal with this year's open deals and invoices, its real limits on, every call costing the same."""
    return {
        "version": 1,
        "settings": {"plan": plan, "latency_s": call_cost_s},
        "webhooks": [{"user_id": 1, "code": "benchcode0123456789"}],
        "users": [{"id": 1, "name": "Интеграция", "admin": True}, {"id": 17, "name": "Менеджер"}],
        "companies": [
            {"id": CLIENTS + 1, "title": "Наша фирма", "is_my_company": True},
            *({"id": n, "title": f"ООО «Клиент {n}»"} for n in range(1, CLIENTS + 1)),
        ],
        "requisites": [
            {"id": CLIENTS + 1, "entity_id": CLIENTS + 1, "rq_inn": OUR_TAX_ID},
            *({"id": n, "entity_id": n, "rq_inn": tax_id(n)} for n in range(1, CLIENTS + 1)),
        ],
        "deals": [
            {
                "id": sale.deal_id,
                "title": f"Поставка {sale.number}",
                "company_id": sale.client,
                "opportunity": str(sale.amount.amount),
                "assigned_by_id": 17,
            }
            for sale in sales(NEW, count)
        ],
        "invoices": [
            {
                "id": sale.number,
                "title": f"Счёт {sale.number}",
                "account_number": str(sale.number),
                "company_id": sale.client,
                "my_company_id": CLIENTS + 1,
                "deal_id": sale.deal_id,
                "opportunity": str(sale.amount.amount),
                "begin_date": sale.issued_on.isoformat(),
                "created_at": f"{sale.issued_on.isoformat()}T10:00:00+03:00",
            }
            for sale in sales(NEW, count)
        ],
    }
