"""Webhook subscriptions, keyed by their destination; for admins."""

import re
from urllib.parse import urlsplit

from connectors.amocrm.sandbox.account import Record
from connectors.amocrm.sandbox.context import NOTHING, Answer, Context, Route
from connectors.amocrm.sandbox.errors import (
    ApiError,
    FieldError,
    forbidden,
    missing,
    no_choice,
    not_found,
    validation,
    wrong_type,
)
from connectors.amocrm.sandbox.listing import whole
from connectors.amocrm.sandbox.records import add_webhook
from connectors.amocrm.sandbox.render import href
from connectors.sandbox_kit.jsontypes import Json, as_map, as_text

MOST = 100
_KNOWN = re.compile(
    r"^(((add|update|delete|restore|responsible|note)_(lead|contact|company))"
    r"|((add|update|delete|responsible|note)_customer)|((add|update|delete|responsible)_task)"
    r"|status_lead|add_talk|update_talk|add_unsorted|update_unsorted|delete_unsorted|add_message"
    r"|(add|update|delete)_catalog(_\d+)?)$"
)


def list_webhooks(ctx: Context) -> Answer:
    """GET /api/v4/webhooks, optionally of one destination."""
    wanted = as_text(as_map(ctx.query.get("filter")).get("destination"))
    found = [w for w in ctx.account.webhooks.listed() if wanted in ("", w["destination"])]
    if not found:
        return NOTHING
    return whole(ctx, "webhooks", [_webhook_json(ctx, webhook) for webhook in found])


def subscribe(ctx: Context) -> Answer:
    """POST /api/v4/webhooks: makes the subscription of a destination, or changes its settings."""
    body = ctx.object()
    if not ctx.account.settings.webhooks_in_plan:
        raise forbidden("Webhooks are not available on this plan")
    try:
        destination, settings = _destination(body.get("destination")), _settings(ctx, body.get("settings"))
    except FieldError as error:
        raise validation([("0", error)]) from error
    webhook = _saved(ctx, destination, settings, body.get("sort", 10))
    return Answer(_webhook_json(ctx, webhook), 201)


def _saved(ctx: Context, destination: str, settings: list[Json], sort: Json) -> Record:
    found = find_webhook(ctx, destination)
    if found is None:
        if len(ctx.account.webhooks.rows) >= MOST:
            raise ApiError(422, "Unprocessable Entity", f"Limit of {MOST} webhooks is reached")
        return add_webhook(ctx.account, destination, settings, sort, ctx.user.id)
    if ctx.account.settings.hooks.repeated_post == "refuse":
        raise validation([("0", no_choice("destination"))])
    # Saving again is also how a disabled webhook is switched on.
    found |= {"updated_at": ctx.account.now(), "sort": sort, "disabled": False, "settings": settings}
    return found


def unsubscribe(ctx: Context) -> Answer:
    """DELETE /api/v4/webhooks with the destination in a JSON body."""
    try:
        destination = _destination(ctx.object().get("destination"))
    except FieldError as error:
        raise validation([("0", error)]) from error
    found = find_webhook(ctx, destination)
    if found is None:
        raise not_found()
    number = found["id"]
    assert isinstance(number, int)
    del ctx.account.webhooks.rows[number]
    return NOTHING


def find_webhook(ctx: Context, destination: str) -> Record | None:
    """The subscription of a destination."""
    return next((w for w in ctx.account.webhooks.listed() if w["destination"] == destination), None)


def _destination(value: Json) -> str:
    if value is None:
        raise missing("destination")
    if not isinstance(value, str):
        raise wrong_type("destination", "string")
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
        raise no_choice("destination")
    return value


def _settings(ctx: Context, value: Json) -> list[Json]:
    if value is None:
        raise missing("settings")
    if not isinstance(value, list) or not value:
        raise wrong_type("settings", "array")
    for place, name in enumerate(value):
        if not isinstance(name, str):
            raise wrong_type(f"settings.{place}", "string")
        if ctx.account.settings.hooks.unknown_settings == "refuse" and not _KNOWN.match(name):
            raise no_choice(f"settings.{place}")
    return list(value)


def _webhook_json(ctx: Context, webhook: Record) -> Record:
    return {**webhook, "_links": href(ctx.base, "webhooks")}


ROUTES = [
    Route("GET", "webhooks", list_webhooks, admin=True),
    Route("POST", "webhooks", subscribe, admin=True),
    Route("DELETE", "webhooks", unsubscribe, admin=True),
]
