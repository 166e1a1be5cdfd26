"""The seed of the local amoCRM: the second company's pipelines, clients with requisites, deals and invoices."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from hub.demo.story.book import Book
from hub.demo.story.calendar import OTHER_ENTITY
from hub.demo.story.law import AMO_PIPELINES, STAGES, amo_stage
from hub.demo.story.ledger import RETAIL, WHOLESALE, Company, Deal, Invoice
from hub.demo.story.portal import JsonObject, at

_HUB: Final = 501
_MANAGERS: Final = {RETAIL: 517, WHOLESALE: 518}
_REQUISITES: Final = "Юр. лицо"
_LISTED: Final = 7301
_CLOSED: Final = ("WON", "LOSE")


def account(book: Book) -> JsonObject:
    """The whole seed, in the sandbox's published format."""
    return {
        "version": 1,
        "settings": {"subdomain": "montazh"},
        "users": _users(),
        "integration": {"codes": []},
        "long_lived_tokens": [{"user_id": _HUB}],
        "pipelines": [_pipeline(RETAIL, "Розница"), _pipeline(WHOLESALE, "Опт")],
        "custom_fields": [
            {"id": 91010, "name": "ИНН", "entity": "companies"},
            {"id": 91011, "name": "КПП", "entity": "companies"},
            {"id": 91012, "name": _REQUISITES, "entity": "companies", "type": "legal_entity"},
        ],
        "catalogs": [{"id": _LISTED, "name": "Счета/покупки", "type": "invoices"}],
        "companies": [_company(item) for item in book.amo_clients],
        "leads": [_lead(item) for item in book.deals_of("amocrm")],
        "invoices": [_invoice(item) for item in book.invoices_of("amocrm")],
    }


def _users() -> list[JsonObject]:
    return [
        {"id": _HUB, "name": "Сверка", "admin": True},
        {"id": _MANAGERS[RETAIL], "name": "Аграфена Причальная"},
        {"id": _MANAGERS[WHOLESALE], "name": "Тихон Сваев"},
    ]


def _pipeline(category: int, name: str) -> JsonObject:
    statuses = [{"id": amo_stage(category, code), "name": title} for code, title, _ in STAGES if code not in _CLOSED]
    pipeline: JsonObject = {"id": AMO_PIPELINES[category], "name": name, "statuses": statuses}
    unsorted = amo_stage(category, "NEW") - 1
    return pipeline | {"unsorted_status_id": unsorted, "is_main": category == RETAIL}


def _company(company: Company) -> JsonObject:
    """Some cards keep requisites in the vendor's own field, others in plain ones: accounts are kept both ways."""
    plain = company.id % 3 == 0
    fields: JsonObject = {"ИНН": company.inn, "КПП": company.kpp} if plain else {_REQUISITES: _particulars(company)}
    return {
        "id": company.id,
        "name": company.name,
        "responsible_user_id": _MANAGERS[RETAIL],
        "created_at": at(date(2026, 1, 12)),
        "fields": fields,
    }


def _particulars(company: Company) -> JsonObject:
    return {
        "name": company.name,
        "entity_type": 2,
        "vat_id": company.inn,
        "kpp": company.kpp,
        "bank_code": company.bank.bic,
        "bank_account_number": company.account,
    }


def _lead(deal: Deal) -> JsonObject:
    return {
        "id": deal.id,
        "name": deal.title,
        # The account keeps the sum of a deal in whole roubles; its invoices hold the kopecks.
        "price": str(deal.amount.quantize(Decimal(1), ROUND_HALF_UP)),
        "pipeline_id": AMO_PIPELINES[deal.category],
        "status_id": amo_stage(deal.category, deal.stage),
        "responsible_user_id": _MANAGERS[deal.category],
        "company_id": deal.client.id,
        "created_at": at(min((invoice.issued for invoice in deal.invoices), default=date(2026, 2, 20))),
    }


def _invoice(invoice: Invoice) -> JsonObject:
    client, seller, shown = invoice.deal.client, invoice.organisation, invoice.as_in_crm
    payer: JsonObject = {"type": "legal", "name": client.name, "entity_type": "companies", "entity_id": client.id}
    return {
        "id": invoice.id,
        "name": f"Счет №{shown.number} от {shown.issued:%d.%m.%Y}",
        "status": "created",
        "price": f"{shown.amount:.2f}",
        "lead_ids": [invoice.deal.id],
        "payer": payer | {"vat_id": client.inn, "kpp": client.kpp},
        "legal_entity": {
            "name": seller.name,
            "entity_type": 2,
            "vat_id": seller.inn,
            "kpp": seller.kpp,
            "bank_account_number": OTHER_ENTITY.number,
        },
        "created_at": at(shown.issued),
    }
