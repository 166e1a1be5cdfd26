"""What there is in the portal, the account and the banks before the day begins."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from tests.day.plan import CLIENTS, FIRST_DEAL, Day
from tests.support.served_banks import QUICK

PORTAL, AMO = "portal", "amo"
CRMS: Final = (PORTAL, AMO)
MIDNIGHT: Final = datetime(2026, 3, 16, tzinfo=timezone(timedelta(hours=3)))
OURS, MANAGER, SELLER = 1, 17, 517
ACCOUNTS: Final = {"tochka": "40702810702500000001", "tbank": "40702810910000000002"}
OUR_TAX_ID: Final = "7700000023"
INVOICES: Final = 7301
FIRST_LEAD, FIRST_ELEMENT = 70_000, 880_000


def client(crm: str, number: int) -> dict[str, str]:
    """A client as banks print him."""
    inn = f"77{'01' if crm == PORTAL else '02'}{number:06d}"
    return {"name": f"ООО «Клиент {crm} {number}»", "inn": inn, "account": f"407028106380000{inn[3:8]}"[:15] + inn[-5:]}


def whole(amount: Decimal) -> int:
    """The account keeps whole roubles in deals."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def payer(number: int) -> dict[str, Any]:
    told = client(AMO, number)
    return {
        "type": "legal",
        "name": told["name"],
        "entity_type": "companies",
        "entity_id": 1000 + number,
        "vat_id": told["inn"],
    }


def portal_seed(day: Day) -> dict[str, Any]:
    existing = [sale for sale in day.sales.values() if sale.existing and sale.crm == PORTAL]
    deals, invoices = [], []
    for sale in existing:
        deals.append(
            {
                "id": FIRST_DEAL + len(deals) + 1,
                "title": sale.key,
                "company_id": 100 + sale.client,
                "opportunity": str(sale.total),
                "assigned_by_id": MANAGER,
            }
        )
        for part, amount in enumerate(sale.sums):
            invoices.append(
                {
                    "id": sale.numbers[part],
                    "title": f"Счёт {sale.key}",
                    "company_id": 100 + sale.client,
                    "my_company_id": 3,
                    "deal_id": deals[-1]["id"],
                    "opportunity": str(amount),
                    "begin_date": "2026-03-10",
                    "created_at": "2026-03-10T10:00:00+03:00",
                }
            )
    people = [client(PORTAL, number) for number in range(CLIENTS)]
    return {
        "settings": {
            "rate_limit": {"enabled": False},
            "operating": {"enabled": False},
            "started_at": MIDNIGHT.isoformat(),
        },
        "webhooks": [{"user_id": OURS, "code": "ourscode"}, {"user_id": MANAGER, "code": "managercode"}],
        "users": [{"id": OURS, "name": "Интеграция", "admin": True}, {"id": MANAGER, "name": "Менеджер"}],
        "companies": [
            {"id": 3, "title": "Наша фирма", "is_my_company": True},
            *({"id": 100 + number, "title": told["name"]} for number, told in enumerate(people)),
        ],
        "requisites": [
            {"id": 1, "entity_id": 3, "rq_inn": OUR_TAX_ID},
            *(
                {"id": 10 + number, "entity_id": 100 + number, "rq_inn": told["inn"], "rq_company_name": told["name"]}
                for number, told in enumerate(people)
            ),
        ],
        "deals": deals,
        "invoices": invoices,
    }


def account_seed(day: Day) -> dict[str, Any]:
    existing = [sale for sale in day.sales.values() if sale.existing and sale.crm == AMO]
    leads, invoices = [], []
    for sale in existing:
        leads.append(
            {
                "id": FIRST_LEAD + len(leads) + 1,
                "name": sale.key,
                "price": str(whole(sale.total)),
                "pipeline_id": 9001,
                "status_id": 61002,
                "company_id": 1000 + sale.client,
                "responsible_user_id": SELLER,
            }
        )
        for part, amount in enumerate(sale.sums):
            invoices.append(
                {
                    "id": FIRST_ELEMENT + len(invoices) + 1,
                    "name": f"Счет №{sale.numbers[part]} от 10.03.2026",
                    "price": str(amount),
                    "lead_ids": [leads[-1]["id"]],
                    "payer": payer(sale.client),
                }
            )
    names = {1: "Первичный контакт", 2: "Счёт выставлен", 3: "Аванс", 4: "В работе"}
    return {
        "settings": {"started_at": MIDNIGHT.isoformat(), "rate_limit": {"enabled": False}},
        "users": [{"id": OURS, "name": "Хаб", "admin": True}, {"id": SELLER, "name": "Анна", "admin": True}],
        "pipelines": [
            {
                "id": 9001,
                "name": "Продажи",
                "is_main": True,
                "statuses": [{"id": 61_000 + number, "name": name} for number, name in names.items()],
            }
        ],
        "catalogs": [{"id": INVOICES, "name": "Счета", "type": "invoices"}],
        "custom_fields": [{"id": 502, "name": "ИНН", "entity": "companies"}],
        "companies": [
            {"id": 1000 + number, "name": client(AMO, number)["name"], "fields": {"502": client(AMO, number)["inn"]}}
            for number in range(CLIENTS)
        ],
        "leads": leads,
        "invoices": invoices,
    }


def banks_seed() -> dict[str, Any]:
    accounts = [{"bank": name, "number": number, "opening_balance": "1000.00"} for name, number in ACCOUNTS.items()]
    return {"settings": {"started_at": MIDNIGHT.isoformat(), **QUICK}, "accounts": accounts}
