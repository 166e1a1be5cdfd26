"""Links between cards: of one card, of many, and which invoices a lead has."""

from collections.abc import Mapping

from connectors.amocrm.sandbox.api.cards import CARD_KINDS, absent
from connectors.amocrm.sandbox.cards import BY_PLURAL, Card, Key, Kind, Link, number
from connectors.amocrm.sandbox.changes import link_cards, unlink_cards
from connectors.amocrm.sandbox.context import NOTHING, Answer, Context, Handler, Route
from connectors.amocrm.sandbox.errors import missing, no_choice, not_found, unexpected, wrong_type
from connectors.amocrm.sandbox.filters import ids_of, many
from connectors.amocrm.sandbox.listing import whole
from connectors.amocrm.sandbox.render import element_metadata
from connectors.amocrm.sandbox.writing import Item, body_items, checked
from connectors.sandbox_kit.jsontypes import Json, as_int, as_map

_METADATA = frozenset({"catalog_id", "quantity", "price_id", "updated_by", "is_main", "main_contact"})
Tie = tuple[Card, Card, dict[str, Json]]


def links_of(ctx: Context, kind: Kind, card_id: int) -> Answer:
    """GET /api/v4/leads/{id}/links."""
    card = ctx.account.table(kind).live(card_id)
    if card is None:
        return absent(ctx)
    shown = _shown(ctx, [card])
    return whole(ctx, "links", shown) if shown else NOTHING


def element_links(ctx: Context, catalog_id: int, element_id: int) -> Answer:
    """GET /api/v4/catalogs/{id}/elements/{id}/links: the leads an invoice is tied to."""
    card = ctx.account.table(Kind.ELEMENT).live(element_id)
    if card is None or card.catalog_id != catalog_id:
        return absent(ctx)
    shown = _shown(ctx, [card])
    return whole(ctx, "links", shown) if shown else NOTHING


def mass_links(ctx: Context, kind: Kind) -> Answer:
    """GET /api/v4/leads/links with filter[entity_id]."""
    wanted = ids_of(as_map(ctx.query.get("filter")).get("entity_id"))
    cards = [card for card_id in sorted(wanted) if (card := ctx.account.table(kind).live(card_id))]
    shown = _shown(ctx, cards)
    return whole(ctx, "links", shown) if shown else NOTHING


def _shown(ctx: Context, cards: list[Card]) -> list[Json]:
    raw = as_map(ctx.query.get("filter"))
    kinds, ids = set(many(raw.get("to_entity_type"))), ids_of(raw.get("to_entity_id"))
    catalogs = ids_of(raw.get("to_catalog_id"))
    shown: list[Json] = []
    for card in cards:
        here: Key = (card.kind, card.id)
        for link in ctx.account.links.of(here):
            there = link.other(here)
            if kinds and there[0].value not in kinds:
                continue
            if kinds and ids and there[1] not in ids:
                continue
            if catalogs and link.metadata.get("catalog_id") not in catalogs:
                continue
            if ctx.account.live(there) is not None:
                shown.append(_link_json(here, there, link))
    return shown


def _link_json(here: Key, there: Key, link: Link) -> Json:
    metadata: Json = None
    if Kind.ELEMENT in (here[0], there[0]):
        metadata = element_metadata(link.metadata)
    elif Kind.CONTACT in (here[0], there[0]):
        metadata = {"main_contact": bool(link.metadata.get("is_main"))}
    return {
        "entity_id": here[1],
        "entity_type": here[0].value,
        "to_entity_id": there[1],
        "to_entity_type": there[0].value,
        "metadata": metadata,
    }


def link(ctx: Context, kind: Kind, card_id: int | None = None) -> Answer:
    """POST /api/v4/leads/{id}/link, and /api/v4/leads/link with `entity_id` in each item."""
    answers = checked(ctx, body_items(ctx), lambda item: _read(ctx, kind, card_id, item), lambda tie, _: _tie(ctx, tie))
    return whole(ctx, "links", answers)


def unlink(ctx: Context, kind: Kind, card_id: int | None = None) -> Answer:
    """POST .../unlink: 204."""

    def apply(tie: Tie, _name: str) -> Json:
        source, target, _ = tie
        unlink_cards(ctx.account, ctx.actor, source, (target.kind, target.id))
        return None

    checked(ctx, body_items(ctx), lambda item: _read(ctx, kind, card_id, item), apply)
    return NOTHING


def _read(ctx: Context, kind: Kind, card_id: int | None, item: Item) -> Tie:
    source = ctx.account.table(kind).live(card_id if card_id is not None else number(item.get("entity_id")))
    if source is None:
        if card_id is not None:
            raise not_found()
        raise no_choice("entity_id")
    for name in ("to_entity_id", "to_entity_type"):
        if item.get(name) is None:
            raise missing(name)
    if not isinstance(item["to_entity_id"], int):
        raise wrong_type("to_entity_id", "int")
    there = BY_PLURAL.get(str(item["to_entity_type"]))
    if there is None:
        raise no_choice("to_entity_type")
    target = ctx.account.table(there).live(number(item["to_entity_id"]))
    if target is None:
        raise no_choice("to_entity_id")
    return source, target, _metadata(target, as_map(item.get("metadata")))


def _metadata(target: Card, raw: Mapping[str, Json]) -> dict[str, Json]:
    for name in raw:
        if name not in _METADATA:
            raise unexpected(f"metadata.{name}")
    if target.kind is Kind.CONTACT:
        return {"is_main": bool(raw.get("is_main", raw.get("main_contact", False)))}
    if target.kind is not Kind.ELEMENT:
        return {}
    if as_int(raw.get("catalog_id")) is None:
        raise missing("metadata.catalog_id")
    if raw["catalog_id"] != target.catalog_id:
        raise no_choice("metadata.catalog_id")
    metadata: dict[str, Json] = {"catalog_id": target.catalog_id, "quantity": raw.get("quantity", 1)}
    if "price_id" in raw:
        metadata["price_id"] = raw["price_id"]
    return metadata


def _tie(ctx: Context, tie: Tie) -> Json:
    source, target, metadata = tie
    link_cards(ctx.account, ctx.actor, source, target, metadata)
    here, there = (source.kind, source.id), (target.kind, target.id)
    found = ctx.account.links.find(here, there)
    return _link_json(here, there, found) if found else None


def _routes(kind: Kind) -> list[Route]:
    def bound(handler: Handler) -> Handler:
        return lambda ctx, *ids: handler(ctx, kind, *ids)

    name = kind.value
    return [
        Route("GET", f"{name}/links", bound(mass_links)),
        Route("POST", f"{name}/link", bound(link), writes=True),
        Route("POST", f"{name}/unlink", bound(unlink), writes=True),
        Route("GET", f"{name}/{{id}}/links", bound(links_of)),
        Route("POST", f"{name}/{{id}}/link", bound(link), writes=True),
        Route("POST", f"{name}/{{id}}/unlink", bound(unlink), writes=True),
    ]


ROUTES = [
    *(route for kind in CARD_KINDS for route in _routes(kind)),
    Route("GET", "catalogs/{id}/elements/{id}/links", element_links),
]
