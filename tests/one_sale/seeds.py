"""The sales of a plan as rows of two portals, an account and an accounting base."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone
from typing import Any, Final

from tests.one_sale.plan import ACCOUNT, CLIENTS, FIELDS, PORTAL, Card, Client, Sale

OURS: Final = {"АБ": "7700000023", "ЦБ": "7705000036"}
NUMBER, DAY, SUM = "UF_CRM_INVOICE", "UF_CRM_INVOICE_DATE", "UF_CRM_INVOICE_SUM"
INVOICES: Final = 7301
INVOICE: Final = "Document_СчетНаОплатуПокупателю"
NOW: Final = datetime(2026, 11, 20, 9, tzinfo=timezone(timedelta(hours=3)))
_WEIGHTS: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)


def inn(number: int) -> str:
    """A client's ИНН with its check digit."""
    digits = f"7707{number:05d}"
    return f"{digits}{sum(int(one) * weight for one, weight in zip(digits, _WEIGHTS, strict=True)) % 11 % 10}"


def cards_of(sales: Iterable[Sale], system: str) -> list[Card]:
    """Cards of a system, which get their ids there."""
    found = [card for sale in sales for card in (*sale.cards, *sale.twins) if card.system == system]
    first = {PORTAL: 20_000, FIELDS: 40_000, ACCOUNT: 880_000}[system]
    for place, card in enumerate(found, first):
        card.id = f"D_{place}" if system == FIELDS else str(place)
    return found


class _People:
    """Cards of clients: one with an ИНН for each, others without as people make them."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, bool], int] = {
            (Client(number).name, True): 100 + number for number in range(CLIENTS)
        }

    def of(self, card: Card) -> int:
        """The card of the client that a sale's card names."""
        return self._ids.setdefault((card.client_name, card.has_inn), 100 + len(self._ids))

    def every(self) -> list[tuple[int, str, str]]:
        """Id, name and ИНН, empty where there is none."""
        numbers = {Client(number).name: number for number in range(CLIENTS)}
        return [(key, name, inn(numbers[name]) if has_inn else "") for (name, has_inn), key in self._ids.items()]


def portal_seed(sales: Iterable[Sale], system: str) -> dict[str, Any]:
    """A portal with smart invoices, or with the invoice in fields of the deal."""
    people, deals, invoices = _People(), [], []
    for place, card in enumerate(cards_of(sales, system)):
        company = people.of(card)
        deal: dict[str, Any] = {
            "id": int(card.id.removeprefix("D_")) if system == FIELDS else 9_000 + place,
            "title": f"Продажа {place}",
            "company_id": company,
            "opportunity": str(card.amount),
        }
        if system == FIELDS:
            deal["user_fields"] = {NUMBER: card.number, DAY: card.on.isoformat(), SUM: f"{card.amount}|RUB"}
        else:
            invoices.append(_invoice(card, deal["id"], company))
        deals.append(deal)
    fields = [("string", NUMBER), ("date", DAY), ("money", SUM)]
    told: dict[str, Any] = {
        "settings": {"rate_limit": {"enabled": False}, "operating": {"enabled": False}, "started_at": NOW.isoformat()},
        "companies": [{"id": key, "title": name} for key, name, _ in people.every()],
        "requisites": [
            {"id": key, "entity_id": key, "rq_inn": found, "rq_company_name": name}
            for key, name, found in people.every()
            if found
        ],
        "deals": deals,
        "invoices": invoices,
    }
    if system == FIELDS:
        told["user_fields"] = [{"entity_type_id": 2, "name": name, "type": kind} for kind, name in fields]
    return told


def _invoice(card: Card, deal: int, company: int) -> dict[str, Any]:
    return {
        "id": int(card.id),
        "title": "Счёт",
        "account_number": card.number,
        "company_id": company,
        "deal_id": deal,
        "opportunity": str(card.amount),
        "begin_date": card.on.isoformat(),
        "xml_id": card.guid,
    }


def account_seed(sales: Iterable[Sale]) -> dict[str, Any]:
    """The account with its list of invoices."""
    people, leads, invoices = _People(), [], []
    for place, card in enumerate(cards_of(sales, ACCOUNT)):
        company = people.of(card)
        lead = 70_000 + place
        leads.append(
            {
                "id": lead,
                "name": f"Продажа {place}",
                "price": str(int(card.amount)),
                "pipeline_id": 9001,
                "status_id": 61001,
                "company_id": company,
            }
        )
        payer = {"type": "legal", "name": card.client_name, "entity_type": "companies", "entity_id": company}
        invoices.append(
            {
                "id": int(card.id),
                "name": f"Счет № {card.number} от {card.on:%d.%m.%Y}",
                "price": str(card.amount),
                "lead_ids": [lead],
                "payer": payer,
            }
        )
    return {
        "settings": {"started_at": NOW.isoformat(), "rate_limit": {"enabled": False}},
        "pipelines": [
            {"id": 9001, "name": "Продажи", "is_main": True, "statuses": [{"id": 61001, "name": "Счёт выставлен"}]}
        ],
        "catalogs": [{"id": INVOICES, "name": "Счета", "type": "invoices"}],
        "custom_fields": [{"id": 502, "name": "ИНН", "entity": "companies"}],
        "companies": [
            {"id": key, "name": name, "fields": {"502": found} if found else {}} for key, name, found in people.every()
        ],
        "leads": leads,
        "invoices": invoices,
    }


def base_seed(sales: Iterable[Sale]) -> dict[str, Any]:
    """The base with a paper of each sale."""
    ours = {prefix: f"7a100000-0000-4000-8000-00000000000{place}" for place, prefix in enumerate(OURS)}
    clients = {number: f"c3f20000-0000-4000-8000-{number:012d}" for number in range(CLIENTS)}
    return {
        "version": 1,
        "config": "bp30",
        "settings": {"started_at": NOW.isoformat()},
        "objects": {
            "Catalog_Организации": [
                {"Ref_Key": key, "Description": f"Наша {prefix}", "Префикс": prefix, "ИНН": OURS[prefix]}
                for prefix, key in ours.items()
            ],
            "Catalog_Контрагенты": [
                {"Ref_Key": key, "Description": Client(number).name, "ИНН": inn(number)}
                for number, key in clients.items()
            ],
            INVOICE: [
                {
                    "Ref_Key": sale.paper.guid,
                    "Number": sale.paper.number,
                    "Date": datetime.combine(sale.paper.on, time(11, 40)).isoformat(),
                    "Posted": True,
                    "Организация_Key": ours[sale.paper.number[:2]],
                    "Контрагент_Key": clients[sale.paper.client],
                    "СуммаДокумента": str(sale.paper.amount),
                }
                for sale in sales
            ],
        },
    }
