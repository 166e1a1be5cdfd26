"""The seeds of the tests: one account in each bank, a clock that stands at a known moment."""

from typing import Any

TOCHKA = "40702810702500000001"
TOCHKA_ID = f"{TOCHKA}/044525104"
TBANK = "40702810910000000002"
PAYER = {
    "name": "ООО «Фиалка»",
    "inn": "7700000016",
    "kpp": "770001001",
    "account": "40702810638000000013",
    "bic": "044525225",
    "bank_name": "ПАО Сбербанк",
    "correspondent_account": "30101810400000000225",
}


def paid(account: str, day: int, amount: str = "12200.00", **fields: Any) -> dict[str, Any]:
    """An incoming payment of noon in Moscow on a day of February 2026."""
    return {
        "account": account,
        "amount": amount,
        "booked_at": f"2026-02-{day:02d}T12:00:00+03:00",
        "document_number": "245",
        "document_date": "2026-02-14",
        "purpose": "Оплата по счету № 71 от 10.02.2026",
        "counterparty": PAYER,
        **fields,
    }


def seed(
    *operations: dict[str, Any],
    tochka: dict[str, Any] | None = None,
    tbank: dict[str, Any] | None = None,
    access: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Both banks on 16 February 2026 with these operations and settings."""
    return {
        "settings": {"started_at": "2026-02-16T12:00:00+03:00", "tochka": tochka or {}, "tbank": tbank or {}},
        "accounts": [
            {"bank": "tochka", "number": TOCHKA, "opening_balance": "1000.00"},
            {"bank": "tbank", "number": TBANK, "opening_balance": "500.00"},
        ],
        "operations": list(operations),
        **(access or {}),
    }
