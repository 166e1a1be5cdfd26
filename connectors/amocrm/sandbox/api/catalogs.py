"""Lists and their elements: the invoices among them."""

from collections.abc import Mapping

from connectors.amocrm.sandbox.account import Record
from connectors.amocrm.sandbox.api.cards import absent, order_key
from connectors.amocrm.sandbox.cards import Card, Kind, number
from connectors.amocrm.sandbox.changes import add_card, save_card
from connectors.amocrm.sandbox.context import Answer, Context, Route
from connectors.amocrm.sandbox.drafts import Draft, check_new_element, read_draft
from connectors.amocrm.sandbox.errors import no_choice, not_found
from connectors.amocrm.sandbox.filters import candidates, ids_of, matching
from connectors.amocrm.sandbox.listing import paged
from connectors.amocrm.sandbox.render import card_json, href
from connectors.amocrm.sandbox.writing import Item, body_items, checked, one
from connectors.sandbox_kit.jsontypes import Json, as_text


def catalog_json(ctx: Context, catalog: Record) -> Record:
    """A list as the API shows it."""
    return {**catalog, "_links": href(ctx.base, f"catalogs/{catalog['id']}")}


def list_catalogs(ctx: Context) -> Answer:
    """GET /api/v4/catalogs; the official library narrows it by an undocumented `type`."""
    kind = as_text(ctx.query.get("type"))
    found = [catalog for catalog in ctx.account.catalogs.values() if kind in ("", catalog["type"])]
    return paged(ctx, found, "catalogs", lambda catalog: catalog_json(ctx, catalog))


def get_catalog(ctx: Context, catalog_id: int) -> Answer:
    """GET /api/v4/catalogs/{id}."""
    catalog = ctx.account.catalogs.get(catalog_id)
    return absent(ctx) if catalog is None else Answer(catalog_json(ctx, catalog))


def list_elements(ctx: Context, catalog_id: int) -> Answer:
    """GET /api/v4/catalogs/{id}/elements: ids and full text only, no time filter, no order."""
    _known(ctx, catalog_id)
    query = _narrowed(ctx.query)
    known = candidates(ctx.account, Kind.ELEMENT, query)
    cards = [card for card in known if card.catalog_id == catalog_id and not card.deleted]
    found = matching(ctx.account, Kind.ELEMENT, cards, query)
    if "id" in ctx.query and ctx.account.api_filter_enabled:
        wanted = ids_of(ctx.query["id"])
        found = [card for card in found if card.id in wanted]
    found.sort(key=lambda card: order_key(card, "id"))
    return paged(ctx, found, "elements", lambda card: card_json(ctx.account, card, ctx.base, ctx.wanted))


def _narrowed(query: Mapping[str, Json]) -> dict[str, Json]:
    """The query with the filters that lists know."""
    raw = query.get("filter")
    known = {name: value for name, value in raw.items() if name == "id"} if isinstance(raw, Mapping) else {}
    return {**query, "filter": known}


def get_element(ctx: Context, catalog_id: int, element_id: int) -> Answer:
    """GET /api/v4/catalogs/{id}/elements/{id}."""
    card = _element(ctx, catalog_id, element_id)
    return absent(ctx) if card is None else Answer(card_json(ctx.account, card, ctx.base, ctx.wanted))


def add_elements(ctx: Context, catalog_id: int) -> Answer:
    """POST: answered with the whole elements."""
    _known(ctx, catalog_id)

    def read(item: Item) -> Draft:
        draft = read_draft(ctx.account, Kind.ELEMENT, item, None, f"catalogs:{catalog_id}")
        check_new_element(ctx.account, draft, catalog_id)
        return draft

    def apply(draft: Draft, name: str) -> Json:
        card = add_card(ctx.account, ctx.actor, Kind.ELEMENT, draft, catalog_id)
        return _full(ctx, card, name)

    return _listed(ctx, checked(ctx, body_items(ctx), read, apply), ctx.account.settings.add_status)


def change_elements(ctx: Context, catalog_id: int) -> Answer:
    """PATCH of many: answered with the whole elements."""
    _known(ctx, catalog_id)

    def read(item: Item) -> tuple[Card, Draft]:
        card = _element(ctx, catalog_id, number(item.get("id")))
        if card is None:
            raise no_choice("id")
        return card, read_draft(ctx.account, Kind.ELEMENT, item, card, card.owner)

    def apply(made: tuple[Card, Draft], name: str) -> Json:
        save_card(ctx.account, ctx.actor, *made)
        return _full(ctx, made[0], name)

    return _listed(ctx, checked(ctx, body_items(ctx), read, apply))


def change_element(ctx: Context, catalog_id: int, element_id: int) -> Answer:
    """PATCH of one: an object, answered with the whole element."""
    item = ctx.object()
    card = _element(ctx, catalog_id, element_id)
    if card is None:
        raise not_found()
    draft = one(item, lambda body: read_draft(ctx.account, Kind.ELEMENT, body, card, card.owner))
    save_card(ctx.account, ctx.actor, card, draft)
    return Answer(card_json(ctx.account, card, ctx.base))


def _known(ctx: Context, catalog_id: int) -> None:
    if catalog_id not in ctx.account.catalogs:
        raise not_found()


def _element(ctx: Context, catalog_id: int, element_id: int) -> Card | None:
    card = ctx.account.table(Kind.ELEMENT).live(element_id)
    return card if card is not None and card.catalog_id == catalog_id else None


def _full(ctx: Context, card: Card, name: str) -> Json:
    # The vendor answers here with a number where the item had none of its own.
    return {**card_json(ctx.account, card, ctx.base), "request_id": int(name) if name.isdigit() else name}


def _listed(ctx: Context, answers: list[Json], status: int = 200) -> Answer:
    links: Json = {"self": {"href": f"{ctx.base}{ctx.path}"}}
    return Answer({"_links": links, "_embedded": {"elements": answers}}, status)


ROUTES = [
    Route("GET", "catalogs", list_catalogs),
    Route("GET", "catalogs/{id}", get_catalog),
    Route("GET", "catalogs/{id}/elements", list_elements),
    Route("POST", "catalogs/{id}/elements", add_elements, writes=True),
    Route("PATCH", "catalogs/{id}/elements", change_elements, writes=True, per_card=True),
    Route("GET", "catalogs/{id}/elements/{id}", get_element),
    Route("PATCH", "catalogs/{id}/elements/{id}", change_element, writes=True, per_card=True),
]
