"""Custom fields of cards and of lists, read only."""

from connectors.amocrm.sandbox.api.cards import CARD_KINDS, absent
from connectors.amocrm.sandbox.context import Answer, Context, Handler, Route
from connectors.amocrm.sandbox.errors import not_found
from connectors.amocrm.sandbox.fields import field_json, owner_of
from connectors.amocrm.sandbox.listing import paged


def list_fields(ctx: Context, owner: str) -> Answer:
    """GET /api/v4/leads/custom_fields and the like."""
    fields = list(ctx.account.fields.of(owner))
    return paged(ctx, fields, "custom_fields", lambda spec: field_json(spec, ctx.account.account_id, ctx.base))


def get_field(ctx: Context, owner: str, field_id: int) -> Answer:
    """GET /api/v4/leads/custom_fields/{id}."""
    spec = ctx.account.fields.of(owner).by_id.get(field_id)
    return absent(ctx) if spec is None else Answer(field_json(spec, ctx.account.account_id, ctx.base))


def list_catalog_fields(ctx: Context, catalog_id: int) -> Answer:
    """GET /api/v4/catalogs/{id}/custom_fields."""
    if catalog_id not in ctx.account.catalogs:
        raise not_found()
    return list_fields(ctx, owner_of("catalogs", catalog_id))


def get_catalog_field(ctx: Context, catalog_id: int, field_id: int) -> Answer:
    """GET /api/v4/catalogs/{id}/custom_fields/{id}."""
    return get_field(ctx, owner_of("catalogs", catalog_id), field_id)


def _bound(handler: Handler, owner: str) -> Handler:
    return lambda ctx, *ids: handler(ctx, owner, *ids)


ROUTES = [
    *(Route("GET", f"{kind.value}/custom_fields", _bound(list_fields, kind.value)) for kind in CARD_KINDS),
    *(Route("GET", f"{kind.value}/custom_fields/{{id}}", _bound(get_field, kind.value)) for kind in CARD_KINDS),
    Route("GET", "catalogs/{id}/custom_fields", list_catalog_fields),
    Route("GET", "catalogs/{id}/custom_fields/{id}", get_catalog_field),
]
