"""The rest: tags, talks, a run of a sales bot."""

from connectors.amocrm.sandbox.api.cards import CARD_KINDS, absent
from connectors.amocrm.sandbox.cards import Kind
from connectors.amocrm.sandbox.context import Answer, Context, Handler, Route
from connectors.amocrm.sandbox.errors import missing, not_found, over_limit
from connectors.amocrm.sandbox.listing import paged
from connectors.amocrm.sandbox.writing import Item, body_items, checked
from connectors.sandbox_kit.jsontypes import Json, as_map, as_text

SALESBOT_LIMIT = 100


def list_tags(ctx: Context, kind: Kind) -> Answer:
    """GET /api/v4/leads/tags."""
    wanted = as_text(as_map(ctx.query.get("filter")).get("name"))
    tags = [(number, name) for number, name in ctx.account.tags[kind].items() if wanted in ("", name)]
    return paged(ctx, tags, "tags", lambda tag: {"id": tag[0], "name": tag[1], "color": None})


def add_tags(ctx: Context, kind: Kind) -> Answer:
    """POST /api/v4/leads/tags."""

    def read(item: Item) -> str:
        name = as_text(item.get("name"))
        if not name:
            raise missing("name")
        return name

    def apply(name: str, request_id: str) -> Json:
        return {"id": ctx.account.tag_id(kind, name), "name": name, "color": None, "request_id": request_id}

    tags = checked(ctx, body_items(ctx), read, apply)
    return Answer({"_total_items": len(tags), "_embedded": {"tags": tags}}, ctx.account.settings.add_status)


def get_talk(ctx: Context, talk_id: int) -> Answer:
    """GET /api/v4/talks/{id}."""
    talk = ctx.account.talks.rows.get(talk_id)
    return absent(ctx) if talk is None else Answer({name: value for name, value in talk.items() if name != "id"})


def close_talk(ctx: Context, talk_id: int) -> Answer:
    """POST /api/v4/talks/{id}/close: 202 without a body, or 200, as the switch says."""
    talk = ctx.account.talks.rows.get(talk_id)
    if talk is None:
        raise not_found()
    talk |= {"is_in_work": False, "updated_at": ctx.account.now()}
    return Answer(None, ctx.account.settings.talk_close_status)


def run_salesbot(ctx: Context) -> Answer:
    """POST /api/v2/salesbot/run: at most 100 tasks."""
    items = body_items(ctx)
    if len(items) > SALESBOT_LIMIT:
        raise over_limit(SALESBOT_LIMIT)
    ctx.account.salesbot_runs += [dict(item) for item in items]
    return Answer({"success": True}, 202)


def _bound(handler: Handler, kind: Kind) -> Handler:
    return lambda ctx, *ids: handler(ctx, kind, *ids)


ROUTES = [
    *(Route("GET", f"{kind.value}/tags", _bound(list_tags, kind)) for kind in CARD_KINDS),
    *(Route("POST", f"{kind.value}/tags", _bound(add_tags, kind)) for kind in CARD_KINDS),
    Route("GET", "talks/{id}", get_talk),
    Route("POST", "talks/{id}/close", close_talk),
    Route("POST", "v2/salesbot/run", run_salesbot),
]
