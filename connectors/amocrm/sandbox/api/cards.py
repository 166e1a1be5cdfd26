"""Leads, contacts and companies: lists, one, add, change one and many."""

from collections.abc import Mapping

from connectors.amocrm.sandbox.cards import Card, Kind, number
from connectors.amocrm.sandbox.changes import add_card, save_card
from connectors.amocrm.sandbox.context import NOTHING, Answer, Context, Handler, Route
from connectors.amocrm.sandbox.drafts import Draft, read_draft
from connectors.amocrm.sandbox.errors import forbidden, no_choice, not_found
from connectors.amocrm.sandbox.filters import candidates, matching
from connectors.amocrm.sandbox.listing import in_order, paged
from connectors.amocrm.sandbox.render import card_json, href, path_of
from connectors.amocrm.sandbox.writing import Item, body_items, checked, one
from connectors.sandbox_kit.jsontypes import Json

_ORDERS = ("created_at", "updated_at", "id")
CARD_KINDS = (Kind.LEAD, Kind.CONTACT, Kind.COMPANY)


def order_key(card: Card, name: str) -> int:
    """What a list of cards is ordered by."""
    return card.id if name == "id" else number(card.columns[name])


def list_cards(ctx: Context, kind: Kind) -> Answer:
    """GET /api/v4/leads and the like."""
    gone = "only_deleted" in ctx.wanted
    cards = [card for card in candidates(ctx.account, kind, ctx.query) if card.deleted is gone]
    found = matching(ctx.account, kind, cards, ctx.query)
    ordered = in_order(ctx, found, order_key, _ORDERS)

    def show(card: Card) -> Json:
        if gone:
            return {"id": card.id, "is_deleted": True, "_links": href(ctx.base, path_of(card))}
        return card_json(ctx.account, card, ctx.base, ctx.wanted)

    return paged(ctx, ordered, kind.value, show)


def get_card(ctx: Context, kind: Kind, card_id: int) -> Answer:
    """GET /api/v4/leads/{id}; 204 when it is not there, unless the switch says 404."""
    card = ctx.account.table(kind).live(card_id)
    if card is None:
        return absent(ctx)
    return Answer(card_json(ctx.account, card, ctx.base, ctx.wanted))


def absent(ctx: Context) -> Answer:
    """The answer to a read of what is not there."""
    if ctx.account.settings.unknown_id == 404:
        raise not_found()
    return NOTHING


def add_cards(ctx: Context, kind: Kind) -> Answer:
    """POST /api/v4/leads: an array, answered with ids and request_ids."""

    def read(item: Item) -> Draft:
        return read_draft(ctx.account, kind, item, None, kind.value)

    def apply(draft: Draft, name: str) -> Json:
        card = add_card(ctx.account, ctx.actor, kind, draft)
        return {"id": card.id, "request_id": name, "_links": href(ctx.base, path_of(card))}

    answers = checked(ctx, body_items(ctx), read, apply)
    return _listed(ctx, kind, answers, ctx.account.settings.add_status)


def change_cards(ctx: Context, kind: Kind) -> Answer:
    """PATCH /api/v4/leads: an array of items with `id`."""

    def read(item: Item) -> tuple[Card, Draft]:
        card = ctx.account.table(kind).live(number(item.get("id")))
        if card is None:
            raise no_choice("id")
        draft = read_draft(ctx.account, kind, item, card, kind.value)
        _check_right(ctx, card, draft)
        return card, draft

    def apply(made: tuple[Card, Draft], name: str) -> Json:
        card, draft = made
        save_card(ctx.account, ctx.actor, card, draft)
        return {**_changed(ctx, card), "request_id": name}

    return _listed(ctx, kind, checked(ctx, body_items(ctx), read, apply))


def change_card(ctx: Context, kind: Kind, card_id: int) -> Answer:
    """PATCH /api/v4/leads/{id}: an object."""
    item = ctx.object()
    card = ctx.account.table(kind).live(card_id)
    if card is None:
        raise not_found()
    draft = one(item, lambda body: read_draft(ctx.account, kind, body, card, kind.value))
    _check_right(ctx, card, draft)
    save_card(ctx.account, ctx.actor, card, draft)
    return Answer(_changed(ctx, card))


def _check_right(ctx: Context, card: Card, draft: Draft) -> None:
    """A stage may be closed to the user. Raises ApiError 403."""
    target = draft.columns.get("status_id", card.columns.get("status_id"))
    if target != card.columns.get("status_id") and target in ctx.user.locked_statuses:
        raise forbidden()


def _changed(ctx: Context, card: Card) -> Mapping[str, Json]:
    return {"id": card.id, "updated_at": card.updated_at, "_links": href(ctx.base, path_of(card))}


def _listed(ctx: Context, kind: Kind, answers: list[Json], status: int = 200) -> Answer:
    links: Json = {"self": {"href": f"{ctx.base}{ctx.path}"}}
    return Answer({"_links": links, "_embedded": {kind.value: answers}}, status)


def _routes(kind: Kind) -> list[Route]:
    def bound(handler: Handler) -> Handler:
        return lambda ctx, *ids: handler(ctx, kind, *ids)

    return [
        Route("GET", kind.value, bound(list_cards)),
        Route("POST", kind.value, bound(add_cards), writes=True),
        Route("PATCH", kind.value, bound(change_cards), writes=True, per_card=True),
        Route("GET", f"{kind.value}/{{id}}", bound(get_card)),
        Route("PATCH", f"{kind.value}/{{id}}", bound(change_card), writes=True, per_card=True),
    ]


ROUTES = [route for kind in CARD_KINDS for route in _routes(kind)]
