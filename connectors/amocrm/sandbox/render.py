"""Cards and envelopes as API v4 shows them."""

from collections.abc import Collection, Mapping, Sequence

from connectors.amocrm.sandbox.account import Account, Record
from connectors.amocrm.sandbox.cards import Card, Kind
from connectors.amocrm.sandbox.values import values_json
from connectors.sandbox_kit.jsontypes import Json

With = Collection[str]


def href(base: str, path: str) -> Record:
    """A `_links` block of one record."""
    return {"self": {"href": f"{base}/api/v4/{path}"}}


def path_of(card: Card) -> str:
    """The address of a card under /api/v4/."""
    if card.kind is Kind.ELEMENT:
        return f"catalogs/{card.catalog_id}/elements/{card.id}"
    return f"{card.kind.value}/{card.id}"


def card_json(account: Account, card: Card, base: str, wanted: With = ()) -> Record:
    """A card with what `with` asked for."""
    if card.kind is Kind.ELEMENT:
        return _element_json(account, card, base, wanted)
    columns = card.columns
    shown: Record = {"id": card.id, "name": columns["name"]}
    if card.kind is Kind.LEAD:
        shown |= _lead_columns(account, card, wanted)
    else:
        if card.kind is Kind.CONTACT:
            shown |= {"first_name": columns["first_name"], "last_name": columns["last_name"]}
        shown |= _own(card, ("responsible_user_id", "group_id", "created_by", "updated_by", "created_at"))
        shown |= _own(card, ("updated_at", "closest_task_at"))
        shown |= {"is_deleted": card.deleted, "is_unsorted": False}
    shown["custom_fields_values"] = values_json(card.values, account.field_set(card))
    if card.kind is Kind.LEAD:
        shown |= {"score": columns["score"], "account_id": account.account_id, "labor_cost": columns["labor_cost"]}
    else:
        shown["account_id"] = account.account_id
    shown["_links"] = href(base, path_of(card))
    shown["_embedded"] = _embedded(account, card, base, wanted)
    return shown


def _lead_columns(account: Account, card: Card, wanted: With) -> Record:
    columns = card.columns
    shown = _own(card, ("price", "responsible_user_id", "group_id", "status_id", "pipeline_id", "loss_reason_id"))
    if account.settings.brand == "kommo":
        price = columns["price"]
        shown["price"] = int(price) if isinstance(price, int | float) else 0
        shown["price_with_minor_units"] = price
    if "source_id" in wanted:
        shown["source_id"] = columns["source_id"]
    shown |= _own(card, ("created_by", "updated_by", "created_at", "updated_at", "closed_at", "closest_task_at"))
    shown["is_deleted"] = card.deleted
    if "is_price_modified_by_robot" in wanted:
        shown["is_price_modified_by_robot"] = False
    return shown


def _own(card: Card, names: Sequence[str]) -> Record:
    return {name: card.columns[name] for name in names}


def _element_json(account: Account, card: Card, base: str, wanted: With) -> Record:
    columns = card.columns
    shown: Record = {"id": card.id, "name": columns["name"], "currency_id": columns["currency_id"]}
    shown |= _own(card, ("created_by", "updated_by", "created_at", "updated_at"))
    shown["is_deleted"] = card.deleted or None
    shown["custom_fields_values"] = values_json(card.values, account.field_set(card))
    shown |= {"catalog_id": card.catalog_id, "account_id": account.account_id}
    if "invoice_link" in wanted and card.catalog_id == account.invoices_catalog_id:
        shown["invoice_link"] = f"https://{account.host}/invoices/{card.id}"
    shown["_links"] = href(base, path_of(card))
    return shown


def _embedded(account: Account, card: Card, base: str, wanted: With) -> Record:
    key = (card.kind, card.id)
    tags: list[Json] = [{"id": tag, "name": account.tags[card.kind][tag], "color": None} for tag in card.tags]
    shown: Record = {"tags": tags}
    if card.kind is not Kind.COMPANY:
        shown["companies"] = [_linked(base, Kind.COMPANY, number) for number in account.links.ids(key, Kind.COMPANY)]
    if "contacts" in wanted and card.kind is not Kind.CONTACT:
        shown["contacts"] = [
            {**_linked(base, Kind.CONTACT, link.other(key)[1]), "is_main": bool(link.metadata.get("is_main"))}
            for link in account.links.of(key, Kind.CONTACT)
        ]
    if "leads" in wanted and card.kind is not Kind.LEAD:
        shown["leads"] = [_linked(base, Kind.LEAD, number) for number in account.links.ids(key, Kind.LEAD)]
    if "customers" in wanted and card.kind is not Kind.LEAD:
        shown["customers"] = []
    if "catalog_elements" in wanted:
        shown["catalog_elements"] = [
            {
                "id": link.other(key)[1],
                "metadata": element_metadata(link.metadata),
                **_element_links(account, base, link.other(key)[1]),
            }
            for link in account.links.of(key, Kind.ELEMENT)
        ]
    if card.kind is Kind.LEAD and "loss_reason" in wanted:
        reason = account.loss_reasons.rows.get(_number(card.columns["loss_reason_id"]))
        shown["loss_reason"] = [reason] if reason else []
    if card.kind is Kind.LEAD and "source" in wanted:
        shown["source"] = None
    return shown


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0


def element_metadata(metadata: Mapping[str, Json]) -> Record:
    """Metadata of a linked list element."""
    return {
        "quantity": metadata.get("quantity", 1),
        "catalog_id": metadata.get("catalog_id"),
        "price_id": metadata.get("price_id"),
    }


def _linked(base: str, kind: Kind, number: int) -> Record:
    return {"id": number, "_links": href(base, f"{kind.value}/{number}")}


def _element_links(account: Account, base: str, number: int) -> Record:
    card = account.table(Kind.ELEMENT).rows.get(number)
    return {"_links": href(base, path_of(card))} if card else {}
