"""A company, its client and their sales, as seeds and movements of the local amoCRM and banks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from connectors.bank.sandbox.seed import Bank
from tests.support.statements import Received

AMO: Final = "amo"
TOCHKA: Final = "tochka"
TBANK: Final = "tbank"
BANKS: Final[tuple[Bank, ...]] = (TOCHKA, TBANK)
ACCOUNTS: Final = {TOCHKA: "40702810702500000001", TBANK: "40702810910000000002"}
STARTED_AT: Final = datetime.fromisoformat("2026-03-16T09:00:00+03:00")
HOOK_SECRETS: Final = {
    AMO: "amo-0f4c8a1d9e7b6352",
    TOCHKA: "tochka-0f4c8a1d9e7b6352",
    TBANK: "tbank-0f4c8a1d9e7b6352",
}
HOOK_TOKEN: Final = "our-own-word-for-the-bank-5130"
MOSCOW: Final = timezone(timedelta(hours=3))
MANAGER: Final = 17
#: The pipeline, its stages, and the list of invoices.
SALES: Final = 9001
INVOICES: Final = 7301
NEW, WAITING, PAID = 61001, 61002, 61003
#: Positions of the stages, and of the statuses of an invoice: created and paid by the numbers that the account gives.
ORDER: Final = {"61001": 0, "61002": 1, "61003": 2, "142": 9, "700119": 0, "700120": 2}
CLIENT: Final = {
    "name": "ООО «Вектор»",
    "inn": "7700112239",
    "kpp": "770001001",
    "account": "40702810500000000012",
    "bic": "044525225",
}


def deal_id(place: int) -> int:
    """Number of the deal that was made in that place, from 1."""
    return 70_000 + place


def invoice_id(place: int) -> int:
    """Number of its invoice in the account."""
    return 880_100 + place


def invoice_number(place: int) -> int:
    """What people call that invoice."""
    return 100 + place


def lead(place: int, amount: str, **parts: Any) -> dict[str, Any]:
    """A deal that waits for its money."""
    base: dict[str, Any] = {
        "id": deal_id(place),
        "name": f"Сделка {place}",
        "price": amount.partition(".")[0],
        "pipeline_id": SALES,
        "status_id": WAITING,
        "company_id": 512,
        "responsible_user_id": MANAGER,
    }
    return base | parts


def bill(place: int, amount: str, **parts: Any) -> dict[str, Any]:
    """Its invoice."""
    payer = {"type": "legal", "name": CLIENT["name"], "entity_type": "companies", "entity_id": 512}
    base: dict[str, Any] = {
        "id": invoice_id(place),
        "name": f"Счет №{invoice_number(place)} от 10.03.2026",
        "price": amount,
        "lead_ids": [deal_id(place)],
        "payer": payer | {"vat_id": CLIENT["inn"], "kpp": CLIENT["kpp"]},
    }
    return base | parts


def amo_seed(sums: Sequence[str] = ("1000.00", "2000.00"), **parts: Any) -> dict[str, Any]:
    """An account with one client, and a deal with one invoice for each sum; `parts` replace sections."""
    requisites = {"name": CLIENT["name"], "entity_type": 2, "vat_id": CLIENT["inn"], "kpp": CLIENT["kpp"]}
    settings = {"started_at": STARTED_AT.isoformat(), "rate_limit": {"enabled": False}}
    account: dict[str, Any] = {
        "settings": settings | dict(parts.pop("settings", {})),
        "users": [{"id": 1, "name": "Хаб", "admin": True}, {"id": MANAGER, "name": "Анна Продажина"}],
        "pipelines": [
            {
                "id": SALES,
                "name": "Продажи",
                "is_main": True,
                "statuses": [
                    {"id": NEW, "name": "Первичный контакт"},
                    {"id": WAITING, "name": "Счёт выставлен"},
                    {"id": PAID, "name": "В работе"},
                ],
            }
        ],
        "catalogs": [{"id": INVOICES, "name": "Счета", "type": "invoices"}],
        "custom_fields": [{"id": 501, "name": "Реквизиты", "entity": "companies", "type": "legal_entity"}],
        "companies": [
            {"id": 512, "name": "Вектор", "fields": {"501": {**requisites, "bank_account_number": CLIENT["account"]}}}
        ],
        "leads": [lead(place, amount) for place, amount in enumerate(sums, 1)],
        "invoices": [bill(place, amount) for place, amount in enumerate(sums, 1)],
    }
    return account | parts


def banks_seed(*operations: Mapping[str, Any], **settings: Any) -> dict[str, Any]:
    """One account of ours in each bank; `tochka` and `tbank` are their settings."""
    tochka = {"created_polls": 0, "hook_retry_s": 10} | settings.get(TOCHKA, {})
    return {
        "settings": {"started_at": STARTED_AT.isoformat(), TOCHKA: tochka, TBANK: settings.get(TBANK, {})},
        "accounts": [
            {"bank": name, "number": number, "opening_balance": "1000.00"} for name, number in ACCOUNTS.items()
        ],
        "operations": [dict(operation) for operation in operations],
    }


def purpose(place: int) -> str:
    """What the client writes when paying that invoice."""
    return f"Оплата по счету № {invoice_number(place)} от 10.03.2026. НДС не облагается"


def money(place: int, amount: str = "1000.00", **parts: Any) -> Received:
    """The client's payment of an invoice as a line of a statement file."""
    named = {"tax_id": CLIENT["inn"], "name": "ООО Вектор", "account": CLIENT["account"]}
    return Received(str(50 + place), amount, purpose(place), **{**named, **parts})


def transfer(bank: str, place: int, amount: str = "1000.00", **parts: Any) -> dict[str, Any]:
    """The same as an operation of a bank; it is booked in the moment when it appears unless `parts` say else."""
    base: dict[str, Any] = {
        "account": ACCOUNTS[bank],
        "amount": amount,
        "document_number": str(50 + place),
        "purpose": purpose(place),
        "counterparty": CLIENT,
    }
    return base | parts
