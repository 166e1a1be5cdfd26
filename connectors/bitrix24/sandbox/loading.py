"""Fills a portal from its seed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from pydantic import JsonValue

from connectors.bitrix24.sandbox import seed as s
from connectors.bitrix24.sandbox.errors import RestError
from connectors.bitrix24.sandbox.fields import COMPANY, CONTACT, DEAL, INVOICE
from connectors.bitrix24.sandbox.history import record_stage
from connectors.bitrix24.sandbox.portal import Communication, Portal
from connectors.bitrix24.sandbox.tables import Table
from connectors.bitrix24.sandbox.values import Item, coerce
from connectors.sandbox_kit.documents import DocumentError


class _HasId(Protocol):
    @property
    def id(self) -> int: ...


def load_seed(portal: Portal) -> None:
    """Put everything the seed lists into the portal. Raises DocumentError for ids that do not fit together."""
    seed = portal.seed
    _check_references(portal)
    for user in seed.users:
        portal.tables.users.insert(_user_row(user), user.id)
    for company in seed.companies:
        _load_client(portal, COMPANY, company, _company_row(company))
    for contact in seed.contacts:
        _load_client(portal, CONTACT, contact, _contact_row(contact))
    for requisite in seed.requisites:
        _load_details(portal, requisite)
    for detail in seed.bank_details:
        _load_bank_detail(portal, detail)
    for link in seed.requisite_links:
        portal.tables.links.insert(_camel_row(link.model_dump()))
    for deal in seed.deals:
        _load_card(portal, DEAL, deal, {"originatorId": deal.originator_id, "originId": deal.origin_id})
    for invoice in seed.invoices:
        _load_card(portal, INVOICE, invoice, _invoice_row(invoice))


def _check_references(portal: Portal) -> None:
    seed = portal.seed
    for name in ("users", "companies", "contacts", "requisites", "bank_details", "deals", "invoices"):
        rows: list[_HasId] = getattr(seed, name)
        seen: set[int] = set()
        for position, row in enumerate(rows):
            if row.id in seen:
                raise DocumentError(f"seed: {name}[{position}].id: номер {row.id} повторяется")
            seen.add(row.id)
    for position, hook in enumerate(seed.webhooks):
        if hook.user_id not in portal.users:
            raise DocumentError(f"seed: webhooks[{position}].user_id: сотрудника {hook.user_id} нет")
    _check_stages(portal, DEAL, "deals", seed.deals)
    _check_stages(portal, INVOICE, "invoices", seed.invoices)


def _check_stages(portal: Portal, kind: int, name: str, cards: Sequence[s.Deal | s.Invoice]) -> None:
    for position, card in enumerate(cards):
        where = f"seed: {name}[{position}]"
        if card.category_id is not None and (kind, card.category_id) not in portal.stages.categories:
            raise DocumentError(f"{where}.category_id: воронки {card.category_id} нет")
        stage = portal.stages.find(kind, card.stage_id) if card.stage_id is not None else None
        if card.stage_id is not None and stage is None:
            raise DocumentError(f"{where}.stage_id: стадии {card.stage_id} нет")
        if stage is not None and card.category_id not in (None, stage.category_id):
            raise DocumentError(f"{where}.stage_id: стадия {card.stage_id} не из воронки {card.category_id}")


def _user_row(user: s.User) -> Item:
    return {
        "name": user.name,
        "lastName": user.last_name,
        "email": user.email,
        "active": "Y" if user.active else "N",
    }


def _company_row(company: s.Company) -> Item:
    return {"title": company.title, "isMyCompany": "Y" if company.is_my_company else "N"}


def _contact_row(contact: s.Contact) -> Item:
    return {
        "name": contact.name,
        "secondName": contact.second_name,
        "lastName": contact.last_name,
        "companyId": contact.company_id or 0,
    }


def _invoice_row(invoice: s.Invoice) -> Item:
    return {
        "accountNumber": invoice.account_number or str(invoice.id),
        "mycompanyId": invoice.my_company_id or 0,
        "parentId2": invoice.deal_id,
        "xmlId": invoice.xml_id,
    }


def _camel_row(fields: Mapping[str, str | int | bool]) -> Item:
    row: Item = {}
    for name, value in fields.items():
        head, *tail = name.lower().split("_")
        row[head + "".join(part.capitalize() for part in tail)] = (
            ("Y" if value else "N") if isinstance(value, bool) else value
        )
    return row


def _times(portal: Portal, created: datetime | None, updated: datetime | None) -> Item:
    made = (created or updated or portal.now() - timedelta(days=1)).replace(microsecond=0)
    changed = (updated or made).replace(microsecond=0)
    return {"createdTime": made, "updatedTime": changed, "lastActivityTime": changed}


def _authors(user_id: int) -> Item:
    return {"assignedById": user_id, "createdBy": user_id, "updatedBy": user_id, "lastActivityBy": user_id}


def _user_values(portal: Portal, kind: int, values: Mapping[str, JsonValue], where: str) -> Item:
    row: Item = {}
    for name, value in values.items():
        spec = portal.items(kind).fields.find(name)
        if spec is None or not spec.user_field:
            raise DocumentError(f"seed: {where}.user_fields.{name}: такого поля нет в user_fields")
        try:
            row[spec.name] = coerce(value, spec, portal.zone)
        except RestError as error:
            raise DocumentError(f"seed: {where}.user_fields.{name}: значение {value!r} не подходит") from error
    return row


def _load_client(portal: Portal, kind: int, client: s.Company | s.Contact, own: Item) -> None:
    where = f"{'companies' if kind == COMPANY else 'contacts'} id {client.id}"
    row: Item = {
        **own,
        **_times(portal, client.created_at, client.updated_at),
        **_authors(client.assigned_by_id),
        **_user_values(portal, kind, client.user_fields, where),
        "hasPhone": "Y" if client.phones else "N",
        "hasEmail": "Y" if client.emails else "N",
    }
    portal.items(kind).insert(row, client.id)
    listed = [("PHONE", value) for value in client.phones] + [("EMAIL", value) for value in client.emails]
    portal.communications[(kind, client.id)] = [
        Communication(client.id * 100 + number, kind_name, value) for number, (kind_name, value) in enumerate(listed)
    ]


def _check_names(table: Table, fields: Mapping[str, str], where: str) -> None:
    for name in fields:
        if table.fields.find(name) is None:
            raise DocumentError(f"seed: {where}.fields.{name}: такого поля нет")


def _load_details(portal: Portal, requisite: s.Requisite) -> None:
    _check_names(portal.tables.requisites, requisite.fields, f"requisites id {requisite.id}")
    fields = requisite.model_dump(exclude={"id", "fields"}) | requisite.fields
    moment: Item = {"dateCreate": portal.now(), "dateModify": portal.now()}
    portal.tables.requisites.insert({**_camel_row(fields), **moment, "sort": 500}, requisite.id)


def _load_bank_detail(portal: Portal, detail: s.BankDetail) -> None:
    _check_names(portal.tables.bank_details, detail.fields, f"bank_details id {detail.id}")
    fields = detail.model_dump(exclude={"id", "fields", "requisite_id"}) | detail.fields
    own: Item = {"entityId": detail.requisite_id, "entityTypeId": 8, "countryId": 1, "sort": 500}
    moment: Item = {"dateCreate": portal.now(), "dateModify": portal.now()}
    portal.tables.bank_details.insert({**_camel_row(fields), **own, **moment}, detail.id)


def _load_card(portal: Portal, kind: int, card: s.Deal | s.Invoice, own: Item) -> None:
    where = f"{'deals' if kind == DEAL else 'invoices'} id {card.id}"
    times = _times(portal, card.created_at, card.updated_at)
    row: Item = {
        **own,
        **times,
        **_authors(card.assigned_by_id),
        **_stage(portal, kind, card),
        **_user_values(portal, kind, card.user_fields, where),
        "title": card.title,
        "opportunity": card.opportunity.quantize(Decimal("0.01")),
        "isManualOpportunity": "Y" if card.is_manual_opportunity else "N",
        "currencyId": card.currency_id,
        "companyId": card.company_id or 0,
        "contactId": card.contact_id or 0,
        "contactIds": (card.contact_id,) if card.contact_id else (),
        "begindate": card.begin_date,
        "closedate": card.close_date,
        "comments": card.comments,
        "movedBy": card.assigned_by_id,
        "movedTime": (card.moved_at or card.created_at or portal.now()).replace(microsecond=0),
    }
    item = portal.items(kind).insert(row, card.id)
    record_stage(portal, kind, item, created=True)
    _load_product_rows(portal, kind, card)


def _stage(portal: Portal, kind: int, card: s.Deal | s.Invoice) -> Item:
    found = portal.stages.find(kind, card.stage_id) if card.stage_id else None
    category = card.category_id
    if category is None:
        category = found.category_id if found else portal.stages.default_category(kind)
    stage_id = found.stage_id if found else portal.stages.of_category(kind, category)[0].stage_id
    semantic = portal.stages.semantic(kind, stage_id)
    row: Item = {"categoryId": category, "stageId": stage_id}
    if kind == DEAL:
        row |= {"stageSemanticId": semantic, "closed": "N" if semantic == "P" else "Y"}
    return row


def _load_product_rows(portal: Portal, kind: int, card: s.Deal | s.Invoice) -> None:
    for product in card.product_rows:
        portal.tables.product_rows.insert(
            {
                "ownerId": card.id,
                "ownerType": "D" if kind == DEAL else "SI",
                "productName": product.product_name,
                "price": product.price,
                "priceExclusive": product.price,
                "quantity": product.quantity,
                "taxRate": product.tax_rate,
                "taxIncluded": "Y",
            }
        )
