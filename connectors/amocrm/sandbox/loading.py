"""Fills an account from its seed; a seed that does not fit together is refused with the name of the field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from connectors.amocrm.sandbox import seed as s
from connectors.amocrm.sandbox.account import Account
from connectors.amocrm.sandbox.cards import Card, Columns, Kind
from connectors.amocrm.sandbox.errors import FieldError
from connectors.amocrm.sandbox.fields import CHOICES, FieldDef, predefined_fields
from connectors.amocrm.sandbox.pipelines import LOST, WON
from connectors.amocrm.sandbox.records import add_webhook
from connectors.amocrm.sandbox.values import Values, read_values
from connectors.sandbox_kit.documents import DocumentError
from connectors.sandbox_kit.jsontypes import Json

_USUAL_INVOICES = s.Catalog(id=7301, name="Счета/покупки", type="invoices")


def load_seed(account: Account) -> None:
    """Fill the tables. Raises DocumentError naming the field that does not fit."""
    seed = account.seed
    _check_unique(seed)
    _check_users(account, seed)
    catalogs = list(seed.catalogs)
    if not any(catalog.type == "invoices" for catalog in catalogs):
        catalogs.append(_USUAL_INVOICES)
    for catalog in catalogs:
        account.catalogs[catalog.id] = _catalog(account, catalog)
    account.fields.seeded(seed.custom_fields)
    predefined_fields(account.fields, catalogs, account.settings)
    for place, company in enumerate(seed.companies):
        _load(account, Kind.COMPANY, company, _times(account, company), f"companies[{place}]")
    for place, contact in enumerate(seed.contacts):
        _load_contact(account, contact, f"contacts[{place}]")
    for place, lead in enumerate(seed.leads):
        _load_lead(account, lead, f"leads[{place}]")
    for place, invoice in enumerate(seed.invoices):
        _load_invoice(account, invoice, f"invoices[{place}]")
    for place, element in enumerate(seed.elements):
        _load_element(account, element, element.catalog_id, element.fields, f"elements[{place}]")
    for reason in seed.loss_reasons:
        moment = account.now()
        account.loss_reasons.insert({**reason.model_dump(), "created_at": moment, "updated_at": moment})
    for talk in seed.talks:
        account.talks.insert(_talk(account, talk))
    for hook in seed.webhooks:
        add_webhook(account, hook.destination, list(hook.settings), hook.sort, next(iter(account.users)))


def _check_unique(seed: s.Seed) -> None:
    listed: list[tuple[str, Sequence[object]]] = [
        ("users", seed.users),
        ("pipelines", seed.pipelines),
        ("catalogs", seed.catalogs),
        ("custom_fields", seed.custom_fields),
        ("companies", seed.companies),
        ("contacts", seed.contacts),
        ("leads", seed.leads),
        ("invoices", seed.invoices),
    ]
    for name, rows in listed:
        seen: set[object] = set()
        for place, row in enumerate(rows):
            number = getattr(row, "id", None)
            if number in seen:
                raise DocumentError(f"seed: {name}[{place}].id: номер {number} уже занят")
            seen.add(number)


def _check_users(account: Account, seed: s.Seed) -> None:
    for place, code in enumerate(seed.integration.codes):
        _need_user(account, code.user_id, f"integration.codes[{place}].user_id")
    for place, token in enumerate(seed.long_lived_tokens):
        _need_user(account, token.user_id, f"long_lived_tokens[{place}].user_id")


def _need_user(account: Account, user_id: int, where: str) -> None:
    if user_id not in account.users:
        raise DocumentError(f"seed: {where}: пользователя {user_id} нет в users")


def _catalog(account: Account, catalog: s.Catalog) -> dict[str, Json]:
    now = account.now()
    return {
        "id": catalog.id,
        "name": catalog.name,
        "created_by": 0,
        "updated_by": 0,
        "created_at": now,
        "updated_at": now,
        "sort": catalog.sort,
        "type": catalog.type,
        "can_add_elements": True,
        "can_show_in_cards": True,
        "can_link_multiple": True,
        "can_be_deleted": catalog.type == "regular",
        "sdk_widget_code": None,
        "account_id": account.account_id,
    }


def _talk(account: Account, talk: s.Talk) -> dict[str, Json]:
    now = account.now()
    return {
        "id": talk.id,
        "talk_id": talk.id,
        "created_at": now,
        "updated_at": now,
        "contact_id": talk.contact_id,
        "chat_id": f"5d0c9f4b-0000-0000-0000-{talk.id:012d}",
        "entity_id": talk.lead_id,
        "entity_type": "lead" if talk.lead_id else None,
        "is_in_work": True,
        "is_read": False,
        "origin": "telegram",
        "account_id": account.account_id,
    }


def _moment(account: Account, moment: datetime | None) -> int:
    return account.now() if moment is None else int(moment.timestamp())


def _times(account: Account, card: s.Lead | s.Company | s.Contact | s.Invoice | s.Element) -> Columns:
    created = _moment(account, card.created_at)
    updated = created if card.updated_at is None else int(card.updated_at.timestamp())
    author = getattr(card, "responsible_user_id", 0)
    return {"created_at": created, "updated_at": updated, "created_by": author, "updated_by": author}


def _load(account: Account, kind: Kind, card: s.Lead | s.Company | s.Contact, own: Columns, where: str) -> Card:
    _need_user(account, card.responsible_user_id, f"{where}.responsible_user_id")
    columns: Columns = {
        "name": card.name,
        "responsible_user_id": card.responsible_user_id,
        "group_id": account.users[card.responsible_user_id].group_id,
        "closest_task_at": None,
        **own,
    }
    loaded = Card(kind, card.id, columns, deleted=card.deleted)
    loaded.values = seed_values(account, loaded.owner, card.fields, where)
    loaded.tags = [account.tag_id(kind, name) for name in card.tags]
    return account.table(kind).add(loaded)


def _load_contact(account: Account, contact: s.Contact, where: str) -> None:
    names: Columns = {"first_name": contact.first_name, "last_name": contact.last_name}
    card = _load(account, Kind.CONTACT, contact, {**_times(account, contact), **names}, where)
    if not card.columns["name"]:
        card.columns["name"] = f"{contact.first_name} {contact.last_name}".strip()
    if contact.company_id is not None:
        _tie(account, card, Kind.COMPANY, contact.company_id, {}, f"{where}.company_id")


def _load_lead(account: Account, lead: s.Lead, where: str) -> None:
    pipeline_id, status_id = _stage(account, lead, where)
    closed = status_id in (WON, LOST)
    own: Columns = {
        "price": _price(account, lead.price),
        "pipeline_id": pipeline_id,
        "status_id": status_id,
        "loss_reason_id": lead.loss_reason_id,
        "source_id": None,
        "closed_at": _moment(account, lead.closed_at) if closed or lead.closed_at else None,
        "score": None,
        "labor_cost": None,
    }
    card = _load(account, Kind.LEAD, lead, {**_times(account, lead), **own}, where)
    if lead.company_id is not None:
        _tie(account, card, Kind.COMPANY, lead.company_id, {}, f"{where}.company_id")
    for place, contact_id in enumerate(lead.contact_ids):
        _tie(account, card, Kind.CONTACT, contact_id, {"is_main": place == 0}, f"{where}.contact_ids[{place}]")


def _price(account: Account, price: Decimal) -> int | float:
    if price == price.to_integral_value():
        return int(price)
    return float(price) if account.settings.brand == "kommo" else int(price)


def _stage(account: Account, lead: s.Lead, where: str) -> tuple[int, int]:
    book = account.pipelines
    pipeline_id = lead.pipeline_id
    if pipeline_id is None:
        found = book.find_stage(lead.status_id) if lead.status_id not in (None, WON, LOST) else None
        pipeline_id = found.pipeline_id if found else book.main.id
    pipeline = book.by_id.get(pipeline_id)
    if pipeline is None:
        raise DocumentError(f"seed: {where}.pipeline_id: воронки {pipeline_id} нет в pipelines")
    if lead.unsorted:
        return pipeline.id, pipeline.incoming.id
    if lead.status_id is None:
        return pipeline.id, pipeline.first.id
    stage = pipeline.stage(lead.status_id)
    if stage is None:
        raise DocumentError(f"seed: {where}.status_id: этапа {lead.status_id} нет в воронке {pipeline.id}")
    return pipeline.id, stage.id


def _load_invoice(account: Account, invoice: s.Invoice, where: str) -> None:
    catalog_id = account.invoices_catalog_id
    assert catalog_id is not None
    fields: dict[str, Json] = dict(invoice.fields)
    given: Mapping[str, Json] = {
        "BILL_STATUS": invoice.status,
        "BILL_PRICE": None if invoice.price is None else str(invoice.price),
        "PAYER": invoice.payer,
        "LEGAL_ENTITY": invoice.legal_entity,
        "BILL_PAYMENT_DATE": None if invoice.payment_date is None else int(invoice.payment_date.timestamp()),
    }
    fields |= {code: value for code, value in given.items() if value is not None}
    _load_element(account, invoice, catalog_id, fields, where)


def _load_element(
    account: Account, element: s.Invoice | s.Element, catalog_id: int, fields: Mapping[str, Json], where: str
) -> None:
    if catalog_id not in account.catalogs:
        raise DocumentError(f"seed: {where}.catalog_id: списка {catalog_id} нет в catalogs")
    columns: Columns = {"name": element.name, "currency_id": None, **_times(account, element)}
    card = Card(Kind.ELEMENT, element.id, columns, deleted=element.deleted, catalog_id=catalog_id)
    if element.id in account.table(Kind.ELEMENT).rows:
        raise DocumentError(f"seed: {where}.id: номер {element.id} уже занят")
    card.values = seed_values(account, card.owner, fields, where)
    account.table(Kind.ELEMENT).add(card)
    for place, lead_id in enumerate(element.lead_ids):
        lead = account.table(Kind.LEAD).rows.get(lead_id)
        if lead is None:
            raise DocumentError(f"seed: {where}.lead_ids[{place}]: сделки {lead_id} нет в leads")
        metadata: dict[str, Json] = {"catalog_id": catalog_id, "quantity": 1}
        account.links.tie((Kind.LEAD, lead_id), (Kind.ELEMENT, card.id), metadata)


def _tie(account: Account, card: Card, kind: Kind, target: int, metadata: dict[str, Json], where: str) -> None:
    if target not in account.table(kind).rows:
        raise DocumentError(f"seed: {where}: карточки {target} нет")
    account.links.tie((card.kind, card.id), (kind, target), metadata)


def seed_values(account: Account, owner: str, fields: Mapping[str, Json], where: str) -> Values:
    """Custom fields as a seed writes them. Raises DocumentError for an unknown field or a value that does not fit."""
    listed: list[Json] = []
    known = account.fields.of(owner)
    for name, value in fields.items():
        spec = known.find(name)
        if spec is None:
            raise DocumentError(f"seed: {where}.fields.{name}: такого поля нет")
        listed.append({"field_id": spec.id, "values": list(_items(spec, value))})
    reader = replace(account.reader, old_payers=True)
    try:
        return {field_id: stored for field_id, stored in read_values(listed, known, reader).items() if stored}
    except FieldError as error:
        raise DocumentError(f"seed: {where}.fields: {error.path}: {error.detail}") from error


def _items(spec: FieldDef, value: Json) -> Iterable[Json]:
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, Mapping) and ("value" in part or spec.type == "chained_list"):
            yield part
        elif spec.type in CHOICES:
            yield _choice(spec, part)
        else:
            yield {"value": part}


def _choice(spec: FieldDef, part: Json) -> Json:
    if isinstance(part, int):
        return {"enum_id": part}
    if any(choice.code == part for choice in spec.choices):
        return {"enum_code": part}
    return {"value": part}
