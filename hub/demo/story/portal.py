"""The seed of the local Bitrix24: pipelines, clients with requisites, deals and smart invoices of the story."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from hub.demo.story import names
from hub.demo.story.book import Book
from hub.demo.story.calendar import MAIN, OWN_ACCOUNTS
from hub.demo.story.law import INVOICE_CATEGORY, STAGES, stage_id
from hub.demo.story.ledger import RETAIL, WHOLESALE, Company, Deal, Invoice

JsonObject = dict[str, object]
MANAGERS: Final = {RETAIL: 11, WHOLESALE: 12}
_MOSCOW: Final = timezone(timedelta(hours=3))


def portal(book: Book) -> JsonObject:
    """The whole seed, in the sandbox's published format."""
    return {
        "version": 1,
        "settings": _settings(),
        "users": _users(),
        "categories": [_category(RETAIL, "Розница", 100), _category(WHOLESALE, "Опт", 200), _invoice_category()],
        "companies": [_company(item) for item in (MAIN, *book.clients)],
        "contacts": [_contact(index, item) for index, item in enumerate(book.clients)],
        "requisites": [_requisite(item) for item in (MAIN, *book.clients)],
        "bank_details": _bank_details(book.clients),
        "deals": [_deal(item) for item in book.deals_of("bitrix24")],
        "invoices": [_invoice(item) for item in book.invoices_of("bitrix24")],
    }


def _settings() -> JsonObject:
    """A portal in the company's own cellar (on-premise): no request limits, as the vendor ships it."""
    return {
        "domain": "portal.prichal.example",
        "member_id": "b0a7b0a7b0a7b0a7b0a7b0a7b0a7b0a7",
        "rate_limit": {"enabled": False},
        "operating": {"enabled": False},
    }


def _users() -> list[JsonObject]:
    return [
        {"id": 1, "name": "Сверка", "last_name": "Интеграция", "admin": True},
        {"id": MANAGERS[RETAIL], "name": "Пахом", "last_name": "Верейкин"},
        {"id": MANAGERS[WHOLESALE], "name": "Устинья", "last_name": "Лодкина"},
    ]


def _category(category: int, name: str, sort: int) -> JsonObject:
    stages = [
        {"id": stage_id(category, code), "name": title, "sort": (index + 1) * 10, "semantics": semantics}
        for index, (code, title, semantics) in enumerate(STAGES)
    ]
    return {"entity_type_id": 2, "id": category, "name": name, "sort": sort, "stages": stages}


def _invoice_category() -> JsonObject:
    return {"entity_type_id": 31, "id": INVOICE_CATEGORY, "name": "Счета"}


def at(day: date, hour: int = 11) -> str:
    """A moment of that day."""
    return datetime.combine(day, time(hour), _MOSCOW).isoformat()


def _company(company: Company) -> JsonObject:
    card: JsonObject = {"id": company.id, "title": company.name, "created_at": at(date(2026, 1, 12))}
    return card | {"is_my_company": True} if company is MAIN else card


def _contact(index: int, client: Company) -> JsonObject:
    name, last_name = names.CONTACTS[index % len(names.CONTACTS)]
    return {"id": 501 + index, "name": name, "last_name": last_name, "company_id": client.id}


def _requisite(company: Company) -> JsonObject:
    return {
        "id": 2000 + company.id,
        "entity_id": company.id,
        "rq_inn": company.inn,
        "rq_kpp": company.kpp,
        "rq_company_name": company.name,
    }


def _bank_details(clients: list[Company]) -> list[JsonObject]:
    ours = [(own.owner.id, own.number, own.bank) for own in OWN_ACCOUNTS if own.owner is MAIN]
    theirs = [(client.id, client.account, client.bank) for client in clients]
    return [
        {
            "id": 4001 + index,
            "requisite_id": 2000 + owner,
            "rq_bank_name": bank.name,
            "rq_bik": bank.bic,
            "rq_acc_num": number,
            "rq_cor_acc_num": bank.correspondent,
        }
        for index, (owner, number, bank) in enumerate(ours + theirs)
    ]


def _deal(deal: Deal) -> JsonObject:
    opened = min((invoice.issued for invoice in deal.invoices), default=date(2026, 2, 20)) - timedelta(days=3)
    return {
        "id": deal.id,
        "title": deal.title,
        "category_id": deal.category,
        "stage_id": stage_id(deal.category, deal.stage),
        "opportunity": f"{deal.amount:.2f}",
        "currency_id": deal.currency,
        "company_id": deal.client.id,
        "assigned_by_id": MANAGERS[deal.category],
        "begin_date": opened.isoformat(),
        "created_at": at(opened),
    }


def _invoice(invoice: Invoice) -> JsonObject:
    shown = invoice.as_in_crm
    card: JsonObject = {
        "id": invoice.id,
        "title": f"Счёт {shown.number} от {shown.issued:%d.%m.%Y}",
        "account_number": shown.number,
        "category_id": INVOICE_CATEGORY,
        "stage_id": f"DT31_{INVOICE_CATEGORY}:{invoice.stage}",
        "opportunity": f"{shown.amount:.2f}",
        "currency_id": invoice.currency,
        "company_id": invoice.deal.client.id,
        "my_company_id": invoice.organisation.id,
        "deal_id": invoice.deal.id,
        "assigned_by_id": MANAGERS[invoice.deal.category],
        "begin_date": shown.issued.isoformat(),
        "close_date": (shown.issued + timedelta(days=14)).isoformat(),
        "created_at": at(shown.issued),
    }
    return card | {"xml_id": invoice.paper.key} if invoice.paper is not None and shown.keeps_key else card
